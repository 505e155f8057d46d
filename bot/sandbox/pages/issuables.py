"""Issues and merge requests: their lists, and each one with its text, its activity and what belongs to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import PlainTextResponse, Response

from bot.sandbox import repositories
from bot.sandbox.git import diffs, history
from bot.sandbox.git.diffs import FileDiff
from bot.sandbox.git.objects import Commit
from bot.sandbox.pages import activity
from bot.sandbox.pages.page import NothingHere, Page
from bot.sandbox.rules import approvals, issuables, issues, labels, related, standing
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.world import Issue, MergeRequest, Project, User

_VERDICTS: Mapping[str, tuple[str, str, str]] = {
    "mergeable": ("good", "Ready to merge", "Nothing stands in the way."),
    "unchecked": ("wait", "Checking", "Whether this can be merged is not known yet."),
    "checking": ("wait", "Checking", "Whether this can be merged is not known yet."),
    "preparing": ("wait", "Preparing", "The merge request is being prepared."),
    "draft_status": ("wait", "Draft", "Mark it as ready to merge it."),
    "ci_still_running": ("wait", "Pipeline running", "The pipeline has to pass first."),
    "ci_must_pass": ("bad", "Pipeline must pass", "There is no pipeline that passed."),
    "conflict": ("bad", "Conflicts", "The branches contradict each other; the source branch has to be updated."),
    "need_rebase": ("bad", "Rebase needed", "The target branch has commits that the source branch lacks."),
    "not_approved": ("wait", "Approval needed", "Not everyone who has to approve has done so."),
    "discussions_not_resolved": ("wait", "Open threads", "All threads have to be resolved."),
    "commits_status": ("bad", "Nothing to merge", "The source branch is gone, or has no commits of its own."),
}
_LISTS = {
    "issues": ("Issues", "#", ("opened", "closed", "all")),
    "merge_requests": ("Merge requests", "!", ("opened", "merged", "closed", "all")),
}


async def listed(page: Page, project: Project, kind: str) -> Response:
    """The issues or merge requests of a project, by state."""
    heading, sign, states = _LISTS[kind]
    every: list[Issuable] = [
        *(page.world.issues.where(project_id=project.id) if kind == "issues" else ()),
        *(page.world.merge_requests.where(project_id=project.id) if kind != "issues" else ()),
    ][::-1]
    chosen = page.request.query_params.get("state", "opened")
    counts = [(state, sum(state in ("all", one.state) for one in every)) for state in states]
    shown = [one for one in every if chosen in ("all", one.state)]
    items = [_row(page, one) for one in shown]
    return page.show_in(
        project,
        heading,
        "list.html.j2",
        heading=heading,
        sign=sign,
        kind=kind,
        states=counts,
        chosen=chosen,
        items=items,
    )


async def issue(page: Page, project: Project, iid: str) -> Response:
    """One issue."""
    world = page.world
    subject = world.issues.one(project_id=project.id, iid=int(iid))
    if subject is None:
        raise NothingHere
    closing = set(subject.closing_merge_request_ids)
    found = related.merge_requests(world, subject)
    ends = [
        (link.target_id if link.source_id == subject.id else link.source_id) for link in issues.links(world, subject)
    ]
    return page.show_in(
        project,
        "Issues",
        "issue.html.j2",
        **_facts(page, project, subject),
        closed_by=world.users.get(subject.closed_by_id),
        merge_requests=[_linked(page, project, one, closes=one.id in closing) for one in found],
        links=[_linked(page, project, world.issues[id_]) for id_ in ends],
    )


async def merge_request(page: Page, project: Project, iid: str) -> Response:
    """One merge request, with its commits and changes."""
    world = page.world
    subject = _found(page, project, iid)
    await standing.settle(world, subject)
    commits, files = await _changes(page, project, subject)
    closes = set(subject.closes_issue_ids)
    return page.show_in(
        project,
        "Merge requests",
        "merge_request.html.j2",
        **_facts(page, project, subject),
        reviewers=_users(page, subject.reviewer_ids),
        head_pipeline=world.pipelines.get(subject.head_pipeline_id),
        approvers=_users(page, (user_id for user_id, _ in subject.approved_by)),
        approvals_left=approvals.left(world, subject),
        verdict=_verdict(page, subject),
        issues=[
            _linked(page, project, one, closes=one.id in closes) for one in related.issues(world, page.viewer, subject)
        ],
        commits=commits,
        files=files,
    )


async def patch(page: Page, project: Project, iid: str, kind: str) -> Response:
    """A merge request as `.diff` or as `.patch` (for `git am`)."""
    subject = _found(page, project, iid)
    repository = repositories.opened(page.world, project)
    if subject.base_sha is None or subject.sha is None:
        return PlainTextResponse("")
    flags = ("format-patch", "--stdout", "--no-signature") if kind == "patch" else ("diff", "--no-ext-diff")
    revisions = f"{subject.base_sha}..{subject.sha}"
    ran = await asyncio.to_thread(repository.git, *flags, revisions)
    return PlainTextResponse(ran.stdout.decode("utf-8", "replace"))


def _found(page: Page, project: Project, iid: str) -> MergeRequest:
    subject = page.world.merge_requests.one(project_id=project.id, iid=int(iid))
    if subject is None:
        raise NothingHere
    return subject


async def _changes(page: Page, project: Project, subject: MergeRequest) -> tuple[list[Commit], list[FileDiff]]:
    base, head = subject.base_sha, subject.sha
    if base is None or head is None:
        return [], []
    repository = repositories.opened(page.world, project)
    commits = await asyncio.to_thread(history.between, repository, base, head)
    return commits[::-1], await asyncio.to_thread(diffs.between, repository, base, head)


def _verdict(page: Page, subject: MergeRequest) -> dict[str, str]:
    if subject.state == "merged":
        by = page.world.users.get(subject.merged_by_id)
        name = f"by @{by.username}" if by else ""
        return {"kind": "good", "title": "Merged", "text": f"{name} into {subject.target_branch}".strip()}
    if subject.state == "closed":
        return {"kind": "bad", "title": "Closed", "text": "It was closed without being merged."}
    status = standing.detailed_status(page.world, subject)
    kind, title, text = _VERDICTS.get(status, ("wait", "Blocked", status.replace("_", " ")))
    if subject.merge_when_pipeline_succeeds:
        kind, title, text = "wait", "Set to auto-merge", "It is merged as soon as everything passes."
    return {"kind": kind, "title": title, "text": text}


def _facts(page: Page, project: Project, subject: Issuable) -> dict[str, Any]:
    world = page.world
    return {
        "subject": subject,
        "author": world.users[subject.author_id],
        "description": page.html(project, subject.description),
        "labels": labels.of(world, subject.label_ids),
        "assignees": _users(page, subject.assignee_ids),
        "milestone": world.milestones.get(subject.milestone_id),
        "participants": related.participants(world, subject),
        "activity": activity.of(page, subject),
    }


def _users(page: Page, ids: Iterable[int]) -> list[User]:
    return [user for id_ in ids if (user := page.world.users.get(id_)) is not None]


def _row(page: Page, subject: Issuable) -> dict[str, Any]:
    kind = type(subject).__name__
    notes = page.world.notes.where(noteable_type=kind, noteable_id=subject.id)
    return {
        "subject": subject,
        "url": _address(page, subject),
        "author": page.world.users[subject.author_id],
        "labels": labels.of(page.world, subject.label_ids),
        "comments": sum(not note.system for note in notes),
    }


def _linked(page: Page, project: Project, subject: Issue | MergeRequest, *, closes: bool = False) -> dict[str, Any]:
    words = issuables.reference(page.world, subject, project)
    return {"subject": subject, "url": _address(page, subject), "reference": words, "closes": closes}


def _address(page: Page, subject: Issuable) -> str:
    return issuables.web_url(page.world, subject).removeprefix(page.world.url)
