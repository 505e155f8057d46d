"""What packages of a uv.lock require, told to uv so that it need not fetch them from Git or a URL, nor build them.

A relock that does not concern them must not depend on a forge or a host that the bot cannot reach, nor run
anything, and moves nothing of theirs: what they require is what they have got. uv notes in the lock what it was
told in this way (`[[manifest.dependency-metadata]]`); that is taken out again.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence

from packaging.utils import canonicalize_name

from remediators.api import Upgrade
from remediators.documents.text_edits import Edit, decoded
from remediators.uv.lock import Edge, LockedPackage, UvLock
from remediators.uv.project import UvProject

Metadata = Mapping[str, object]
"""One entry of `tool.uv.dependency-metadata`."""

_SOURCES = frozenset(("git", "url"))
_NOTED = re.compile(r"^\[\[manifest\.dependency-metadata\]\]\n(?:(?!\[).*\n)*", re.MULTILINE)


def static_metadata(
    project: UvProject, upgrades: Sequence[Upgrade], without_wheel: Collection[str] = ()
) -> Sequence[Metadata]:
    """The entries for packages that a relock of `upgrades` need not fetch, and those that it could only build.

    Those that depend on what moves are left to uv: a lock does not tell their ranges. So is all of it in a project
    that says such things itself, or has its settings in a uv.toml.
    """
    if project.settings is not None or "dependency-metadata" in project.root.table("tool", "uv"):
        return ()
    moving = {canonicalize_name(upgrade.package) for upgrade in upgrades}
    lock = project.lock
    return tuple(
        {
            "name": package.name,
            "version": package.version,
            "requires-dist": [*_required(lock, package.dependencies), *_of_extras(lock, package.optional)],
            "provides-extra": list(package.optional),
        }
        for package in lock.packages
        if (package.source in _SOURCES or (package.source == "registry" and package.name in without_wheel))
        and package.version
        and package.name not in moving
        and _can_be_told(package, moving)
    )


def without_notes(lockfile: str, raw: bytes, names: Collection[object]) -> bytes:
    """The lockfile without what uv noted of these packages."""
    text = decoded(lockfile, raw)
    noted = [match for match in _NOTED.finditer(text.content) if _name(match[0]) in names]
    return text.spliced(Edit(*match.span(), "") for match in noted)


def _name(block: str) -> object:
    return tomllib.loads(block)["manifest"]["dependency-metadata"][0].get("name")


def _can_be_told(package: LockedPackage, moving: Collection[str]) -> bool:
    # A marker of uv's own about extras that conflict means nothing outside the lock.
    return not any(edge.name in moving or "extra ==" in edge.marker for edge in package.edges)


def _required(lock: UvLock, edges: Iterable[Edge], marker: str = "") -> Iterable[str]:
    for edge in edges:
        extras = f"[{','.join(edge.extras)}]" if edge.extras else ""
        entries = [entry for entry in lock.at(edge.name) if edge.version in {"", entry.version}]
        pinned = len(entries) == 1 and entries[0].source == "registry"
        conditions = " and ".join(f"({text})" for text in (edge.marker, marker) if text)
        version = f"=={entries[0].version}" if pinned else ""
        yield f"{edge.name}{extras}{version}{f' ; {conditions}' if conditions else ''}"


def _of_extras(lock: UvLock, optional: Mapping[str, tuple[Edge, ...]]) -> Iterable[str]:
    for extra, edges in optional.items():
        yield from _required(lock, edges, f"extra == '{extra}'")
