"""Whether a merge request can be merged, in GitLab's words (`detailed_merge_status`)."""

from __future__ import annotations

from dataclasses import dataclass

UNSETTLED = ("unchecked", "checking", "preparing")
"""Values of `merge_status` under which nothing else is known yet."""


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides whether a merge request can be merged now.

    `merge_status` is unchecked, checking, can_be_merged or cannot_be_merged. `pipeline` is the status
    of the head pipeline, None without one. `ci_required` is the project's "pipelines must succeed".
    """

    merge_status: str
    opened: bool = True
    draft: bool = False
    waits_until_later: bool = False
    has_commits: bool = True
    unresolved_discussions: bool = False
    changes_requested: bool = False
    approvals_missing: bool = False
    needs_rebase: bool = False
    ci_required: bool = False
    skipped_pipeline_counts: bool = False
    pipeline: str | None = None


# app/models/merge_request.rb (all_mergeability_checks): the first that fails is the answer.
# need_rebase stands before conflict: seen on gitlab.com for conflicting ones with merge_method=ff.
_CHECKS = (
    ("not_open", lambda s: not s.opened),
    ("merge_time", lambda s: s.waits_until_later),
    ("draft_status", lambda s: s.draft),
    ("commits_status", lambda s: not s.has_commits),
    ("discussions_not_resolved", lambda s: s.unresolved_discussions),
    ("requested_changes", lambda s: s.changes_requested),
    ("not_approved", lambda s: s.approvals_missing),
    ("need_rebase", lambda s: s.needs_rebase),
    ("conflict", lambda s: s.merge_status == "cannot_be_merged"),
)
RUNNING = ("created", "waiting_for_resource", "preparing", "pending", "running", "scheduled")


def detailed_status(standing: Standing) -> str:
    """One of GitLab's `detailed_merge_status` values. CI comes last: everything else outranks it."""
    if standing.merge_status in UNSETTLED:
        return standing.merge_status
    for status, fails in _CHECKS:
        if fails(standing):
            return status
    return _ci_status(standing)


def mergeable(standing: Standing) -> bool:
    """Whether a merge would be accepted."""
    return detailed_status(standing) == "mergeable"


def _ci_status(standing: Standing) -> str:
    if not standing.ci_required or standing.pipeline == "success":
        return "mergeable"
    if standing.pipeline == "skipped" and standing.skipped_pipeline_counts:
        return "mergeable"
    # Also when a required pipeline never ran (seen on gitlab.com).
    return "ci_still_running" if standing.pipeline in RUNNING else "ci_must_pass"
