"""Which version a package moves to, and the reasons against the others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.pipeline import choose
from remediators.versions.pypi import PypiVersions
from tests.bot.pipeline.builders import NOW, dependency, release

VERSIONS = PypiVersions()
COOLDOWN = timedelta(days=3)


def options(*releases: object, current: str = "1.0", platform: str = "") -> choose.Options:
    return choose.options(dependency(platform=platform), current, releases, VERSIONS, COOLDOWN, NOW)  # type: ignore[arg-type]  # a tuple of releases


def test_releases_come_in_version_order_and_only_newer_ones() -> None:
    assert options(release("1.10"), release("0.9"), release("1.0"), release("1.9")).allowed == ("1.9", "1.10")


@pytest.mark.parametrize(
    ("held", "platform", "reason"),
    [
        pytest.param(release("2.0", yanked=True), "", "2.0 was yanked", id="yanked"),
        pytest.param(release("2.0", days_old=1), "", "2.0 is 1 day old; the cooldown is 3 days", id="cooldown"),
        pytest.param(
            release("2.0", requires=">=3.13"),
            ">=3.10",
            "2.0 needs >=3.13; requirements.txt promises >=3.10",
            id="platform",
        ),
    ],
)
def test_a_release_is_held_back_with_a_reason(held: object, platform: str, reason: str) -> None:
    choice = options(held, platform=platform)
    assert choice.allowed == ()
    assert choice.held == (choose.Held("2.0", reason),)


def test_a_registry_without_dates_holds_nothing_back() -> None:
    assert options(release("2.0", published=None)).allowed == ("2.0",)


@pytest.mark.parametrize(
    ("current", "allowed"), [("1.0", ("2.0",)), ("2.0rc1", ("2.0rc2", "2.0"))], ids=["stable", "on a prerelease"]
)
def test_prereleases_are_for_those_who_are_on_one(current: str, allowed: tuple[str, ...]) -> None:
    assert options(release("2.0rc2"), release("2.0"), current=current).allowed == allowed


def test_the_current_version_of_a_range_is_the_newest_that_fits_today() -> None:
    ranged = dependency(version=None, requirement=">=1,<2")
    published = (release("1.2"), release("1.9", yanked=True), release("2.0"))
    assert choose.current_version(ranged, published, VERSIONS) == "1.2"


def test_no_release_that_fits_is_no_current_version() -> None:
    assert choose.current_version(dependency(version=None, requirement=">=9"), (release("1.2"),), VERSIONS) is None


def hits(table: dict[str, str]) -> choose.Hits:
    """`{"1.0": "a b"}`: version 1.0 is hit by a and b."""
    return lambda version: frozenset(table.get(version, "").split())


def test_the_lowest_version_without_any_vulnerability_wins() -> None:
    choice = choose.Options(("1.1", "1.2", "2.0"), ())
    assert choose.lowest_fix("1.0", choice, hits({"1.0": "a", "1.1": "a"})) == choose.Fix("1.2", frozenset())


def test_a_partial_fix_is_better_than_none_and_says_what_stays() -> None:
    choice = choose.Options(("1.1", "1.2"), ())
    known = hits({"1.0": "a b", "1.1": "a b", "1.2": "b"})
    assert choose.lowest_fix("1.0", choice, known) == choose.Fix("1.2", frozenset("b"))


def test_a_fix_that_brings_another_vulnerability_is_none() -> None:
    choice = choose.Options(("1.1", "1.2"), ())
    assert choose.lowest_fix("1.0", choice, hits({"1.0": "a b", "1.1": "c", "1.2": ""})) == choose.Fix(
        "1.2", frozenset()
    )


@pytest.mark.parametrize(
    ("choice", "known", "reason"),
    [
        pytest.param(choose.Options((), ()), {}, "no release newer than 1.0 exists", id="nothing newer"),
        pytest.param(
            choose.Options(("1.1",), ()),
            {"1.1": "a"},
            "no fixed version: every release after 1.0 up to 1.1 is affected as well",
            id="all affected",
        ),
        pytest.param(
            choose.Options((), (choose.Held("1.1", "1.1 was yanked"),)),
            {},
            "a fix exists but is held back: 1.1 was yanked",
            id="held back",
        ),
    ],
)
def test_no_fix_says_why(choice: choose.Options, known: dict[str, str], reason: str) -> None:
    assert choose.lowest_fix("1.0", choice, hits({"1.0": "a", **known})) == reason
