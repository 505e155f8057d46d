"""Merge requests: create, read, update, delete."""

from __future__ import annotations

from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, forbidden
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import issue as represent_issue
from bot.sandbox.represent import merge_request as represent
from bot.sandbox.represent.times import timestamp
from bot.sandbox.represent.user import basic as represent_user
from bot.sandbox.routes import issuable_edits, issuable_lookup
from bot.sandbox.routing import routes
from bot.sandbox.rules import (
    commands,
    issuables,
    merge_requests,
    opening,
    refreshing,
    related,
    standing,
)
from bot.sandbox.world import Access, Issue, MergeRequest, Project

MERGE_REQUEST = "/projects/:id/merge_requests/:merge_request_iid"
UPDATES = (
    "assignee_id", "assignee_ids", "reviewer_ids", "description", "labels", "add_labels", "remove_labels",
    "milestone_id", "remove_source_branch", "allow_collaboration", "allow_maintainer_to_push", "squash",
    "target_branch", "title", "state_event", "discussion_locked", "merge_after",
)  # fmt: skip


@routes.post("/projects/:id/merge_requests")
async def create(call: Call) -> Answer:
    """A new merge request from a branch of this project."""
    source = call.project()
    call.params.need("title", "source_branch", "target_branch")
    if call.access(source) < Access.DEVELOPER or not source.merge_requests_enabled or source.archived:
        raise forbidden()
    target = _target(call, source)
    wanted = {"title": "", **_wanted(call, target)}
    wanted |= {name: call.params.needed(name) for name in ("source_branch", "target_branch")}
    text, given = commands.taken(call.world, call.user, target, MergeRequest, wanted.get("description") or "", True)
    if given:
        wanted["description"] = text
    made = await opening.open_merge_request(call.world, call.user, source, target, wanted)
    await commands.carry_out(call.world, call.user, made, given)
    return Answer(_shown(call, made), 201)


@routes.get(MERGE_REQUEST)
async def get(call: Call) -> Answer:
    """One merge request; looking at it has GitLab check whether it can be merged."""
    subject = issuable_lookup.merge_request(call)
    await standing.settle(call.world, subject)
    shown = _shown(call, subject)
    shown["first_contribution"] = represent.first_contribution(call.world, subject)
    if call.params.boolean("include_rebase_in_progress"):
        shown["rebase_in_progress"] = subject.rebase_in_progress
    if call.params.boolean("include_diverged_commits_count"):
        shown["diverged_commits_count"] = await refreshing.diverged(call.world, subject)
    return Answer(shown)


@routes.put(MERGE_REQUEST)
async def update(call: Call) -> Answer:
    """Change a merge request, close it or open it again."""
    subject = issuable_lookup.editable_merge_request(call)
    call.params.need_one(*UPDATES)
    for name in ("title", "target_branch"):
        if name in call.params:
            call.params.needed(name)
    event = call.params.choice("state_event", ("close", "reopen"))
    wanted = _wanted(call, call.project(), subject)
    text, given = commands.taken(
        call.world,
        call.user,
        call.project(),
        MergeRequest,
        wanted.get("description") or "",
        subject.author_id == call.user.id,
    )
    if given:
        wanted["description"] = text
    changes = merge_requests.edit(call.world, call.user, subject, wanted)
    if "target_branch" in changes:
        await refreshing.look_again(call.world, subject)
    if event == "close":
        merge_requests.close(call.world, call.user, subject)
    elif event == "reopen":
        await _reopen(call, subject)
    await commands.carry_out(call.world, call.user, subject, given)
    return Answer(_shown(call, subject))


@routes.delete(MERGE_REQUEST)
def delete(call: Call) -> Answer:
    """Delete a merge request: for owners of the project."""
    subject = issuable_lookup.merge_request(call)
    if call.access(call.project()) < Access.OWNER:
        raise forbidden()
    merge_requests.delete(call.world, subject)
    return Answer(None, 204)


