"""Bring a yarn.lock in line with upgrades, at exactly the wanted versions and with nothing else moved.

Yarn moves a package as far as the ranges of those who need it allow (`yarn upgrade`, `yarn up -R`), and classic
downloads and installs the whole project whenever it resolves. So Yarn first resolves a stand-in that asks for nothing
but the new versions, with the lockfile beside it: what that adds is exactly their blocks and those of what they newly
need. These are spliced in, the descriptors are led there, and the whole is looked at: classic has to find nothing
missing (see `command`), berry writes the lockfile once more where that cannot be told without it (see `complete`).

Measured on the tree of eslint 7 and express 4.17 (166 packages): semver from 7.8.4 to 7.8.5 where 7.8.6 is newest,
without what Yarn keeps of earlier runs, on a busy machine (two runs, mean):

| Yarn    | way                                      | semver is    | package.json | lines | seconds |
|---------|------------------------------------------|--------------|--------------|-------|---------|
| 1.22.22 | `yarn upgrade semver@7.8.5`              | 7.8.4, 7.8.5 | changed      | 5     | 6.2     |
| 1.22.22 | delete the entry, `yarn install`         | 7.8.6        | stays        | 6     | 6.4     |
| 1.22.22 | stand-in, splice, `--frozen-lockfile`    | 7.8.5        | stays        | 6     | 5.8     |
| 3.8.7   | `yarn up -R semver`                      | 7.8.6        | stays        | 6     | 9.6     |
| 3.8.7   | `yarn set resolution`, which installs    | 7.8.5        | stays        | 6     | 12.8    |
| 3.8.7   | stand-in, splice, `yarn install`         | 7.8.5        | stays        | 6     | 8.0     |
| 4.13.0  | `yarn up -R semver`                      | 7.8.6        | stays        | 6     | 4.4     |
| 4.13.0  | `yarn set resolution`, which installs    | 7.8.5        | stays        | 6     | 8.9     |
| 4.13.0  | stand-in, splice, `yarn install`         | 7.8.5        | stays        | 6     | 6.8     |

`up -R` and the last of each of berry ran with `--mode=update-lockfile`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from remediators.api import Reader, Tools, Unit, Upgrade
from remediators.errors import ToolError
from remediators.inside import check_inside
from remediators.npm.folders import check_folders, check_written, places_of
from remediators.npm.manifest import asked, is_range
from remediators.versions.npm import NpmVersions
from remediators.yarn.command import Yarn, standing_in, yarn
from remediators.yarn.complete import completed
from remediators.yarn.graph import Edge, Graph, blocked, leading_to
from remediators.yarn.harmless import check_harmless
from remediators.yarn.lock import Entry, Lock, lock
from remediators.yarn.merge import led, merged
from remediators.yarn.project import LOCKFILE, Project, project, resolved_package

_NAME = "remediation-stand-in"
_STAND_IN = "remediation-{}"
_VERSIONS = NpmVersions()


@dataclass(frozen=True, slots=True)
class _Move:
    """An upgrade, what was locked for it, and the descriptors that shall lead there."""

    upgrade: Upgrade
    entry: Entry
    patterns: frozenset[str]


def relock(unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
    """Move the upgrades in the lockfile of a unit in `work`; a unit without one stays as it is.

    Raises BlockedError naming who holds one back, and ToolError.
    """
    if unit.lockfile is None:
        return
    found = project(unit, _reader(work))
    _check_movable(Graph(found, found.lock), upgrades)
    for manifest in found.manifests.values():
        check_folders(manifest)
    for setting, value in found.config.deciding.items():
        check_written(found.config.name, setting, value)
    # The repository's own packages say so themselves, from where they are.
    for entry in (entry for entry in found.lock.entries if entry.version):
        for written in entry.needs.values():
            check_inside(found.lock.name, entry.patterns[0], places_of(written))
    check_harmless(found)
    with yarn((work / unit.manifest).parent, work, found, index, tools) as program:
        fetched = _fetched(program, upgrades)
        moves = [_move(found, fetched, number, upgrade) for number, upgrade in enumerate(upgrades)]
        _write(program, fetched, moves)
        _finish(program, fetched, upgrades)
    after = project(unit, _reader(work))
    _check_moved(Graph(after, after.lock), moves)


def _check_movable(graph: Graph, upgrades: Sequence[Upgrade]) -> None:
    """Raise BlockedError when somebody who stays refuses a version that has to be everywhere."""
    moving = {(upgrade.package, upgrade.before) for upgrade in upgrades}
    for upgrade in upgrades:
        edges = [
            edge
            for edge in leading_to(graph, upgrade.package, upgrade.before)
            if edge.owner is None or edge.owner.identity not in moving
        ]
        refusing = [edge for edge in edges if not _may_move(graph, edge, upgrade)]
        if upgrade.everywhere and refusing:
            raise blocked(graph, upgrade, refusing)


def _fetched(program: Yarn, upgrades: Sequence[Upgrade]) -> Lock:
    """The lockfile of a project that asks for the new versions only."""
    found = program.project
    resolutions = {
        key: to
        for key, to in found.resolutions.items()
        if is_range(to.removeprefix("npm:")) and resolved_package(key) not in {u.package for u in upgrades}
    }
    wanted = {_STAND_IN.format(n): f"npm:{upgrade.package}@{upgrade.after}" for n, upgrade in enumerate(upgrades)}
    stand_in = {"name": _NAME, "private": True, "dependencies": wanted, "resolutions": resolutions}
    with standing_in(program.folder, stand_in):
        program.resolve()
    return lock(_file(program).read_bytes(), found.lock.name)


def _move(found: Project, fetched: Lock, number: int, upgrade: Upgrade) -> _Move:
    before = Graph(found, found.lock)
    patterns = {
        edge.pattern
        for edge in leading_to(before, upgrade.package, upgrade.before)
        if _may_move(before, edge, upgrade) and (upgrade.everywhere or edge.owner is None)
    }
    missing = {e.pattern for e in before.edges() if e.package == upgrade.package and before.target(e) is None}
    known = {*found.lock.by_pattern, *_stand_ins(fetched)}
    added = {
        pattern
        for pattern, entry in fetched.by_pattern.items()
        if entry.package == upgrade.package and pattern not in known
    }
    patterns |= {pattern for pattern in missing | added if _takes(pattern, upgrade.after)}
    if not found.lock.berry and upgrade.override:
        patterns.add(found.lock.pattern(upgrade.package, upgrade.after))
    wanted = _STAND_IN.format(number) + f"@npm:{upgrade.package}@{upgrade.after}"
    entry = fetched.by_pattern.get(wanted)
    if entry is None or entry.identity != (upgrade.package, upgrade.after):
        raise ToolError(f"{fetched.name}: yarn locked nothing for {wanted}: look at `resolutions` in package.json")
    return _Move(upgrade, entry, frozenset(patterns))


def _write(program: Yarn, fetched: Lock, moves: Sequence[_Move]) -> None:
    """Lead the descriptors to their new versions; what nobody needs any more goes, as Yarn has it."""
    found, before = program.project, program.project.lock
    stale = {f"{move.upgrade.package}@npm:{move.upgrade.before}" for move in moves}
    leads = led(before, fetched, {pattern: move.entry for move in moves for pattern in move.patterns})
    own = _stand_ins(fetched)
    kept = {
        pattern: entry
        for pattern, entry in leads.items()
        # Berry patches the new version anew.
        if pattern not in own and entry.patched not in stale
    }
    elsewhere = found.config.registries.scoped
    content = merged(before, fetched, kept, elsewhere)
    if not before.berry:
        needed = Graph(found, lock(content, before.name)).patterns()
        kept = {pattern: entry for pattern, entry in kept.items() if pattern in needed}
        content = merged(before, fetched, kept, elsewhere)
    _file(program).write_bytes(content)


def _finish(program: Yarn, fetched: Lock, upgrades: Sequence[Upgrade]) -> None:
    """Have what is written looked at as a whole; Yarn's second start is spared where the lockfile tells it all."""
    if not program.project.lock.berry:
        program.check()
        return
    file = _file(program)
    whole = completed(program.project, fetched, file.read_bytes(), upgrades)
    if whole is None:
        program.resolve()
    else:
        file.write_bytes(whole)


