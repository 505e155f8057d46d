"""GitLab as the pipeline asks of it: projects, issues, merge requests, and whom the token belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from state.model import Issue, MergeRequest, Project


@dataclass(frozen=True, slots=True)
class User:
    """The account behind the token."""

    id: int
    username: str
    bot: bool


@dataclass(frozen=True, slots=True)
class Token:
    """The token in use. `expires_at` is midnight UTC at the start of its last day, None without expiry."""

    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssueDraft:
    """What an issue should look like. `unlike` are labels of ours that it should not have."""

    title: str
    description: str
    labels: tuple[str, ...]
    unlike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeRequestDraft:
    """What a merge request should look like. `unlike` are labels of ours that it should not have.

    `reviewers` are user names, for a new one only.
    """

    title: str
    description: str
    labels: tuple[str, ...]
    source_branch: str
    target_branch: str
    reviewers: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A project, or several in words, that GitLab could not tell of, and why."""

    path: str
    reason: str


class Forge(Protocol):
    """GitLab. Every method raises ForgeError.

    Reads are retried; a write is retried only after looking whether it happened.
    """

    def user(self) -> User:
        """Who the token belongs to."""

    def token(self) -> Token | None:
        """The token's own record; None where GitLab does not tell (job tokens, GitLab before 15.5)."""

    def version(self) -> str:
        """GitLab's version, such as "18.4.1-ee"."""

    def projects(self) -> Iterator[Project]:
        """Every project that the token is a member of, by keyset pages of 100; `head` is not looked up (None)."""

    def sweep(self) -> Iterator[Project | Unlisted]:
        """The same with default branch and head, over GraphQL: one request per hundred projects.

        One that GitLab cannot tell of is Unlisted; ForgeError when it can list none at all.
        """

    def project(self, path: str) -> Project:
        """One project by full path or numeric id, with its head. ForgeError.status is 404 when there is none."""

    def branch_head(self, project: Project, branch: str) -> str | None:
        """The commit at the tip of a branch, None when there is no such branch."""

    def issues(self, project: Project, marker: str) -> tuple[Issue, ...]:
        """The project's issues, any state, that this user opened and that have the mark `marker`, oldest first.

        Whoever reads an issue of ours can copy its marker into one that we must not write into.
        """

    def issue(self, project: Project, iid: int) -> Issue | None:
        """One issue; None when it was deleted."""

    def create_issue(self, project: Project, draft: IssueDraft) -> Issue:
        """A new issue."""

    def update_issue(self, project: Project, iid: int, draft: IssueDraft) -> Issue:
        """Set title, description and labels; labels that people added stay."""

    def set_issue_open(self, project: Project, iid: int, opened: bool) -> Issue:
        """Close or reopen."""

    def comment_issue(self, project: Project, iid: int, body: str, marker: str) -> bool:
        """Add a note unless one with `marker` exists; whether one was added."""

    def comment_merge_request(self, project: Project, iid: int, body: str, marker: str) -> bool:
        """Add a note unless one with `marker` exists; whether one was added."""

    def merge_requests(self, project: Project, source_branch: str) -> tuple[MergeRequest, ...]:
        """Merge requests from that branch, any state, newest first."""

    def merge_request(self, project: Project, iid: int) -> MergeRequest | None:
        """One merge request; None when it was deleted."""

    def create_merge_request(self, project: Project, draft: MergeRequestDraft) -> MergeRequest:
        """A new merge request; the open one from that branch when GitLab says there is one (409)."""

    def update_merge_request(self, project: Project, iid: int, draft: MergeRequestDraft) -> MergeRequest:
        """Set title, description, target branch and labels; labels that people added stay."""

    def close_merge_request(self, project: Project, iid: int) -> MergeRequest:
        """Close without merging."""

    def merge_when_ready(self, project: Project, iid: int, sha: str) -> str:
        """Have it merged once the pipeline of just that commit passes; "" when that is so, else why not now."""

    def leave_to_people(self, project: Project, iid: int) -> str:
        """Have it not merged by itself any more, where we asked for that; "" when that is so, else why not."""

    def own_issues(self, since: datetime | None, project: Project | None) -> Iterator[tuple[int, Issue]]:
        """(project id, issue) of everything that this user opened and that changed since; one project's or all."""

    def own_merge_requests(self, since: datetime | None, project: Project | None) -> Iterator[tuple[int, MergeRequest]]:
        """(project id, merge request) of everything that this user opened and that changed since."""


@dataclass(frozen=True, slots=True)
class Calls:
    """How much a run asked of GitLab: REST and GraphQL reads, REST writes, git pushes."""

    reads: int
    writes: int
    pushes: int

    def __sub__(self, earlier: Calls) -> Calls:
        return Calls(self.reads - earlier.reads, self.writes - earlier.writes, self.pushes - earlier.pushes)
