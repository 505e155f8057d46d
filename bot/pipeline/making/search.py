"""Search which packages must move together for a vulnerable one to move: best first, by what releases require.

What the registry tells of a release proposes; the package manager, and then the proof, decide. So the search may be
wrong about a marker or an extra, and only costs a try.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from remediators.api import Versions
from remediators.errors import Requirer

Spot = tuple[str, str]
"""A package, and the version at which it stands now."""

Moves = Mapping[Spot, str]
"""Where packages go; `GONE` for one that nothing requires any more."""

GONE = ""

# Of the versions that a package could move to, how many are followed up; and how many steps a search may take.
WIDTH = 4
STEPS = 400


class Surroundings(Protocol):
    """What a package manager's unit holds, and what the registry knows of it."""

    versions: Versions
    nested: bool
    """Whether the ecosystem may install a package in several versions: what a release requires never blocks it."""

    def standing(self, package: str) -> tuple[str, ...]:
        """The versions of a package in the unit; empty for one that is not there."""

    def named(self, package: str) -> bool:
        """Whether the manifest names the package."""

    def candidates(self, package: str, version: str) -> Sequence[str]:
        """The newer versions that may be taken instead, ascending."""

    def requirers(self, package: str, version: str) -> Sequence[Requirer]:
        """Who in the unit asks for a package at a version."""

    def requirements(self, package: str, version: str) -> Mapping[str, str] | None:
        """What a release requires; None when the registry does not tell."""


@dataclass(frozen=True, slots=True)
class _Conflict:
    """A package that must move as well, and the versions that would do, ascending."""

    spot: Spot
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """One unit's."""

    around: Surroundings
    _places: dict[Spot, Mapping[str, int]] = field(default_factory=dict, init=False)

    def assignments(self, goals: Mapping[Spot, Sequence[str]]) -> Iterator[Moves]:
        """Sets of moves that bring every goal to one of its versions and contradict no requirement, cheapest first."""
        counter = itertools.count()
        queue: list[tuple[tuple[int, ...], int, Moves]] = [((), next(counter), {})]
        for _ in range(STEPS):
            if not queue:
                return
            _, _, moves = heapq.heappop(queue)
            conflict = self._conflict(moves, goals)
            if conflict is None:
                yield moves
                continue
            for way in conflict.ways:
                more = {**moves, conflict.spot: way}
                heapq.heappush(queue, (self._cost(more), next(counter), more))

    def _conflict(self, moves: Moves, goals: Mapping[Spot, Sequence[str]]) -> _Conflict | None:
        for goal, ways in goals.items():
            if goal not in moves:
                leave = () if self.around.named(goal[0]) else (GONE,)
                return _Conflict(goal, (*ways, *leave))
        for spot, after in moves.items():
            found = self._held_by_requirers(spot, after, moves)
            found = found or (None if self.around.nested else self._needs_others(after and (spot[0], after), moves))
            if found is not None:
                return found
        return None

    def _held_by_requirers(self, spot: Spot, after: str, moves: Moves) -> _Conflict | None:
        package = spot[0]
        for requirer in self.around.requirers(*spot):
            # What a manifest says itself is rewritten.
            if not requirer.version:
                continue
            place = (requirer.package, requirer.version)
            if place in moves:
                if moves[place] == GONE or self._admits((requirer.package, moves[place]), package, after):
                    continue
                return _Conflict(place, ())
            if after != GONE and requirer.requirement and self._satisfies(after, requirer.requirement):
                continue
            if not requirer.requirement and self._admits(place, package, after):
                continue
            ways = (v for v in self.around.candidates(*place) if self._admits((requirer.package, v), package, after))
            leave = () if self.around.named(requirer.package) else (GONE,)
            return _Conflict(place, (*itertools.islice(ways, WIDTH), *leave))
        return None

    def _needs_others(self, release: Spot | str, moves: Moves) -> _Conflict | None:
        """Whether a release requires of what stands here more than it is."""
        if not release:
            return None
        for package, wanted in (self.around.requirements(release[0], release[1]) or {}).items():
            for version in self.around.standing(package):
                place = (package, version)
                if self._satisfies(moves.get(place, version), wanted):
                    continue
                if place in moves:
                    return _Conflict(place, ())
                ways = (v for v in self.around.candidates(*place) if self._satisfies(v, wanted))
                return _Conflict(place, tuple(itertools.islice(ways, WIDTH)))
        return None

    def _admits(self, requirer: Spot, package: str, after: str) -> bool:
        """Whether a release lets a package be at a version, or be gone."""
        requirements = self.around.requirements(*requirer)
        if requirements is None:
            return False
        wanted = requirements.get(package)
        return wanted is None if after == GONE else wanted is None or self._satisfies(after, wanted)

    def _satisfies(self, version: str, requirement: str) -> bool:
        if version == GONE:
            return False
        try:
            return self.around.versions.satisfies(version, requirement)
        except ValueError:
            return True

    def _cost(self, moves: Moves) -> tuple[int, ...]:
        """Major steps, minor steps, packages that move, and how far along their versions."""
        steps = [self.around.versions.step(version, after) for (_, version), after in moves.items() if after != GONE]
        far = sum(self._place(spot).get(after, 0) for spot, after in moves.items())
        return (steps.count("major"), steps.count("minor"), len(moves), far)

    def _place(self, spot: Spot) -> Mapping[str, int]:
        if spot not in self._places:
            self._places[spot] = {version: place for place, version in enumerate(self.around.candidates(*spot))}
        return self._places[spot]
