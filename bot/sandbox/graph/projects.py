"""GraphQL: projects."""

from __future__ import annotations

from typing import Any

from bot.sandbox import permissions
from bot.sandbox.graph import collaboration
from bot.sandbox.graph.connections import Connection, connect
from bot.sandbox.graph.context import Info, global_id, numeric_id
from bot.sandbox.graph.people import access_level, project_permissions
from bot.sandbox.parameters import Parameters
from bot.sandbox.represent import project as represent
from bot.sandbox.rules import code_access, project_search
from bot.sandbox.world import Namespace, Project

_FILTERS = {
    "membership": "membership",
    "search": "search",
    "searchNamespaces": "search_namespaces",
    "topics": "topic",
    "withIssuesEnabled": "with_issues_enabled",
    "withMergeRequestsEnabled": "with_merge_requests_enabled",
}
_ARCHIVED = {"EXCLUDE": False, "ONLY": True}
_ORDERS = {"id", "name", "path", "created", "updated", "latest_activity", "stars"}
_REST_ORDERS = {
    "created": "created_at",
    "updated": "updated_at",
    "latest_activity": "last_activity_at",
    "stars": "star_count",
}


def projects(_source: object, info: Info, **arguments: Any) -> Connection:
    """Every project that the caller sees and the arguments let through, newest first unless sorted."""
    values = {_FILTERS[k]: v for k, v in arguments.items() if k in _FILTERS and v is not None}
    if arguments.get("archived") in _ARCHIVED:
        values["archived"] = _ARCHIVED[arguments["archived"]]
    order, _, direction = (arguments.get("sort") or "id_desc").rpartition("_")
    if order in _ORDERS and direction in {"asc", "desc"}:
        values |= {"order_by": _REST_ORDERS.get(order, order), "sort": direction}
    found = project_search.select(info.context.world, info.context.viewer, Parameters(values))
    if arguments.get("ids") is not None:
        wanted = {numeric_id(value) for value in arguments["ids"]}
        found = [project for project in found if project.id in wanted]
    return connect(found, arguments)


def project(_source: object, info: Info, fullPath: str) -> Project | None:  # noqa: N803 - GitLab's name
    """One project by full path; null when the caller does not see it."""
    found = info.context.world.projects.one(full_path=fullPath)
    if found is None or not permissions.can_read_project(info.context.world, info.context.viewer, found):
        return None
    return found


def _namespace(project: Project, info: Info) -> Namespace:
    return info.context.world.namespaces[project.namespace_id]


def _group(project: Project, info: Info) -> Namespace | None:
    found = _namespace(project, info)
    return found if found.kind == "group" else None


def _level(project: Project, info: Info) -> dict[str, Any]:
    return access_level(permissions.project_access(info.context.world, info.context.viewer, project))


def _from_rest(name: str) -> Any:
    return lambda project, info: represent.basic(info.context.world, project)[name]


def _repository(project: Project, info: Info) -> Project | None:
    readable = code_access.can_read_code(info.context.world, info.context.viewer, project)
    return project if readable else None


RESOLVERS = {
    "Project": {
        "id": global_id,
        "avatarUrl": lambda project, info: None,
        "forksCount": lambda project, info: info.context.world.projects.count(forked_from_id=project.id),
        "group": _group,
        "httpUrlToRepo": _from_rest("http_url_to_repo"),
        "issue": collaboration.issue,
        "issues": collaboration.issues,
        "labels": collaboration.label_connection,
        "maxAccessLevel": _level,
        "mergeRequest": collaboration.merge_request,
        "mergeRequests": collaboration.merge_requests,
        "nameWithNamespace": _from_rest("name_with_namespace"),
        "namespace": _namespace,
        "openIssuesCount": lambda project, info: represent.open_issues(info.context.world, project),
        "repository": _repository,
        "sshUrlToRepo": _from_rest("ssh_url_to_repo"),
        "userPermissions": project_permissions,
        "webUrl": lambda project, info: represent.web_url(info.context.world, project),
    }
}
