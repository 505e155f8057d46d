"""Namespaces: where the caller may put things."""

from __future__ import annotations

from bot.sandbox import permissions
from bot.sandbox.api import Answer, Call, find_namespace
from bot.sandbox.errors import not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import namespace as represent
from bot.sandbox.routing import routes
from bot.sandbox.world import Access, Namespace


@routes.get("/namespaces", public=False)
def index(call: Call) -> Answer:
    """The caller's own namespace and the groups that it belongs to; all of them for an administrator."""
    search = (call.params.text("search") or "").lower()
    found = [n for n in call.world.namespaces if _belongs(call, n) and search in n.full_path.lower()]
    if call.params.boolean("owned_only"):
        found = [n for n in found if permissions.group_member_access(call.world, call.user, n) >= Access.OWNER]
    if call.params.boolean("top_level_only"):
        found = [n for n in found if n.parent_id is None]
    defaults = {"full_path_search": "false", "top_level_only": "false"}
    return paginate(call, found, lambda shown: represent.namespace(call.world, shown), defaults)


@routes.get("/namespaces/:id", public=False)
def show(call: Call) -> Answer:
    """One namespace by id or path."""
    found = find_namespace(call.world, call.path["id"])
    if found is None or not _belongs(call, found):
        raise not_found("Namespace")
    return Answer(represent.namespace(call.world, found))


@routes.get("/namespaces/:id/exists", public=False)
def exists(call: Call) -> Answer:
    """Whether a path is taken, and what is free instead."""
    path = call.path["id"]
    parent_id = call.params.integer("parent_id")
    parent = call.world.namespaces.get(parent_id)
    taken = call.world.namespaces.one(full_path=f"{parent.full_path}/{path}" if parent is not None else path)
    return Answer({"exists": taken is not None, "suggests": [f"{path}1"] if taken is not None else []})


def _belongs(call: Call, namespace: Namespace) -> bool:
    return call.user.admin or permissions.group_member_access(call.world, call.user, namespace) >= Access.GUEST
