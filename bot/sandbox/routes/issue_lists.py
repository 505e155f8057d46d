"""Lists of issues: of a project, of a group with all below it, of everything that the caller sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import unauthorized
from bot.sandbox.pagination import paginate
from bot.sandbox.parameters import Parameters
from bot.sandbox.represent import issue as represent
from bot.sandbox.routing import routes
from bot.sandbox.rules import finding, issuables, reach
from bot.sandbox.world import Issue, Namespace, Project

_SPANNING = {"non_archived": "true"}
_DEFAULTS = {"order_by": "created_at", "sort": "desc", "state": "all", "with_labels_details": "false"}


@routes.get("/projects/:id/issues")
def of_project(call: Call) -> Answer:
    """The project's issues."""
    project = call.project()
    return _listed(call, _of(call, [project]), project)


@routes.get("/groups/:id/issues")
def of_group(call: Call) -> Answer:
    """The issues of the group's projects and of those below it."""
    group = call.group()
    return _listed(call, _of(call, reach.group_projects(call.world, call.viewer, group, call.params)), group, _SPANNING)


@routes.get("/issues")
def everywhere(call: Call) -> Answer:
    """The caller's own issues; with `scope=all` those of everyone."""
    _default_scope(call)
    return _listed(call, _anywhere(call), None, {"scope": "created_by_me", **_SPANNING})


@routes.get("/projects/:id/issues_statistics")
def project_statistics(call: Call) -> Answer:
    """How many issues of the project are open and closed."""
    return _statistics(call, _of(call, [call.project()]))


@routes.get("/groups/:id/issues_statistics")
def group_statistics(call: Call) -> Answer:
    """How many issues of the group are open and closed."""
    return _statistics(call, _of(call, reach.group_projects(call.world, call.viewer, call.group(), call.params)))


@routes.get("/issues_statistics")
def statistics(call: Call) -> Answer:
    """How many of the caller's issues (of everyone's, with `scope=all`) are open and closed."""
    _default_scope(call)
    return _statistics(call, _anywhere(call))


def _default_scope(call: Call) -> None:
    if call.params.raw("scope") is None:
        call.params = Parameters({**call.params.values, "scope": "created_by_me"})
    if call.viewer is None and call.params.raw("scope") != "all":
        raise unauthorized()


def _of(call: Call, projects: Iterable[Project]) -> Iterable[Issue]:
    world = call.world
    return (
        issue
        for project in projects
        if project.issues_enabled
        for issue in world.issues.where(project_id=project.id)
        if issuables.may_read(world, call.viewer, issue)
    )


def _anywhere(call: Call) -> Iterable[Issue]:
    world, viewer = call.world, call.viewer
    readable = reach.Readable(world, viewer)
    for issue in reach.candidates(world, viewer, call.params, world.issues):
        project = readable.project(issue.project_id)
        if project is None or not reach.spans(call.params, project):
            continue
        if project.issues_enabled and issuables.may_read(world, viewer, issue):
            yield issue


def _listed(
    call: Call, candidates: Iterable[Issue], seen_from: Project | Namespace | None, extra: dict[str, str] | None = None
) -> Answer:
    found = finding.found(call.world, call.viewer, call.params, candidates)
    details = bool(call.params.boolean("with_labels_details"))

    def show(issue: Issue) -> dict[str, Any]:
        return represent.listed(call.world, issue, seen_from, details=details)

    return paginate(call, found, show, {**_DEFAULTS, **(extra or {})})


def _statistics(call: Call, candidates: Iterable[Issue]) -> Answer:
    found = finding.found(call.world, call.viewer, call.params, candidates)
    opened = sum(issue.state == "opened" for issue in found)
    counts = {"all": len(found), "closed": len(found) - opened, "opened": opened}
    return Answer({"statistics": {"counts": counts}})
