"""Namespaces and groups as the API shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent.times import day, timestamp
from bot.sandbox.represent.user import avatar_url
from bot.sandbox.rules.namespaces import full_name
from bot.sandbox.world import Namespace, World


def web_url(world: World, namespace: Namespace) -> str:
    """The page of a group or a user."""
    return f"{world.url}/{'groups/' if namespace.kind == 'group' else ''}{namespace.full_path}"


def basic(world: World, namespace: Namespace) -> dict[str, Any]:
    """API::Entities::NamespaceBasic, as a project shows where it stands."""
    owner = world.users.get(namespace.owner_id)
    return {
        "id": namespace.id,
        "name": namespace.name,
        "path": namespace.path,
        "kind": namespace.kind,
        "full_path": namespace.full_path,
        "parent_id": namespace.parent_id,
        "avatar_url": avatar_url(owner) if owner is not None else None,
        "web_url": web_url(world, namespace),
    }


def namespace(world: World, shown: Namespace) -> dict[str, Any]:
    """API::Entities::Namespace, an entry of `GET /namespaces`."""
    return {
        **basic(world, shown),
        "members_count_with_descendants": world.members.count(source_type="Group", source_id=shown.id),
        "root_repository_size": 0,
        "projects_count": world.projects.count(namespace_id=shown.id),
        "billable_members_count": world.members.count(source_type="Group", source_id=shown.id),
        "plan": "default",
        "trial": False,
        "trial_ends_on": None,
    }


def group(world: World, shown: Namespace) -> dict[str, Any]:
    """API::Entities::Group."""
    return {
        "id": shown.id,
        "web_url": web_url(world, shown),
        "name": shown.name,
        "path": shown.path,
        "description": shown.description,
        "visibility": shown.visibility,
        "share_with_group_lock": shown.share_with_group_lock,
        "require_two_factor_authentication": shown.require_two_factor_authentication,
        "two_factor_grace_period": shown.two_factor_grace_period,
        "project_creation_level": shown.project_creation_level,
        "auto_devops_enabled": shown.auto_devops_enabled,
        "subgroup_creation_level": shown.subgroup_creation_level,
        "emails_disabled": not shown.emails_enabled,
        "emails_enabled": shown.emails_enabled,
        "show_diff_preview_in_email": True,
        "mentions_disabled": shown.mentions_disabled,
        "lfs_enabled": shown.lfs_enabled,
        "archived": False,
        "math_rendering_limits_enabled": True,
        "lock_math_rendering_limits_enabled": False,
        "default_branch": shown.default_branch,
        "default_branch_protection": shown.default_branch_protection,
        "default_branch_protection_defaults": {
            "allowed_to_push": [{"access_level": 40}],
            "allow_force_push": False,
            "allowed_to_merge": [{"access_level": 40}],
        },
        "avatar_url": None,
        "request_access_enabled": shown.request_access_enabled,
        "full_name": full_name(world, shown),
        "full_path": shown.full_path,
        "created_at": timestamp(shown.created_at),
        "parent_id": shown.parent_id,
        "organization_id": 1,
        "shared_runners_setting": "enabled",
        "max_artifacts_size": None,
        "marked_for_deletion_on": day(shown.marked_for_deletion_on),
        "ldap_cn": None,
        "ldap_access": None,
        "wiki_access_level": "enabled",
        "duo_core_features_enabled": None,
        "duo_features_enabled": True,
        "lock_duo_features_enabled": False,
        "auto_duo_code_review_enabled": None,
        "web_based_commit_signing_enabled": False,
    }


def group_detail(world: World, shown: Namespace) -> dict[str, Any]:
    """API::Entities::GroupDetail without its projects, which the route adds as far as the caller sees them."""
    return {
        **group(world, shown),
        "shared_with_groups": [],
        "enabled_git_access_protocol": "all",
        "prevent_sharing_groups_outside_hierarchy": False,
        "shared_runners_minutes_limit": None,
        "extra_shared_runners_minutes_limit": None,
        "prevent_forking_outside_group": None,
        "service_access_tokens_expiration_enforced": True,
        "membership_lock": False,
        "ip_restriction_ranges": None,
        "allowed_email_domains_list": None,
    }
