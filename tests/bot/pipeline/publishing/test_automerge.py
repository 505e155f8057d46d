"""Which merge requests may merge by themselves."""

from __future__ import annotations

import pytest

from bot import marks
from bot.pipeline.publishing.automerge import approved, unwanted, wanted
from bot.pipeline.writing import render
from bot.policy.model import Policy
from state.model import Kind, MergeRequest, MergeRequestState, RemediationState, TrackedRemediation
from tests.bot.pipeline.builders import ECOSYSTEMS, NOW, change, remediation, tracked

OPEN = RemediationState.MR_OPEN
MINOR = remediation(kind=Kind.OUTDATED, changes=(change(after="1.0.1"), change("beta", after="1.5")))
MAJOR = remediation(kind=Kind.OUTDATED, changes=(change(after="2.0"), change("beta", after="1.0.1")))


@pytest.mark.parametrize(
    ("known", "kinds", "merges"),
    [
        pytest.param(tracked(), ["security"], True, id="a fix"),
        pytest.param(tracked(), ["patch", "minor", "major"], False, id="a fix is no update"),
        pytest.param(tracked(remediation=MINOR), ["minor"], True, id="minor"),
        pytest.param(tracked(remediation=MINOR), ["patch"], False, id="the largest step counts"),
        pytest.param(tracked(remediation=MAJOR), ["patch", "minor"], False, id="major"),
        pytest.param(tracked(reason="someone else committed to its branch"), ["security"], False, id="others' work"),
        pytest.param(tracked(RemediationState.PROVEN), ["security"], False, id="not open"),
        pytest.param(tracked(merge_request=None), ["security"], False, id="no merge request"),
    ],
)
def test_only_our_own_open_work_of_the_kinds_that_are_named(
    known: TrackedRemediation, kinds: list[str], merges: bool
) -> None:
    policy = Policy.model_validate({"automerge": kinds})
    assert bool(wanted((known,), policy, {}, ECOSYSTEMS)) is merges
    assert wanted((known,), policy, {known.remediation.key: "young"}, ECOSYSTEMS) == ()


@pytest.mark.parametrize(
    ("known", "kinds", "unapproved", "left"),
    [
        pytest.param(tracked(), ["security"], False, False, id="it may"),
        pytest.param(tracked(), ["security"], True, True, id="it waits for approval"),
        pytest.param(tracked(), ["patch"], False, True, id="another kind"),
        pytest.param(tracked(RemediationState.FAILED), ["security"], False, False, id="what is open was proven"),
        pytest.param(tracked(RemediationState.BLOCKED), ["security"], False, True, id="it cannot be made any more"),
        pytest.param(tracked(RemediationState.MERGED), [], False, False, id="it was merged"),
        pytest.param(tracked(merge_request=None), [], False, False, id="no merge request"),
    ],
)
def test_what_people_are_to_merge(known: TrackedRemediation, kinds: list[str], unapproved: bool, left: bool) -> None:
    policy = Policy.model_validate({"automerge": kinds})
    asking = {known.remediation.key: "young"} if unapproved else {}
    assert bool(unwanted((known,), policy, asking, ECOSYSTEMS)) is left


CHANGES = marks.changes(render.change_lines(remediation()))
OTHER = marks.changes(render.change_lines(MAJOR))


def seen(title: str, description: str) -> dict[int, MergeRequest]:
    state = MergeRequestState.OPENED
    return {3: MergeRequest(3, title, description, state, "m", "branch", "main", "c" * 40, (), NOW)}


@pytest.mark.parametrize(
    ("before", "merge_requests", "is_approved"),
    [
        pytest.param({}, {}, False, id="nothing was seen"),
        pytest.param({}, seen("Draft: Update acme", f"<!-- {CHANGES} {marks.ASKING} -->"), False, id="a draft"),
        pytest.param({}, seen("Update acme", f"<!-- {CHANGES} {marks.ASKING} -->"), True, id="marked as ready"),
        pytest.param(
            {}, seen("Update acme", f"<!-- {OTHER} {marks.ASKING} -->"), False, id="ready with other versions"
        ),
        pytest.param({}, seen("Update acme", f"<!-- {CHANGES} -->"), False, id="opened before approval was asked for"),
        pytest.param({"vulnerable/PyPI/acme": CHANGES}, {}, True, id="approved before"),
        pytest.param({"vulnerable/PyPI/acme": OTHER}, {}, False, id="other versions were approved before"),
        pytest.param(
            {"vulnerable/PyPI/acme": CHANGES},
            seen("[Draft] Update acme", f"<!-- {CHANGES} {marks.ASKING} -->"),
            False,
            id="made a draft again",
        ),
    ],
)
def test_who_marks_the_draft_as_ready_approves_its_versions(
    before: dict[str, str], merge_requests: dict[int, MergeRequest], is_approved: bool
) -> None:
    assert bool(approved((tracked(),), before, merge_requests)) is is_approved
