"""Who calls: tokens in headers, query or Basic credentials, their scopes and their end."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request

from bot.sandbox.errors import ApiError, forbidden, not_found, unauthorized
from bot.sandbox.world import Token, User, World

READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DESCRIPTIONS = {
    "revoked": "Token was revoked. You have to re-authorize from the user.",
    "expired": "Token is expired. You can either do re-authorization or token refresh.",
    "scope": "The request requires higher privileges than provided by the access token.",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """The user behind a request, and the token that says so; both None for an anonymous one."""

    user: User | None = None
    token: Token | None = None


ANONYMOUS = Caller()


def digest(secret: str) -> str:
    """What is kept of a token's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def presented(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """The token of a request, in GitLab's order of preference; None when it has none."""
    bearer = headers.get("authorization", "")
    if bearer[:7].lower() == "bearer ":
        return bearer[7:].strip()
    for value in (headers.get("private-token"), headers.get("job-token")):
        if value:
            return value
    return query.get("private_token") or query.get("access_token") or query.get("job_token")


def identify(world: World, secret: str) -> Caller:
    """The caller behind a secret. ApiError 401 for an unknown, revoked or expired one, or a blocked user."""
    token = world.tokens.one(digest=digest(secret))
    if token is None:
        raise unauthorized()
    if token.revoked:
        raise _invalid_token("revoked")
    if expired(world, token):
        raise _invalid_token("expired")
    user = world.users.get(token.user_id)
    if user is None:
        raise unauthorized()
    if user.state != "active":
        raise ApiError(403, {"message": "403 Forbidden - Your account has been blocked."})
    _note_use(world, token)
    return Caller(user, token)


def _note_use(world: World, token: Token) -> None:
    # GitLab notes it once in ten minutes, not on every request.
    now = world.now()
    if token.last_used_at is None or now - token.last_used_at >= timedelta(minutes=10):
        token.last_used_at = now


def expired(world: World, token: Token) -> bool:
    """Whether the token's last day has come: GitLab ends it at 00:00 UTC of that date."""
    return token.expires_at is not None and token.expires_at <= world.now().date()


def active(world: World, token: Token) -> bool:
    """Whether the token still works."""
    return not token.revoked and not expired(world, token)


def authenticate(world: World, request: Request) -> Caller:
    """The caller of an API request; anonymous without a token."""
    secret = presented(request.headers, request.query_params)
    if secret is None:
        return ANONYMOUS
    caller = identify(world, secret)
    wanted = request.headers.get("sudo") or request.query_params.get("sudo")
    return _as_another(world, caller, wanted) if wanted else caller


def _as_another(world: World, caller: Caller, wanted: str) -> Caller:
    if caller.user is None or not caller.user.admin:
        raise forbidden("Must be admin to use sudo")
    _require_one(caller.token, ("sudo",), ("sudo",))
    user = world.users.get(int(wanted)) if wanted.isdecimal() else world.users.one(username=wanted)
    if user is None:
        raise not_found(f"User with ID or username '{wanted}'")
    return Caller(user, caller.token)


def basic(world: World, request: Request) -> Caller | None:
    """The caller of a git request by Basic credentials (any user name, a token as password).

    Anonymous without credentials; None when they are wrong.
    """
    header = request.headers.get("authorization", "")
    if not header:
        return ANONYMOUS
    try:
        kind, _, encoded = header.partition(" ")
        if kind.lower() == "bearer":
            return identify(world, encoded.strip())
        _, _, secret = base64.b64decode(encoded).decode().partition(":")
        return identify(world, secret)
    except (binascii.Error, UnicodeDecodeError, ApiError):
        return None


def require_scope(token: Token | None, method: str, extra: Collection[str]) -> None:
    """ApiError 403 unless the token may make this kind of request: `api`, `read_api` for reads, or one of `extra`
    ("*": any scope will do)."""
    if "*" in extra:
        return
    # The refusal names `read_api` for writes too: GitLab lists what it knows, not what would do.
    enough = {"api", *extra} | ({"read_api"} if method in READ_METHODS else set())
    _require_one(token, enough, (*extra, "api", "read_api"))


def _require_one(token: Token | None, enough: Collection[str], named: Collection[str]) -> None:
    if token is None or token.job_id is not None or set(enough) & set(token.scopes):
        return
    body = {"error": "insufficient_scope", "error_description": _DESCRIPTIONS["scope"], "scope": " ".join(named)}
    raise ApiError(403, body)


def _invalid_token(why: str) -> ApiError:
    body = {"error": "invalid_token", "error_description": _DESCRIPTIONS[why]}
    return ApiError(401, body, {"WWW-Authenticate": 'Bearer realm="Protected by OAuth 2.0", error="invalid_token"'})
