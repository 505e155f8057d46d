"""Protected branches and tags: which names they cover, and who may still push, merge or create."""

from __future__ import annotations

from fnmatch import fnmatchcase

from bot.sandbox import permissions, repositories
from bot.sandbox.world import Access, Project, ProtectedBranch, ProtectedTag, User, World

AccessEntry = tuple[int | None, int | None, int | None]
"""(access level, user id, group id); exactly one is set."""

NO_ONE = 0
ADMINISTRATORS = 60


def of_branch(world: World, project: Project, branch: str) -> list[ProtectedBranch]:
    """The protections that cover a branch, wildcards included."""
    return [p for p in world.protected_branches.where(project_id=project.id) if _covers(p.name, branch)]


def of_tag(world: World, project: Project, tag: str) -> list[ProtectedTag]:
    """The protections that cover a tag, wildcards included."""
    return [p for p in world.protected_tags.where(project_id=project.id) if _covers(p.name, tag)]


def is_empty(world: World, project: Project) -> bool:
    """Whether the repository has no commit on its default branch."""
    return repositories.head(world, project) is None


def is_protected(world: World, project: Project, branch: str) -> bool:
    """Whether a branch is protected. Before the first push, the default protection covers every branch."""
    return is_empty(world, project) or bool(of_branch(world, project, branch))


def can_push(world: World, user: User | None, project: Project, branch: str) -> bool:
    """Whether `user` may push to `branch` of a project that is not archived."""
    if user is None or project.archived or permissions.project_access(world, user, project) < Access.DEVELOPER:
        return False
    rules = of_branch(world, project, branch)
    if not rules:
        # GitLab protects the default branch of a new project, so the first push takes a maintainer.
        needed = Access.MAINTAINER if is_empty(world, project) else Access.DEVELOPER
        return permissions.project_access(world, user, project) >= needed
    return any(_grants(world, user, project, entry) for rule in rules for entry in rule.push_access)


def can_merge(world: World, user: User | None, project: Project, branch: str) -> bool:
    """Whether `user` may merge into `branch`: whoever may push may merge."""
    if can_push(world, user, project, branch):
        return True
    if user is None or project.archived:
        return False
    rules = of_branch(world, project, branch)
    return any(_grants(world, user, project, entry) for rule in rules for entry in rule.merge_access)


def can_create_tag(world: World, user: User | None, project: Project, tag: str) -> bool:
    """Whether `user` may create `tag`."""
    if user is None or project.archived or permissions.project_access(world, user, project) < Access.DEVELOPER:
        return False
    rules = of_tag(world, project, tag)
    return not rules or any(_grants(world, user, project, entry) for rule in rules for entry in rule.create_access)


def allows_force_push(world: World, project: Project, branch: str) -> bool:
    """Whether history may be rewritten: everywhere but on a protected branch; every rule must allow it there."""
    return all(rule.allow_force_push for rule in of_branch(world, project, branch))


def developers_can(world: World, project: Project, branch: str, what: str) -> bool:
    """Whether a protection lets developers `push` or `merge`."""
    rules = of_branch(world, project, branch)
    entries = [e for rule in rules for e in (rule.push_access if what == "push" else rule.merge_access)]
    return any(level == Access.DEVELOPER for level, _, _ in entries)


def _covers(rule: str, name: str) -> bool:
    # Only `*` is a wildcard in GitLab; a bracket or question mark stands for itself.
    escaped = rule.replace("[", "[[]").replace("?", "[?]")
    return fnmatchcase(name, escaped)


def _grants(world: World, user: User, project: Project, entry: AccessEntry) -> bool:
    level, user_id, group_id = entry
    if user_id is not None:
        return user_id == user.id
    if group_id is not None:
        group = world.namespaces.get(group_id)
        return group is not None and permissions.group_member_access(world, user, group) >= Access.DEVELOPER
    if level is None or level == NO_ONE:
        return False
    if level == ADMINISTRATORS:
        return user.admin
    return permissions.project_access(world, user, project) >= level
