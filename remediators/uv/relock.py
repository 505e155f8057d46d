"""uv brings a uv.lock in line with an edited pyproject.toml, and nothing else in the project runs.

It is the uv that came with the bot: uv reads every lock of version 1, and keeps what it need not move.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from remediators.api import Reader, Tools, Unit, Upgrade
from remediators.errors import BlockedError
from remediators.inside import check_inside
from remediators.uv.graph import requirers
from remediators.uv.lock import LockedPackage, UvLock, read_lock
from remediators.uv.options import options
from remediators.uv.project import UvProject, read_project
from remediators.uv.run import run_lock
from remediators.uv.settings import check_project
from remediators.uv.workspace import members
from remediators.versions.pypi import PypiVersions

_FILE = re.compile(rb'\{ url = "([^"\r\n]++)", hash = "([^"\r\n]++)"[^}\r\n]*+\}')
_VERSIONS = PypiVersions()


def relocked(
    unit: Unit, lockfile: str, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools
) -> None:
    """Move these packages in the lockfile, and as little else as uv can. Raises ToolError and BlockedError."""
    project = read_project(unit, lockfile, _reader(work))
    _check_inside(project, unit, work)
    before = (work / lockfile).read_bytes()
    arguments = [*lock_arguments(project.lock, upgrades, None if index in project.urls else index), *options(project)]
    run_lock(project, unit, work, upgrades, arguments, tools)
    (work / lockfile).write_bytes(_as_before(before, (work / lockfile).read_bytes()))
    after = read_lock(lockfile, (work / lockfile).read_bytes())
    for upgrade in upgrades:
        _check(lockfile, after, upgrade)


def _check_inside(project: UvProject, unit: Unit, work: Path) -> None:
    for document in project.documents.values():
        check_inside(document.name, "tool.uv.workspace.members", members(document))
    check_project(unit, work)


def lock_arguments(lock: UvLock, upgrades: Sequence[Upgrade], index: str | None) -> list[str]:
    """What `uv lock` is told of a move. `index` stands in for the default one."""
    constraints = dict.fromkeys(_constraint(lock, upgrade) for upgrade in upgrades)
    arguments = [part for constraint in constraints if constraint for part in ("--upgrade-package", constraint)]
    return [*arguments, "--default-index", index] if index else arguments


def _constraint(lock: UvLock, upgrade: Upgrade) -> str:
    """`name==version`, for the forks only that hold the old version: uv would move all of them.

    Forks of extras that conflict have no markers, so a constraint would bind them all: "" leaves uv to the
    requirement in the manifest, which `edit` has moved.
    """
    pin = f"{upgrade.package}=={upgrade.after}"
    others = [entry for entry in lock.at(upgrade.package) if not _is_at(entry, upgrade.before)]
    forks = [marker for entry in lock.at(upgrade.package) if _is_at(entry, upgrade.before) for marker in entry.markers]
    if others and forks:
        return f"{pin} ; {' or '.join(f'({marker})' for marker in forks)}"
    apart = upgrade.direct and any(not _is_at(entry, upgrade.after) for entry in others)
    return "" if apart else pin


def _as_before(old: bytes, new: bytes) -> bytes:
    """The new lock without differences that are none: line ends, and less told of files that are the same.

    uv writes line feeds, also where Git checks the lock out with carriage returns; and it leaves out the size of
    every file of an index that tells none, such as a mirror.
    """
    files = {(found[1], found[2]): found[0] for found in _FILE.finditer(old)}
    kept = _FILE.sub(lambda found: files.get((found[1], found[2]), found[0]), new)
    if b"\r\n" in old and old.count(b"\n") == old.count(b"\r\n"):
        return kept.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return kept


def _check(lockfile: str, lock: UvLock, upgrade: Upgrade) -> None:
    """A package that nothing needs any more has left the lock; any other is at the new version, everywhere."""
    entries = [entry for entry in lock.at(upgrade.package) if entry.version]
    stay = [entry for entry in entries if _is_at(entry, upgrade.before)]
    arrived = any(_is_at(entry, upgrade.after) for entry in entries)
    if not entries or (arrived and not (stay and upgrade.everywhere)):
        return
    versions = sorted({entry.version for entry in entries})
    held = sorted({entry.version for entry in stay}) or versions
    blockers = [who for version in held for who in requirers(lock, lockfile, upgrade.package, version)]
    wanted_by = ", ".join(dict.fromkeys(f"{who.package} {who.version}".strip() for who in blockers))
    raise BlockedError(
        f"{lockfile}: uv keeps {upgrade.package} at {', '.join(versions)} instead of {upgrade.after}; "
        f"it is wanted by {wanted_by}: look at what they require",
        blockers,
    )


def _is_at(entry: LockedPackage, version: str) -> bool:
    return entry.version != "" and _VERSIONS.compare(entry.version, version) == 0


def _reader(work: Path) -> Reader:
    def read(path: str) -> bytes | None:
        file = work / path
        return file.read_bytes() if file.is_file() else None

    return read