@routes.get(MERGE_REQUEST + "/participants")
def participants(call: Call) -> Answer:
    """Who took part."""
    found = related.participants(call.world, issuable_lookup.merge_request(call))
    return paginate(call, found, lambda user: represent_user(call.world, user))


@routes.get(MERGE_REQUEST + "/reviewers")
def reviewers(call: Call) -> Answer:
    """Who is asked for a review, and how far they are."""
    subject = issuable_lookup.merge_request(call)
    approved = {user_id for user_id, _ in subject.approved_by}

    def show(user_id: int) -> dict[str, Any]:
        state = "approved" if user_id in approved else "unreviewed"
        user = represent_user(call.world, call.world.users[user_id])
        return {"user": user, "state": state, "created_at": timestamp(subject.created_at)}

    return paginate(call, subject.reviewer_ids, show)


@routes.get(MERGE_REQUEST + "/closes_issues")
def closes_issues(call: Call) -> Answer:
    """The issues that it closes when it is merged."""
    subject = issuable_lookup.merge_request(call)
    found = [issue for id_ in subject.closes_issue_ids if (issue := call.world.issues.get(id_)) is not None]
    return _issues(call, found)


@routes.get(MERGE_REQUEST + "/related_issues")
def related_issues(call: Call) -> Answer:
    """The issues that it mentions or closes."""
    subject = issuable_lookup.merge_request(call)
    viewer = call.viewer or call.world.users[subject.author_id]
    return _issues(call, related.issues(call.world, viewer, subject))


@routes.post(MERGE_REQUEST + "/subscribe")
def subscribe(call: Call) -> Answer:
    """Be told of changes; 304 for those who are."""
    return _subscription(call, True)


@routes.post(MERGE_REQUEST + "/unsubscribe")
def unsubscribe(call: Call) -> Answer:
    """Be left alone; 304 for those who are."""
    return _subscription(call, False)


def _subscription(call: Call, wanted: bool) -> Answer:
    subject = issuable_lookup.merge_request(call)
    if not issuables.subscribe(subject, call.user, wanted):
        return Answer(None, 304)
    return Answer(_shown(call, subject), 201)


def _shown(call: Call, subject: MergeRequest) -> dict[str, Any]:
    return represent.whole(call.world, call.viewer, subject)


def _issues(call: Call, found: list[Issue]) -> Answer:
    readable = [issue for issue in found if _reads(call, issue)]
    return paginate(call, readable, lambda issue: represent_issue.basic(call.world, issue))


def _reads(call: Call, issue: Issue) -> bool:
    return call.reads(call.world.projects[issue.project_id]) and issuables.may_read(call.world, call.viewer, issue)


def _target(call: Call, source: Project) -> Project:
    target_id = call.params.integer("target_project_id")
    target = source if target_id is None else call.world.projects.get(target_id)
    if target is None or not call.reads(target):
        raise ApiError(404, {"message": "404 Not found"})
    return target


def _wanted(call: Call, project: Project, current: MergeRequest | None = None) -> dict[str, Any]:
    wanted = issuable_edits.wanted(call, project, MergeRequest, current)
    if "remove_source_branch" in call.params:
        wanted["force_remove_source_branch"] = call.params.boolean("remove_source_branch")
    if "allow_maintainer_to_push" in call.params and "allow_collaboration" not in wanted:
        wanted["allow_collaboration"] = bool(call.params.boolean("allow_maintainer_to_push"))
    required = call.params.integer("approvals_before_merge")
    if required is not None and current is None:
        wanted["approvals_required"] = required
    if current is None:
        wanted.setdefault("squash", project.squash_option in ("default_on", "always"))
        if "remove_source_branch" not in call.params:
            wanted["force_remove_source_branch"] = None
    return wanted


async def _reopen(call: Call, subject: MergeRequest) -> None:
    merge_requests.reopen(call.world, call.user, subject)
    await refreshing.look_again(call.world, subject)
