"""Who may see and do what: access levels through groups, visibility, and what a token narrows."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.world import Access, Namespace, Project, User, World


def ancestors(world: World, namespace_id: int | None) -> Iterator[Namespace]:
    """The namespace itself and every group above it, nearest first."""
    namespace = world.namespaces.get(namespace_id)
    while namespace is not None:
        yield namespace
        namespace = world.namespaces.get(namespace.parent_id)


def direct_access(world: World, user_id: int, source_type: str, source_id: int) -> int:
    """The level of a direct, unexpired membership, 0 for none."""
    member = world.members.one(user_id=user_id, source_type=source_type, source_id=source_id)
    if member is None or (member.expires_at is not None and member.expires_at <= world.now().date()):
        return Access.NONE
    return member.access_level


def group_member_access(world: World, user: User, group: Namespace) -> int:
    """The highest level that memberships of the group and the groups above give."""
    if group.kind == "user":
        return Access.OWNER if group.owner_id == user.id else Access.NONE
    return max((direct_access(world, user.id, "Group", g.id) for g in ancestors(world, group.id)), default=0)


def project_member_access(world: World, user: User, project: Project) -> int:
    """The highest level that memberships of the project and its groups give; a personal project is its owner's."""
    own = direct_access(world, user.id, "Project", project.id)
    namespace = world.namespaces.get(project.namespace_id)
    return own if namespace is None else max(own, group_member_access(world, user, namespace))


def project_access(world: World, user: User | None, project: Project) -> int:
    """The level that counts: an administrator owns everything."""
    if user is None:
        return Access.NONE
    return Access.OWNER if user.admin else project_member_access(world, user, project)


def group_access(world: World, user: User | None, group: Namespace) -> int:
    """The level that counts for a group: an administrator owns everything."""
    if user is None:
        return Access.NONE
    return Access.OWNER if user.admin else group_member_access(world, user, group)


def visible(visibility: str, user: User | None) -> bool:
    """Whether visibility alone lets `user` (None: anonymous) see something."""
    return visibility == "public" or (visibility == "internal" and user is not None and not user.external)


def can_read_project(world: World, user: User | None, project: Project) -> bool:
    """Whether `user` sees the project at all."""
    return visible(project.visibility, user) or project_access(world, user, project) >= Access.GUEST


def memberships(world: World, user: User) -> dict[int, int]:
    """Project id to level for every project that a membership of it or of a group above gives `user`."""
    levels: dict[int, int] = {}
    for member in world.members.where(user_id=user.id):
        if member.expires_at is not None and member.expires_at <= world.now().date():
            continue
        if member.source_type == "Project":
            below = [member.source_id]
        else:
            below = [project.id for project in _projects_below(world, member.source_id)]
        for project_id in below:
            levels[project_id] = max(levels.get(project_id, Access.NONE), member.access_level)
    return levels


def _projects_below(world: World, group_id: int) -> Iterator[Project]:
    yield from world.projects.where(namespace_id=group_id)
    for child in world.namespaces.where(parent_id=group_id):
        yield from _projects_below(world, child.id)


def can_read_group(world: World, user: User | None, group: Namespace) -> bool:
    """Whether `user` sees the group: visible, a member of it or of anything below it."""
    if visible(group.visibility, user) or group_access(world, user, group) >= Access.GUEST:
        return True
    return user is not None and _member_below(world, user, group)


def _member_below(world: World, user: User, group: Namespace) -> bool:
    for member in world.members.where(user_id=user.id):
        if member.source_type == "Group":
            below = member.source_id
        else:
            project = world.projects.get(member.source_id)
            below = project.namespace_id if project is not None else 0
        if any(above.id == group.id for above in ancestors(world, below)):
            return True
    return False
