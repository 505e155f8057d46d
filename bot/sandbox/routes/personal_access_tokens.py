"""Personal access tokens: the one in use, lists, rotation, and what a token reaches."""

from __future__ import annotations

from typing import Any

from bot.sandbox import auth, permissions
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, forbidden, not_found, unauthorized
from bot.sandbox.pagination import paginate, per_page
from bot.sandbox.represent import namespace as namespaces
from bot.sandbox.represent import project as projects
from bot.sandbox.represent import token as represent
from bot.sandbox.routing import routes
from bot.sandbox.rules import accounts, tokens
from bot.sandbox.world import Access, Namespace, Project, Token, User


@routes.get("/personal_access_tokens/self", public=False, scopes=("*",))
def show_self(call: Call) -> Answer:
    """The token in use; any scope may look at itself."""
    return Answer(represent.personal_with_ips(call.world, _own(call)))


@routes.delete("/personal_access_tokens/self", scopes=("*",))
def revoke_self(call: Call) -> Answer:
    """Revoke the token in use."""
    _own(call).revoked = True
    return Answer(None, 204)


@routes.post("/personal_access_tokens/self/rotate", scopes=("self_rotate",))
def rotate_self(call: Call) -> Answer:
    """Replace the token in use; the old one is revoked at once."""
    return _rotated(call, _own(call))


@routes.get("/personal_access_tokens/self/associations", public=False, scopes=("*",))
def associations(call: Call) -> Answer:
    """The groups and projects that the token in use reaches."""
    world, user = call.world, call.user
    minimum = call.params.integer("min_access_level") or Access.GUEST
    levels = permissions.memberships(world, user)
    reached = [world.projects[i] for i in sorted(levels) if levels[i] >= minimum and i in world.projects]
    groups = [
        (group, permissions.group_member_access(world, user, group)) for group in world.namespaces.where(kind="group")
    ]
    start = (max(call.params.integer("page") or 1, 1) - 1) * per_page(call)
    page = slice(start, start + per_page(call))
    return Answer(
        {
            "groups": [_group(call, group, level) for group, level in groups if level >= minimum][page],
            "projects": [_project(call, project) for project in reached[page]],
        }
    )


def _group(call: Call, group: Namespace, level: int) -> dict[str, Any]:
    return {
        "id": group.id,
        "web_url": namespaces.web_url(call.world, group),
        "name": group.name,
        "parent_id": group.parent_id,
        "organization_id": 1,
        "access_levels": level,
        "visibility": group.visibility,
    }


def _project(call: Call, project: Project) -> dict[str, Any]:
    world, user = call.world, call.user
    namespace = world.namespaces[project.namespace_id]
    direct = permissions.direct_access(world, user.id, "Project", project.id)
    inherited = permissions.group_member_access(world, user, namespace) if namespace.kind == "group" else 0
    return {
        **projects.identity(world, project),
        "access_levels": {"project_access_level": direct or None, "group_access_level": inherited or None},
        "visibility": project.visibility,
        "web_url": projects.web_url(world, project),
        "namespace": namespaces.basic(world, namespace),
    }


@routes.get("/personal_access_tokens", public=False)
def index(call: Call) -> Answer:
    """Tokens of the caller; an administrator sees all, or those of `user_id`."""
    user_id = call.params.integer("user_id")
    if not call.user.admin and user_id not in (None, call.user.id):
        raise unauthorized()
    owner = user_id if user_id is not None else None if call.user.admin else call.user.id
    found = list(call.world.tokens) if owner is None else call.world.tokens.where(user_id=owner)
    state, revoked = call.params.choice("state", ("active", "inactive")), call.params.boolean("revoked")
    search = (call.params.text("search") or "").lower()
    chosen = [
        token
        for token in found
        if not token.impersonation
        and token.job_id is None
        and (state is None or auth.active(call.world, token) is (state == "active"))
        and (revoked is None or token.revoked is revoked)
        and search in token.name.lower()
    ]
    return paginate(call, chosen, lambda token: represent.personal_with_ips(call.world, token))


