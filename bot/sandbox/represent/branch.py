"""Branches and their protections as the API shows them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from bot.sandbox import repositories
from bot.sandbox.git.objects import Commit
from bot.sandbox.represent import commit as commits
from bot.sandbox.rules import collaboration, protections
from bot.sandbox.rules.protections import ADMINISTRATORS, NO_ONE, AccessEntry
from bot.sandbox.world import Access, Project, ProtectedBranch, ProtectedTag, User, World

# ProtectedRefAccess::HUMAN_ACCESS_LEVELS
_LEVELS = {
    NO_ONE: "No one",
    int(Access.DEVELOPER): "Developers + Maintainers",
    int(Access.MAINTAINER): "Maintainers",
    ADMINISTRATORS: "Instance admins",
}


def whole(
    world: World, viewer: User | None, project: Project, name: str, commit: Commit, merged: bool
) -> dict[str, Any]:
    """API::Entities::Branch. `merged` is whether the default branch contains it."""
    return {
        "name": name,
        "commit": commits.basic(world, project, commit),
        "merged": merged,
        "protected": protections.is_protected(world, project, name),
        "developers_can_push": protections.developers_can(world, project, name, "push"),
        "developers_can_merge": protections.developers_can(world, project, name, "merge"),
        "can_push": collaboration.can_push(world, viewer, project, name),
        "default": name == repositories.default_branch(project),
        "web_url": f"{world.url}/{project.full_path}/-/tree/{quote(name)}",
    }


def protected(world: World, rule: ProtectedBranch) -> dict[str, Any]:
    """API::Entities::ProtectedBranch."""
    return {
        "id": rule.id,
        "name": rule.name,
        "push_access_levels": _entries(world, rule.id, 1, rule.push_access),
        "merge_access_levels": _entries(world, rule.id, 2, rule.merge_access),
        "allow_force_push": rule.allow_force_push,
        "unprotect_access_levels": _entries(world, rule.id, 3, rule.unprotect_access),
        "code_owner_approval_required": rule.code_owner_approval_required,
        "inherited": False,
    }


def protected_tag(world: World, rule: ProtectedTag) -> dict[str, Any]:
    """API::Entities::ProtectedTag."""
    return {"name": rule.name, "create_access_levels": _entries(world, rule.id, 4, rule.create_access)}


def entry_id(rule_id: int, kind: int, position: int) -> int:
    """The id of an access entry, which is no noun of its own here."""
    return rule_id * 1000 + kind * 100 + position


def _entries(world: World, rule_id: int, kind: int, entries: tuple[AccessEntry, ...]) -> list[dict[str, Any]]:
    return [
        {
            "id": entry_id(rule_id, kind, position),
            "access_level": level if level is not None else int(Access.MAINTAINER),
            "access_level_description": _described(world, level, user_id, group_id),
            "deploy_key_id": None,
            "user_id": user_id,
            "group_id": group_id,
        }
        for position, (level, user_id, group_id) in enumerate(entries)
    ]


def _described(world: World, level: int | None, user_id: int | None, group_id: int | None) -> str:
    if user := world.users.get(user_id):
        return user.name
    if group := world.namespaces.get(group_id):
        return group.name
    return _LEVELS.get(level or NO_ONE, "Maintainers")
