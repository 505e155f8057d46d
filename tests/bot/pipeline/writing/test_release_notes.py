"""How far and how old the releases are that a merge request brings, and what their makers say of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.pipeline.writing import release_notes, render
from bot.pipeline.writing.news import News
from bot.pipeline.writing.release_notes import (
    IN_TOTAL,
    PER_PACKAGE,
    PER_RELEASE,
    age,
    compare,
    distance,
    news,
    within_limit,
)
from remediators.npm.remediator import Npm
from state.model import Change, ReleaseDetails
from tests.bot.pipeline.builders import ECOSYSTEMS, NOW, change, release
from tests.bot.pipeline.writing.test_render import SUBJECT

PYPI = ECOSYSTEMS.versions("PyPI")
SOURCE = "https://github.com/acme/acme"
CHANGELOG = "## 2.1\n- beyond\n## 2.0\n- new\n## 1.5\n- a\n## 1.4rc1\n- b\n## 1.0\n- old\n"


def moved(before: str = "1.0", after: str = "2.0", ecosystem: str = "PyPI", package: str = "acme") -> Change:
    return Change(ecosystem, package, before, after, "requirements.txt", None, True)


@pytest.mark.parametrize(
    ("before", "after", "published", "far"),
    [
        pytest.param("1.0", "1.0.2", ["1.0", "1.0.1", "1.0.2"], "2 patch releases", id="patches"),
        pytest.param("1.0", "1.2", ["1.0", "1.1", "1.1.1", "1.2", "1.2.1"], "2 minor releases", id="minors"),
        pytest.param("1.0", "1.2", ["1.0", "1.2"], "1 minor release", id="one that is skipped does not count"),
        pytest.param("1.0", "3.0", ["1.0", "1.1", "2.0", "2.1", "3.0"], "2 major releases", id="majors"),
        pytest.param("1.0", "1.1", ["1.0", "1.1a1", "1.1"], "1 minor release", id="prereleases do not count"),
        pytest.param("1.0", "1.1", [], "1 minor release", id="nothing known of what lies between"),
        pytest.param("1.0", "1.0", ["1.0"], "", id="none"),
        pytest.param("", "1.0", ["1.0"], "", id="a new one"),
        pytest.param("what", "1.0", ["1.0"], "", id="no version"),
    ],
)
def test_the_distance(before: str, after: str, published: list[str], far: str) -> None:
    assert distance(moved(before, after), [release(version) for version in published], PYPI) == far


@pytest.mark.parametrize(
    ("elapsed", "said"),
    [
        (timedelta(minutes=-5), "0 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=30), "1 day"),
        (timedelta(days=12), "12 days"),
        (timedelta(days=89), "89 days"),
        (timedelta(days=100), "3 months"),
        (timedelta(days=400), "1 year"),
        (timedelta(days=800), "2 years"),
    ],
)
def test_the_age(elapsed: timedelta, said: str) -> None:
    assert age(elapsed) == said


@pytest.mark.parametrize(
    ("details", "change_", "link"),
    [
        pytest.param(
            ReleaseDetails(SOURCE), moved(ecosystem="npm"), f"{SOURCE}/compare/v1.0...v2.0", id="npm tags with a v"
        ),
        pytest.param(
            ReleaseDetails("https://gitlab.example/a/b", "[2.0]: https://gitlab.example/a/b/-/compare/1.5...2.0"),
            moved(),
            "https://gitlab.example/a/b/-/compare/1.0...2.0",
            id="tags as the changelog links them",
        ),
        pytest.param(ReleaseDetails(SOURCE, f"{SOURCE}/tree/v2.0"), moved(), f"{SOURCE}/compare/v1.0...v2.0", id="v"),
        pytest.param(ReleaseDetails(SOURCE, f"{SOURCE}/tree/v2.0.1"), moved(), "", id="another version's tag"),
        pytest.param(ReleaseDetails(SOURCE), moved(), "", id="tags of unknown form"),
        pytest.param(ReleaseDetails(SOURCE), moved(ecosystem="npm", package="@a/b"), "", id="one of many packages"),
        pytest.param(ReleaseDetails("https://forge.example/a/b"), moved(ecosystem="npm"), "", id="an unknown forge"),
        pytest.param(ReleaseDetails(""), moved(ecosystem="npm"), "", id="no source"),
        pytest.param(ReleaseDetails(SOURCE), moved(after="2)x", ecosystem="npm"), "", id="no version"),
    ],
)
def test_the_comparison(details: ReleaseDetails, change_: Change, link: str) -> None:
    assert compare(details, change_) == link


def test_only_what_lies_between_is_told_newest_first() -> None:
    told = news(moved(), [release("2.0", 12)], ReleaseDetails(SOURCE, CHANGELOG), PYPI, NOW)
    assert [(note.version, note.said) for note in told.noted] == [("2.0", "- new"), ("1.5", "- a"), ("1.4rc1", "- b")]
    assert (told.distance, told.age, told.cut, told.host) == ("1 major release", "12 days", False, "github.com")


def test_nothing_known_is_nothing_said() -> None:
    told = news(moved(after="what"), [], None, PYPI, NOW)
    assert (told.distance, told.age, told.published, told.source, told.noted) == ("", "", None, "", ())


@pytest.mark.parametrize(
    ("changelog", "most"),
    [
        pytest.param("## 2.0\n" + "- word\n" * 2000, PER_RELEASE, id="one long release"),
        pytest.param("".join(f"## 1.{n}\n" + "- word\n" * 300 for n in range(1, 40)), PER_PACKAGE, id="many"),
    ],
)
def test_what_is_long_is_cut_and_says_so(changelog: str, most: int) -> None:
    told = news(moved(), [], ReleaseDetails("", changelog), PYPI, NOW)
    assert told.cut
    assert 0 < sum(len(note.said) for note in told.noted) <= most


def test_all_packages_together_have_a_limit_and_none_is_passed_over() -> None:
    long = news(moved(), [], ReleaseDetails("", "## 2.0\n" + "- word\n" * 2000), PYPI, NOW)
    told = list(within_limit([long] * 30))
    assert len(told) == 30
    assert sum(len(note.said) for each in told for note in each.noted) <= IN_TOTAL


def test_a_name_of_npm_calls_nobody() -> None:
    named = moved("1.0.0", "2.0.0", "npm", "@all/<b>")
    told = news(named, [], ReleaseDetails("", "## 2.0.0\n- a\n"), Npm().versions, NOW)
    body = render.merge_request(SUBJECT, 7, (), News((told,))).description
    assert "<summary>What the makers of <code>@all/&lt;b&gt;</code> say" in body


def test_the_mark_of_the_text_is_the_same_with_and_without_news() -> None:
    told = release_notes.news(change(), [release("1.5", 1)], ReleaseDetails(SOURCE, CHANGELOG), PYPI, NOW)
    plain, full = (render.merge_request(SUBJECT, 7, (), news_) for news_ in (News(), News((told,))))
    assert "## Release notes" in full.description
    assert "## Release notes" not in plain.description
    assert render.same(full.description, plain.description)
    assert not render.same(full.description, render.merge_request(replace(SUBJECT, asks="why"), 7, ()).description)
