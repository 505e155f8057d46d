"""Who there is: users, their tokens, namespaces and memberships."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.sandbox.world.noun import Noun


class Access(enum.IntEnum):
    """GitLab's access levels."""

    NONE = 0
    MINIMAL = 5
    GUEST = 10
    PLANNER = 15
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40
    OWNER = 50


@dataclass(slots=True, kw_only=True, eq=False)
class User(Noun):
    """An account. `namespace_id` is its personal namespace. `bot_of` names the source of an access token's bot user."""

    username: str
    name: str
    email: str
    created_at: datetime
    id: int = 0
    namespace_id: int = 0
    state: str = "active"
    admin: bool = False
    bot: bool = False
    external: bool = False
    private_profile: bool = False
    can_create_group: bool = True
    projects_limit: int = 100000
    bio: str = ""
    public_email: str = ""
    password: str = ""
    last_activity_on: date | None = None
    bot_of: tuple[str, int] | None = None
    status: Mapping[str, Any] | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Token(Noun):
    """An access token. `digest` is the SHA-256 of the secret, which is never kept.

    `resource` is ("Project", id) or ("Group", id) for those tokens' kinds. `family` is the id of the
    first token of a chain of rotations. `job_id` makes it a CI job token.
    """

    digest: str
    user_id: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    id: int = 0
    family: int = 0
    description: str | None = None
    expires_at: date | None = None
    revoked: bool = False
    impersonation: bool = False
    last_used_at: datetime | None = None
    resource_type: str | None = None
    resource_id: int | None = None
    job_id: int | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Namespace(Noun):
    """A group (`kind` "group") or a user's own namespace (`kind` "user", then `owner_id` is set)."""

    kind: str
    path: str
    full_path: str
    name: str
    created_at: datetime
    id: int = 0
    parent_id: int | None = None
    owner_id: int | None = None
    visibility: str = "private"
    description: str = ""
    project_creation_level: str = "developer"
    subgroup_creation_level: str = "maintainer"
    request_access_enabled: bool = True
    lfs_enabled: bool = True
    share_with_group_lock: bool = False
    require_two_factor_authentication: bool = False
    two_factor_grace_period: int = 48
    emails_enabled: bool = True
    mentions_disabled: bool | None = None
    auto_devops_enabled: bool | None = None
    default_branch: str | None = None
    default_branch_protection: int = 2
    marked_for_deletion_on: date | None = None
    last_milestone_iid: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Member(Noun):
    """A direct membership. `source_type` is "Project" or "Group"."""

    user_id: int
    source_type: str
    source_id: int
    access_level: int
    created_at: datetime
    id: int = 0
    created_by_id: int | None = None
    expires_at: date | None = None
