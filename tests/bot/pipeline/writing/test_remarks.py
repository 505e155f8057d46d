"""What a reviewer is told of releases that come in: young, yanked, deprecated, from elsewhere than before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.pipeline.writing import render
from bot.pipeline.writing.news import News
from bot.pipeline.writing.remarks import Arrival, remarks
from state.model import Release, ReleaseDetails
from tests.bot.pipeline.builders import NOW, change, release
from tests.bot.pipeline.writing.test_render import SUBJECT

COOLDOWN = timedelta(days=3)
FROM_CI = ReleaseDetails("", None, True, "ann", ("ann", "bob"))
BY_HAND = ReleaseDetails("", None, False, "ann", ("ann", "bob"))


def arrival(
    known: Release | None = None,
    old: ReleaseDetails | None = None,
    new: ReleaseDetails | None = None,
    carried: bool = True,
) -> Arrival:
    return Arrival(change("x", "1.1", "1.2"), "1.2", carried, known, old, new)


def said(one: Arrival) -> tuple[str, ...]:
    return remarks([one], COOLDOWN, NOW)


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        pytest.param(release("1.2", 1), "carried along: x 1.2 is 1 day old; the cooldown is 3 days", id="young"),
        pytest.param(
            Release("1.2", None, False, first_seen=NOW - timedelta(hours=2)),
            "carried along: x 1.2 is 2 hours old; the cooldown is 3 days",
            id="young, by its first sight",
        ),
        pytest.param(release("1.2", yanked=True), "carried along: x 1.2 was yanked by its makers", id="yanked"),
        pytest.param(release("1.2", deprecated="use y"), "carried along: x 1.2 is deprecated: use y", id="deprecated"),
        pytest.param(release("1.2", 3), "", id="just old enough"),
        pytest.param(Release("1.2", None, False), "", id="of unknown age"),
        pytest.param(None, "", id="unknown"),
    ],
)
def test_what_nobody_asked_for(known: Release | None, sentence: str) -> None:
    assert said(arrival(known)) == ((sentence,) if sentence else ())


def test_what_was_asked_for_has_passed_these_rules() -> None:
    young = release("1.2", 0, yanked=True, deprecated="use y")
    assert said(arrival(young, carried=False)) == ()


@pytest.mark.parametrize("carried", [True, False], ids=["carried", "planned"])
@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param(
            FROM_CI, BY_HAND, "x 1.2 has no proof of where it was built, 1.1 had one", id="provenance is lost"
        ),
        pytest.param(
            BY_HAND,
            replace(BY_HAND, publisher="eve"),
            "x 1.2 was published by eve, who had nothing to do with 1.1",
            id="an unknown publisher",
        ),
        pytest.param(
            BY_HAND,
            replace(BY_HAND, maintainers=("eve",)),
            "x 1.2 has none of the maintainers of 1.1: now eve",
            id="all maintainers are new",
        ),
        pytest.param(BY_HAND, replace(BY_HAND, publisher="bob"), "", id="another of the maintainers"),
        pytest.param(BY_HAND, replace(BY_HAND, maintainers=("ann", "eve")), "", id="one more maintainer"),
        pytest.param(BY_HAND, replace(FROM_CI, publisher="a pipeline"), "", id="a pipeline publishes, and proves it"),
        pytest.param(BY_HAND, BY_HAND, "", id="never had a proof"),
        pytest.param(FROM_CI, replace(FROM_CI, attested=None), "", id="the registry does not tell"),
        pytest.param(FROM_CI, ReleaseDetails(), "", id="the registry tells nothing"),
        pytest.param(None, BY_HAND, "", id="the old one is unknown"),
        pytest.param(FROM_CI, None, "", id="the new one is unknown"),
    ],
)
def test_a_release_from_elsewhere(
    old: ReleaseDetails | None, new: ReleaseDetails | None, sentence: str, carried: bool
) -> None:
    assert said(arrival(None, old, new, carried)) == ((sentence,) if sentence else ())


def test_the_same_is_said_once() -> None:
    assert len(remarks([arrival(release("1.2", 1))] * 2, COOLDOWN, NOW)) == 1


def test_a_remark_cannot_act_in_the_merge_request() -> None:
    told = remarks([arrival(release("1.2", deprecated="@all\n/close <img> #1"))], COOLDOWN, NOW)
    body = render.merge_request(SUBJECT, 7, (), News((), told)).description
    assert "## Worth a look\n\n- carried along: x 1.2 is deprecated: \\@all /close \\<img\\> \\#1\n" in body
