"""The one word for whether a merge request can be merged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.sandbox.rules import mergeability
from bot.sandbox.rules.mergeability import Standing

CLEAR = Standing("can_be_merged")
CONFLICTING = Standing("cannot_be_merged")
NEEDS_CI = replace(CLEAR, ci_required=True)


@pytest.mark.parametrize(
    ("standing", "status"),
    [
        pytest.param(CLEAR, "mergeable", id="nothing in the way"),
        pytest.param(Standing("unchecked", opened=False), "unchecked", id="unchecked outranks all"),
        pytest.param(Standing("checking", draft=True), "checking", id="so does checking"),
        pytest.param(Standing("preparing"), "preparing", id="and preparing"),
        pytest.param(replace(CLEAR, opened=False, draft=True), "not_open", id="not open before draft"),
        pytest.param(replace(CLEAR, waits_until_later=True), "merge_time", id="merge_after"),
        pytest.param(replace(CONFLICTING, draft=True), "draft_status", id="draft before conflict"),
        pytest.param(replace(CLEAR, has_commits=False), "commits_status", id="no commits"),
        pytest.param(replace(CLEAR, unresolved_discussions=True), "discussions_not_resolved", id="threads"),
        pytest.param(replace(CLEAR, changes_requested=True), "requested_changes", id="changes requested"),
        pytest.param(replace(CLEAR, approvals_missing=True), "not_approved", id="approvals"),
        pytest.param(CONFLICTING, "conflict", id="conflict"),
        pytest.param(replace(CONFLICTING, needs_rebase=True), "need_rebase", id="a conflict with ff reads need_rebase"),
        pytest.param(replace(NEEDS_CI, pipeline="success"), "mergeable", id="passed"),
        pytest.param(replace(NEEDS_CI, pipeline="running"), "ci_still_running", id="running"),
        pytest.param(replace(NEEDS_CI, pipeline="failed"), "ci_must_pass", id="failed"),
        pytest.param(NEEDS_CI, "ci_must_pass", id="a required pipeline that never ran"),
        pytest.param(replace(NEEDS_CI, pipeline="skipped"), "ci_must_pass", id="skipped"),
        pytest.param(
            replace(NEEDS_CI, pipeline="skipped", skipped_pipeline_counts=True), "mergeable", id="skipped is allowed"
        ),
        pytest.param(replace(CLEAR, pipeline="failed"), "mergeable", id="a failure that is not required to pass"),
        pytest.param(replace(NEEDS_CI, approvals_missing=True), "not_approved", id="CI comes last"),
    ],
)
def test_detailed_status(standing: Standing, status: str) -> None:
    assert mergeability.detailed_status(standing) == status
