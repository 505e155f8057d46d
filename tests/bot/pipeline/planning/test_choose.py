"""Which version a package moves to, and the reasons against the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.pipeline.planning import choose
from remediators.versions.pypi import PypiVersions
from state.model import Obstacle, Reason, Release
from tests.bot.pipeline.builders import NOW, dependency, release

VERSIONS = PypiVersions()
STEPS = ("patch", "minor", "major")
RULES = choose.Rules(dict.fromkeys(STEPS, timedelta(days=3)), frozenset(STEPS))


def options(*releases: object, current: str = "1.0", platform: str = "", rules: choose.Rules = RULES) -> choose.Options:
    return choose.options(dependency(platform=platform), current, releases, VERSIONS, rules, NOW)  # type: ignore[arg-type]  # a tuple of releases


def test_releases_come_in_version_order_and_only_newer_ones() -> None:
    assert options(release("1.10"), release("0.9"), release("1.0"), release("1.9")).allowed == ("1.9", "1.10")


@pytest.mark.parametrize(
    ("held", "rules", "kind", "words"),
    [
        pytest.param(release("2.0", yanked=True), RULES, Obstacle.YANKED, "2.0 was yanked", id="yanked"),
        pytest.param(
            release("2.0", deprecated="use acme2"), RULES, Obstacle.DEPRECATED, "2.0 is deprecated: use acme2", id="old"
        ),
        pytest.param(
            release("2.0"),
            replace(RULES, malicious=lambda version: version == "2.0"),
            Obstacle.MALICIOUS,
            "2.0 is known to be malicious",
            id="malicious",
        ),
        pytest.param(
            release("2.0", days_old=1),
            RULES,
            Obstacle.COOLDOWN,
            "2.0 is 1 day old; the cooldown is 3 days",
            id="cooldown",
        ),
        pytest.param(
            release("2.0", published=None, first_seen=NOW - timedelta(hours=1)),
            RULES,
            Obstacle.COOLDOWN,
            "2.0 is 0 days old; the cooldown is 3 days",
            id="cooldown by first sight",
        ),
        pytest.param(
            release("2.0", requires=">=3.13"),
            RULES,
            Obstacle.PLATFORM,
            "2.0 needs Python >=3.13; requirements.txt promises >=3.10",
            id="platform",
        ),
        pytest.param(
            release("2.0"),
            replace(RULES, ranges=("<2",)),
            Obstacle.HELD_BY_POLICY,
            "2.0 is outside of what the policy allows: <2",
            id="range",
        ),
        pytest.param(
            release("2.0"),
            replace(RULES, ranges=("a~b",)),
            Obstacle.HELD_BY_POLICY,
            "the policy's range 'a~b' for acme cannot be read: mend it",
            id="range that is none",
        ),
        pytest.param(
            release("2.0"),
            replace(RULES, steps=frozenset({"minor", "patch"})),
            Obstacle.NEEDS_MAJOR,
            "2.0 is a major step from 1.0, which the policy does not take",
            id="major",
        ),
        pytest.param(
            release("1.1"),
            replace(RULES, steps=frozenset({"patch"})),
            Obstacle.HELD_BY_POLICY,
            "1.1 is a minor step from 1.0, which the policy does not take",
            id="minor",
        ),
    ],
)
def test_a_release_is_held_back_with_a_reason(held: Release, rules: choose.Rules, kind: Obstacle, words: str) -> None:
    choice = options(held, platform=">=3.10", rules=rules)
    assert choice.allowed == ()
    assert [(h.version, h.why.kind, h.why.words) for h in choice.held] == [(held.version, kind, words)]


def test_a_cooldown_says_when_it_ends() -> None:
    (held,) = options(release("2.0", days_old=1)).held
    assert held.why.until == NOW + timedelta(days=2)


def test_the_cooldown_goes_by_the_step() -> None:
    slow = replace(RULES, cooldown={**RULES.cooldown, "major": timedelta(days=30)})
    assert options(release("1.1", days_old=5), release("2.0", days_old=5), rules=slow).allowed == ("1.1",)


def test_where_the_installed_release_is_deprecated_a_newer_one_is_no_worse() -> None:
    assert options(release("1.0", deprecated="gone"), release("1.1", deprecated="gone")).allowed == ("1.1",)


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


def test_a_partial_fix_says_what_holds_back_the_rest() -> None:
    young, far = (Reason(kind, kind) for kind in (Obstacle.COOLDOWN, Obstacle.PLATFORM))
    held = tuple(choose.Held(v, why) for v, why in (("1.2", far), ("1.3", young), ("1.4", young)))
    known = hits({"1.0": "a b c", "1.1": "b c", "1.2": "c", "1.3": "b c d", "1.4": "c d"})
    fix = choose.lowest_fix("1.0", choose.Options(("1.1",), held), known)
    why = Reason(Obstacle.PLATFORM, f"a fix exists but is held back: {far.words}")
    assert fix == choose.Fix("1.1", frozenset("bc"), held={"b": why})


def test_a_fix_that_brings_another_vulnerability_is_none() -> None:
    choice = choose.Options(("1.1", "1.2"), ())
    assert choose.lowest_fix("1.0", choice, hits({"1.0": "a b", "1.1": "c", "1.2": ""})) == choose.Fix(
        "1.2", frozenset()
    )


YOUNG = Reason(Obstacle.COOLDOWN, "1.1 is 1 day old; the cooldown is 3 days", NOW + timedelta(days=2))


def test_a_fix_that_cannot_wait_may_be_young_and_asks_for_approval() -> None:
    choice = choose.Options((), (choose.Held("1.1", YOUNG),))
    fix = choose.lowest_fix("1.0", choice, hits({"1.0": "a"}), frozenset("a"))
    asked = "1.1 is 1 day old; the cooldown is 3 days; what it fixes cannot wait"
    assert fix == choose.Fix("1.1", frozenset(), asked)


@pytest.mark.parametrize(
    ("choice", "known", "urgent"),
    [
        pytest.param(choose.Options(("1.2",), (choose.Held("1.1", YOUNG),)), {}, "a", id="an older one fixes it"),
        pytest.param(
            choose.Options(("1.2",), (choose.Held("1.3", YOUNG),)),
            {"1.0": "a b", "1.2": "b"},
            "a",
            id="what stays can wait",
        ),
        pytest.param(
            choose.Options(("1.2",), (choose.Held("1.3", YOUNG),)),
            {"1.0": "a b", "1.2": "b", "1.3": "b"},
            "b",
            id="the young one does not help either",
        ),
    ],
)
def test_an_older_fix_is_preferred(choice: choose.Options, known: dict[str, str], urgent: str) -> None:
    fix = choose.lowest_fix("1.0", choice, hits({"1.0": "a", **known}), frozenset(urgent))
    assert isinstance(fix, choose.Fix)
    assert (fix.version, fix.asks) == ("1.2", "")


@pytest.mark.parametrize(
    ("choice", "known", "reason"),
    [
        pytest.param(
            choose.Options((), ()),
            {},
            Reason(Obstacle.NO_FIXED_VERSION, "no release newer than 1.0 exists"),
            id="nothing newer",
        ),
        pytest.param(
            choose.Options(("1.1",), ()),
            {"1.1": "a"},
            Reason(
                Obstacle.NO_FIXED_VERSION, "no fixed version: every release after 1.0 up to 1.1 is affected as well"
            ),
            id="all affected",
        ),
        pytest.param(
            choose.Options((), (choose.Held("1.1", YOUNG),)),
            {},
            Reason(Obstacle.COOLDOWN, f"a fix exists but is held back: {YOUNG.words}", YOUNG.until),
            id="held back",
        ),
        pytest.param(
            choose.Options(
                (), (choose.Held("1.05", Reason(Obstacle.YANKED, "1.05 was yanked")), choose.Held("1.1", YOUNG))
            ),
            {},
            Reason(Obstacle.COOLDOWN, f"a fix exists but is held back: {YOUNG.words}", YOUNG.until),
            id="what passes by itself is told first",
        ),
    ],
)
def test_no_fix_says_why(choice: choose.Options, known: dict[str, str], reason: Reason) -> None:
    assert choose.lowest_fix("1.0", choice, hits({"1.0": "a", **known})) == reason
