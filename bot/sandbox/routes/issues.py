"""Issues: create, read, update, delete, and what closes them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import forbidden, not_found, record_not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import issue as represent
from bot.sandbox.represent import merge_request as represent_merge_request
from bot.sandbox.represent.user import basic as represent_user
from bot.sandbox.routes import issuable_edits, issuable_lookup
from bot.sandbox.routing import routes
from bot.sandbox.rules import code_access, commands, issuables, issues, related
from bot.sandbox.world import Access, Issue, MergeRequest, Project

ISSUE = "/projects/:id/issues/:issue_iid"
UPDATES = (
    "assignee_id", "assignee_ids", "confidential", "created_at", "description", "discussion_locked", "due_date",
    "labels", "add_labels", "remove_labels", "milestone_id", "state_event", "title", "issue_type", "weight",
    "epic_id", "epic_iid",
)  # fmt: skip


@routes.post("/projects/:id/issues")
async def create(call: Call) -> Answer:
    """A new issue."""
    project = call.project()
    call.params.need("title")
    if not project.issues_enabled or project.archived:
        raise forbidden()
    wanted = {"title": "", **issuable_edits.wanted(call, project, Issue)}
    wanted |= _owners_choice(call, project)
    text, given = commands.taken(call.world, call.user, project, Issue, wanted.get("description") or "", True)
    if given:
        wanted["description"] = text
    made = issues.create(call.world, call.user, project, wanted)
    await commands.carry_out(call.world, call.user, made, given)
    return Answer(represent.whole(call.world, call.user, made), 201)


@routes.get(ISSUE)
def get(call: Call) -> Answer:
    """One issue."""
    return Answer(represent.whole(call.world, call.viewer, issuable_lookup.issue(call)))


@routes.get("/issues/:id", public=False)
def get_any(call: Call) -> Answer:
    """One issue by its global id, for administrators."""
    call.admin()
    found = call.world.issues.get(call.number("id"))
    if found is None:
        raise record_not_found()
    return Answer(represent.whole(call.world, call.user, found))


@routes.put(ISSUE)
async def update(call: Call) -> Answer:
    """Change an issue, close it or open it again."""
    issue = issuable_lookup.editable_issue(call)
    call.params.need_one(*UPDATES)
    event = call.params.choice("state_event", ("reopen", "close"))
    project, own = call.project(), issue.author_id == call.user.id
    wanted = issuable_edits.wanted(call, project, Issue, issue)
    text, given = commands.taken(call.world, call.user, project, Issue, wanted.get("description") or "", own)
    if given:
        wanted["description"] = text
    issues.edit(call.world, call.user, issue, wanted)
    await commands.carry_out(call.world, call.user, issue, given)
    if event == "close":
        issues.close(call.world, call.user, issue)
    elif event == "reopen":
        issues.reopen(call.world, call.user, issue)
    return Answer(represent.whole(call.world, call.user, issue))


@routes.delete(ISSUE)
def delete(call: Call) -> Answer:
    """Delete an issue: for owners of the project."""
    project = call.project()
    issue = call.world.issues.one(project_id=project.id, iid=call.number("issue_iid"))
    if issue is None or not issuables.may_read(call.world, call.viewer, issue):
        raise not_found("Issue")
    if call.access(project) < Access.OWNER:
        raise forbidden()
    issues.delete(call.world, issue)
    return Answer(None, 204)


@routes.get(ISSUE + "/closed_by")
def closed_by(call: Call) -> Answer:
    """The merge requests that close an issue when they are merged."""
    issue = issuable_lookup.issue(call)
    found = (call.world.merge_requests.get(id_) for id_ in issue.closing_merge_request_ids)
    readable = _readable(call, [subject for subject in found if subject is not None])
    return paginate(call, readable, lambda mr: represent_merge_request.basic(call.world, mr, call.project()))


@routes.get(ISSUE + "/related_merge_requests")
def related_merge_requests(call: Call) -> Answer:
    """The merge requests that mention an issue."""
    readable = _readable(call, related.merge_requests(call.world, issuable_lookup.issue(call)))
    return paginate(call, readable, lambda mr: represent_merge_request.related(call.world, call.viewer, mr))


@routes.get(ISSUE + "/participants")
def participants(call: Call) -> Answer:
    """Who took part."""
    found = related.participants(call.world, issuable_lookup.issue(call))
    return paginate(call, found, lambda user: represent_user(call.world, user))


@routes.post(ISSUE + "/subscribe")
def subscribe(call: Call) -> Answer:
    """Be told of changes; 304 for those who are."""
    return _subscription(call, True)


@routes.post(ISSUE + "/unsubscribe")
def unsubscribe(call: Call) -> Answer:
    """Be left alone; 304 for those who are."""
    return _subscription(call, False)


def _subscription(call: Call, wanted: bool) -> Answer:
    issue = issuable_lookup.issue(call)
    if not issuables.subscribe(issue, call.user, wanted):
        return Answer(None, 304)
    return Answer(represent.whole(call.world, call.user, issue), 201)


def _readable(call: Call, found: list[MergeRequest]) -> list[MergeRequest]:
    world = call.world
    return [mr for mr in found if code_access.can_read_code(world, call.viewer, world.projects[mr.project_id])]


def _owners_choice(call: Call, project: Project) -> dict[str, Any]:
    """Number and date of birth, which owners and administrators may choose."""
    if call.access(project) < Access.OWNER:
        return {}
    chosen = {"iid": call.params.integer("iid"), "created_at": call.params.time("created_at")}
    return {name: value for name, value in chosen.items() if value is not None}
