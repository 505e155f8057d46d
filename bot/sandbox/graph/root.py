"""GraphQL: the entry points of a query."""

from __future__ import annotations

from typing import Any

from bot.sandbox import permissions
from bot.sandbox.api import find_group, find_namespace
from bot.sandbox.graph import projects
from bot.sandbox.graph.context import Info, numeric_id
from bot.sandbox.rules import issuables
from bot.sandbox.version import REVISION, VERSION
from bot.sandbox.world import Issue, MergeRequest, Namespace, User


def _group(_source: object, info: Info, **arguments: str) -> Namespace | None:
    found = find_group(info.context.world, arguments["fullPath"])
    if found is None or not permissions.can_read_group(info.context.world, info.context.viewer, found):
        return None
    return found


def _namespace(_source: object, info: Info, **arguments: str) -> Namespace | None:
    found = find_namespace(info.context.world, arguments["fullPath"])
    if found is None or not permissions.can_read_group(info.context.world, info.context.viewer, found):
        return None
    return found


def _issue(_source: object, info: Info, **arguments: str) -> Issue | None:
    found = info.context.world.issues.get(numeric_id(arguments["id"]))
    return found if found is not None and _sees(info, found) else None


def _merge_request(_source: object, info: Info, **arguments: str) -> MergeRequest | None:
    found = info.context.world.merge_requests.get(numeric_id(arguments["id"]))
    return found if found is not None and _sees(info, found) else None


def _sees(info: Info, one: Issue | MergeRequest) -> bool:
    world, viewer = info.context.world, info.context.viewer
    project = world.projects[one.project_id]
    return permissions.can_read_project(world, viewer, project) and issuables.may_read(world, viewer, one)


def _user(_source: object, info: Info, **arguments: str) -> User | None:
    users = info.context.world.users
    if arguments.get("id"):
        return users.get(numeric_id(arguments["id"]))
    return users.one(username=arguments.get("username") or "")


def _metadata(_source: object, _info: Info) -> dict[str, Any]:
    kas = {"enabled": False, "externalUrl": None, "version": None}
    return {"enterprise": True, "kas": kas, "revision": REVISION, "version": VERSION}


def _echo(_source: object, info: Info, text: str) -> str:
    viewer = info.context.viewer
    return f'"{viewer.username if viewer is not None else "nil"}" says: {text}'


RESOLVERS = {
    "Query": {
        "currentUser": lambda source, info: info.context.viewer,
        "echo": _echo,
        "group": _group,
        "issue": _issue,
        "mergeRequest": _merge_request,
        "metadata": _metadata,
        "namespace": _namespace,
        "project": projects.project,
        "projects": projects.projects,
        "queryComplexity": lambda source, info: {"score": info.context.score, "limit": info.context.limit},
        "user": _user,
    }
}
