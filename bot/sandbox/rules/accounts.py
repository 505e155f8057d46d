"""Accounts: making users, their namespaces, tokens and memberships."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date

from bot.sandbox.auth import digest
from bot.sandbox.webhooks import system_events
from bot.sandbox.world import Member, Namespace, Token, User, World

ALL_SCOPES = ("api", "read_repository", "write_repository", "admin_mode", "sudo")


def add_user(world: World, username: str, name: str = "", email: str = "", *, admin: bool = False) -> User:
    """A new active user with a namespace of its own."""
    now = world.now()
    user = world.users.add(
        User(
            username=username,
            name=name or username.title(),
            email=email or f"{username}@gitlab.example",
            created_at=now,
            admin=admin,
        )
    )
    namespace = world.namespaces.add(
        Namespace(
            kind="user",
            path=username,
            full_path=username,
            name=user.name,
            created_at=now,
            owner_id=user.id,
            visibility="public",
        )
    )
    user.namespace_id = namespace.id
    return user


def add_token(
    world: World, user: User, name: str, scopes: Iterable[str], expires_at: date | None, secret: str = ""
) -> tuple[Token, str]:
    """A new personal access token and its secret, which is told only now."""
    secret = secret or f"glpat-{secrets.token_urlsafe(20)}"
    token = world.tokens.add(
        Token(
            digest=digest(secret),
            user_id=user.id,
            name=name,
            scopes=tuple(scopes),
            created_at=world.now(),
            expires_at=expires_at,
        )
    )
    token.family = token.id
    return token, secret


def ensure_root(world: World, secret: str) -> User:
    """The administrator `root` and its token `secret`, found or made."""
    root = world.users.one(username="root") or add_user(world, "root", "Administrator", admin=True)
    if world.tokens.one(digest=digest(secret)) is None:
        add_token(world, root, "administrator", ALL_SCOPES, None, secret)
    return root


def set_member(world: World, source_type: str, source_id: int, user: User, level: int, by: User) -> Member:
    """The direct membership of `user` with this level, found or made. `source_type` is "Project" or "Group"."""
    found = world.members.one(user_id=user.id, source_type=source_type, source_id=source_id)
    if found is not None:
        found.access_level = level
        return found
    member = world.members.add(
        Member(
            user_id=user.id,
            source_type=source_type,
            source_id=source_id,
            access_level=level,
            created_at=world.now(),
            created_by_id=by.id,
        )
    )
    system_events.membership(world, member, "add_to")
    return member
