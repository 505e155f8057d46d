"""Access tokens as the API shows them; the secret only where it was just made."""

from __future__ import annotations

from typing import Any

from bot.sandbox import auth, permissions
from bot.sandbox.represent.times import day, timestamp
from bot.sandbox.world import Access, Token, World


def personal(world: World, token: Token) -> dict[str, Any]:
    """API::Entities::PersonalAccessToken."""
    return {
        "id": token.id,
        "name": token.name,
        "revoked": token.revoked,
        "created_at": timestamp(token.created_at),
        "description": token.description,
        "scopes": list(token.scopes),
        "user_id": token.user_id,
        "last_used_at": timestamp(token.last_used_at),
        "active": auth.active(world, token),
        "expires_at": day(token.expires_at),
    }


def personal_with_ips(world: World, token: Token) -> dict[str, Any]:
    """API::Entities::PersonalAccessTokenWithLastUsedIps."""
    return {**personal(world, token), "last_used_ips": []}


def impersonation(world: World, token: Token) -> dict[str, Any]:
    """API::Entities::ImpersonationToken."""
    return {**personal(world, token), "impersonation": True}


def resource(world: World, token: Token) -> dict[str, Any]:
    """API::Entities::ResourceAccessToken, for tokens of a project or group."""
    kind, source = token.resource_type or "", token.resource_id or 0
    level = permissions.direct_access(world, token.user_id, kind, source)
    return {
        **personal(world, token),
        "access_level": level or Access.MAINTAINER,
        "resource_type": kind.lower(),
        "resource_id": source,
    }
