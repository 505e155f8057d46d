"""Draws universes from a seed: every shape in turn, varied so that no two are the same; and some of no shape."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from benchmarks.fix.notation import Draft, read
from benchmarks.fix.shapes import TEXTS
from benchmarks.fix.universe import KINDS, Flaw, Kind, Need, Range, Release, Root, Universe, order

SEED = 20261120
RANDOM = "random"
STYLES = ("plain", "comments", "crlf", "open end")
# One universe in so many has no shape: those find what nobody thought of.
RANDOM_EVERY = 6
_BYSTANDER = "z 1*\n z 1.1\n root z[1,2)"


def universes(count: int, kinds: Sequence[Kind] = KINDS, seed: int = SEED) -> tuple[Universe, ...]:
    """The same `count` universes for the same arguments, the kinds in turn."""
    shapes = {kind: itertools.cycle(_shapes(kind)) for kind in kinds}
    turns = zip(range(count), itertools.cycle(kinds), strict=False)
    return tuple(universe(f"u{number:03}", kind, next(shapes[kind]), seed) for number, kind in turns)


def _shapes(kind: Kind) -> Iterator[str]:
    told = [name for name, (_, kinds) in TEXTS.items() if kind in kinds]
    for number, name in enumerate(told, 1):
        yield name
        if number % RANDOM_EVERY == 0:
            yield RANDOM


def universe(name: str, kind: Kind, shape: str, seed: int = SEED) -> Universe:
    """One universe; its packages are called `name`-a and so on, so that one registry can hold all universes."""
    chance = random.Random(f"{seed} {name} {kind} {shape}")
    draft = _random(chance, kind) if shape == RANDOM else read(TEXTS[shape][0])
    _vary(draft, chance)
    bystander = read(_BYSTANDER)
    full = _Renaming(name)
    return Universe(
        name=name,
        kind=kind,
        shape=shape,
        releases=tuple(full.release(each) for each in (*draft.releases, *bystander.releases)),
        roots=tuple(full.root(each) for each in (*draft.roots, *bystander.roots)),
        flaws=tuple(full.flaw(each) for each in draft.flaws),
        style=chance.choice(STYLES),
    )


def _vary(draft: Draft, chance: random.Random) -> None:
    """Other numbers, and releases that say the same as the one before them."""
    for package in sorted({release.package for release in draft.releases}):
        if chance.random() < 0.5:
            _shift(draft, package, chance.randint(1, 7))
    for release in list(draft.releases):
        if not release.old and chance.random() < 0.3:
            major, minor, patch = order(release.version)
            later = f"{major}.{minor}.{patch + 1}"
            if not any((r.package, r.version) == (release.package, later) for r in draft.releases):
                draft.releases.append(replace(release, version=later))


def _shift(draft: Draft, package: str, by: int) -> None:
    """Count the majors of a package from 1 + `by`."""

    def moved(need: Need) -> Need:
        if need.package != package:
            return need
        below = need.range.below and _later(need.range.below, by)
        return replace(need, range=replace(need.range, low=_later(need.range.low, by), below=below))

    draft.roots = [replace(root, need=moved(root.need)) for root in draft.roots]
    draft.flaws = [
        replace(f, introduced=f.introduced if f.introduced == "0.0.0" else _later(f.introduced, by),
                fixed=f.fixed and _later(f.fixed, by)) if f.package == package else f
        for f in draft.flaws
    ]  # fmt: skip
    draft.releases = [
        replace(
            release,
            needs=tuple(map(moved, release.needs)),
            version=_later(release.version, by) if release.package == package else release.version,
        )
        for release in draft.releases
    ]


def _later(version: str, by: int) -> str:
    major, minor, patch = order(version)
    return f"{major + by}.{minor}.{patch}"


def _random(chance: random.Random, kind: Kind) -> Draft:
    """Five packages, each of which needs some of those after it; a fifth of the ranges admit one release only."""
    names = "abcde"
    versions = {name: ["1.0.0", *chance.sample(["1.1.0", "1.2.0", "2.0.0", "3.0.0"], chance.randint(1, 3))]
                for name in names}  # fmt: skip
    draft = Draft()
    for place, name in enumerate(names):
        below = names[place + 1 :]
        wanted = sorted(chance.sample(below, min(len(below), chance.randint(0, 2))))
        for version in sorted(versions[name], key=order):
            # What the project was locked with must have been there, and must fit.
            old = version == "1.0.0"
            needs = tuple(Need(each, _any_range(chance, versions[each], old)) for each in wanted)
            draft.releases.append(Release(name, version, needs, old))
    needed = {need.package for release in draft.releases if release.old for need in release.needs}
    draft.roots = [Root(Need(name, Range("1.0.0", "2.0.0"))) for name in names if name not in needed]
    draft.roots += [Root(Need(name, Range("1.0.0", "2.0.0"))) for name in sorted(needed) if chance.random() < 0.2]
    for number, name in enumerate(sorted(chance.sample(names, chance.randint(1, 3))), 1):
        fixed = chance.choice([*sorted(versions[name], key=order)[1:], ""])
        draft.flaws.append(Flaw(str(number), name, "0.0.0", fixed))
    return draft


def _any_range(chance: random.Random, versions: Iterable[str], old: bool) -> Range:
    low = "1.0.0" if old else chance.choice(sorted(versions, key=order))
    if chance.random() < 0.2:
        return Range(low, exact=True)
    return Range(low, f"{order(low)[0] + chance.randint(1, 2)}.0.0")


class _Renaming:
    """Short names to full ones."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _need(self, need: Need) -> Need:
        return replace(need, package=f"{self._name}-{need.package}")

    def release(self, release: Release) -> Release:
        """With full names."""
        needs = tuple(map(self._need, release.needs))
        return replace(release, package=f"{self._name}-{release.package}", needs=needs)

    def root(self, root: Root) -> Root:
        """With full names."""
        return replace(root, need=self._need(root.need))

    def flaw(self, flaw: Flaw) -> Flaw:
        """With full names, and an id that no other universe has."""
        return replace(flaw, id=f"{self._name.upper()}-{flaw.id}", package=f"{self._name}-{flaw.package}")
