"""Issues and merge requests in GitLab, as observed."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class IssueState(enum.StrEnum):
    """An issue in GitLab, as observed."""

    OPENED = "opened"
    CLOSED = "closed"


class MergeRequestState(enum.StrEnum):
    """A merge request in GitLab, as observed."""

    OPENED = "opened"
    CLOSED = "closed"
    LOCKED = "locked"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue in GitLab, as observed. `closed_by` is the username, "" when open or unknown."""

    iid: int
    title: str
    description: str
    state: IssueState
    web_url: str
    labels: tuple[str, ...]
    updated_at: datetime
    closed_by: str = ""


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """A merge request in GitLab, as observed. `sha` is the head of its source branch."""

    iid: int
    title: str
    description: str
    state: MergeRequestState
    web_url: str
    source_branch: str
    target_branch: str
    sha: str
    labels: tuple[str, ...]
    updated_at: datetime
    merge_commit: str | None = None
