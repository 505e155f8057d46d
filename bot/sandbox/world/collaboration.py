"""What people work on together: labels, milestones, issues, merge requests, notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.sandbox.world.noun import Noun


@dataclass(slots=True, kw_only=True, eq=False)
class Label(Noun):
    """A label of a project or group (`source_type` "Project" or "Group")."""

    source_type: str
    source_id: int
    name: str
    color: str
    created_at: datetime
    updated_at: datetime
    id: int = 0
    description: str | None = None
    text_color: str = "#FFFFFF"
    priority: int | None = None
    archived: bool = False
    subscriber_ids: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True, eq=False)
class Milestone(Noun):
    """A milestone of a project or group."""

    source_type: str
    source_id: int
    iid: int
    title: str
    created_at: datetime
    updated_at: datetime
    id: int = 0
    description: str | None = None
    state: str = "active"
    start_date: date | None = None
    due_date: date | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Issue(Noun):
    """An issue. `state` is "opened" or "closed"."""

    project_id: int
    iid: int
    title: str
    author_id: int
    created_at: datetime
    updated_at: datetime
    id: int = 0
    description: str | None = None
    state: str = "opened"
    label_ids: tuple[int, ...] = ()
    assignee_ids: tuple[int, ...] = ()
    milestone_id: int | None = None
    closed_at: datetime | None = None
    closed_by_id: int | None = None
    confidential: bool = False
    discussion_locked: bool | None = None
    due_date: date | None = None
    issue_type: str = "issue"
    weight: int | None = None
    moved_to_id: int | None = None
    closing_merge_request_ids: tuple[int, ...] = ()
    time_estimate: int = 0
    total_time_spent: int = 0
    subscriber_ids: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True, eq=False)
class MergeRequest(Noun):
    """A merge request. `project_id` is the target project.

    `sha` is the head of the source branch, kept while the branch exists; `versions` are the diffs that
    were pushed, oldest first, as (id, base, start, head, time). `behind` says that the target branch has
    commits which the source branch lacks. `approvals_required` overrides the project's number.
    """

    project_id: int
    source_project_id: int
    iid: int
    title: str
    source_branch: str
    target_branch: str
    author_id: int
    created_at: datetime
    updated_at: datetime
    id: int = 0
    description: str | None = None
    state: str = "opened"
    label_ids: tuple[int, ...] = ()
    assignee_ids: tuple[int, ...] = ()
    reviewer_ids: tuple[int, ...] = ()
    milestone_id: int | None = None
    sha: str | None = None
    base_sha: str | None = None
    start_sha: str | None = None
    versions: tuple[tuple[int, str, str, str, datetime], ...] = ()
    prepared_at: datetime | None = None
    merged_at: datetime | None = None
    merged_by_id: int | None = None
    closed_at: datetime | None = None
    closed_by_id: int | None = None
    merge_commit_sha: str | None = None
    squash_commit_sha: str | None = None
    merge_error: str | None = None
    merge_status: str = "unchecked"
    has_conflicts: bool = False
    checked_at: datetime | None = None
    rebase_in_progress: bool = False
    merge_ref_sha: str | None = None
    merge_ref_parents: tuple[str, str] | None = None
    squash: bool = False
    squash_on_merge: bool = False
    force_remove_source_branch: bool | None = None
    should_remove_source_branch: bool | None = None
    merge_when_pipeline_succeeds: bool = False
    merge_user_id: int | None = None
    auto_merge_sha: str | None = None
    auto_merge_options: Mapping[str, Any] | None = None
    allow_collaboration: bool = False
    discussion_locked: bool | None = None
    approved_by: tuple[tuple[int, datetime], ...] = ()
    head_pipeline_id: int | None = None
    closes_issue_ids: tuple[int, ...] = ()
    commit_messages: tuple[str, ...] = ()
    commits_count: int = 0
    changes_count: str | None = None
    merge_after: datetime | None = None
    unchecked_since: datetime | None = None
    behind: bool = False
    approvals_required: int | None = None
    change_requested_by: tuple[int, ...] = ()
    time_estimate: int = 0
    total_time_spent: int = 0
    subscriber_ids: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True, eq=False)
class Note(Noun):
    """A comment. `discussion_id` is 40 hex digits shared by the notes of one thread.

    `noteable_type` is "Issue", "MergeRequest", "Commit" or "Snippet"; for a commit `commit_id` is set.
    `type` is None, "DiscussionNote" or "DiffNote".
    """

    project_id: int
    noteable_type: str
    noteable_id: int | None
    author_id: int
    body: str
    created_at: datetime
    updated_at: datetime
    discussion_id: str
    id: int = 0
    noteable_iid: int | None = None
    commit_id: str | None = None
    type: str | None = None
    system: bool = False
    internal: bool = False
    resolvable: bool = False
    resolved: bool = False
    resolved_by_id: int | None = None
    resolved_at: datetime | None = None
    position: Mapping[str, Any] | None = None
    commands_changes: Mapping[str, Any] | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class AwardEmoji(Noun):
    """A reaction. `awardable_type` is "Issue", "MergeRequest" or "Note"."""

    name: str
    user_id: int
    awardable_type: str
    awardable_id: int
    created_at: datetime
    updated_at: datetime
    id: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class IssueLink(Noun):
    """A link between two issues, as the source sees it."""

    source_id: int
    target_id: int
    link_type: str
    created_at: datetime
    updated_at: datetime
    id: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class ResourceEvent(Noun):
    """A change of label, state or milestone. `kind` is "label", "state" or "milestone"; `value` the state's name."""

    kind: str
    user_id: int
    resource_type: str
    resource_id: int
    action: str
    created_at: datetime
    id: int = 0
    label_id: int | None = None
    milestone_id: int | None = None
    value: str | None = None
    source_merge_request_id: int | None = None
    source_commit: str | None = None
