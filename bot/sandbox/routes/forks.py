"""Forks of a project, and the lists of projects that hang on something else."""

from __future__ import annotations

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call, find_namespace, find_user
from bot.sandbox.errors import ApiError, conflict, not_found
from bot.sandbox.represent import project as represent
from bot.sandbox.routes.projects import DEFAULTS, list_projects
from bot.sandbox.routing import routes
from bot.sandbox.rules import code_access, namespaces, project_search, projects
from bot.sandbox.world import Access, Namespace

_GROUP_DEFAULTS = {
    "include_ancestor_groups": "false",
    "include_subgroups": "false",
    "order_by": "created_at",
    "owned": "false",
    "simple": "false",
    "sort": "desc",
    "starred": "false",
    "with_custom_attributes": "false",
    "with_issues_enabled": "false",
    "with_merge_requests_enabled": "false",
    "with_security_reports": "false",
    "with_shared": "true",
}


@routes.post("/projects/:id/fork")
def fork(call: Call) -> Answer:
    """A copy of the project in the caller's or the given namespace. 409 where the name is taken."""
    source = call.project()
    if not code_access.can_read_code(call.world, call.user, source):
        raise not_found()
    target = _target(call)
    name, path = call.params.text("name") or source.name, call.params.text("path") or source.path
    try:
        copy = projects.create_project(
            call.world,
            call.user,
            target,
            name,
            path,
            visibility=call.params.choice("visibility", project_search.VISIBILITIES) or source.visibility,
            fields={
                "description": call.params.text("description") or source.description,
                "forked_from_id": source.id,
                # What a pipeline does is in the repository's files, and those are copied.
                "pipeline_outcome": source.pipeline_outcome,
                "pipeline_seconds": source.pipeline_seconds,
                "merge_method": source.merge_method,
                "readme_path": source.readme_path,
            },
        )
    except ApiError as error:
        raise conflict(error.body["message"]) from error
    repositories.fork(call.world, source, copy)
    projects.protect_default_branch(call.world, copy)
    return Answer({**represent.whole(call.world, copy, call.user), "import_status": "scheduled"}, 201)


def _target(call: Call) -> Namespace:
    asked = [call.params.text(name) for name in ("namespace_id", "namespace_path", "namespace")]
    wanted = next((value for value in asked if value), str(call.user.namespace_id))
    target = find_namespace(call.world, wanted)
    if target is None or not namespaces.may_create_projects(call.world, call.user, target):
        raise not_found("Target Namespace")
    return target


@routes.delete("/projects/:id/fork")
def unfork(call: Call) -> Answer:
    """Cut the tie to the project that this one was forked from."""
    project = call.project(Access.OWNER)
    if project.forked_from_id is None:
        return Answer(None, 304)
    project.forked_from_id = None
    return Answer(None, 204)


@routes.get("/projects/:id/forks")
def forks(call: Call) -> Answer:
    """Forks of the project that the caller sees."""
    among = call.world.projects.where(forked_from_id=call.project().id)
    return list_projects(call, project_search.select(call.world, call.viewer, call.params, among), DEFAULTS)


@routes.get("/users/:id/projects")
def owned_by(call: Call) -> Answer:
    """Projects in a user's own namespace."""
    user = find_user(call.world, call.path["id"])
    if user is None:
        raise not_found("User")
    among = call.world.projects.where(namespace_id=user.namespace_id)
    found = project_search.select(call.world, call.viewer, call.params, among)
    return list_projects(call, found, {**DEFAULTS, "statistics": "false"})


@routes.get("/groups/:id/projects")
def of_group(call: Call) -> Answer:
    """Projects of a group; with `include_subgroups` those of the groups below too."""
    group = call.group()
    among = (
        namespaces.projects_below(call.world, group)
        if call.params.boolean("include_subgroups")
        else call.world.projects.where(namespace_id=group.id)
    )
    found = project_search.select(call.world, call.viewer, call.params, among)
    return list_projects(call, found, _GROUP_DEFAULTS, represent.whole)
