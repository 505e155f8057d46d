"""Projects: making, moving and putting them aside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.sandbox.errors import invalid_record
from bot.sandbox.rules import accounts, activity, paths
from bot.sandbox.webhooks import system_events
from bot.sandbox.world import Access, Namespace, Project, ProtectedBranch, User, World

_PATH = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")
_NAME = re.compile(r"[\w☀-⛿✀-➿🌀-🫿][\w☀-⛿✀-➿🌀-🫿 .+-]*")
_BAD_PATH = "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'"
_BAD_NAME = (
    "can contain only letters, digits, emoji, '_', '.', '+', dashes, or spaces. "
    "It must start with a letter, digit, emoji, or '_'."
)
DEFAULT_BRANCH = "main"


def slug(name: str) -> str:
    """The path that GitLab makes of a name."""
    return re.sub(r"[^A-Za-z0-9_.]+", "-", name).strip("-").lower()


def create_project(
    world: World,
    creator: User,
    namespace: Namespace,
    name: str,
    path: str,
    *,
    visibility: str = "private",
    fields: Mapping[str, Any] | None = None,
) -> Project:
    """A new, empty project. ApiError 400 for a name or path that is taken or not allowed."""
    check_name(world, namespace, name, path)
    paths.settle(world, f"{namespace.full_path}/{path}")
    now = world.now()
    project = world.projects.add(
        Project(
            name=name,
            path=path,
            full_path=f"{namespace.full_path}/{path}",
            namespace_id=namespace.id,
            creator_id=creator.id,
            created_at=now,
            updated_at=now,
            last_activity_at=now,
            visibility=visibility,
            **(fields or {}),
        )
    )
    if namespace.kind == "user":
        accounts.set_member(world, "Project", project.id, creator, Access.OWNER, creator)
    activity.record(world, creator, project, "created")
    system_events.project(world, project, "project_create")
    return project


def give_files(world: World, project: Project, files: Mapping[str, bytes], branch: str) -> None:
    """Let the repository of a new project begin with these files on its default branch."""
    project.pending_files = dict(files)
    project.default_branch = branch
    project.readme_path = "README.md" if "README.md" in files else None
    protect_default_branch(world, project)


def protect_default_branch(world: World, project: Project) -> None:
    """Protect the default branch the way GitLab does when it is first pushed."""
    name = project.default_branch
    if name is not None and world.protected_branches.one(project_id=project.id, name=name) is None:
        world.protected_branches.add(ProtectedBranch(project_id=project.id, name=name))


# The project's own namespace complains with it.
_UNIQUE = ("name", "path", "project_namespace.name")


def check_name(world: World, namespace: Namespace, name: str, path: str) -> None:
    """ApiError 400 unless a project of this name and path may stand in `namespace`."""
    errors: dict[str, list[str]] = {}
    if not _NAME.fullmatch(name):
        errors["name"] = [_BAD_NAME]
    if not _PATH.fullmatch(path) or path.endswith((".git", ".atom")):
        errors["path"] = [_BAD_PATH]
    full_path = f"{namespace.full_path}/{path}"
    if world.projects.one(full_path=full_path) is not None or world.namespaces.one(full_path=full_path) is not None:
        errors = {**{key: ["has already been taken"] for key in _UNIQUE}, **errors}
    if errors:
        raise invalid_record(errors)


def move(world: World, project: Project, namespace: Namespace, path: str) -> None:
    """Give the project another path or namespace; the repository stays where it is."""
    full_path = f"{namespace.full_path}/{path}"
    if full_path.lower() != project.full_path.lower():
        check_name(world, namespace, project.name, path)
    former, transferred = project.full_path, project.namespace_id != namespace.id
    project.namespace_id, project.path = namespace.id, path
    paths.relocate(world, project, full_path)
    system_events.project(world, project, "project_transfer" if transferred else "project_rename", former)


def rename(world: World, project: Project, name: str) -> None:
    """Give the project another name. ApiError 400 for one that is taken or not allowed."""
    if not _NAME.fullmatch(name):
        raise invalid_record({"name": [_BAD_NAME]})
    siblings = world.projects.where(namespace_id=project.namespace_id)
    if any(other.name == name for other in siblings if other is not project):
        raise invalid_record({"name": ["has already been taken"]})
    project.name = name


def mark_for_deletion(world: World, project: Project) -> None:
    """Delayed deletion (18.0): the project steps aside under another path until it is removed for good."""
    project.marked_for_deletion_on = world.now().date()
    project.name += _suffix(project)
    move(world, project, world.namespaces[project.namespace_id], project.path + _suffix(project))


def restore(world: World, project: Project) -> None:
    """Undo `mark_for_deletion`."""
    project.marked_for_deletion_on = None
    project.name = project.name.removesuffix(_suffix(project))
    path = project.path.removesuffix(_suffix(project))
    move(world, project, world.namespaces[project.namespace_id], path)


def _suffix(project: Project) -> str:
    return f"-deletion_scheduled-{project.id}"
