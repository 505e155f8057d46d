import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.http import Http
from bot.adapters.registries.releases import FAILED_FOR, CachedReleases
from bot.adapters.tools.workshop import LocalWorkshop
from bot.adapters.tools.world import tools
from remediators.about import About
from remediators.api import Tools
from remediators.errors import RegistryError, ToolError
from state.model import Failure, Listing, Release
from state.store import Store

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FRESH_FOR = timedelta(hours=6)
PRIVATE = "https://registry.example/private"


@dataclass
class FakeRegistry:
    """A registry that publishes these versions by (package, index), and remembers what it was asked."""

    ecosystem: str = "PyPI"
    published: dict[tuple[str, str | None], list[str]] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)
    asked: list[tuple[str, str | None, Listing | None]] = field(default_factory=list)

    def releases(self, package: str, index: str | None, tools: Tools, known: Listing | None = None) -> Listing:
        self.asked.append((package, index, known))
        if package in self.failing:
            raise self.failing[package]
        versions = self.published[package, index]
        if known is not None and [release.version for release in known.releases] == versions:
            return known
        return Listing(tuple(Release(version, None, False) for version in versions), f'"{len(versions)}"')

    def requirements(self, package: str, version: str, index: str | None, tools: Tools) -> Mapping[str, str]:
        return {}

    def about(self, package: str, version: str, index: str | None, tools: Tools) -> About:
        return About()

    def default(self, tools: Tools) -> str:
        return PRIVATE

    def file_urls(self, index: str | None, tools: Tools) -> frozenset[str]:
        return frozenset()

    def registry(self, ecosystem: str) -> "FakeRegistry":
        assert ecosystem == self.ecosystem
        return self


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry(published={("requests", None): ["1.0", "2.0"], ("flask", None): ["3.0"]})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as opened:
        yield opened


def cache(
    store: Store, registry: FakeRegistry, clock: Clock, tmp_path: Path, indexes: dict[str, str] | None = None
) -> CachedReleases:
    both = tools(Http(), LocalWorkshop(tmp_path, tmp_path, {}))
    return CachedReleases(store, registry, both, indexes or {}, FRESH_FOR, clock)


@pytest.fixture
def releases(store: Store, registry: FakeRegistry, clock: Clock, tmp_path: Path) -> CachedReleases:
    return cache(store, registry, clock, tmp_path)


def versions(releases: CachedReleases, *packages: tuple[str, str, str | None]) -> dict[str, list[str]]:
    answer = releases.lookup(packages)
    assert answer.failed == ()
    return {package: [release.version for release in found] for (_, package), found in answer.releases.items()}


def test_every_package_is_looked_up(releases: CachedReleases, registry: FakeRegistry) -> None:
    found = versions(releases, ("PyPI", "requests", None), ("PyPI", "flask", None))
    assert found == {"requests": ["1.0", "2.0"], "flask": ["3.0"]}
    assert sorted(package for package, _, _ in registry.asked) == ["flask", "requests"]


def test_a_package_of_many_projects_is_looked_up_once(
    releases: CachedReleases, registry: FakeRegistry, store: Store, clock: Clock, tmp_path: Path
) -> None:
    versions(releases, ("PyPI", "requests", None))
    clock.now += FRESH_FOR - timedelta(seconds=1)
    assert versions(releases, ("PyPI", "requests", None)) == {"requests": ["1.0", "2.0"]}
    assert versions(cache(store, registry, clock, tmp_path), ("PyPI", "requests", None)) == {"requests": ["1.0", "2.0"]}
    assert len(registry.asked) == 1


def test_what_is_no_longer_fresh_is_confirmed_by_its_validator(
    releases: CachedReleases, registry: FakeRegistry, clock: Clock
) -> None:
    versions(releases, ("PyPI", "requests", None))
    clock.now += FRESH_FOR
    assert versions(releases, ("PyPI", "requests", None)) == {"requests": ["1.0", "2.0"]}
    known = registry.asked[1][2]
    assert known is not None
    assert known.etag == '"2"'

    clock.now += FRESH_FOR - timedelta(seconds=1)
    versions(releases, ("PyPI", "requests", None))
    assert len(registry.asked) == 2, "a confirmed listing is fresh again"


def test_a_new_release_is_seen_when_the_old_listing_is_no_longer_fresh(
    releases: CachedReleases, registry: FakeRegistry, clock: Clock
) -> None:
    versions(releases, ("PyPI", "requests", None))
    registry.published["requests", None].append("3.0")
    clock.now += FRESH_FOR
    assert versions(releases, ("PyPI", "requests", None)) == {"requests": ["1.0", "2.0", "3.0"]}