def _check_moved(graph: Graph, moves: Sequence[_Move]) -> None:
    found = graph.lock
    for move in moves:
        upgrade = move.upgrade
        if upgrade.everywhere and found.at(upgrade.package, upgrade.before):
            raise blocked(graph, upgrade, leading_to(graph, upgrade.package, upgrade.before))
        # What moved along may ask for yet another version.
        asking = [edge for edge in graph.edges() if edge.package == upgrade.package]
        if asking and not found.at(upgrade.package, upgrade.after):
            raise blocked(graph, upgrade, asking)
        for pattern in move.patterns:
            entry = found.by_pattern.get(pattern)
            if entry is not None and entry.identity != (upgrade.package, upgrade.after):
                raise ToolError(
                    f"{found.name}: yarn chose {entry.package} {entry.version} for {pattern} where {upgrade.after} "
                    "was asked for: look at `resolutions` in package.json"
                )


def _may_move(graph: Graph, edge: Edge, upgrade: Upgrade) -> bool:
    """Whether Yarn may give `after` to who asks; in classic the project's own resolution goes before the range."""
    if edge.admits(upgrade.after):
        return True
    if graph.lock.berry or edge.owner is None:
        return False
    keys = (upgrade.package, f"**/{upgrade.package}", f"**/{edge.owner.package}/{upgrade.package}")
    return upgrade.after in (graph.project.resolutions.get(key) for key in keys)


def _takes(pattern: str, version: str) -> bool:
    """Whether a descriptor's range admits a version; a dist-tag is followed, not set."""
    _, _, spec = asked("", pattern[1:].partition("@")[2], berry=True)
    return is_range(spec) and _VERSIONS.satisfies(version, spec)


def _stand_ins(fetched: Lock) -> frozenset[str]:
    """The descriptors that only the stand-in asks for, itself included."""
    start = _STAND_IN.format("")
    return frozenset(pattern for pattern in fetched.by_pattern if pattern.startswith((start, f"{_NAME}@")))


def _file(program: Yarn) -> Path:
    return program.folder / LOCKFILE


def _reader(work: Path) -> Reader:
    def read(path: str) -> bytes | None:
        file = work / path
        return file.read_bytes() if file.is_file() else None

    return read
