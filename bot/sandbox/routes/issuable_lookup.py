"""Finding the issue or merge request that a path names, with GitLab's refusals."""

from __future__ import annotations

from bot.sandbox.api import Call
from bot.sandbox.errors import forbidden, record_not_found
from bot.sandbox.rules import code_access, issuables
from bot.sandbox.world import Issue, MergeRequest, Project


def issue(call: Call, name: str = "issue_iid") -> Issue:
    """The issue of the path, as far as the caller may read it."""
    project = call.project()
    number = call.number(name)
    found = call.world.issues.one(project_id=project.id, iid=number) if project.issues_enabled else None
    if found is None or not issuables.may_read(call.world, call.viewer, found):
        raise record_not_found()
    return found


def editable_issue(call: Call, name: str = "issue_iid") -> Issue:
    """The issue of the path, if the caller may edit it; ApiError 403 otherwise."""
    found = issue(call, name)
    if not issuables.may_edit(call.world, call.user, found) or call.world.projects[found.project_id].archived:
        raise forbidden()
    return found


def merge_request(call: Call, name: str = "merge_request_iid") -> MergeRequest:
    """The merge request of the path, as far as the caller may read it."""
    project = call.project()
    number = call.number(name)
    may_read(call, project)
    found = call.world.merge_requests.one(project_id=project.id, iid=number)
    if found is None:
        raise record_not_found()
    return found


def editable_merge_request(call: Call, name: str = "merge_request_iid") -> MergeRequest:
    """The merge request of the path, if the caller may edit it; ApiError 403 otherwise."""
    found = merge_request(call, name)
    if not issuables.may_edit(call.world, call.user, found) or call.world.projects[found.project_id].archived:
        raise forbidden()
    return found


def may_read(call: Call, project: Project) -> None:
    """ApiError 403 unless the caller may read the project's merge requests."""
    if not project.merge_requests_enabled or not code_access.can_read_code(call.world, call.viewer, project):
        raise forbidden()
