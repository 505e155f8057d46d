"""Members of projects and groups, direct and inherited."""

from __future__ import annotations

from typing import Any

from bot.sandbox import permissions
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, conflict, forbidden, not_found, record_not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import user as users
from bot.sandbox.represent.times import day, timestamp
from bot.sandbox.routes.sources import Source, kind, register, source
from bot.sandbox.rules import accounts
from bot.sandbox.webhooks import system_events
from bot.sandbox.world import Access, Member, Project, User

_LEVELS = frozenset(
    {Access.MINIMAL, Access.GUEST, Access.PLANNER, Access.REPORTER, Access.DEVELOPER, Access.MAINTAINER, Access.OWNER}
)


def represent(call: Call, member: Member) -> dict[str, Any]:
    """API::Entities::Member."""
    user = call.world.users[member.user_id]
    shown = {
        "access_level": member.access_level,
        "created_at": timestamp(member.created_at),
        "expires_at": day(member.expires_at),
        **users.basic(call.world, user),
        "membership_state": "active",
    }
    creator = users.basic_by_id(call.world, member.created_by_id)
    return shown if creator is None else {**shown, "created_by": creator}


def _managed(call: Call) -> Source:
    return source(call, Access.MAINTAINER, Access.OWNER)


def _direct(call: Call, of: Source) -> list[Member]:
    return call.world.members.where(source_type=kind(of), source_id=of.id)


def _with_inherited(call: Call, of: Source) -> list[Member]:
    """One membership per user, the highest, from the source and the groups above."""
    best = {member.user_id: member for member in _direct(call, of)}
    above = of.namespace_id if isinstance(of, Project) else of.parent_id
    for group in permissions.ancestors(call.world, above):
        for member in _direct(call, group):
            known = best.get(member.user_id)
            if known is None or known.access_level < member.access_level:
                best[member.user_id] = member
    return list(best.values())


def _listed(call: Call, members: list[Member]) -> Answer:
    query, wanted = (call.params.text("query") or "").lower(), call.params.integers("user_ids")
    chosen = [
        member
        for member in members
        if (wanted is None or member.user_id in wanted) and _matches(call.world.users[member.user_id], query)
    ]
    return paginate(call, chosen, lambda member: represent(call, member))


def _matches(user: User, query: str) -> bool:
    return query in user.name.lower() or query in user.username.lower() or query == user.email.lower()


def index(call: Call) -> Answer:
    """Direct members."""
    return _listed(call, _direct(call, source(call)))


def index_all(call: Call) -> Answer:
    """Direct and inherited members."""
    return _listed(call, _with_inherited(call, source(call)))


def _found(call: Call, members: list[Member]) -> Member:
    wanted = call.number("user_id")
    member = next((m for m in members if m.user_id == wanted), None)
    if member is None:
        raise record_not_found()
    return member


def show(call: Call) -> Answer:
    """One direct member."""
    return Answer(represent(call, _found(call, _direct(call, source(call)))))


def show_all(call: Call) -> Answer:
    """One direct or inherited member."""
    return Answer(represent(call, _found(call, _with_inherited(call, source(call)))))


def create(call: Call) -> Answer:
    """Add one user, or several by a list of ids."""
    of = _managed(call)
    call.params.need("access_level")
    level = _level(call, of)
    added = [_added(call, of, user, level) for user in _invited(call)]
    return Answer(represent(call, added[0]) if len(added) == 1 else {"status": "success"}, 201)


def _invited(call: Call) -> list[User]:
    call.params.need_one("user_id", "username")
    ids = call.params.integers("user_id")
    if ids is None:
        found = [call.world.users.one(username=call.params.text("username"))]
    else:
        found = [call.world.users.get(id_) for id_ in ids]
    invited = [user for user in found if user is not None]
    if len(invited) < len(found) or not found:
        raise not_found("User")
    return invited


def _added(call: Call, of: Source, user: User, level: int) -> Member:
    if call.world.members.one(user_id=user.id, source_type=kind(of), source_id=of.id) is not None:
        raise conflict("Member already exists")
    member = accounts.set_member(call.world, kind(of), of.id, user, level, call.user)
    member.expires_at = call.params.date("expires_at")
    return member


def update(call: Call) -> Answer:
    """Change a member's level or last day."""
    of = _managed(call)
    member = _found(call, _direct(call, of))
    call.params.need("access_level")
    member.access_level = _level(call, of)
    if "expires_at" in call.params:
        member.expires_at = call.params.date("expires_at")
    return Answer(represent(call, member))


def delete(call: Call) -> Answer:
    """Remove a member; anyone may leave."""
    of = source(call)
    member = _found(call, _direct(call, of))
    if member.user_id != call.user.id:
        _managed(call)
    call.world.members.remove(member)
    system_events.membership(call.world, member, "remove_from")
    return Answer(None, 204)


def _level(call: Call, of: Source) -> int:
    level = call.params.integer("access_level")
    if level not in _LEVELS:
        raise ApiError(400, {"error": "access_level does not have a valid value"})
    if isinstance(of, Project) and level > call.access(of):
        raise forbidden()
    return level


register(
    "/members",
    (
        ("get", "", index),
        ("post", "", create),
        ("get", "/all", index_all),
        ("get", "/all/:user_id", show_all),
        ("get", "/:user_id", show),
        ("put", "/:user_id", update),
        ("delete", "/:user_id", delete),
    ),
)
