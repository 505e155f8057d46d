"""Groups and subgroups: list, create, read, change, delete."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.sandbox import permissions
from bot.sandbox.api import Answer, Call, find_group
from bot.sandbox.errors import ApiError, bad_request, forbidden, not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import namespace as represent
from bot.sandbox.represent import project as projects
from bot.sandbox.routing import routes
from bot.sandbox.rules import namespaces, removal
from bot.sandbox.rules import projects as moves
from bot.sandbox.world import Access, Namespace

_ORDERS = {
    "name": lambda g: g.name.lower(),
    "path": lambda g: g.full_path.lower(),
    "id": lambda g: g.id,
    "similarity": lambda g: g.id,
}
_VISIBILITIES = ("private", "internal", "public")
_MOST_PROJECTS = 100
_TEXTS = ("description", "project_creation_level", "subgroup_creation_level", "default_branch")
_SWITCHES = (
    "request_access_enabled",
    "lfs_enabled",
    "share_with_group_lock",
    "require_two_factor_authentication",
    "emails_enabled",
    "mentions_disabled",
    "auto_devops_enabled",
)
_DEFAULTS = {
    "order_by": "name",
    "owned": "false",
    "sort": "asc",
    "statistics": "false",
    "with_custom_attributes": "false",
}


@routes.get("/groups")
def index(call: Call) -> Answer:
    """Every group that the caller sees."""
    found = call.world.namespaces.where(kind="group")
    if call.params.boolean("top_level_only"):
        found = [group for group in found if group.parent_id is None]
    return _listed(call, found)


@routes.get("/groups/:id/subgroups")
def subgroups(call: Call) -> Answer:
    """Groups right below."""
    return _listed(call, call.world.namespaces.where(parent_id=call.group().id))


@routes.get("/groups/:id/descendant_groups")
def descendants(call: Call) -> Answer:
    """Groups at any depth below."""
    return _listed(call, namespaces.descendants(call.world, call.group()))


def _listed(call: Call, groups: Iterable[Namespace]) -> Answer:
    params = call.params
    key = _ORDERS[params.choice("order_by", _ORDERS) or "name"]
    descending = params.choice("sort", ("asc", "desc")) == "desc"
    minimum = Access.OWNER if params.boolean("owned") else params.integer("min_access_level")
    search, visibility = (params.text("search") or "").lower(), params.choice("visibility", _VISIBILITIES)
    skipped = params.integers("skip_groups") or ()
    chosen = [
        group
        for group in groups
        if group.id not in skipped
        and (search in group.name.lower() or search in group.full_path.lower())
        and visibility in (None, group.visibility)
        and _reached(call, group, minimum)
    ]
    chosen.sort(key=key, reverse=descending)
    return paginate(call, chosen, lambda group: represent.group(call.world, group), _DEFAULTS)


def _reached(call: Call, group: Namespace, minimum: int | None) -> bool:
    if minimum is None and call.params.boolean("all_available") is not False:
        return permissions.can_read_group(call.world, call.viewer, group)
    if call.viewer is None:
        return False
    return permissions.group_member_access(call.world, call.viewer, group) >= (minimum or Access.GUEST)


@routes.post("/groups")
def create(call: Call) -> Answer:
    """A new group, below `parent_id` where given."""
    call.params.need("name", "path")
    name, path = call.params.needed("name"), call.params.needed("path")
    parent = _parent(call)
    visibility = call.params.choice("visibility", _VISIBILITIES) or (parent.visibility if parent else "private")
    try:
        group = namespaces.create_group(call.world, call.user, name, path, parent, visibility)
    except ApiError as error:
        raise ApiError(400, {"message": f"Failed to save group {_inspected(error.body['message'])}"}) from error
    _fill(call, group)
    return Answer(represent.group_detail(call.world, group), 201)


def _inspected(errors: Mapping[str, list[str]]) -> str:
    """Errors of a record as Ruby's Hash#inspect writes them."""
    return "{" + ", ".join(f":{name}=>{json.dumps(messages)}" for name, messages in errors.items()) + "}"


def _parent(call: Call) -> Namespace | None:
    parent_id = call.params.integer("parent_id")
    if parent_id is None:
        if not call.user.can_create_group and not call.user.admin:
            raise forbidden()
        return None
    parent = find_group(call.world, str(parent_id))
    if parent is None or not permissions.can_read_group(call.world, call.user, parent):
        raise not_found("Group")
    if permissions.group_access(call.world, call.user, parent) < Access.MAINTAINER:
        raise forbidden()
    return parent


@routes.get("/groups/:id")
def show(call: Call) -> Answer:
    """One group, with its projects unless `with_projects` is false."""
    group = call.group()
    body = represent.group_detail(call.world, group)
    if call.params.boolean("with_projects") is not False:
        body |= {"projects": _projects(call, group), "shared_projects": []}
    return Answer(body)


def _projects(call: Call, group: Namespace) -> list[dict[str, Any]]:
    seen = [project for project in call.world.projects.where(namespace_id=group.id) if call.reads(project)]
    newest = list(reversed(seen))[:_MOST_PROJECTS]
    if call.viewer is None:
        return [projects.basic(call.world, project) for project in newest]
    return [projects.whole(call.world, project, call.viewer) for project in newest]


@routes.put("/groups/:id")
def update(call: Call) -> Answer:
    """Change settings, name or path."""
    group = call.group(Access.OWNER)
    path = call.params.text("path")
    if path is not None and path != group.path:
        namespaces.rename(call.world, group, path, call.world.namespaces.get(group.parent_id))
    group.name = call.params.text("name") or group.name
    group.visibility = call.params.choice("visibility", _VISIBILITIES) or group.visibility
    _fill(call, group)
    return Answer(represent.group_detail(call.world, group) | {"projects": [], "shared_projects": []})


def _fill(call: Call, group: Namespace) -> None:
    for name in _TEXTS:
        if name in call.params:
            setattr(group, name, call.params.text(name) or "")
    for name in _SWITCHES:
        if name in call.params:
            setattr(group, name, call.params.boolean(name))


@routes.delete("/groups/:id")
def delete(call: Call) -> Answer:
    """Mark for deletion; `permanently_remove` with the full path removes a marked subgroup at once."""
    group = call.group(Access.OWNER)
    if call.params.boolean("permanently_remove"):
        if group.marked_for_deletion_on is None:
            raise bad_request("Group must be marked for deletion first.")
        if call.params.text("full_path") != group.full_path:
            raise bad_request("`full_path` is incorrect. You must enter the complete path for the group.")
        removal.delete_group(call.world, group)
    elif group.marked_for_deletion_on is not None:
        raise bad_request("Group has been already marked for deletion")
    else:
        group.marked_for_deletion_on = call.world.now().date()
    return Answer({"message": "202 Accepted"}, 202)


@routes.post("/groups/:id/restore")
def restore(call: Call) -> Answer:
    """Take a group back from deletion."""
    group = call.group(Access.OWNER)
    group.marked_for_deletion_on = None
    return Answer(represent.group(call.world, group), 201)


@routes.post("/groups/:id/projects/:project_id")
def take_project(call: Call) -> Answer:
    """Move a project into the group."""
    group, project = call.group(Access.OWNER), call.project(Access.OWNER, "project_id")
    if project.namespace_id == group.id:
        raise ApiError(400, {"message": "Failed to transfer project"})
    moves.move(call.world, project, group, project.path)
    return Answer(represent.group_detail(call.world, group) | {"projects": [], "shared_projects": []}, 201)