@routes.get("/personal_access_tokens/:id", public=False)
def show(call: Call) -> Answer:
    """One token of the caller, or any for an administrator."""
    token = call.world.tokens.get(call.number("id"))
    if token is None or not _manages(call, token):
        raise not_found() if call.user.admin else unauthorized()
    return Answer(represent.personal_with_ips(call.world, token))


@routes.delete("/personal_access_tokens/:id")
def revoke(call: Call) -> Answer:
    """Revoke one token."""
    token = call.world.tokens.get(call.number("id"))
    if token is None or not _manages(call, token):
        raise not_found() if call.user.admin else unauthorized()
    token.revoked = True
    return Answer(None, 204)


@routes.post("/personal_access_tokens/:id/rotate")
def rotate(call: Call) -> Answer:
    """Replace one token."""
    token = call.world.tokens.get(call.number("id"))
    if token is None or not _manages(call, token):
        raise not_found() if call.user.admin else unauthorized()
    return _rotated(call, token)


@routes.post("/users/:user_id/personal_access_tokens")
def create(call: Call) -> Answer:
    """A token for a user, made by an administrator."""
    token, secret = _made(call)
    return Answer({**represent.personal(call.world, token), "token": secret}, 201)


@routes.post("/users/:user_id/impersonation_tokens")
def create_impersonation(call: Call) -> Answer:
    """An impersonation token for a user, made by an administrator."""
    token, secret = _made(call)
    token.impersonation = True
    return Answer({**represent.impersonation(call.world, token), "token": secret}, 201)


@routes.get("/users/:user_id/impersonation_tokens", public=False)
def impersonations(call: Call) -> Answer:
    """The impersonation tokens of a user."""
    user = _impersonated(call)
    found = [token for token in call.world.tokens.where(user_id=user.id) if token.impersonation]
    return paginate(call, found, lambda token: represent.impersonation(call.world, token))


@routes.get("/users/:user_id/impersonation_tokens/:token_id", public=False)
def impersonation(call: Call) -> Answer:
    """An impersonation token."""
    return Answer(represent.impersonation(call.world, _impersonation(call)))


@routes.delete("/users/:user_id/impersonation_tokens/:token_id")
def revoke_impersonation(call: Call) -> Answer:
    """Revoke an impersonation token."""
    _impersonation(call).revoked = True
    return Answer(None, 204)


def _made(call: Call) -> tuple[Token, str]:
    call.admin()
    call.params.need("name", "scopes")
    user = _impersonated(call)
    scopes, expires_at = call.params.strings("scopes") or (), call.params.date("expires_at")
    tokens.check(call.world, scopes, expires_at)
    last_day = expires_at or call.world.now().date() + tokens.LONGEST_LIFE
    token, secret = accounts.add_token(call.world, user, call.params.needed("name"), scopes, last_day)
    token.description = call.params.text("description")
    return token, secret


def _impersonated(call: Call) -> User:
    call.admin()
    user = call.world.users.get(call.number("user_id"))
    if user is None:
        raise not_found("User")
    return user


def _impersonation(call: Call) -> Token:
    user = _impersonated(call)
    token = call.world.tokens.get(call.number("token_id"))
    if token is None or not token.impersonation or token.user_id != user.id:
        raise not_found("Impersonation Token")
    return token


def _own(call: Call) -> Token:
    if call.token is None:
        raise unauthorized()
    if call.token.job_id is not None:
        raise ApiError(
            400, {"message": "400 Bad request - This endpoint requires token type to be a personal access token"}
        )
    return call.token


def _manages(call: Call, token: Token) -> bool:
    return call.user.admin or token.user_id == call.user.id


def _rotated(call: Call, token: Token) -> Answer:
    if not _manages(call, token):
        raise forbidden()
    successor, secret = tokens.rotate(call.world, token, call.params.date("expires_at"))
    return Answer({**represent.personal(call.world, successor), "token": secret})
