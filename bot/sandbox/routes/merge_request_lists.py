"""Lists of merge requests: of a project, of a group with all below it, of everything that the caller sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import unauthorized
from bot.sandbox.pagination import paginate
from bot.sandbox.parameters import Parameters
from bot.sandbox.represent import merge_request as represent
from bot.sandbox.routes import issuable_lookup
from bot.sandbox.routing import routes
from bot.sandbox.rules import code_access, finding, reach, standing
from bot.sandbox.world import MergeRequest, Namespace, Project

_SPANNING = {"non_archived": "true"}
_DEFAULTS = {
    "order_by": "created_at",
    "sort": "desc",
    "state": "all",
    "with_labels_details": "false",
    "with_merge_status_recheck": "false",
}


@routes.get("/projects/:id/merge_requests")
def of_project(call: Call) -> Answer:
    """The project's merge requests."""
    project = call.project()
    issuable_lookup.may_read(call, project)
    return _listed(call, _of(call, [project]), project)


@routes.get("/groups/:id/merge_requests")
def of_group(call: Call) -> Answer:
    """The merge requests of the group's projects and of those below it."""
    group = call.group()
    return _listed(call, _of(call, reach.group_projects(call.world, call.viewer, group, call.params)), group, _SPANNING)


@routes.get("/merge_requests")
def everywhere(call: Call) -> Answer:
    """The caller's own merge requests; with `scope=all` those of everyone."""
    if call.params.raw("scope") is None:
        call.params = Parameters({**call.params.values, "scope": "created_by_me"})
    if call.viewer is None and call.params.raw("scope") != "all":
        raise unauthorized()
    return _listed(call, _anywhere(call), None, {"scope": "created_by_me"})


def _of(call: Call, projects: Iterable[Project]) -> Iterable[MergeRequest]:
    world = call.world
    return (
        subject
        for project in projects
        if _open_to(call, project)
        for subject in world.merge_requests.where(project_id=project.id)
    )


def _anywhere(call: Call) -> Iterable[MergeRequest]:
    world, viewer = call.world, call.viewer
    readable = reach.Readable(world, viewer)
    for subject in reach.candidates(world, viewer, call.params, world.merge_requests):
        project = readable.project(subject.project_id)
        if project is not None and _open_to(call, project):
            yield subject


def _open_to(call: Call, project: Project) -> bool:
    return project.merge_requests_enabled and code_access.can_read_code(call.world, call.viewer, project)


def _listed(
    call: Call,
    candidates: Iterable[MergeRequest],
    seen_from: Project | Namespace | None,
    extra: dict[str, str] | None = None,
) -> Answer:
    world = call.world
    found = finding.found(world, call.viewer, call.params, candidates)
    recheck = bool(call.params.boolean("with_merge_status_recheck"))
    brief = call.params.choice("view", ("simple",)) is not None
    details = bool(call.params.boolean("with_labels_details"))

    def show(subject: MergeRequest) -> dict[str, Any]:
        if recheck:
            # A request, not a guarantee: this list shows what was known before.
            world.loop.spawn(standing.settle(world, subject))
        return (
            represent.simple(world, subject) if brief else represent.basic(world, subject, seen_from, details=details)
        )

    return paginate(call, found, show, {**_DEFAULTS, **(extra or {})})
