"""Labels of projects and groups."""

from __future__ import annotations

from typing import Any

from bot.sandbox import permissions
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, conflict, forbidden, not_found, unauthorized
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import label as represent
from bot.sandbox.routing import routes
from bot.sandbox.rules import labels
from bot.sandbox.rules.labels import Owner
from bot.sandbox.world import Access, Label, Project

UPDATES = ("new_name", "color", "description", "priority", "archived")


@routes.get("/projects/:id/labels", public=False)
def of_project(call: Call) -> Answer:
    """Labels that the project can use."""
    return _list(call, call.project())


@routes.get("/groups/:id/labels", public=False)
def of_group(call: Call) -> Answer:
    """Labels that the group can use."""
    return _list(call, call.group())


@routes.get("/projects/:id/labels/:name", public=False)
def get_of_project(call: Call) -> Answer:
    """One label of a project, by id or name."""
    return _get(call, call.project())


@routes.get("/groups/:id/labels/:name", public=False)
def get_of_group(call: Call) -> Answer:
    """One label of a group, by id or name."""
    return _get(call, call.group())


@routes.post("/projects/:id/labels")
def create_in_project(call: Call) -> Answer:
    """A new label of a project."""
    return _create(call, call.project(Access.PLANNER))


@routes.post("/groups/:id/labels")
def create_in_group(call: Call) -> Answer:
    """A new label of a group."""
    return _create(call, call.group(Access.PLANNER))


@routes.put("/projects/:id/labels/:name")
def update_in_project(call: Call) -> Answer:
    """Change a label of a project."""
    return _update(call, call.project(Access.PLANNER), call.path["name"])


@routes.put("/groups/:id/labels/:name")
def update_in_group(call: Call) -> Answer:
    """Change a label of a group."""
    return _update(call, call.group(Access.PLANNER), call.path["name"])


@routes.put("/projects/:id/labels")
def update_named(call: Call) -> Answer:
    """Change a label that the parameters name, as it was done before 12.4."""
    return _update(call, call.project(Access.PLANNER), _named(call))


@routes.put("/groups/:id/labels")
def update_named_in_group(call: Call) -> Answer:
    """Change a label that the parameters name, as it was done before 12.4."""
    return _update(call, call.group(Access.PLANNER), _named(call))


@routes.delete("/projects/:id/labels/:name")
def delete_from_project(call: Call) -> Answer:
    """Delete a label of a project."""
    return _delete(call, call.project(Access.PLANNER), call.path["name"])


@routes.delete("/groups/:id/labels/:name")
def delete_from_group(call: Call) -> Answer:
    """Delete a label of a group."""
    return _delete(call, call.group(Access.PLANNER), call.path["name"])


@routes.delete("/projects/:id/labels")
def delete_named(call: Call) -> Answer:
    """Delete a label that the parameters name, as it was done before 12.4."""
    return _delete(call, call.project(Access.PLANNER), _named(call))


@routes.delete("/groups/:id/labels")
def delete_named_from_group(call: Call) -> Answer:
    """Delete a label that the parameters name, as it was done before 12.4."""
    return _delete(call, call.group(Access.PLANNER), call.params.needed("name"))


@routes.put("/projects/:id/labels/:name/promote")
def promote(call: Call) -> Answer:
    """Make a label of a project one of its group."""
    project = call.project()
    group = call.world.namespaces[project.namespace_id]
    if group.kind != "group":
        raise ApiError(400, {"message": "Failed to promote project label to group label"})
    if permissions.group_access(call.world, call.user, group) < Access.PLANNER:
        raise forbidden()
    label = _found(call, project, call.path["name"], ancestors=False)
    label.source_type, label.source_id, label.updated_at = "Group", group.id, call.world.now()
    return Answer(represent.whole(call.world, call.user, label, None, counts=False))


@routes.post("/projects/:id/labels/:name/subscribe")
def subscribe(call: Call) -> Answer:
    """Be told of what gets this label; 304 for those who are."""
    return _subscription(call, True)


@routes.post("/projects/:id/labels/:name/unsubscribe")
def unsubscribe(call: Call) -> Answer:
    """Be left alone; 304 for those who are."""
    return _subscription(call, False)


def _subscription(call: Call, wanted: bool) -> Answer:
    label = _found(call, call.project(), call.path["name"], ancestors=True)
    if (call.user.id in label.subscriber_ids) == wanted:
        return Answer(None, 304)
    others = tuple(id_ for id_ in label.subscriber_ids if id_ != call.user.id)
    label.subscriber_ids = (*others, call.user.id) if wanted else others
    return Answer(_shown(call, call.project(), label), 201)


def _named(call: Call) -> str:
    name = call.params.text("label_id") or call.params.text("name")
    if name is None:
        raise ApiError(400, {"error": "label_id, name are missing, exactly one parameter must be provided"})
    return name


def _shown(call: Call, owner: Owner, label: Label, *, counts: bool = True) -> dict[str, Any]:
    project = owner if isinstance(owner, Project) else None
    return represent.whole(call.world, call.user, label, project, counts=counts)


def _found(call: Call, owner: Owner, name: str, *, ancestors: bool) -> Label:
    label = labels.find(call.world, owner, name, ancestors=ancestors)
    if label is None:
        raise not_found("Label")
    return label


def _ancestors(call: Call) -> bool:
    return call.params.boolean("include_ancestor_groups") is not False


def _list(call: Call, owner: Owner) -> Answer:
    if call.viewer is None:
        raise unauthorized()
    counts = bool(call.params.boolean("with_counts"))
    search = (call.params.text("search") or "").lower()
    found = [
        label
        for label in labels.available(call.world, owner, ancestors=_ancestors(call))
        if search in label.name.lower() or search in (label.description or "").lower()
    ]
    defaults = {"include_ancestor_groups": "true", "with_counts": "false"}
    return paginate(call, found, lambda label: _shown(call, owner, label, counts=counts), defaults)


def _get(call: Call, owner: Owner) -> Answer:
    found = _found(call, owner, call.path["name"], ancestors=_ancestors(call))
    return Answer(_shown(call, owner, found, counts=False))


def _create(call: Call, owner: Owner) -> Answer:
    call.params.need("name", "color")
    name, color = call.params.text("name") or "", call.params.text("color") or ""
    if labels.named(call.world, owner, name) is not None:
        raise conflict("Label already exists")
    label = labels.create(call.world, owner, name, color, call.params.text("description"))
    label.priority = call.params.integer("priority")
    return Answer(_shown(call, owner, label, counts=False), 201)


def _update(call: Call, owner: Owner, name: str) -> Answer:
    call.params.need_one(*UPDATES)
    label = _found(call, owner, name, ancestors=False)
    params = call.params
    new_name = params.text("new_name")
    if new_name and new_name != label.name:
        if labels.named(call.world, owner, new_name, ancestors=False):
            raise ApiError(400, {"message": {"title": ["has already been taken"]}})
        label.name = new_name
    if color := params.text("color"):
        label.color, label.text_color = labels.valid_color(color), labels.text_color(color)
    if "description" in params:
        label.description = params.text("description")
    if "priority" in params and isinstance(owner, Project):
        label.priority = params.integer("priority")
    label.updated_at = call.world.now()
    return Answer(_shown(call, owner, label, counts=False))


def _delete(call: Call, owner: Owner, name: str) -> Answer:
    label = _found(call, owner, name, ancestors=False)
    if label.source_type == "Group" and isinstance(owner, Project):
        raise forbidden()
    labels.delete(call.world, label)
    return Answer(None, 204)
