"""How many of a universe's open flaws can be gone at once, found by trying every installable assignment. Pure.

The rules are those that the bot keeps (docs/fixing.md): nothing goes down, no flaw is added, a direct requirement may
be raised to any release, a yanked or unfit release is never taken, and what others require of a *vulnerable* package
may be set aside where the package manager knows overrides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from benchmarks.fix.universe import PROMISED, Held, Need, Release, Universe, order

Chosen = Mapping[str, str]
"""One version of each installed package."""


def optimum(universe: Universe, before: Held) -> int:
    """The largest number of flaws open in `before` that some allowed outcome is free of."""
    had = universe.open(before)
    left = min((len(universe.open(after)) for after in outcomes(universe, before)), default=len(had))
    return len(had) - left


def outcomes(universe: Universe, before: Held) -> Iterator[Held]:
    """Every allowed outcome, `before` among them; several times where several assignments come to the same."""
    found = _trees(universe, before) if universe.kind == "npm" else _environments(universe, before)
    for after in found:
        if _allowed(universe, before, after):
            yield after


def _allowed(universe: Universe, before: Held, after: Held) -> bool:
    had, has = universe.exposure(before), universe.exposure(after)
    return all(has[flaw] <= had[flaw] for flaw in has) and not went_down(before, after)


def went_down(before: Held, after: Held) -> bool:
    """Whether a package lost a version and all that it has now are lower."""
    return any(
        all(order(version) < order(gone) for version in after[package])
        for package, versions in before.items()
        if after.get(package)
        for gone in versions - after[package]
    )


def _environments(universe: Universe, before: Held) -> Iterator[Held]:
    """One version of a package on each side of the markers."""
    for sides in product(*(tuple(assignments(universe, before, side)) for side in universe.sides)):
        names = {name for side in sides for name in side}
        yield {name: frozenset(side[name] for side in sides if name in side) for name in names}


def assignments(universe: Universe, before: Held, side: str) -> Iterator[Chosen]:
    """Every way to install a Python project in one environment."""
    named = {root.need.package for root in universe.roots if root.need.side in {"", side}}
    # A list of pins goes on to install what it names, needed or not; with markers it names each on its own side.
    pinned = before.keys() if universe.kind == "flat" and not side else ()
    yield from _Search(universe, before, side).extend({}, (), tuple(sorted({*named, *pinned})))


@dataclass(frozen=True, slots=True)
class _Search:
    universe: Universe
    before: Held
    side: str

    def extend(self, chosen: dict[str, str], needs: tuple[Need, ...], todo: tuple[str, ...]) -> Iterator[Chosen]:
        """`chosen`, whose releases have these `needs`, with a version of all that is still to do."""
        if not todo:
            yield chosen
            return
        package, *rest = todo
        for release in self._candidates(package, needs):
            more = tuple(need for need in release.needs if need.side in {"", self.side})
            if all(self._admits(need, chosen[need.package]) for need in more if need.package in chosen):
                new = [need.package for need in more if need.package not in {*chosen, *todo}]
                yield from self.extend({**chosen, package: release.version}, (*needs, *more), (*rest, *new))

    def _candidates(self, package: str, needs: tuple[Need, ...]) -> tuple[Release, ...]:
        floor = _floor(self.before, package)
        asked = [need for need in needs if need.package == package]
        fitting = tuple(
            release
            for release in self.universe.of(package)
            if _may_be_taken(release, self.before)
            and order(release.version) >= floor
            and all(self._admits(need, release.version) for need in asked)
        )
        # What a list of pins does not name, pip takes the newest of.
        unnamed = self.universe.kind == "flat" and package not in self.before
        return fitting[-1:] if unnamed else fitting

    def _admits(self, need: Need, version: str) -> bool:
        return need.range.admits(version) or overridable(self.universe, self.before, need.package)


def overridable(universe: Universe, before: Held, package: str) -> bool:
    """Whether what others require of a package may be set aside: for its flaw, by a tool that knows overrides."""
    vulnerable = any(
        flaw.package == package and any(map(flaw.hits, before.get(package, ()))) for flaw in universe.flaws
    )
    return universe.kind != "flat" and package not in universe.direct and vulnerable


def _floor(before: Held, package: str) -> tuple[int, ...]:
    return min(map(order, before.get(package, ())), default=())


def _may_be_taken(release: Release, before: Held) -> bool:
    if release.version in before.get(release.package, ()):
        return True
    return not release.yanked and release.python in {"", PROMISED}


def _release(universe: Universe, package: str, version: str) -> Release:
    return next(r for r in universe.releases if (r.package, r.version) == (package, version))


def _trees(universe: Universe, before: Held) -> Iterator[Held]:
    """Every tree of npm's: each holder has its own copy of what it needs, and all copies of a release are equal."""
    # Members of a workspace ask apart: each may have its own copy of a direct dependency.
    asked = [(root.member, root.need) for root in universe.roots]
    for chosen in product(*(_copies(universe, before, need, own=True) for _, need in asked)):
        direct: dict[str, set[str]] = {}
        for release in chosen:
            direct.setdefault(release.package, set()).add(release.version)
        for tree in _grown(universe, before, {(r.package, r.version) for r in chosen}, frozenset(), direct):
            held: dict[str, set[str]] = {}
            for package, version in tree:
                held.setdefault(package, set()).add(version)
            yield {package: frozenset(versions) for package, versions in held.items()}


_Copies = frozenset[tuple[str, str]]


def _grown(
    universe: Universe, before: Held, todo: set[tuple[str, str]], done: _Copies, direct: Mapping[str, set[str]]
) -> Iterator[_Copies]:
    if not todo:
        yield done
        return
    package, version = min(todo)
    release = _release(universe, package, version)
    peers = [need for need in release.needs if need.peer]
    if not all(need.range.admits(v) for need in peers for v in direct.get(need.package, ())):
        return
    rest = todo - {(package, version)}
    done = done | {(package, version)}
    needs = [need for need in release.needs if not need.peer]
    for chosen in product(*(_copies(universe, before, need, own=False) for need in needs)):
        new = {(each.package, each.version) for each in chosen} - done
        yield from _grown(universe, before, rest | new, done, direct)


def _copies(universe: Universe, before: Held, need: Need, own: bool) -> tuple[Release, ...]:
    free = own or overridable(universe, before, need.package)
    floor = _floor(before, need.package)
    return tuple(
        release
        for release in universe.of(need.package)
        if order(release.version) >= floor and (free or need.range.admits(release.version))
    )
