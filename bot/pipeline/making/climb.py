"""Find another way for a fix that cannot be made as planned: a later version, the parents along with it, an override.

The ladder: what the search proposes from what releases require, cheapest first; then, for a package that no manifest
names, an override of what others require of it. The package manager and the proof decide about each.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.pipeline.making.apply import concerns, index_of, rework_unit, upgrades_of
from bot.pipeline.making.ground import Ground, over
from bot.pipeline.making.prove import NotAuditedError, NotProvenError
from bot.pipeline.making.search import GONE, Moves, Search, Spot
from bot.pipeline.making.surroundings import UnitSurroundings
from bot.pipeline.planning import targets
from bot.ports import Toolbox
from remediators.api import Reader, Remediator, Unit
from remediators.errors import BlockedError, ManifestError, RemediationError
from state.model import Change, Finding, Remediation

# Runs of a package manager, and seconds, that one unit's search for a way may take.
TRIES = 10
SECONDS = 120.0
# Versions of the vulnerable package that are followed up.
VERSIONS = 6
OVERRIDES = 3

Files = Mapping[str, bytes]
Proves = Callable[[Remediation, Files], object]
"""Raises NotProvenError when a change set with these files does not do what it says."""


class NoFixedVersionError(BlockedError):
    """No release of a package is without the vulnerability; the blockers are those who go on to require it."""


@dataclass(frozen=True, slots=True)
class Climbed:
    """A change set as it can be made: other versions, more packages, or only a part of the manifests."""

    remediation: Remediation
    files: Files


@dataclass(frozen=True, slots=True)
class Climb:
    """One change set's. `proves` judges what is made so far."""

    planned: Remediation
    findings: tuple[Finding, ...]
    ground: Ground
    toolbox: Toolbox
    proves: Proves

    def climbed(self) -> Climbed:
        """The best that can be done, unit by unit. Raises the first unit's RemediationError when nothing can."""
        done = Climbed(replace(self.planned, changes=()), {})
        refused: list[RemediationError] = []
        for unit in self.ground.survey.units:
            remediator = self.toolbox.ecosystems.named(unit.remediator)
            if self._planned(unit, remediator):
                try:
                    done = self._with_unit(unit, remediator, done)
                except (BlockedError, NotProvenError, ManifestError) as error:
                    refused.append(error)
        if not done.files:
            raise refused[0]
        return done

    def _planned(self, unit: Unit, remediator: Remediator) -> tuple[Change, ...]:
        mine = (c for c in self.planned.changes if c.ecosystem == remediator.ecosystem)
        return tuple(c for c in mine if concerns(unit, c))

    def _with_unit(self, unit: Unit, remediator: Remediator, done: Climbed) -> Climbed:
        """`done` and one more unit. Raises what the planned way of the unit met when there is no other."""
        read = over(self.ground.reader, done.files)
        index = index_of(unit, self.ground.survey, self.toolbox)
        around = UnitSurroundings(unit, remediator, self.ground, read, index, self.toolbox)
        planned = tuple(
            c for c in self.planned.changes if c.ecosystem == remediator.ecosystem and c.manifest in unit.files
        )
        first: RemediationError | None = None
        until = time.monotonic() + SECONDS
        for changes in itertools.islice(self._ways(planned, around), TRIES):
            if first is not None and time.monotonic() > until:
                break
            try:
                return self._tried(unit, remediator, read, done, changes, index)
            except NotAuditedError:
                raise
            except (BlockedError, NotProvenError, ManifestError) as error:
                first = first or error
        raise first or _needed(planned, around)

    def _ways(self, planned: Sequence[Change], around: UnitSurroundings) -> Iterator[tuple[Change, ...]]:
        """The changes of each way, the planned one first; at last without what has no fixed version and cannot go."""
        yield from self._whole(planned, around)
        lasting = tuple(change for change in planned if change.after != GONE)
        if lasting and len(lasting) < len(planned):
            yield from self._whole(lasting, around)

    def _whole(self, planned: Sequence[Change], around: UnitSurroundings) -> Iterator[tuple[Change, ...]]:
        if all(change.after != GONE for change in planned):
            yield tuple(planned)
        spots: dict[Spot, Change] = {(c.package, c.before): c for c in planned}
        goals = {spot: _versions(change, around) for spot, change in spots.items()}
        straight = {spot: change.after for spot, change in spots.items()}
        for moves in Search(around).assignments(goals):
            if moves != straight:
                yield tuple(_changes(moves, planned, around))
        if not any(change.direct or change.after == GONE for change in planned):
            for place in range(OVERRIDES):
                settled = {spot: ways[min(place, len(ways) - 1)] for spot, ways in goals.items()}
                if place < max(map(len, goals.values())):
                    yield tuple(replace(c, after=settled[c.package, c.before], override=True) for c in planned)

    def _tried(
        self,
        unit: Unit,
        remediator: Remediator,
        read: Reader,
        done: Climbed,
        changes: tuple[Change, ...],
        index: str | None,
    ) -> Climbed:
        part = replace(self.planned, changes=changes)
        made = rework_unit(unit, remediator, read, upgrades_of(unit, remediator, part), index, self.toolbox)
        files = {**done.files, **{path: content for path, content in made.items() if content != read(path)}}
        if files == done.files:
            raise ManifestError(f"{unit.manifest}: nothing changed in any file")
        together = tuple(sorted({*done.remediation.changes, *changes}, key=targets.change_order))
        remediation = targets.retitled(replace(self.planned, changes=together, findings=self._about(together)))
        self.proves(remediation, files)
        return Climbed(remediation, files)

    def _about(self, changes: Sequence[Change]) -> tuple[str, ...]:
        """The keys of the findings that any of these changes is about.

        A package that an earlier fix has moved already stands elsewhere than where it was found: then all of them.
        """
        moved = {(c.ecosystem, c.package, c.manifest, c.before) for c in changes}
        about = {
            f.key
            for f in self.findings
            if any((f.ecosystem, f.package, o.manifest, o.version) in moved for o in f.occurrences)
        }
        return tuple(key for key in self.planned.findings if key in about) or self.planned.findings


def _needed(planned: Sequence[Change], around: UnitSurroundings) -> NoFixedVersionError:
    """No release of a package is a fix, and everyone who requires it goes on doing so."""
    named = [r for c in planned for r in around.requirers(c.package, c.before)]
    by = ", ".join(f"{r.package} {r.version}".rstrip() for r in named) or planned[0].manifest
    packages = ", ".join(targets.unique(f"{c.package} {c.before}" for c in planned))
    return NoFixedVersionError(
        f"no fixed version of {packages} can be had, and no newer release of {by} goes without it", named
    )


def _versions(change: Change, around: UnitSurroundings) -> tuple[str, ...]:
    """The planned version and later ones that leave no more vulnerabilities than it; none where it is to go."""
    if change.after == GONE:
        return ()
    found = around.candidates(change.package, change.before)
    later = found[found.index(change.after) + 1 :] if change.after in found else ()
    left = around.hits(change.package, change.after)
    return (change.after, *(v for v in later if around.hits(change.package, v) <= left))[:VERSIONS]


def _changes(moves: Moves, planned: Sequence[Change], around: UnitSurroundings) -> Iterator[Change]:
    wanted = {(c.package, c.before) for c in planned}
    for change in planned:
        yield replace(change, after=moves[change.package, change.before])
    for (package, before), after in moves.items():
        if (package, before) in wanted or after == GONE:
            continue
        for d in around.at(package, before):
            yield Change(d.ecosystem, package, before, after, d.manifest, d.lockfile, d.direct)
