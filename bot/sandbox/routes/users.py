"""Users: the caller, a search, and what an administrator creates and changes."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, conflict, forbidden, not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import user as represent
from bot.sandbox.routing import routes
from bot.sandbox.rules import accounts, removal
from bot.sandbox.world import User

_STATES = {"block": "blocked", "unblock": "active", "deactivate": "deactivated", "activate": "active"}
_TESTS: dict[str, Callable[[User], bool]] = {
    "active": lambda user: user.state == "active",
    "blocked": lambda user: user.state == "blocked",
    "external": lambda user: user.external,
    "humans": lambda user: not user.bot,
    "without_project_bots": lambda user: not user.bot,
    "admins": lambda user: user.admin,
    "exclude_active": lambda user: user.state != "active",
}
_DEFAULTS = {
    "active": "false",
    "blocked": "false",
    "external": "false",
    "skip_ldap": "false",
    "with_custom_attributes": "false",
}


@routes.get("/user", public=False, scopes=("read_user",))
def current(call: Call) -> Answer:
    """The caller."""
    shown = represent.administered if call.user.admin else represent.public
    return Answer(shown(call.world, call.user))


@routes.get("/user_counts", public=False, scopes=("read_user",))
def counts(call: Call) -> Answer:
    """What waits for the caller."""
    world, me = call.world, call.user.id
    open_requests = [request for request in world.merge_requests if request.state == "opened"]
    assigned = sum(me in request.assignee_ids for request in open_requests)
    reviews = sum(me in request.reviewer_ids for request in open_requests)
    return Answer(
        {
            "merge_requests": assigned,
            "assigned_issues": sum(me in i.assignee_ids for i in world.issues if i.state == "opened"),
            "assigned_merge_requests": assigned,
            "review_requested_merge_requests": reviews,
            "todos": sum(todo.state == "pending" for todo in world.todos.where(user_id=me)),
        }
    )


@routes.get("/users", scopes=("read_user",))
def index(call: Call) -> Answer:
    """Users by name; anonymous callers must name one."""
    username, search = call.params.text("username"), (call.params.text("search") or "").lower()
    if call.viewer is None and not username:
        raise forbidden("Not authorized to access /api/v4/users")
    asked = [test for name, test in _TESTS.items() if call.params.boolean(name)]
    found = [
        user
        for user in reversed(list(call.world.users))
        if (not username or user.username.lower() == username.lower())
        and _mentions(user, search)
        and all(test(user) for test in asked)
    ]
    return paginate(call, found, lambda user: _listed(call, user), _DEFAULTS)


def _mentions(user: User, search: str) -> bool:
    return search in user.username.lower() or search in user.name.lower() or search == user.email.lower()


def _listed(call: Call, user: User) -> dict[str, Any]:
    if call.viewer is not None and call.viewer.admin:
        return represent.administered(call.world, user)
    return represent.basic(call.world, user)


@routes.get("/users/:id", public=False, scopes=("read_user",))
def show(call: Call) -> Answer:
    """One user."""
    user = _found(call)
    shown = represent.administered if call.user.admin else represent.profile
    return Answer(shown(call.world, user))


@routes.post("/users")
def create(call: Call) -> Answer:
    """A new user, made by an administrator."""
    call.admin()
    params = call.params
    params.need("email", "name", "username")
    params.need_one("password", "reset_password", "force_random_password")
    username, email = params.needed("username"), params.needed("email")
    if call.world.users.one(email=email) is not None:
        raise conflict("Email has already been taken")
    if call.world.users.one(username=username) is not None or call.world.namespaces.one(full_path=username) is not None:
        raise conflict("Username has already been taken")
    admin = bool(params.boolean("admin"))
    user = accounts.add_user(call.world, username, params.needed("name"), email, admin=admin)
    user.password = params.text("password") or secrets.token_urlsafe(16)
    _fill(call, user)
    return Answer(represent.administered(call.world, user), 201)


@routes.put("/users/:id")
def update(call: Call) -> Answer:
    """Change a user, by an administrator."""
    call.admin()
    user = _found(call)
    name, email, admin = call.params.text("name"), call.params.text("email"), call.params.boolean("admin")
    taken = call.world.users.one(email=email) if email else None
    if taken is not None and taken is not user:
        raise conflict("Email has already been taken")
    user.name, user.email = name or user.name, email or user.email
    user.admin = user.admin if admin is None else admin
    _fill(call, user)
    return Answer(represent.administered(call.world, user))


def _fill(call: Call, user: User) -> None:
    params = call.params
    user.bio = params.text("bio") or user.bio
    user.public_email = params.text("public_email") or user.public_email
    for name in ("external", "private_profile", "can_create_group"):
        if name in params:
            setattr(user, name, bool(params.boolean(name)))
    limit = params.integer("projects_limit")
    user.projects_limit = user.projects_limit if limit is None else limit


@routes.delete("/users/:id")
def delete(call: Call) -> Answer:
    """Remove a user: their account ends and their own projects go; what they wrote elsewhere stays."""
    call.admin()
    removal.retire_user(call.world, _found(call))
    return Answer(None, 204)


def _change_state(call: Call) -> Answer:
    call.admin()
    user = _found(call)
    if user is call.user:
        raise forbidden("The user cannot change the own state")
    user.state = _STATES[call.request.url.path.rsplit("/", 1)[-1]]
    return Answer(True, 201)


for _verb in _STATES:
    routes.post(f"/users/:id/{_verb}")(_change_state)


@routes.get("/users/:id/memberships", public=False)
def memberships(call: Call) -> Answer:
    """What a user is a direct member of, for an administrator."""
    call.admin()
    user = _found(call)
    kind = call.params.choice("type", ("Project", "Namespace"))
    names = {"Project": "Project", "Group": "Namespace"}
    found = [m for m in call.world.members.where(user_id=user.id) if kind in (None, names[m.source_type])]

    def shown(source_type: str, source_id: int) -> str | None:
        table: Any = call.world.projects if source_type == "Project" else call.world.namespaces
        source = table.get(source_id)
        return source.name if source is not None else None

    return paginate(
        call,
        found,
        lambda m: {
            "source_id": m.source_id,
            "source_name": shown(m.source_type, m.source_id),
            "source_type": names[m.source_type],
            "access_level": m.access_level,
        },
    )


def _found(call: Call) -> User:
    if not call.path["id"].isdecimal():
        raise ApiError(400, {"error": "id is invalid"})
    user = call.world.users.get(int(call.path["id"]))
    if user is None:
        raise not_found("User")
    return user
