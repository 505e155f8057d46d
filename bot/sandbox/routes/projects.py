"""Projects: list, create, read, change, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call, find_namespace
from bot.sandbox.errors import ApiError, bad_request, forbidden, invalid_record, not_found
from bot.sandbox.pagination import limit_offset, paginate, paginate_by_id
from bot.sandbox.represent import project as represent
from bot.sandbox.routing import routes
from bot.sandbox.rules import namespaces, project_search, project_settings, projects, removal
from bot.sandbox.world import Access, Namespace, Project, User, World

Show = Callable[[World, Project, User], dict[str, Any]]

DEFAULTS = {
    "imported": "false",
    "include_hidden": "false",
    "membership": "false",
    "order_by": "created_at",
    "owned": "false",
    "repository_checksum_failed": "false",
    "simple": "false",
    "sort": "desc",
    "starred": "false",
    "wiki_checksum_failed": "false",
    "with_custom_attributes": "false",
    "with_issues_enabled": "false",
    "with_merge_requests_enabled": "false",
}


@routes.get("/projects")
def index(call: Call) -> Answer:
    """Every project that the caller sees and the filters let through."""
    if call.params.raw("pagination") != "keyset":
        limit_offset(call, "Project")
    found = project_search.select(call.world, call.viewer, call.params)
    return list_projects(call, found, {**DEFAULTS, "statistics": "false"})


def list_projects(
    call: Call, found: list[Project], defaults: Mapping[str, str], fully: Show = represent.with_access
) -> Answer:
    """The page of `found` that the call asks for, as simple as it asks, or shown `fully`."""

    def show(project: Project) -> dict[str, Any]:
        if call.viewer is None or call.params.boolean("simple"):
            return represent.basic(call.world, project)
        return fully(call.world, project, call.viewer)

    if call.params.raw("pagination") != "keyset":
        return paginate(call, found, show, defaults)
    order = project_search.order_of(call.params)
    if order.by not in {"id", "created_at"}:
        raise ApiError(405, {"error": "Keyset pagination is not yet available for this type of request"})
    return paginate_by_id(call, found, show, order.descending)


@routes.post("/projects")
def create(call: Call) -> Answer:
    """A new project in the caller's or the given namespace."""
    call.params.need_one("name", "path")
    name, path = call.params.text("name"), call.params.text("path")
    namespace = _target(call)
    fields, settings = project_settings.read(call.params)
    visibility = fields.pop("visibility", None) or "private"
    branch = fields.pop("default_branch", None) or namespace.default_branch or projects.DEFAULT_BRANCH
    project = projects.create_project(
        call.world,
        call.user,
        namespace,
        name or path or "",
        path or projects.slug(name or ""),
        visibility=visibility,
        fields={**fields, "settings": settings},
    )
    if call.params.boolean("initialize_with_readme"):
        text = f"# {project.name}\n\n{project.description or ''}".rstrip() + "\n"
        projects.give_files(call.world, project, {"README.md": text.encode()}, branch)
    return Answer(represent.whole(call.world, project, call.user), 201)


def _target(call: Call) -> Namespace:
    namespace_id = call.params.integer("namespace_id")
    if namespace_id is None or namespace_id == call.user.namespace_id:
        return call.world.namespaces[call.user.namespace_id]
    namespace = call.world.namespaces.get(namespace_id)
    if namespace is None:
        raise not_found("Namespace")
    if not namespaces.may_create_projects(call.world, call.user, namespace):
        raise invalid_record({"namespace": ["is not valid"]})
    return namespace


@routes.get("/projects/:id")
def show(call: Call) -> Answer:
    """One project."""
    project = call.project()
    body = (
        represent.with_access(call.world, project, call.viewer)
        if call.viewer is not None
        else represent.basic(call.world, project)
    )
    if call.params.boolean("license"):
        body |= {"license_url": None, "license": None}
    if call.params.boolean("statistics") and call.access(project) >= Access.REPORTER:
        body["statistics"] = represent.statistics()
    return Answer(body)


@routes.put("/projects/:id")
def update(call: Call) -> Answer:
    """Change settings, name or path."""
    project = call.project(Access.MAINTAINER)
    fields, settings = project_settings.read(call.params)
    name, path = call.params.text("name"), call.params.text("path")
    if not fields and not settings and name is None and path is None:
        known = ", ".join(("name", "path", *project_settings.FIELDS))
        raise ApiError(400, {"error": f"{known} are missing, at least one parameter must be provided"})
    if "visibility" in fields and call.access(project) < Access.OWNER:
        raise forbidden()
    branch = fields.pop("default_branch", None)
    if branch is not None and branch != project.default_branch:
        _change_default(call, project, branch)
    if name is not None and name != project.name:
        projects.rename(call.world, project, name)
    if path is not None and path != project.path:
        projects.move(call.world, project, call.world.namespaces[project.namespace_id], path)
    for field, value in fields.items():
        setattr(project, field, value)
    project.settings = {**project.settings, **settings}
    project.updated_at = call.world.now()
    return Answer(represent.whole(call.world, project, call.user))


def _change_default(call: Call, project: Project, branch: str) -> None:
    if repositories.opened(call.world, project).branch(branch) is None:
        text = f"Could not set the default branch. Do you have a branch named '{branch}' in your repository?"
        raise invalid_record({"base": [text]})
    repositories.change_default(call.world, project, branch)


@routes.delete("/projects/:id")
def delete(call: Call) -> Answer:
    """Mark for deletion; `permanently_remove` with the full path removes a marked project at once."""
    project = call.project(Access.OWNER)
    if call.params.boolean("permanently_remove"):
        if project.marked_for_deletion_on is None:
            raise bad_request("Project must be marked for deletion first.")
        if call.params.text("full_path") != project.full_path:
            raise bad_request("`full_path` is incorrect. You must enter the complete path for the project.")
        removal.delete_project(call.world, project)
    elif project.marked_for_deletion_on is not None:
        raise bad_request("Project has been already marked for deletion")
    else:
        projects.mark_for_deletion(call.world, project)
    return Answer({"message": "202 Accepted"}, 202)


@routes.post("/projects/:id/restore")
def restore(call: Call) -> Answer:
    """Take a project back from deletion."""
    project = call.project(Access.OWNER)
    projects.restore(call.world, project)
    return Answer(represent.whole(call.world, project, call.user), 201)


@routes.post("/projects/:id/archive")
def archive(call: Call) -> Answer:
    """Make the project read-only."""
    return _archived(call, True)


@routes.post("/projects/:id/unarchive")
def unarchive(call: Call) -> Answer:
    """Make the project writable again."""
    return _archived(call, False)


def _archived(call: Call, archived: bool) -> Answer:
    project = call.project(Access.OWNER)
    project.archived = archived
    project.updated_at = call.world.now()
    return Answer(represent.whole(call.world, project, call.user), 201)


@routes.put("/projects/:id/transfer")
def transfer(call: Call) -> Answer:
    """Move the project into another namespace."""
    project = call.project(Access.OWNER)
    target = find_namespace(call.world, call.params.needed("namespace"))
    if target is None or not namespaces.may_create_projects(call.world, call.user, target):
        raise not_found("Namespace")
    projects.move(call.world, project, target, project.path)
    return Answer(represent.whole(call.world, project, call.user))
