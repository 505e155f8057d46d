"""Groups: making and moving them, with everything below."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.sandbox import permissions
from bot.sandbox.errors import invalid_record
from bot.sandbox.rules import accounts, paths
from bot.sandbox.world import Access, Namespace, Project, User, World

_PATH = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")
_BAD_PATH = (
    "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-' or end in '.', '.git' or '.atom'."
)
_CREATION_LEVELS = {
    "noone": Access.OWNER + 1,
    "owner": Access.OWNER,
    "maintainer": Access.MAINTAINER,
    "developer": Access.DEVELOPER,
}


def create_group(
    world: World, creator: User, name: str, path: str, parent: Namespace | None = None, visibility: str = "private"
) -> Namespace:
    """A new group with its creator as owner. ApiError 400 for a path that is taken or not allowed."""
    full_path = f"{parent.full_path}/{path}" if parent is not None else path
    _check_path(world, path, full_path)
    now = world.now()
    group = world.namespaces.add(
        Namespace(
            kind="group",
            path=path,
            full_path=full_path,
            name=name,
            created_at=now,
            parent_id=parent.id if parent is not None else None,
            visibility=visibility,
        )
    )
    accounts.set_member(world, "Group", group.id, creator, Access.OWNER, creator)
    return group


def ensure_group(world: World, creator: User, full_path: str, visibility: str = "private") -> Namespace:
    """The group of that full path, found or made with all above it; a user's own namespace counts as found."""
    group: Namespace | None = None
    parts = full_path.split("/")
    for depth, path in enumerate(parts, start=1):
        found = world.namespaces.one(full_path="/".join(parts[:depth]))
        group = found or create_group(world, creator, path, path, group, visibility)
    if group is None:
        raise ValueError("a group needs a path")
    return group


def full_name(world: World, namespace: Namespace) -> str:
    """Names from the top group down, as GitLab joins them."""
    parent = world.namespaces.get(namespace.parent_id)
    return namespace.name if parent is None else f"{full_name(world, parent)} / {namespace.name}"


def descendants(world: World, group: Namespace) -> Iterator[Namespace]:
    """Every group below, parents before children."""
    for child in world.namespaces.where(parent_id=group.id):
        yield child
        yield from descendants(world, child)


def projects_below(world: World, group: Namespace) -> Iterator[Project]:
    """Every project of the group and of the groups below."""
    for namespace in (group, *descendants(world, group)):
        yield from world.projects.where(namespace_id=namespace.id)


def rename(world: World, group: Namespace, path: str, parent: Namespace | None) -> None:
    """Give the group another path or parent; everything below moves along. ApiError 400 for a bad path."""
    full_path = f"{parent.full_path}/{path}" if parent is not None else path
    if full_path.lower() != group.full_path.lower():
        _check_path(world, path, full_path)
    group.path, group.full_path, group.parent_id = path, full_path, parent.id if parent is not None else None
    for below in descendants(world, group):
        above = world.namespaces.get(below.parent_id)
        below.full_path = f"{above.full_path}/{below.path}" if above is not None else below.path
    for project in projects_below(world, group):
        paths.relocate(world, project, f"{world.namespaces[project.namespace_id].full_path}/{project.path}")


def _check_path(world: World, path: str, full_path: str) -> None:
    if not _PATH.fullmatch(path) or path.endswith((".", ".git", ".atom")):
        raise invalid_record({"path": [_BAD_PATH]})
    taken = world.namespaces.one(full_path=full_path) or world.projects.one(full_path=full_path)
    if taken is not None:
        raise invalid_record({"path": ["has already been taken"]})


def may_create_projects(world: World, user: User, namespace: Namespace) -> bool:
    """Whether `user` may put a project into `namespace`, by the group's own setting."""
    if user.admin:
        return True
    needed = _CREATION_LEVELS.get(namespace.project_creation_level, Access.DEVELOPER)
    return permissions.group_member_access(world, user, namespace) >= needed
