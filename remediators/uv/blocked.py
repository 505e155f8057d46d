"""Why uv did not move a package: its words for people, and who holds it back one by one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Sequence

from packaging.utils import canonicalize_name

from remediators.api import Upgrade
from remediators.errors import BlockedError, Requirer, ToolError
from remediators.uv.graph import own_projects, requirers
from remediators.uv.lock import UvLock

_NO_SOLUTION = "No solution found when resolving dependencies"
_NOISE = re.compile(r"^Using .*|cause:|^hint: While the active Python.*", re.MULTILINE)
_NO_WHEEL = "a dependency is published as source only, and the bot builds none: depend on a wheel of it"
_REMEDIES = (
    ("No interpreter found", "install a Python that the project's requires-python admits where the bot runs"),
    ("incompatible with the project's Python", "install a Python that its requires-python admits where the bot runs"),
    ("is disabled", _NO_WHEEL),
    (
        "Failed to identify base Python",
        _NO_WHEEL,
    ),
    ("Failed to build", "a requirement in its [project] table cannot be read without a build: correct it"),
    ("Required uv version", "let required-version in its [tool.uv] admit the uv that the bot comes with"),
    ("Git operation failed", "a dependency comes from Git, which the bot cannot reach: depend on a release of it"),
    ("Distribution not found", "a file that the project depends on is not in the repository: add it"),
)
"""What uv says, and what a person can do about it."""

# Possessive and bounded: what a tool says can be long. uv names extras, groups and markers behind a package.
_DEPENDS = re.compile(
    r"(?<![\w.\]-])(?P<who>\w[\w.-]*+)(?:\[[^\]]{0,200}+\]|:[\w-]++|\{[^}]{0,200}+\})*+"
    r"(?:==(?P<version>[^\s,]++)|[<>!~=][^\s]*+)? "
    r"depends on (?P<package>\w[\w.-]*+)(?:\[[^\]]{0,200}+\]|\{[^}]{0,200}+\})*+(?P<range>[<>!~=][^\s]*+)?"
)
_READ = 50_000
_SHOWN = 600


def explained(
    manifest: str, lockfile: str, lock: UvLock, upgrades: Sequence[Upgrade], error: ToolError
) -> ToolError | BlockedError:
    """What uv said when it failed, as an error with a remedy or with the blockers. `lock` is the one before."""
    moves = ", ".join(f"{upgrade.package} {upgrade.after}" for upgrade in upgrades)
    said = re.sub(r"\s+", " ", _NOISE.sub("", error.stderr)).strip()
    _, no_solution, because = said.partition(_NO_SOLUTION)
    if no_solution:
        message = f"{manifest}: uv finds no solution with {moves}: {_cut(because.strip())}"
        return BlockedError(message, blockers(lockfile, lock, upgrades, because))
    remedy = next((text for words, text in _REMEDIES if words in said), "run uv lock in the project to see more")
    return ToolError(f"{manifest}: uv cannot lock {moves}: {_cut(said or str(error))}; {remedy}", error.stderr)


def blockers(lockfile: str, lock: UvLock, upgrades: Sequence[Upgrade], because: str) -> tuple[Requirer, ...]:
    """Who depends on the packages that were to move, by the words of uv; else by the lock, which tells no range.

    A package that is to move itself is none of them: its next release may ask for something else. Nobody is where
    uv finds no such release at all: `exclude-newer`, or another index.
    """
    moving = {canonicalize_name(upgrade.package) for upgrade in upgrades}
    told = dict.fromkeys(_told(lockfile, lock, moving, because))
    missing = any(f"there is no version of {u.package}=={u.after}".lower() in because.lower() for u in upgrades)
    if told or missing:
        return tuple(told)
    locked = (who for upgrade in upgrades for who in requirers(lock, lockfile, upgrade.package, upgrade.before))
    return tuple(dict.fromkeys(who for who in locked if canonicalize_name(who.package) not in moving))


def _told(lockfile: str, lock: UvLock, moving: Collection[str], because: str) -> Iterator[Requirer]:
    own = {project.name: project.folder or "." for project in own_projects(lock)}
    named = {edge.name for project in own_projects(lock) for edge in project.edges}
    named |= {edge.name for edges in lock.groups.values() for edge in edges}
    for match in _DEPENDS.finditer(because[:_READ]):
        who, package = canonicalize_name(match["who"]), canonicalize_name(match["package"])
        asked = (match["range"] or "").rstrip(",.")
        if package not in moving or who in moving:
            continue
        if who in own or match["who"] == "project":
            folder = posixpath.join(posixpath.dirname(lockfile), own.get(who, "."))
            yield Requirer(posixpath.normpath(posixpath.join(folder, "pyproject.toml")), "", asked, direct=True)
            continue
        # uv also speaks of releases that are not the locked one ("a>=1,<2 depends on b").
        yield from (Requirer(who, version, asked, who in named) for version in _locked(lock, who, match["version"]))


def _locked(lock: UvLock, name: str, version: str | None) -> list[str]:
    versions = sorted({entry.version for entry in lock.at(name)})
    return [version] if version in versions else versions


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
