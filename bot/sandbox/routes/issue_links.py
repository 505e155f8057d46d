"""Links between issues."""

from __future__ import annotations

from bot.sandbox.api import Answer, Call, find_project
from bot.sandbox.errors import ApiError, not_found, record_not_found
from bot.sandbox.represent import issue as represent
from bot.sandbox.routes import issuable_lookup
from bot.sandbox.routing import routes
from bot.sandbox.rules import issuables, issues
from bot.sandbox.world import Issue, IssueLink

LINKS = "/projects/:id/issues/:issue_iid/links"
KINDS = ("relates_to", "blocks", "is_blocked_by")


@routes.get(LINKS, public=False)
def list_links(call: Call) -> Answer:
    """The linked issues, oldest link first."""
    issue = issuable_lookup.issue(call)
    ends = [(link, _other_end(call, issue, link)) for link in issues.links(call.world, issue)]
    return Answer([represent.related(call.world, other, link) for link, other in ends if other is not None])


@routes.post(LINKS)
def create(call: Call) -> Answer:
    """Link two issues."""
    source = issuable_lookup.issue(call)
    call.params.need("target_project_id", "target_issue_iid")
    kind = call.params.choice("link_type", KINDS) or "relates_to"
    target = _target(call)
    made = issues.link(call.world, call.user, source, target, kind)
    return Answer(represent.linked(call.world, made), 201)


@routes.get(LINKS + "/:issue_link_id", public=False)
def get(call: Call) -> Answer:
    """One link."""
    return Answer(represent.linked(call.world, _found(call)))


@routes.delete(LINKS + "/:issue_link_id")
def delete(call: Call) -> Answer:
    """Undo a link."""
    link = _found(call)
    shown = represent.linked(call.world, link)
    call.world.issue_links.remove(link)
    return Answer(shown)


def _target(call: Call) -> Issue:
    project = find_project(call.world, call.params.text("target_project_id") or "")
    if project is None or not call.reads(project):
        raise not_found("Project")
    iid = call.params.integer("target_issue_iid")
    target = call.world.issues.one(project_id=project.id, iid=iid)
    if target is None or not issuables.may_read(call.world, call.viewer, target):
        raise ApiError(404, {"message": "404 Not found"})
    return target


def _found(call: Call) -> IssueLink:
    issue = issuable_lookup.issue(call)
    id_ = call.path["issue_link_id"]
    link = next((one for one in issues.links(call.world, issue) if str(one.id) == id_), None)
    if link is None:
        raise record_not_found()
    return link


def _other_end(call: Call, issue: Issue, link: IssueLink) -> Issue | None:
    other = call.world.issues[link.target_id if link.source_id == issue.id else link.source_id]
    visible = call.reads(call.world.projects[other.project_id])
    return other if visible and issuables.may_read(call.world, call.viewer, other) else None
