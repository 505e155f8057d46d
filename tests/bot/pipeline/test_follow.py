"""What was seen in GitLab and on the default branch, turned into transitions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import marks
from bot.pipeline import follow
from bot.pipeline.follow import Action
from bot.pipeline.writing import render
from state.model import (
    Issue,
    IssueState,
    MergeRequest,
    MergeRequestState,
    Remediation,
    RemediationState,
    TrackedRemediation,
)
from tests.bot.pipeline.builders import NOW, change, remediation, tracked

HEAD = "d" * 40
FAILED = RemediationState.FAILED
KEY = "PyPI:acme:CVE-2026-1"


def merge_request(state: MergeRequestState, offers: str = "1.5") -> MergeRequest:
    marker = marks.changes(render.change_lines(remediation(changes=(change(after=offers),))))
    return MergeRequest(3, "t", f"d\n<!-- {marker} -->", state, "u", "b", "main", "c" * 40, (), NOW)


def issue(state: IssueState) -> Issue:
    return Issue(7, "t", "d", state, "u", (), NOW)


@pytest.mark.parametrize(
    ("before", "seen", "after"),
    [
        (RemediationState.MR_OPEN, MergeRequestState.MERGED, RemediationState.MERGED),
        (RemediationState.MR_OPEN, MergeRequestState.CLOSED, RemediationState.REJECTED),
        (RemediationState.MR_OPEN, MergeRequestState.OPENED, RemediationState.MR_OPEN),
        (RemediationState.REJECTED, MergeRequestState.OPENED, RemediationState.MR_OPEN),
        (RemediationState.REJECTED, MergeRequestState.MERGED, RemediationState.MERGED),
        (RemediationState.BLOCKED, MergeRequestState.MERGED, RemediationState.MERGED),
        (RemediationState.PROVEN, MergeRequestState.MERGED, RemediationState.MERGED),
        (RemediationState.FAILED, MergeRequestState.CLOSED, RemediationState.FAILED),
        (RemediationState.SUPERSEDED, MergeRequestState.CLOSED, RemediationState.SUPERSEDED),
        (RemediationState.CONFIRMED, MergeRequestState.MERGED, RemediationState.CONFIRMED),
    ],
)
def test_observing_a_merge_request(before: RemediationState, seen: MergeRequestState, after: RemediationState) -> None:
    assert follow.observe(tracked(before), merge_request(seen), NOW).state is after


def test_a_closed_merge_request_is_no_answer_to_what_it_did_not_offer() -> None:
    seen = follow.observe(tracked(), merge_request(MergeRequestState.CLOSED, offers="1.4"), NOW)
    assert (seen.state, seen.merge_request) == (RemediationState.PROPOSED, None)


def test_nothing_new_changes_nothing() -> None:
    assert follow.observe(tracked(), None, NOW) == tracked()


@pytest.mark.parametrize(
    ("before", "present", "whole", "after", "action"),
    [
        pytest.param(
            RemediationState.MERGED, (), True, RemediationState.CONFIRMED, Action.CLOSE_ISSUE, id="merged and gone"
        ),
        pytest.param(RemediationState.MERGED, (), False, RemediationState.MERGED, None, id="merged, scan not whole"),
        pytest.param(
            RemediationState.MERGED, (KEY,), True, RemediationState.PROPOSED, None, id="merged and still there"
        ),
        pytest.param(
            RemediationState.MR_OPEN, (), True, RemediationState.SUPERSEDED, Action.CLOSE_BOTH, id="gone otherwise"
        ),
        pytest.param(RemediationState.MR_OPEN, (), False, RemediationState.MR_OPEN, None, id="an outage is no answer"),
        pytest.param(RemediationState.MR_OPEN, (KEY,), True, RemediationState.MR_OPEN, None, id="in review"),
        pytest.param(
            RemediationState.BLOCKED, (), True, RemediationState.SUPERSEDED, Action.CLOSE_BOTH, id="blocked, gone"
        ),
        pytest.param(
            RemediationState.REJECTED, (), True, RemediationState.SUPERSEDED, Action.CLOSE_ISSUE, id="rejected, gone"
        ),
        pytest.param(
            RemediationState.PROVEN, (), True, RemediationState.SUPERSEDED, Action.CLOSE_BOTH, id="killed, then gone"
        ),
        pytest.param(
            RemediationState.PROPOSED, (), True, RemediationState.SUPERSEDED, Action.CLOSE_BOTH, id="failed, then gone"
        ),
        pytest.param(
            RemediationState.MERGED, (KEY,), False, RemediationState.PROPOSED, None, id="still there is certain"
        ),
        pytest.param(RemediationState.CONFIRMED, (), True, RemediationState.CONFIRMED, None, id="confirmed stays"),
    ],
)
def test_settling_after_a_scan(
    before: RemediationState,
    present: tuple[str, ...],
    whole: bool,
    after: RemediationState,
    action: Action | None,
) -> None:
    step = follow.settle(tracked(before), None, present, whole, HEAD, NOW)
    assert (step.tracked.state, step.action) == (after, action)


@pytest.mark.parametrize(
    ("state", "whole", "after"),
    [
        (RemediationState.MR_OPEN, True, RemediationState.SUPERSEDED),
        (RemediationState.MR_OPEN, False, RemediationState.MR_OPEN),
        (RemediationState.BLOCKED, True, RemediationState.SUPERSEDED),
        (RemediationState.FAILED, True, RemediationState.SUPERSEDED),
        (RemediationState.MERGED, True, RemediationState.PROPOSED),
        (RemediationState.REJECTED, True, RemediationState.REJECTED),
    ],
)
def test_what_is_not_planned_any_more_is_taken_back(
    state: RemediationState, whole: bool, after: RemediationState
) -> None:
    assert follow.settle(tracked(state), None, (KEY,), whole, HEAD, NOW, unwanted="not planned").tracked.state is after


def test_an_issue_closed_by_hand_is_reopened_once_and_then_held() -> None:
    closed = issue(IssueState.CLOSED)
    first = follow.settle(tracked(), closed, (KEY,), True, HEAD, NOW)
    assert (first.tracked.issue_closes, first.action) == (1, Action.REOPEN_ISSUE)
    second = follow.settle(first.tracked, closed, (KEY,), True, HEAD, NOW)
    assert (second.tracked.issue_closes, second.action) == (2, None)
    assert follow.settle(second.tracked, closed, (KEY,), True, HEAD, NOW) == follow.Step(second.tracked)


def test_the_close_that_a_merge_causes_is_no_objection() -> None:
    merged = follow.observe(tracked(), merge_request(MergeRequestState.MERGED), NOW)
    step = follow.settle(merged, issue(IssueState.CLOSED), (), True, HEAD, NOW)
    assert (step.tracked.state, step.tracked.issue_closes) == (RemediationState.CONFIRMED, 0)


def test_a_scan_from_before_the_merge_says_nothing_about_it() -> None:
    merged = tracked(RemediationState.MERGED)
    assert merged.base is not None
    assert follow.settle(merged, None, (KEY,), True, merged.base, NOW) == follow.Step(merged)
    assert follow.standing(merged, remediation(), "", None, NOW)


def test_what_was_deleted_in_gitlab_is_made_anew() -> None:
    alone = follow.without_merge_request(tracked(RemediationState.REJECTED), NOW)
    assert (alone.state, alone.reason, alone.merge_request) == (RemediationState.PROPOSED, "!3 was deleted", None)
    for state, after in (
        (RemediationState.MR_OPEN, RemediationState.PROPOSED),
        (RemediationState.BLOCKED, RemediationState.PROPOSED),
        (RemediationState.REJECTED, RemediationState.REJECTED),
        (RemediationState.MERGED, RemediationState.MERGED),
    ):
        silent = follow.without_issue(tracked(state), NOW)
        assert (silent.state, silent.issue, silent.merge_request) == (after, None, 3)


def test_a_round_that_is_over_leaves_no_merge_request_and_no_objection_behind() -> None:
    known = tracked(RemediationState.SUPERSEDED, issue_closes=2)
    begun = follow.taken_up(remediation(), known, NOW)
    assert (begun.merge_request, begun.issue_closes, begun.issue) == (None, 0, 7)
    assert follow.taken_up(remediation(), tracked(), NOW) == tracked()


@pytest.mark.parametrize(
    ("state", "inputs", "age", "stands"),
    [
        pytest.param(RemediationState.MR_OPEN, None, 1, True, id="same head"),
        pytest.param(RemediationState.MR_OPEN, "same", 1, True, id="head moved, files did not"),
        pytest.param(RemediationState.MR_OPEN, "other", 1, False, id="files moved"),
        pytest.param(RemediationState.REJECTED, "other", 1, True, id="a no holds for these versions"),
        pytest.param(RemediationState.BLOCKED, None, 1, True, id="blocked an hour ago"),
        pytest.param(RemediationState.BLOCKED, None, 25, False, id="blocked yesterday: try again"),
        pytest.param(RemediationState.FAILED, None, 1, False, id="a tool failed: try again"),
        pytest.param(RemediationState.PROVEN, None, 1, False, id="killed before it was published"),
        pytest.param(RemediationState.CONFIRMED, None, 1, False, id="here again after its end"),
    ],
)
def test_what_need_not_be_redone(state: RemediationState, inputs: str | None, age: int, stands: bool) -> None:
    known = tracked(state, inputs="same", updated_at=NOW - timedelta(hours=age))
    assert follow.standing(known, remediation(), "", inputs, NOW) is stands


@pytest.mark.parametrize(
    ("state", "planned", "stands"),
    [
        pytest.param(
            RemediationState.REJECTED, remediation(changes=(change(after="1.6"),)), False, id="a no to another version"
        ),
        pytest.param(RemediationState.REJECTED, remediation(findings=(KEY, "x")), True, id="a no, whatever it fixes"),
        pytest.param(
            RemediationState.MR_OPEN, remediation(findings=(KEY, "x")), False, id="it fixes more than it says"
        ),
        pytest.param(RemediationState.MR_OPEN, remediation(target_branch="trunk"), False, id="to another branch"),
    ],
)
def test_what_is_the_same_offer(state: RemediationState, planned: Remediation, stands: bool) -> None:
    assert follow.standing(tracked(state), planned, "", None, NOW) is stands


@pytest.mark.parametrize(
    ("tries", "minutes"), [(0, 15), (1, 30), (2, 60), (6, 960), (7, 1440), (200, 1440)], ids=lambda value: str(value)
)
def test_what_failed_waits_longer_each_time(tries: int, minutes: int) -> None:
    failed = follow.tried(tracked(FAILED, tries=tries), follow.FAILED_RETRY, NOW)
    assert (failed.tries, failed.retry_at) == (tries + 1, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("known", "planned", "inputs", "stands"),
    [
        pytest.param(tracked(FAILED, retry_at=NOW + timedelta(minutes=1)), remediation(), None, True, id="not yet"),
        pytest.param(tracked(FAILED, retry_at=NOW), remediation(), None, False, id="its time has come"),
        pytest.param(tracked(FAILED), remediation(), None, False, id="without a time"),
        pytest.param(
            tracked(FAILED, retry_at=NOW + timedelta(minutes=1), inputs="a"),
            remediation(),
            "b",
            False,
            id="other files",
        ),
        pytest.param(
            tracked(FAILED, retry_at=NOW + timedelta(minutes=1)), remediation(changes=()), None, False, id="other plan"
        ),
        pytest.param(tracked(retry_at=NOW + timedelta(minutes=1)), remediation(), None, True, id="notes, not yet"),
        pytest.param(tracked(retry_at=NOW), remediation(), None, False, id="notes, their time has come"),
    ],
)
def test_what_is_to_be_tried_again_stands_until_then(
    known: TrackedRemediation, planned: Remediation, inputs: str | None, stands: bool
) -> None:
    assert follow.standing(known, planned, "", inputs, NOW) is stands


def test_notes_of_releases_are_asked_for_again_a_few_times_only() -> None:
    waits = []
    known = tracked(tries=5)
    for _ in range(follow.NOTES_TRIES):
        known = follow.notes_later(known, False, NOW)
        waits.append(known.retry_at and known.retry_at - NOW)
    assert waits == [timedelta(hours=1), timedelta(hours=2), timedelta(hours=4)]
    assert follow.notes_later(known, False, NOW).retry_at is None
    assert follow.notes_later(known, True, NOW).retry_at is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(RemediationState.MR_OPEN, RemediationState.PROPOSED, id="it was offered there only"),
        pytest.param(FAILED, FAILED, id="it was to be made anew anyway"),
        pytest.param(RemediationState.MERGED, RemediationState.MERGED, id="it was merged with it"),
    ],
)
def test_what_is_not_in_its_merge_request_any_more_does_not_stand(
    before: RemediationState, after: RemediationState
) -> None:
    left = follow.parted(tracked(before), NOW)
    assert (left.state, left.merge_request) == (after, None)
    assert not follow.has_open(left)


@pytest.mark.parametrize("state", [FAILED, RemediationState.BLOCKED])
def test_a_merge_request_that_was_closed_meanwhile_is_let_go_of(state: RemediationState) -> None:
    assert follow.has_open(tracked(state))
    seen = follow.observe(tracked(state), merge_request(MergeRequestState.CLOSED), NOW)
    assert (seen.state, follow.has_open(seen)) == (state, False)
