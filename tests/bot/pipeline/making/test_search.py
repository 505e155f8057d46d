"""Which packages are proposed to move together, on small worlds written down as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pytest

from bot.pipeline.making.search import STEPS, Search
from remediators.api import Versions
from remediators.errors import Requirer
from remediators.versions.pypi import PypiVersions

Releases = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Package to version to what that release requires."""


@dataclass
class World:
    """`Surroundings` of a lockfile that holds `locked`; `direct` is what its manifest names."""

    releases: Releases
    locked: Mapping[str, str]
    direct: frozenset[str]
    nested: bool = False
    tells: bool = True
    versions: Versions = field(default_factory=PypiVersions)

    def standing(self, package: str) -> tuple[str, ...]:
        return (self.locked[package],) if package in self.locked else ()

    def named(self, package: str) -> bool:
        return package in self.direct

    def candidates(self, package: str, version: str) -> Sequence[str]:
        return [v for v in self.releases[package] if self.versions.compare(v, version) > 0]

    def requirers(self, package: str, version: str) -> Sequence[Requirer]:
        return [
            Requirer(name, at, "", name in self.direct)
            for name, at in self.locked.items()
            if package in self.releases[name][at]
        ]

    def requirements(self, package: str, version: str) -> Mapping[str, str] | None:
        return self.releases[package].get(version) if self.tells else None


def world(releases: Releases, *direct: str, nested: bool = False, tells: bool = True) -> World:
    """What is locked is the first release of each package."""
    locked = {package: next(iter(versions)) for package, versions in releases.items()}
    return World(releases, locked, frozenset(direct), nested, tells)


def proposed(around: World, package: str, *ways: str, count: int = 1) -> list[Mapping[str, str]]:
    goal = {(package, around.locked[package]): ways}
    found = islice(Search(around).assignments(goal), count)
    return [{package: after for (package, _), after in moves.items()} for moves in found]


CASES = {
    "nobody minds": (world({"a": {"1": {"b": ">=1"}}, "b": {"1": {}, "2": {}}}, "a"), "b", {"b": "2"}),
    "the parent is raised": (
        world({"a": {"1": {"b": "<2"}, "1.1": {"b": "<3"}, "2": {"b": ">=2"}}, "b": {"1": {}, "2": {}}}, "a"),
        "b",
        {"b": "2", "a": "1.1"},
    ),
    "two parents": (
        world(
            {
                "a": {"1": {"c": "<2"}, "1.1": {"c": "<3"}},
                "b": {"1": {"c": "<2"}, "1.5": {"c": ">=2"}},
                "c": {"1": {}, "2": {}},
            },
            "a",
            "b",
        ),
        "c",
        {"c": "2", "a": "1.1", "b": "1.5"},
    ),
    "two steps up": (
        world(
            {
                "a": {"1": {"b": "==1"}, "2": {"b": "==2"}},
                "b": {"1": {"c": "==1"}, "2": {"c": "==2"}},
                "c": {"1": {}, "2": {}},
            },
            "a",
        ),
        "c",
        {"c": "2", "b": "2", "a": "2"},
    ),
    "what the fix needs follows": (
        world({"a": {"1": {}, "1.1": {"b": ">=1.1,<2"}}, "b": {"1": {}, "1.1": {}, "2": {}}}, "a", "b"),
        "a",
        {"a": "1.1", "b": "1.1"},
    ),
    "a major step costs more than two packages": (
        world(
            {"a": {"1": {"b": "<1.1"}, "1.1": {"b": "<3"}}, "b": {"1": {}, "1.1": {}, "2": {}}},
            "a",
        ),
        "b",
        {"b": "1.1", "a": "1.1"},
    ),
    "a parent does without": (
        world({"a": {"1": {"b": ">=1"}, "2": {}}, "b": {"1": {}}}, "a"),
        "b",
        {"b": "", "a": "2"},
    ),
}


@pytest.mark.parametrize(("around", "package", "moves"), CASES.values(), ids=CASES.keys())
def test_the_cheapest_way_comes_first(around: World, package: str, moves: Mapping[str, str]) -> None:
    ways = [v for v in around.releases[package] if v != around.locked[package]]
    assert proposed(around, package, *ways) == [moves]


def test_the_next_way_follows() -> None:
    around = world({"a": {"1": {}, "1.1": {}, "1.2": {}, "2": {}}}, "a")
    assert proposed(around, "a", "1.1", "1.2", "2", count=5) == [{"a": "1.1"}, {"a": "1.2"}, {"a": "2"}]


REFUSED = {
    "no release of the parent admits it": world(
        {"a": {"1": {"b": "<2"}, "2": {"b": "<2"}}, "b": {"1": {}, "2": {}}}, "a"
    ),
    "the registry does not tell": world(
        {"a": {"1": {"b": "<2"}, "2": {"b": "<3"}}, "b": {"1": {}, "2": {}}}, "a", tells=False
    ),
    "both cannot be had": world(
        {"a": {"1": {"c": "<2"}, "2": {"c": "<3", "b": "<1"}}, "b": {"1": {}}, "c": {"1": {}, "2": {}}}, "a", "b"
    ),
}


@pytest.mark.parametrize("around", REFUSED.values(), ids=REFUSED.keys())
def test_no_way(around: World) -> None:
    package = "c" if "c" in around.releases else "b"
    assert proposed(around, package, "2") == []


def test_what_a_direct_dependency_needs_is_no_matter_where_copies_may_stand_side_by_side() -> None:
    around = world({"a": {"1": {}, "2": {"b": ">=2"}}, "b": {"1": {}}}, "a", "b", nested=True)
    assert proposed(around, "a", "2") == [{"a": "2"}]


def test_a_search_without_end_ends() -> None:
    releases = {
        f"p{n}": {f"{v}": {f"p{(n + k) % 12}": f"=={v}" for k in (1, 5)} for v in range(1, 30)} for n in range(12)
    }
    around = world(releases, "p0")
    assert len(list(Search(around).assignments({("p3", "1"): ("2",)}))) < STEPS
