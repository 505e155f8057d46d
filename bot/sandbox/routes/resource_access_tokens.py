"""Access tokens of projects and groups, each with a bot user of its own."""

from __future__ import annotations

from bot.sandbox import auth, permissions
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, bad_request, not_found, unauthorized
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import token as represent
from bot.sandbox.routes.sources import Source, kind, register, source
from bot.sandbox.routing import routes
from bot.sandbox.rules import tokens
from bot.sandbox.world import Access, Project, Token

_LEVELS = frozenset({Access.GUEST, Access.PLANNER, Access.REPORTER, Access.DEVELOPER, Access.MAINTAINER, Access.OWNER})


def _manages(call: Call, of: Source) -> bool:
    if isinstance(of, Project):
        return call.access(of) >= Access.MAINTAINER
    return permissions.group_access(call.world, call.user, of) >= Access.OWNER


def _tokens(call: Call, of: Source) -> list[Token]:
    return call.world.tokens.where(resource_type=kind(of), resource_id=of.id)


def _find(call: Call, of: Source) -> Token | None:
    return next((token for token in _tokens(call, of) if str(token.id) == call.path["token_id"]), None)


def _one(call: Call, of: Source) -> Token:
    found = _find(call, of)
    if found is None:
        name = f"{kind(of).lower()} access token with token_id: {call.path['token_id']}"
        raise not_found(f"Could not find {name}")
    return found


def index(call: Call) -> Answer:
    """Every token of the source, revoked ones included."""
    of = source(call)
    if not _manages(call, of):
        raise unauthorized()
    state = call.params.choice("state", ("active", "inactive"))
    found = [t for t in _tokens(call, of) if state is None or auth.active(call.world, t) is (state == "active")]
    return paginate(call, found, lambda token: represent.resource(call.world, token))


def show(call: Call) -> Answer:
    """One token."""
    of = source(call)
    if not _manages(call, of):
        raise unauthorized()
    return Answer(represent.resource(call.world, _one(call, of)))


def create(call: Call) -> Answer:
    """A new token. A bot user with the asked level comes with it."""
    call.params.need("name", "scopes")
    of = source(call)
    if not _manages(call, of):
        raise bad_request(f"User does not have permission to create {kind(of).lower()} access token")
    scopes, expires_at = call.params.strings("scopes") or (), call.params.date("expires_at")
    tokens.check(call.world, scopes, expires_at)
    level = call.params.integer("access_level") or Access.MAINTAINER
    if level not in _LEVELS:
        raise ApiError(400, {"error": "access_level does not have a valid value"})
    own = call.access(of) if isinstance(of, Project) else Access.OWNER
    if level > own:
        raise bad_request("Could not provision owner access to project access token")
    last_day = expires_at or call.world.now().date() + tokens.LONGEST_LIFE
    name = call.params.needed("name")
    token, secret = tokens.add_resource_token(call.world, of, call.user, name, scopes, level, last_day)
    token.description = call.params.text("description")
    return Answer({**represent.resource(call.world, token), "token": secret}, 201)


def revoke(call: Call) -> Answer:
    """Revoke a token."""
    of = source(call)
    token = _one(call, of)
    if not _manages(call, of):
        raise bad_request(f"{call.user.name} cannot delete {call.world.users[token.user_id].name}")
    token.revoked = True
    return Answer(None, 204)


def rotate(call: Call) -> Answer:
    """Replace a token; the bot user stays."""
    of = source(call)
    token = _find(call, of) if _manages(call, of) else None
    if token is None:
        raise not_found() if call.user.admin else unauthorized()
    successor, secret = tokens.rotate(call.world, token, call.params.date("expires_at"))
    return Answer({**represent.resource(call.world, successor), "token": secret})


def rotate_self(call: Call) -> Answer:
    """Replace the token in use, which must be one of this source."""
    if call.token is None or call.token.resource_id is None:
        raise ApiError(405, {"message": "405 Method Not Allowed"})
    if str(call.token.resource_id) != call.path["id"]:
        raise unauthorized()
    successor, secret = tokens.rotate(call.world, call.token, call.params.date("expires_at"))
    return Answer({**represent.resource(call.world, successor), "token": secret})


register(
    "/access_tokens",
    (
        ("get", "", index),
        ("post", "", create),
        ("get", "/:token_id", show),
        ("delete", "/:token_id", revoke),
        ("post", "/:token_id/rotate", rotate),
    ),
)
for _root in ("/projects", "/groups"):
    routes.post(f"{_root}/:id/access_tokens/self/rotate", scopes=("self_rotate",))(rotate_self)
