"""Projects and what belongs to a project as such: variables, protections, releases, events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.sandbox.world.noun import Noun


@dataclass(slots=True, kw_only=True, eq=False)
class Project(Noun):
    """A project. `settings` holds the API's plain settings that differ from GitLab's defaults.

    `pending_files` are the files of the first commit until the repository is made on first use (None:
    no first commit, or it is made). `repository_made` says whether the bare repository exists on disk.
    `head` is the commit of the default branch, None for an empty repository.
    """

    name: str
    path: str
    full_path: str
    namespace_id: int
    created_at: datetime
    updated_at: datetime
    last_activity_at: datetime
    id: int = 0
    creator_id: int = 0
    description: str | None = None
    visibility: str = "private"
    default_branch: str | None = None
    archived: bool = False
    issues_enabled: bool = True
    merge_requests_enabled: bool = True
    merge_method: str = "merge"
    squash_option: str = "default_off"
    only_allow_merge_if_pipeline_succeeds: bool = False
    allow_merge_on_skipped_pipeline: bool | None = None
    only_allow_merge_if_all_discussions_are_resolved: bool = False
    remove_source_branch_after_merge: bool | None = True
    autoclose_referenced_issues: bool = True
    approvals_before_merge: int = 0
    merge_commit_template: str | None = None
    squash_commit_template: str | None = None
    suggestion_commit_message: str | None = None
    topics: tuple[str, ...] = ()
    star_count: int = 0
    forked_from_id: int | None = None
    marked_for_deletion_on: date | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    last_issue_iid: int = 0
    last_merge_request_iid: int = 0
    last_milestone_iid: int = 0
    last_pipeline_iid: int = 0
    readme_path: str | None = None
    pending_files: Mapping[str, bytes] | None = None
    repository_made: bool = False
    head: str | None = None
    pipeline_outcome: str = "none"
    pipeline_seconds: float = 0.0


@dataclass(slots=True, kw_only=True, eq=False)
class Redirect(Noun):
    """A path that a project had; it leads on until another project takes the path."""

    path: str
    project_id: int
    id: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Variable(Noun):
    """A CI/CD variable of a project or group (`source_type` "Project" or "Group")."""

    source_type: str
    source_id: int
    key: str
    value: str
    id: int = 0
    variable_type: str = "env_var"
    protected: bool = False
    masked: bool = False
    hidden: bool = False
    raw: bool = False
    environment_scope: str = "*"
    description: str | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class ProtectedBranch(Noun):
    """A protected branch or wildcard. Access entries are (access level, user id, group id) with ids or None."""

    project_id: int
    name: str
    id: int = 0
    push_access: tuple[tuple[int | None, int | None, int | None], ...] = ((40, None, None),)
    merge_access: tuple[tuple[int | None, int | None, int | None], ...] = ((40, None, None),)
    unprotect_access: tuple[tuple[int | None, int | None, int | None], ...] = ()
    allow_force_push: bool = False
    code_owner_approval_required: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class ProtectedTag(Noun):
    """A protected tag or wildcard."""

    project_id: int
    name: str
    id: int = 0
    create_access: tuple[tuple[int | None, int | None, int | None], ...] = ((40, None, None),)


@dataclass(slots=True, kw_only=True, eq=False)
class Release(Noun):
    """A release of a project."""

    project_id: int
    tag_name: str
    name: str
    description: str | None
    author_id: int
    created_at: datetime
    released_at: datetime
    id: int = 0
    links: tuple[Mapping[str, Any], ...] = ()
    milestone_ids: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True, eq=False)
class Upload(Noun):
    """A file that someone attached to a text of the project; `secret` is what makes its address hard to guess."""

    project_id: int
    user_id: int
    secret: str
    filename: str
    content: bytes
    created_at: datetime
    id: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Event(Noun):
    """A line of the activity feed. `push_data` is set for pushes, `note_id` for comments."""

    project_id: int | None
    author_id: int
    action_name: str
    created_at: datetime
    id: int = 0
    target_type: str | None = None
    target_id: int | None = None
    target_iid: int | None = None
    target_title: str | None = None
    push_data: Mapping[str, Any] | None = None
    note_id: int | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Todo(Noun):
    """Something that waits for a user. `target_type` is "Issue" or "MergeRequest"."""

    user_id: int
    author_id: int
    project_id: int | None
    action_name: str
    target_type: str
    target_id: int
    body: str
    created_at: datetime
    updated_at: datetime
    id: int = 0
    state: str = "pending"
