"""The life of access tokens: made, rotated, revoked, and the bot users of projects and groups."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from bot.sandbox import auth
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.rules import accounts
from bot.sandbox.world import Namespace, Project, Token, User, World

SCOPES = frozenset(
    {
        "admin_mode",
        "ai_features",
        "api",
        "create_runner",
        "k8s_proxy",
        "manage_runner",
        "read_api",
        "read_registry",
        "read_repository",
        "read_service_ping",
        "read_user",
        "read_virtual_registry",
        "self_rotate",
        "sudo",
        "write_registry",
        "write_repository",
        "write_virtual_registry",
    }
)
_ROTATION = timedelta(days=7)
LONGEST_LIFE = timedelta(days=365)


def check(world: World, scopes: tuple[str, ...], expires_at: date | None) -> None:
    """ApiError 400 for scopes that do not exist, or a last day that has passed or is too far."""
    if not scopes or not set(scopes) <= SCOPES:
        raise ApiError(400, {"error": "scopes does not have a valid value"})
    today = world.now().date()
    if expires_at is not None and expires_at <= today:
        raise bad_request("Expiration date can't be in the past")
    if expires_at is not None and expires_at > today + LONGEST_LIFE:
        raise bad_request(f"Expiration date must be before {today + LONGEST_LIFE}")


def add_resource_token(
    world: World,
    source: Project | Namespace,
    by: User,
    name: str,
    scopes: tuple[str, ...],
    level: int,
    expires_at: date,
) -> tuple[Token, str]:
    """A token of a project or group, with the bot user that GitLab makes for it, and its secret."""
    kind = "Project" if isinstance(source, Project) else "Group"
    username = f"{kind.lower()}_{source.id}_bot_{secrets.token_hex(16)}"
    bot = accounts.add_user(world, username, name, f"{username}@noreply.gitlab.example")
    bot.bot, bot.bot_of = True, (kind, source.id)
    accounts.set_member(world, kind, source.id, bot, level, by)
    token, secret = accounts.add_token(world, bot, name, scopes, expires_at)
    token.resource_type, token.resource_id = kind, source.id
    return token, secret


def rotate(world: World, token: Token, expires_at: date | None) -> tuple[Token, str]:
    """The successor of `token`, which is revoked at once, and the new secret. A week's life unless told.

    ApiError 400 for a token that is revoked already, which also revokes its whole family.
    """
    if token.revoked:
        revoke_family(world, token)
        raise bad_request("token already revoked")
    check(world, token.scopes, expires_at)
    user = world.users[token.user_id]
    last_day = expires_at or world.now().date() + _ROTATION
    successor, secret = accounts.add_token(world, user, token.name, token.scopes, last_day)
    successor.family, successor.description = token.family, token.description
    successor.resource_type, successor.resource_id = token.resource_type, token.resource_id
    successor.impersonation = token.impersonation
    token.revoked = True
    return successor, secret


def revoke_family(world: World, token: Token) -> None:
    """Revoke everything that `token` was rotated into: its reuse means that it was stolen."""
    for relative in world.tokens.where(family=token.family):
        relative.revoked = True


def revoke_if_reused(world: World, secret: str) -> None:
    """Revoke the family of a revoked token that someone presents for rotation (16.3)."""
    token = world.tokens.one(digest=auth.digest(secret))
    if token is not None and token.revoked:
        revoke_family(world, token)
