"""Protected branches and tags: rules over names and wildcards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, conflict, forbidden, record_not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.parameters import Parameters
from bot.sandbox.represent import branch as represent
from bot.sandbox.routing import routes
from bot.sandbox.rules import code_access
from bot.sandbox.rules.protections import ADMINISTRATORS, NO_ONE, AccessEntry
from bot.sandbox.world import Access, Project, ProtectedBranch, ProtectedTag

_LEVELS = (int(Access.DEVELOPER), int(Access.MAINTAINER), ADMINISTRATORS, NO_ONE)
_MAINTAINERS: tuple[AccessEntry, ...] = ((int(Access.MAINTAINER), None, None),)

# parameter of one level, parameter of a list, field, kind (as `represent` numbers entries)
_BRANCH_FIELDS = (
    ("push_access_level", "allowed_to_push", "push_access", 1),
    ("merge_access_level", "allowed_to_merge", "merge_access", 2),
    ("unprotect_access_level", "allowed_to_unprotect", "unprotect_access", 3),
)
_SWITCHES = ("allow_force_push", "code_owner_approval_required")


@routes.get("/projects/:id/protected_branches")
def branches(call: Call) -> Answer:
    """The rules of a project, for all who may read its code."""
    project = _readable(call)
    term = call.params.text("search") or ""
    found = [r for r in call.world.protected_branches.where(project_id=project.id) if term.lower() in r.name.lower()]
    return paginate(call, found, lambda rule: represent.protected(call.world, rule))


@routes.get("/projects/:id/protected_branches/:name")
def branch(call: Call) -> Answer:
    """One rule."""
    return Answer(represent.protected(call.world, _branch_rule(call, _readable(call))))


@routes.post("/projects/:id/protected_branches")
def protect_branch(call: Call) -> Answer:
    """A new rule; maintainers may push and merge unless said otherwise."""
    project = call.project(Access.MAINTAINER)
    name = call.params.needed("name")
    if call.world.protected_branches.one(project_id=project.id, name=name) is not None:
        raise conflict(f"Protected branch '{name}' already exists")
    rule = ProtectedBranch(project_id=project.id, name=name)
    for single, several, field, kind in _BRANCH_FIELDS:
        entries = _entries(call.params, single, several, (), 0, kind)
        if entries:
            setattr(rule, field, entries)
    _switch(call.params, rule)
    return Answer(represent.protected(call.world, call.world.protected_branches.add(rule)), 201)


@routes.patch("/projects/:id/protected_branches/:name")
def update_branch(call: Call) -> Answer:
    """Change a rule; list entries are added, changed by `id`, or removed with `_destroy`."""
    rule = _own_rule(call)
    for single, several, field, kind in _BRANCH_FIELDS:
        if single in call.params or several in call.params:
            setattr(rule, field, _entries(call.params, single, several, getattr(rule, field), rule.id, kind))
    _switch(call.params, rule)
    return Answer(represent.protected(call.world, rule))


@routes.delete("/projects/:id/protected_branches/:name")
def unprotect_branch(call: Call) -> Answer:
    """Lift a rule."""
    call.world.protected_branches.remove(_own_rule(call))
    return Answer(None, 204)


@routes.get("/projects/:id/protected_tags")
def tags(call: Call) -> Answer:
    """The tag rules of a project."""
    project = call.project(Access.MAINTAINER)
    found = call.world.protected_tags.where(project_id=project.id)
    return paginate(call, found, lambda rule: represent.protected_tag(call.world, rule))


@routes.get("/projects/:id/protected_tags/:name")
def tag(call: Call) -> Answer:
    """One tag rule."""
    return Answer(represent.protected_tag(call.world, _tag_rule(call)))


@routes.post("/projects/:id/protected_tags")
def protect_tag(call: Call) -> Answer:
    """A new tag rule; maintainers may create unless said otherwise."""
    project = call.project(Access.MAINTAINER)
    name = call.params.needed("name")
    if call.world.protected_tags.one(project_id=project.id, name=name) is not None:
        raise ApiError(422, {"message": ["Name has already been taken"]})
    entries = _entries(call.params, "create_access_level", "allowed_to_create", (), 0, 4) or _MAINTAINERS
    rule = call.world.protected_tags.add(ProtectedTag(project_id=project.id, name=name, create_access=entries))
    return Answer(represent.protected_tag(call.world, rule), 201)


@routes.delete("/projects/:id/protected_tags/:name")
def unprotect_tag(call: Call) -> Answer:
    """Lift a tag rule."""
    call.world.protected_tags.remove(_tag_rule(call))
    return Answer(None, 204)


def _readable(call: Call) -> Project:
    project = call.project()
    if not code_access.can_read_code(call.world, call.viewer, project):
        raise forbidden()
    return project


def _own_rule(call: Call) -> ProtectedBranch:
    """The rule for a change: GitLab looks for it before it asks who changes it."""
    rule = _branch_rule(call, call.project())
    call.project(Access.MAINTAINER)
    return rule


def _branch_rule(call: Call, project: Project) -> ProtectedBranch:
    rule = call.world.protected_branches.one(project_id=project.id, name=call.path["name"])
    if rule is None:
        raise record_not_found()
    return rule


def _tag_rule(call: Call) -> ProtectedTag:
    project = call.project(Access.MAINTAINER)
    rule = call.world.protected_tags.one(project_id=project.id, name=call.path["name"])
    if rule is None:
        raise record_not_found()
    return rule


def _switch(params: Parameters, rule: ProtectedBranch) -> None:
    for name in _SWITCHES:
        wanted = params.boolean(name)
        if wanted is not None:
            setattr(rule, name, wanted)


def _entries(
    params: Parameters, single: str, several: str, before: tuple[AccessEntry, ...], rule_id: int, kind: int
) -> tuple[AccessEntry, ...]:
    standing = {represent.entry_id(rule_id, kind, at): entry for at, entry in enumerate(before)}
    level = _level(params, single)
    if level is not None:
        standing = {0: (level, None, None)}
    listed = params.raw(several) or []
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise ApiError(400, {"error": f"{several} is invalid"})
    for position, values in enumerate(listed):
        _apply(standing, values, -1 - position)
    return tuple(standing.values())


def _apply(standing: dict[int, AccessEntry], values: Mapping[str, Any], new_id: int) -> None:
    entry = Parameters(values)
    id_ = entry.integer("id") or new_id
    if entry.boolean("_destroy"):
        standing.pop(id_, None)
    else:
        standing[id_] = (_level(entry, "access_level"), entry.integer("user_id"), entry.integer("group_id"))


def _level(params: Parameters, name: str) -> int | None:
    level = params.integer(name)
    if level is not None and level not in _LEVELS:
        raise ApiError(400, {"error": f"{name} does not have a valid value"})
    return level
