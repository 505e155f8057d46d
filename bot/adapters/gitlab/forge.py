"""GitLab as the pipeline sees it: reads are retried; a write is repeated only after looking whether it happened."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot import marks
from bot.adapters.backoff import Sleep
from bot.adapters.gitlab import merge, records, releases, sweep
from bot.adapters.gitlab.notes import Notes
from bot.adapters.gitlab.records import read
from bot.adapters.gitlab.writes import Writes
from bot.adapters.redaction import Redactor
from bot.adapters.usage import Usage
from bot.errors import ForgeError
from bot.ports import IssueDraft, MergeRequestDraft, Token, Unlisted, User
from state.model import Issue, MergeRequest, MergeRequestState, Project

if TYPE_CHECKING:
    from bot.adapters.gitlab.transport import Query, Transport

log = logging.getLogger(__name__)

_OLDEST_FIRST: Query = {"order_by": "created_at", "sort": "asc"}
_NEWEST_FIRST: Query = {"order_by": "created_at", "sort": "desc"}


class GitLab:
    """`Forge` in bot.ports says what each method does. The token is a personal, project or group access token."""

    def __init__(
        self,
        url: str,
        token: str,
        ca_bundle: Path | None = None,
        redact: Callable[[str], str] | None = None,
        sleep: Sleep = time.sleep,
    ) -> None:
        from bot.adapters.gitlab.transport import Transport

        self._gitlab: Transport = Transport(url.rstrip("/"), token, ca_bundle, redact or Redactor([token]), sleep)
        self._writes = Writes(self._gitlab, sleep)
        self._notes = Notes(self._gitlab, self._writes)

    @property
    def usage(self) -> Usage:
        """The calls so far. A GraphQL query is a read."""
        return self._gitlab.usage

    def close(self) -> None:
        """Give the connections back."""
        self._gitlab.close()

    def user(self) -> User:
        """Who the token belongs to."""
        return read(records.user, self._gitlab.get("/user"))

    def token(self) -> Token | None:
        """The token's own record; None where GitLab does not tell."""
        record = self._found("/personal_access_tokens/self")
        return None if record is None else read(records.token, record)

    def version(self) -> str:
        """GitLab's version, such as "18.4.1-ee"."""
        return str(self._gitlab.get("/version")["version"])

    def projects(self) -> Iterator[Project]:
        """Every project that the token is a member of, without heads, by keyset pages (offsets end at 50,000)."""
        query: Query = {"membership": "true", "pagination": "keyset", "order_by": "id", "sort": "asc"}
        return (read(records.project, record) for record in self._gitlab.pages("/projects", query))

    def sweep(self) -> Iterator[Project | Unlisted]:
        """The same with default branch and head."""
        return sweep.sweep(self._gitlab)

    def project(self, path: str) -> Project:
        """One project by full path or numeric id, with its head."""
        return self._with_head(read(records.project, self._gitlab.get(f"/projects/{quote(path, safe='')}")))

    def branch_head(self, project: Project, branch: str) -> str | None:
        """The commit at the tip of a branch, None when there is no such branch."""
        record = self._found(f"/projects/{project.id}/repository/branches/{quote(branch, safe='')}")
        return None if record is None else str(record["commit"]["id"])

    def issues(self, project: Project, marker: str) -> tuple[Issue, ...]:
        """The project's issues that this user opened and whose description has the mark, oldest first."""
        query: Query = {
            "search": marker,
            "in": "description",
            "scope": "created_by_me",
            "state": "all",
            **_OLDEST_FIRST,
        }
        found = (read(records.issue, record) for record in self._gitlab.pages(_issues(project), query))
        # The search is for words: it finds more than what is meant.
        return tuple(issue for issue in found if marker in marks.of(issue.description))

    def issue(self, project: Project, iid: int) -> Issue | None:
        """One issue; None when it was deleted."""
        record = self._found(_issues(project, iid))
        return None if record is None else read(records.issue, record)

    def create_issue(self, project: Project, draft: IssueDraft) -> Issue:
        """A new issue; after a lost answer, the one that the lost call made."""
        body = {"title": draft.title, "description": draft.description, "labels": ",".join(draft.labels)}
        look = partial(self._created_issue, project, draft)
        return read(records.issue, self._writes.once("post", _issues(project), body, look))

    def update_issue(self, project: Project, iid: int, draft: IssueDraft) -> Issue:
        """Set title, description and labels; labels that people added stay."""
        body = {"title": draft.title, "description": draft.description}
        return read(records.issue, self._writes.update(_issues(project, iid), body, draft.labels, draft.unlike))

    def set_issue_open(self, project: Project, iid: int, opened: bool) -> Issue:
        """Close or reopen."""
        event, state = ("reopen", "opened") if opened else ("close", "closed")
        return read(records.issue, self._writes.set_state(_issues(project, iid), event, state))

    def comment_issue(self, project: Project, iid: int, body: str, marker: str) -> bool:
        """Add a note unless one with `marker` exists; whether one was added."""
        return self._notes.add(f"{_issues(project, iid)}/notes", body, marker)

    def comment_merge_request(self, project: Project, iid: int, body: str, marker: str) -> bool:
        """Add a note unless one with `marker` exists; whether one was added."""
        return self._notes.add(f"{_merge_requests(project, iid)}/notes", body, marker)

    def merge_requests(self, project: Project, source_branch: str) -> tuple[MergeRequest, ...]:
        """Merge requests from that branch, any state, newest first."""
        found = (read(records.merge_request, record) for record in self._from_branch(project, source_branch))
        return tuple(found)

    def merge_request(self, project: Project, iid: int) -> MergeRequest | None:
        """One merge request; None when it was deleted."""
        record = self._found(_merge_requests(project, iid))
        return None if record is None else read(records.merge_request, record)

    def create_merge_request(self, project: Project, draft: MergeRequestDraft) -> MergeRequest:
        """A new merge request, whose branch goes when it is merged; the open one from that branch if there is one."""
        body = {
            "title": draft.title,
            "description": draft.description,
            "labels": ",".join(draft.labels),
            "source_branch": draft.source_branch,
            "target_branch": draft.target_branch,
            "remove_source_branch": True,
            **self._reviewers(draft.reviewers),
        }
        look = partial(self._open_merge_request, project, draft.source_branch)
        try:
            record = self._writes.once("post", _merge_requests(project), body, look)
        except ForgeError as error:
            if error.status != 409 or (record := look()) is None:
                raise
        return read(records.merge_request, record)

    def update_merge_request(self, project: Project, iid: int, draft: MergeRequestDraft) -> MergeRequest:
        """Set title, description, target branch and labels; labels that people added stay."""
        body = {"title": draft.title, "description": draft.description, "target_branch": draft.target_branch}
        place = _merge_requests(project, iid)
        return read(records.merge_request, self._writes.update(place, body, draft.labels, draft.unlike))

    def close_merge_request(self, project: Project, iid: int) -> MergeRequest:
        """Close without merging."""
        return read(records.merge_request, self._writes.set_state(_merge_requests(project, iid), "close", "closed"))

    def merge_when_ready(self, project: Project, iid: int, sha: str) -> str:
        """Have it merged once the pipeline of just that commit passes; "" when that is so, else why not now."""
        return merge.merge_when_ready(self._gitlab, self._writes, _merge_requests(project, iid), sha)

    def leave_to_people(self, project: Project, iid: int) -> str:
        """Have it not merged by itself any more, where we asked for that; "" when that is so, else why not."""
        return merge.leave_to_people(self._gitlab, self._writes, _merge_requests(project, iid))

    def own_issues(self, since: datetime | None, project: Project | None) -> Iterator[tuple[int, Issue]]:
        """(project id, issue) of everything that this user opened and that changed since."""
        for record in self._own("issues", since, project):
            yield record["project_id"], read(records.issue, record)

    def own_merge_requests(self, since: datetime | None, project: Project | None) -> Iterator[tuple[int, MergeRequest]]:
        """(project id, merge request) of everything that this user opened and that changed since."""
        for record in self._own("merge_requests", since, project):
            yield record["project_id"], read(records.merge_request, record)

    def _reviewers(self, names: tuple[str, ...]) -> dict[str, Any]:
        """The part of a new merge request that asks people for a review; who does not exist is said in the log."""
        known: list[int] = []
        for name in names:
            found = [read(records.user, record) for record in self._gitlab.get("/users", {"username": name})]
            known += [user.id for user in found]
            if not found:
                log.warning("the policy's reviewer %s is no user of this GitLab", name)
        return {"reviewer_ids": known} if known else {}

    def _found(self, path: str) -> Any | None:
        try:
            return self._gitlab.get(path)
        except ForgeError as error:
            if error.status == 404:
                return None
            raise

    def _with_head(self, project: Project) -> Project:
        if project.default_branch is None:
            return project
        return replace(project, head=self.branch_head(project, project.default_branch))

    def _own(self, kind: str, since: datetime | None, project: Project | None) -> Iterator[Any]:
        place = f"/projects/{project.id}/{kind}" if project is not None else f"/{kind}"
        changed = {"updated_after": since.astimezone(UTC).isoformat()} if since is not None else {}
        # Sorted by what does not change: nothing slips to a page that was read already.
        return self._gitlab.pages(place, {"scope": "created_by_me", "state": "all", **_OLDEST_FIRST, **changed})

    def _created_issue(self, project: Project, draft: IssueDraft) -> Any | None:
        newest = self._gitlab.pages(_issues(project), {"scope": "created_by_me", "state": "all", **_NEWEST_FIRST}, 1)
        wanted = (draft.title.strip(), draft.description.strip())
        return next((r for r in newest if (r["title"], (r["description"] or "").strip()) == wanted), None)

    def _from_branch(self, project: Project, branch: str) -> Iterator[Any]:
        query: Query = {"source_branch": branch, "scope": "all", "state": "all", **_NEWEST_FIRST}
        # A fork may have a branch of the same name, and it is not ours.
        found = self._gitlab.pages(_merge_requests(project), query)
        return (record for record in found if record.get("source_project_id") == project.id)

    def _open_merge_request(self, project: Project, branch: str) -> Any | None:
        opened = MergeRequestState.OPENED.value
        return next((r for r in self._from_branch(project, branch) if r["state"] == opened), None)

    def published_changelog(self, path: str) -> str:
        """The releases of a public project as one changelog, "" for none. Raises ForgeError."""
        return releases.changelog(self._gitlab, path)


def _issues(project: Project, iid: int | None = None) -> str:
    return f"/projects/{project.id}/issues" + ("" if iid is None else f"/{iid}")


def _merge_requests(project: Project, iid: int | None = None) -> str:
    return f"/projects/{project.id}/merge_requests" + ("" if iid is None else f"/{iid}")
