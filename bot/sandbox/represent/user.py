"""Users as the API shows them: basic, to oneself, to an administrator."""

from __future__ import annotations

import hashlib
from typing import Any

from bot.sandbox.represent.times import day, timestamp
from bot.sandbox.world import User, World


def avatar_url(user: User) -> str:
    """Where GitLab would find a picture: Gravatar's scheme at an example host."""
    digest = hashlib.sha256(user.email.lower().encode()).hexdigest()
    return f"https://gravatar.example/avatar/{digest}?s=80&d=identicon"


def basic(world: World, user: User) -> dict[str, Any]:
    """API::Entities::UserBasic, as authors and assignees appear."""
    return {
        "id": user.id,
        "username": user.username,
        "public_email": user.public_email or None,
        "name": user.name,
        "state": user.state,
        "locked": False,
        "avatar_url": avatar_url(user),
        "web_url": f"{world.url}/{user.username}",
    }


def basic_by_id(world: World, user_id: int | None) -> dict[str, Any] | None:
    """`basic` of a user that may be none."""
    user = world.users.get(user_id)
    return None if user is None else basic(world, user)


def profile(world: World, user: User) -> dict[str, Any]:
    """API::Entities::User, what others see of `GET /users/:id`."""
    return {
        **basic(world, user),
        "created_at": timestamp(user.created_at),
        "bio": user.bio,
        "location": "",
        "linkedin": "",
        "twitter": "",
        "discord": "",
        "website_url": "",
        "github": "",
        "job_title": "",
        "pronouns": None,
        "organization": "",
        "bot": user.bot,
        "work_information": None,
        "followers": 0,
        "following": 0,
        "is_followed": False,
        "local_time": None,
    }


def public(world: World, user: User) -> dict[str, Any]:
    """API::Entities::UserPublic, what `GET /user` shows to oneself."""
    whole = {
        **profile(world, user),
        "last_sign_in_at": None,
        "confirmed_at": timestamp(user.created_at),
        "last_activity_on": day(user.last_activity_on),
        "email": user.email,
        "theme_id": 3,
        "color_scheme_id": 1,
        "projects_limit": user.projects_limit,
        "current_sign_in_at": None,
        "identities": [],
        "can_create_group": user.can_create_group,
        "can_create_project": user.projects_limit > 0,
        "two_factor_enabled": False,
        "external": user.external,
        "private_profile": user.private_profile,
        "commit_email": user.email,
        "preferred_language": "en",
        "shared_runners_minutes_limit": None,
        "extra_shared_runners_minutes_limit": None,
        "scim_identities": [],
    }
    return {k: v for k, v in whole.items() if k not in {"followers", "following", "is_followed"}}


def administered(world: World, user: User) -> dict[str, Any]:
    """API::Entities::UserWithAdmin, what an administrator sees."""
    return {
        **public(world, user),
        "is_admin": user.admin,
        "note": None,
        "namespace_id": user.namespace_id,
        "created_by": None,
        "using_license_seat": True,
        "is_auditor": False,
        "provisioned_by_group_id": None,
        "enterprise_group_id": None,
        "enterprise_group_associated_at": None,
    }