def test_a_release_without_a_date_is_as_old_as_our_knowledge_of_it(
    releases: CachedReleases, registry: FakeRegistry, store: Store, clock: Clock, tmp_path: Path
) -> None:
    question = [("PyPI", "requests", None)]
    (first,) = releases.lookup(question).releases.values()
    assert [release.first_seen for release in first] == [None, None], "what was there at first may be of any age"
    registry.published["requests", None].append("3.0")
    clock.now += FRESH_FOR
    appeared = clock.now
    releases.lookup(question)
    clock.now += FRESH_FOR
    (later,) = cache(store, registry, clock, tmp_path).lookup(question).releases.values()
    assert [release.first_seen for release in later] == [None, None, appeared]


@pytest.mark.parametrize(
    "error",
    [RegistryError("registry.example cannot be reached"), ToolError("npm is not installed")],
    ids=["registry", "its client"],
)
def test_a_failure_is_that_of_its_package(releases: CachedReleases, registry: FakeRegistry, error: Exception) -> None:
    registry.failing["flask"] = error
    answer = releases.lookup([("PyPI", "requests", None), ("PyPI", "flask", None)])
    assert set(answer.releases) == {("PyPI", "requests")}
    assert answer.failed == (Failure("PyPI:flask", str(error)),)


def test_an_old_listing_is_not_passed_off_as_an_answer(
    releases: CachedReleases, registry: FakeRegistry, clock: Clock
) -> None:
    versions(releases, ("PyPI", "requests", None))
    clock.now += FRESH_FOR
    registry.failing["requests"] = RegistryError("registry.example cannot be reached")
    answer = releases.lookup([("PyPI", "requests", None)])
    assert (answer.releases, len(answer.failed)) == ({}, 1)

    del registry.failing["requests"]
    clock.now += FAILED_FOR
    assert versions(releases, ("PyPI", "requests", None)) == {"requests": ["1.0", "2.0"]}


def test_a_package_that_fails_is_asked_for_once_for_the_fleet_and_again_a_little_later(
    releases: CachedReleases, registry: FakeRegistry, clock: Clock
) -> None:
    registry.failing["internal"] = RegistryError("no such package")
    for _ in range(3):
        assert releases.lookup([("PyPI", "internal", None)]).failed == (Failure("PyPI:internal", "no such package"),)
    assert len(registry.asked) == 1
    clock.now += FAILED_FOR
    releases.lookup([("PyPI", "internal", None)])
    assert len(registry.asked) == 2


def test_a_bug_in_a_registry_is_not_a_failure_of_its_package(releases: CachedReleases, registry: FakeRegistry) -> None:
    registry.failing["requests"] = AttributeError("oops")
    with pytest.raises(AttributeError):
        releases.lookup([("PyPI", "requests", None)])


def test_the_index_of_the_file_goes_before_the_configured_one(
    store: Store, registry: FakeRegistry, clock: Clock, tmp_path: Path
) -> None:
    registry.published = {("requests", "https://registry.example/file"): ["1.0"], ("requests", PRIVATE): ["9.0"]}
    releases = cache(store, registry, clock, tmp_path, {"PyPI": PRIVATE})
    assert versions(releases, ("PyPI", "requests", "https://registry.example/file")) == {"requests": ["1.0"]}
    assert versions(releases, ("PyPI", "requests", None)) == {"requests": ["9.0"]}


def test_a_package_of_two_indexes_has_the_releases_of_both_or_fails(
    releases: CachedReleases, registry: FakeRegistry
) -> None:
    registry.published["requests", PRIVATE] = ["2.0", "2.0+corp"]
    both = [("PyPI", "requests", None), ("PyPI", "requests", PRIVATE)]
    assert versions(releases, *both) == {"requests": ["1.0", "2.0", "2.0+corp"]}

    registry.failing["requests"] = RegistryError("no")
    third = ("PyPI", "requests", "https://registry.example/third")
    assert releases.lookup([*both, third]).releases == {}


def test_nothing_is_asked_for_nothing(releases: CachedReleases, registry: FakeRegistry) -> None:
    assert releases.lookup([]).releases == {}
    assert registry.asked == []


def test_packages_are_looked_up_side_by_side(store: Store, clock: Clock, tmp_path: Path) -> None:
    together = threading.Barrier(16)

    class Meeting(FakeRegistry):
        def releases(self, package: str, index: str | None, tools: Tools, known: Listing | None = None) -> Listing:
            together.wait(30)
            return Listing(())

    many = [("PyPI", f"package-{number}", None) for number in range(32)]
    assert len(cache(store, Meeting(), clock, tmp_path).lookup(many).releases) == 32
