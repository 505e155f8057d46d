"""The life of an issue: opened, edited, closed, reopened, linked, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.errors import ApiError, invalid_record
from bot.sandbox.rules import activity, issuables, mentions, remarks, todos
from bot.sandbox.rules.issuables import Changes
from bot.sandbox.webhooks import events
from bot.sandbox.world import Issue, IssueLink, MergeRequest, Project, User, World

LONGEST_TITLE = 255
LONGEST_DESCRIPTION = 1_048_576


def validate(wanted: Mapping[str, Any]) -> None:
    """ApiError 400 for a title or description that GitLab refuses, in its words."""
    problems: dict[str, list[str]] = {}
    if "title" in wanted and not (wanted["title"] or "").strip():
        problems["title"] = ["can't be blank"]
    elif len(wanted.get("title") or "") > LONGEST_TITLE:
        problems["title"] = [f"is too long (maximum is {LONGEST_TITLE} characters)"]
    if len(wanted.get("description") or "") > LONGEST_DESCRIPTION:
        problems["description"] = [f"is too long (maximum is {LONGEST_DESCRIPTION} characters)"]
    if problems:
        raise invalid_record(problems)


def create(world: World, actor: User, project: Project, wanted: Mapping[str, Any]) -> Issue:
    """A new issue. `wanted` are fields of Issue; `title` is among them."""
    validate(wanted)
    now = world.now()
    project.last_issue_iid = iid = max(project.last_issue_iid + 1, wanted.get("iid", 0))
    issue = world.issues.add(
        Issue(
            project_id=project.id,
            iid=iid,
            title=wanted["title"],
            author_id=actor.id,
            created_at=wanted.get("created_at", now),
            updated_at=now,
            subscriber_ids=(actor.id,),
        )
    )
    given = {name: value for name, value in wanted.items() if name not in ("title", "iid", "created_at")}
    changes = issuables.assign(issue, given)
    issuables.record_metadata(world, actor, issue, changes)
    activity.record(world, actor, project, "opened", issue)
    mentions.follow(world, actor, issue, issue.description)
    events.issue(world, actor, issue, "open", {})
    return issue


def edit(world: World, actor: User, issue: Issue, wanted: Mapping[str, Any]) -> Changes:
    """Change fields of an issue; what changed."""
    validate(wanted)
    changes = issuables.assign(issue, wanted)
    if not changes:
        return changes
    issue.updated_at = world.now()
    issuables.record_metadata(world, actor, issue, changes)
    remarks.on_changes(world, actor, issue, changes)
    if "description" in changes:
        mentions.follow(world, actor, issue, issue.description)
    events.issue(world, actor, issue, "update", changes)
    return changes


def close(
    world: World, actor: User, issue: Issue, *, by: MergeRequest | None = None, commit: str | None = None
) -> None:
    """Close an issue; nothing when it is closed. `by` or `commit` is what closed it."""
    if issue.state == "closed":
        return
    now = world.now()
    changes = issuables.assign(
        issue, {"state": "closed", "closed_at": now, "closed_by_id": actor.id, "updated_at": now}
    )
    caused = {"source_merge_request_id": by.id if by else None, "source_commit": commit}
    issuables.record_state(world, actor, issue, "closed", **caused)
    todos.finish(world, actor, issue)
    activity.record(world, actor, world.projects[issue.project_id], "closed", issue)
    events.issue(world, actor, issue, "close", changes)


def reopen(world: World, actor: User, issue: Issue) -> None:
    """Open a closed issue again; nothing when it is open."""
    if issue.state == "opened":
        return
    changes = issuables.assign(
        issue, {"state": "opened", "closed_at": None, "closed_by_id": None, "updated_at": world.now()}
    )
    issuables.record_state(world, actor, issue, "reopened")
    activity.record(world, actor, world.projects[issue.project_id], "reopened", issue)
    events.issue(world, actor, issue, "reopen", changes)


def delete(world: World, issue: Issue) -> None:
    """Remove an issue and what hangs on it."""
    for link in links(world, issue):
        world.issue_links.remove(link)
    for mr_id in issue.closing_merge_request_ids:
        closing = world.merge_requests.get(mr_id)
        if closing is not None:
            closing.closes_issue_ids = tuple(id_ for id_ in closing.closes_issue_ids if id_ != issue.id)
    issuables.forget(world, issue)
    world.issues.remove(issue)


def links(world: World, issue: Issue) -> list[IssueLink]:
    """Every link of an issue, from either side, oldest first."""
    found = [*world.issue_links.where(source_id=issue.id), *world.issue_links.where(target_id=issue.id)]
    return sorted(found, key=lambda link: link.id)


def link(world: World, actor: User, source: Issue, target: Issue, kind: str) -> IssueLink:
    """Link two issues. `kind` is relates_to, blocks or is_blocked_by.

    ApiError 409 when they are linked, 404 for a link to itself, 403 for a kind that needs Premium.
    """
    if kind != "relates_to" and not world.premium:
        raise ApiError(403, {"message": "Blocked issues not available for current license"})
    if any({one.source_id, one.target_id} == {source.id, target.id} for one in links(world, source)):
        raise ApiError(409, {"message": "Issue(s) already assigned"})
    if source.id == target.id:
        raise ApiError(404, {"message": "No matching issue found. Make sure that you are adding a valid issue URL."})
    now = world.now()
    ends = (target, source) if kind == "is_blocked_by" else (source, target)
    made = world.issue_links.add(
        IssueLink(
            source_id=ends[0].id,
            target_id=ends[1].id,
            link_type="blocks" if kind == "is_blocked_by" else kind,
            created_at=now,
            updated_at=now,
        )
    )
    for one, other in ((source, target), (target, source)):
        words = issuables.reference(world, other, issuables.project_of(world, one))
        remarks.remark(world, actor, one, f"marked this issue as related to {words}")
    return made
