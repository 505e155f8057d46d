"""GraphQL: users, namespaces, groups, memberships and what one may do."""

from __future__ import annotations

from typing import Any

from bot.sandbox import permissions
from bot.sandbox.graph.connections import Connection, connect
from bot.sandbox.graph.context import Info, global_id
from bot.sandbox.represent import namespace as namespaces
from bot.sandbox.represent import user as users
from bot.sandbox.rules.namespaces import full_name, projects_below
from bot.sandbox.world import Access, Member, Namespace, Project, User

_LEVELS = {
    Access.NONE: "NO_ACCESS",
    Access.MINIMAL: "MINIMAL_ACCESS",
    Access.GUEST: "GUEST",
    Access.PLANNER: "PLANNER",
    Access.REPORTER: "REPORTER",
    Access.DEVELOPER: "DEVELOPER",
    Access.MAINTAINER: "MAINTAINER",
    Access.OWNER: "OWNER",
}

# The least level that each permission of a project takes.
_PERMISSIONS = {
    "adminProject": Access.MAINTAINER,
    "archiveProject": Access.OWNER,
    "createIssue": Access.GUEST,
    "createLabel": Access.PLANNER,
    "createMergeRequestFrom": Access.DEVELOPER,
    "createMergeRequestIn": Access.DEVELOPER,
    "createPipeline": Access.DEVELOPER,
    "downloadCode": Access.REPORTER,
    "forkProject": Access.REPORTER,
    "pushCode": Access.DEVELOPER,
    "pushToDeleteProtectedBranch": Access.MAINTAINER,
    "readCommitStatus": Access.REPORTER,
    "readMergeRequest": Access.REPORTER,
    "readProject": Access.GUEST,
    "readProjectMember": Access.GUEST,
    "removeProject": Access.OWNER,
    "renameProject": Access.MAINTAINER,
    "uploadFile": Access.GUEST,
}
_READS = frozenset({"downloadCode", "readCommitStatus", "readMergeRequest", "readProject"})


def access_level(level: int) -> dict[str, Any]:
    """An AccessLevel."""
    name = _LEVELS[Access(level)]
    return {"integerValue": level, "stringValue": name, "humanAccess": name.replace("_", " ").title()}


def project_permissions(project: Project, info: Info) -> dict[str, bool]:
    """ProjectPermissions of the caller; what visibility opens, everyone may read."""
    world, viewer = info.context.world, info.context.viewer
    level = permissions.project_access(world, viewer, project)
    open_to_all = permissions.visible(project.visibility, viewer)
    return {
        name: level >= least or (open_to_all and name in _READS and least <= Access.REPORTER)
        for name, least in _PERMISSIONS.items()
    }


def _member_project(member: Member, info: Info) -> Project | None:
    return info.context.world.projects.get(member.source_id)


def _member_permissions(member: Member, info: Info) -> dict[str, bool]:
    return project_permissions(info.context.world.projects[member.source_id], info)


def _memberships(user: User, info: Info, **arguments: Any) -> Connection:
    world, viewer = info.context.world, info.context.viewer
    found = [
        member
        for member in world.members.where(user_id=user.id)
        if member.source_type == "Project"
        and permissions.can_read_project(world, viewer, world.projects[member.source_id])
    ]
    return connect(found, arguments)


def _groups(user: User, info: Info) -> int:
    return sum(member.source_type == "Group" for member in info.context.world.members.where(user_id=user.id))


def _group_projects(group: Namespace, info: Info, **arguments: Any) -> Connection:
    world, viewer = info.context.world, info.context.viewer
    everything = (
        projects_below(world, group)
        if arguments.get("includeSubgroups")
        else iter(world.projects.where(namespace_id=group.id))
    )
    search = (arguments.get("search") or "").lower()
    seen = [p for p in everything if search in p.name.lower() and permissions.can_read_project(world, viewer, p)]
    return connect(sorted(seen, key=lambda p: -p.id), arguments)


_PERSON = {
    "id": global_id,
    "avatarUrl": lambda user, info: users.avatar_url(user),
    "publicEmail": lambda user, info: user.public_email or None,
    "webPath": lambda user, info: f"/{user.username}",
    "webUrl": lambda user, info: f"{info.context.world.url}/{user.username}",
}
_PLACE = {
    "id": global_id,
    "fullName": lambda group, info: full_name(info.context.world, group),
}

RESOLVERS = {
    "UserCore": {
        **_PERSON,
        "email": lambda user, info: user.public_email or None,
        "groupCount": _groups,
        "namespace": lambda user, info: info.context.world.namespaces.get(user.namespace_id),
        "projectMemberships": _memberships,
    },
    "MergeRequestAuthor": _PERSON,
    "Namespace": _PLACE,
    "Group": {
        **_PLACE,
        "parent": lambda group, info: info.context.world.namespaces.get(group.parent_id),
        "projects": _group_projects,
        "webUrl": lambda group, info: namespaces.web_url(info.context.world, group),
    },
    "ProjectMember": {
        "id": global_id,
        "accessLevel": lambda member, info: access_level(member.access_level),
        "createdBy": lambda member, info: info.context.world.users.get(member.created_by_id),
        "project": _member_project,
        "user": lambda member, info: info.context.world.users.get(member.user_id),
        "userPermissions": _member_permissions,
    },
}
