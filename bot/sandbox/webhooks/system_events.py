"""What only system hooks are told: projects that come, go and move, and who joins them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent.times import timestamp
from bot.sandbox.webhooks import delivery
from bot.sandbox.world import Access, Member, Project, User, World

_TRIGGER = "system_events"


def project(world: World, subject: Project, event: str, former_path: str | None = None) -> None:
    """`event` is project_create, project_destroy, project_rename or project_transfer."""
    owner = world.users.get(subject.creator_id)
    payload: dict[str, Any] = {
        "event_name": event,
        "created_at": timestamp(subject.created_at),
        "updated_at": timestamp(subject.updated_at),
        "name": subject.name,
        "path": subject.path,
        "path_with_namespace": subject.full_path,
        "project_id": subject.id,
        "owner_name": owner.name if owner else None,
        "owner_email": owner.email if owner else None,
        "project_visibility": subject.visibility,
    }
    if former_path is not None:
        payload["old_path_with_namespace"] = former_path
    _tell(world, payload)


def membership(world: World, member: Member, verb: str) -> None:
    """Someone was added to, or removed from, a project or group (`verb`: add_to, remove_from, update_for)."""
    user = world.users[member.user_id]
    payload: dict[str, Any] = {
        "event_name": f"user_{verb}_{'team' if member.source_type == 'Project' else 'group'}",
        "created_at": timestamp(member.created_at),
        "updated_at": timestamp(member.created_at),
        **_person(user),
    }
    level = Access(member.access_level).name.capitalize()
    if member.source_type == "Project":
        of = world.projects[member.source_id]
        payload |= {
            "access_level": level,
            "project_id": of.id,
            "project_name": of.name,
            "project_path": of.path,
            "project_path_with_namespace": of.full_path,
            "project_visibility": of.visibility,
        }
    else:
        group = world.namespaces[member.source_id]
        payload |= {
            "group_access": level,
            "group_id": group.id,
            "group_name": group.name,
            "group_path": group.path,
        }
    _tell(world, payload)


def _person(user: User) -> dict[str, Any]:
    return {"user_id": user.id, "user_name": user.name, "user_username": user.username, "user_email": user.email}


def _tell(world: World, payload: dict[str, Any]) -> None:
    for hook in world.hooks.where(source_type="System", source_id=0):
        delivery.send(world, hook, _TRIGGER, payload)
