"""Which fixes cannot stand apart: they move one package, one is in another's way, or they exclude each other. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.pipeline.making.prove import NotProvenError
from bot.pipeline.planning.targets import Spot, spot
from remediators.errors import BlockedError, RemediationError, Requirer
from state.model import Change, Remediation

Published = tuple[str, str, str]
"""A release: ecosystem, package, version."""

Needs = Mapping[Published, Mapping[str, str]]
"""What releases require: package to range, by release; what is not known is absent."""

Satisfies = Callable[[str, str, str], bool]
"""Whether, in an ecosystem, a version is in a range."""


class ExcludedError(BlockedError):
    """A fix that has no place beside those of other packages; they are the blockers."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What making one fix alone came to: all that it `moved`, what of that on purpose, or the `error` that it met."""

    planned: Remediation
    moved: tuple[Change, ...] = ()
    purposed: tuple[Change, ...] = ()
    error: RemediationError | None = None

    @property
    def about(self) -> frozenset[Spot]:
        """Where the package stands that it is to fix."""
        return frozenset(map(spot, self.planned.changes))

    @property
    def units(self) -> frozenset[str]:
        """The units that it lies in."""
        return frozenset(c.lockfile or c.manifest for c in self.planned.changes)

    @property
    def arrivals(self) -> Mapping[Spot, tuple[str, ...]]:
        """The versions that came in, by package."""
        return {spot(change): tuple(change.after.split()) for change in self.moved}


def groups(attempts: Sequence[Attempt], needs: Needs, satisfies: Satisfies) -> tuple[tuple[str, ...], ...]:
    """The keys of fixes that belong together, each group in the order of the attempts; what stands alone is in none."""
    group_of = {attempt.planned.key: {attempt.planned.key} for attempt in attempts}
    for one, other in itertools.combinations(attempts, 2):
        if one.units & other.units and _bonded(one, other, needs, satisfies):
            joined = group_of[one.planned.key] | group_of[other.planned.key]
            group_of.update(dict.fromkeys(joined, joined))
    found = dict.fromkeys(
        tuple(a.planned.key for a in attempts if a.planned.key in group) for group in group_of.values()
    )
    return tuple(group for group in found if len(group) > 1)


def asked(attempts: Sequence[Attempt]) -> frozenset[Published]:
    """The releases whose requirements tell whether fixes exclude each other: none where there is but one in a unit."""
    found: set[Published] = set()
    for one, other in itertools.permutations([a for a in attempts if a.error is None], 2):
        if one.units & other.units:
            found.update((c.ecosystem, c.package, version) for c in one.purposed for version in c.after.split())
    return frozenset(found)


def _bonded(one: Attempt, other: Attempt, needs: Needs, satisfies: Satisfies) -> bool:
    return any(
        left.about & right.arrivals.keys()
        or _hindered(left, right)
        or any(not satisfies(*refused) for refused in _asked_of(left, right, needs))
        for left, right in ((one, other), (other, one))
    )


def _hindered(one: Attempt, other: Attempt) -> bool:
    """Whether a fix was refused because of where the package of another stands."""
    named = {(ecosystem, package) for ecosystem, _, package in other.about}
    match one.error:
        case NotProvenError(introduced=introduced):
            return any((hit.ecosystem, hit.package) in named for hit in introduced)
        case BlockedError(blockers=blockers):
            return any(_names(blocker, package) for blocker in blockers for _, package in named)
        case _:
            return False


def _names(blocker: Requirer, package: str) -> bool:
    """Whether a blocker is a package, or what a manifest says of it."""
    pin = re.compile(rf"{re.escape(package)}(?![\w.-])", re.IGNORECASE)
    return blocker.package == package or (not blocker.version and pin.match(blocker.requirement) is not None)


def _asked_of(one: Attempt, other: Attempt, needs: Needs) -> Iterator[tuple[str, str, str]]:
    """(ecosystem, version, range): what the releases of one fix require of what comes in with another."""
    for change in one.purposed:
        for version in change.after.split():
            for package, wanted in needs.get((change.ecosystem, change.package, version), {}).items():
                place = (change.ecosystem, change.lockfile or change.manifest, package)
                if place not in one.arrivals:
                    yield from ((change.ecosystem, came, wanted) for came in other.arrivals.get(place, ()))
