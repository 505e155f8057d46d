"""How stories are told and reported."""

from __future__ import annotations

import pytest

from conformance.story import Abandoned, Outcome, Skip, Step, Story, Unmet, equal, expect


@pytest.fixture
def reported() -> list[Step]:
    return []


@pytest.fixture
def story(reported: list[Step]) -> Story:
    return Story("client", reported.append)


def seen(reported: list[Step]) -> list[tuple[str, Outcome, str]]:
    return [(step.title, step.outcome, step.detail.strip().rpartition("\n")[2]) for step in reported]


def test_a_step_that_ends_well(story: Story, reported: list[Step]) -> None:
    with story.step("walks"):
        story.remark("a mile")
    assert seen(reported) == [("walks", Outcome.OK, "a mile")]


@pytest.mark.parametrize(
    ("error", "outcome", "detail"),
    [
        (Skip("no shoes"), Outcome.SKIPPED, "no shoes"),
        (Unmet("it rains"), Outcome.FAILED, "it rains"),
        (ValueError("a bug"), Outcome.FAILED, "ValueError: a bug"),
    ],
    ids=["skipped", "unmet", "broken"],
)
def test_a_step_that_does_not_ends_its_story(
    story: Story, reported: list[Step], error: Exception, outcome: Outcome, detail: str
) -> None:
    with pytest.raises(Abandoned), story.step("walks"):
        raise error
    assert seen(reported) == [("walks", outcome, detail)]


def test_an_attempt_does_not(story: Story, reported: list[Step]) -> None:
    story.attempt("jumps", lambda: expect(False, "too high"))
    story.skip("flies", "no wings")
    assert seen(reported) == [("jumps", Outcome.FAILED, "too high"), ("flies", Outcome.SKIPPED, "no wings")]


def test_what_is_unequal_is_told() -> None:
    equal(1, 1, "one")
    with pytest.raises(Unmet, match="miles: expected 2, found 1"):
        equal(1, 2, "miles")
