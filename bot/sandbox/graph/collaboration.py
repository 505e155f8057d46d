"""GraphQL: issues, merge requests and labels of a project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.sandbox.graph.connections import Connection, connect
from bot.sandbox.graph.context import Info, global_id
from bot.sandbox.parameters import Parameters
from bot.sandbox.represent import issuable as represent
from bot.sandbox.rules import finding, issuables, labels
from bot.sandbox.world import Issue, MergeRequest, Project

# GraphQL argument to the REST parameter that means the same.
_FILTERS = {
    "authorUsername": "author_username",
    "createdAfter": "created_after",
    "createdBefore": "created_before",
    "iids": "iids",
    "labelName": "labels",
    "labels": "labels",
    "search": "search",
    "state": "state",
    "updatedAfter": "updated_after",
    "updatedBefore": "updated_before",
}


def issues(project: Project, info: Info, **arguments: Any) -> Connection:
    """Issues of a project that the caller sees."""
    return connect(_found(info, info.context.world.issues.where(project_id=project.id), arguments), arguments)


def issue(project: Project, info: Info, **arguments: Any) -> Issue | None:
    """The first issue that the arguments let through."""
    found = _found(info, info.context.world.issues.where(project_id=project.id), arguments)
    return found[0] if found else None


def merge_requests(project: Project, info: Info, **arguments: Any) -> Connection:
    """Merge requests into a project."""
    everything = info.context.world.merge_requests.where(project_id=project.id)
    for argument, field in (("sourceBranches", "source_branch"), ("targetBranches", "target_branch")):
        if arguments.get(argument) is not None:
            everything = [one for one in everything if getattr(one, field) in arguments[argument]]
    return connect(_found(info, everything, arguments), arguments)


def merge_request(project: Project, info: Info, iid: str) -> MergeRequest | None:
    """One merge request by iid."""
    number = int(iid) if iid.isdecimal() else 0
    return info.context.world.merge_requests.one(project_id=project.id, iid=number)


def label_connection(project: Project, info: Info, **arguments: Any) -> Connection:
    """Labels of a project, with those of the groups above where asked."""
    found = labels.available(info.context.world, project, ancestors=bool(arguments.get("includeAncestorGroups")))
    wanted = (arguments.get("searchTerm") or "").lower()
    return connect([label for label in found if wanted in label.name.lower()], arguments)


def _found(info: Info, candidates: Iterable[Any], arguments: dict[str, Any]) -> list[Any]:
    values: dict[str, Any] = {_FILTERS[k]: v for k, v in arguments.items() if k in _FILTERS and v is not None}
    if arguments.get("iid") is not None:
        values["iids"] = [arguments["iid"]]
    order, _, direction = str(arguments.get("sort") or "created_desc").lower().partition("_")
    values |= {"order_by": f"{order}_at", "sort": direction}
    return finding.found(info.context.world, info.context.viewer, Parameters(values), candidates)


def _labels(one: Issue | MergeRequest, info: Info, **arguments: Any) -> Connection:
    return connect(labels.of(info.context.world, one.label_ids), arguments)


def _assignees(one: Issue, info: Info, **arguments: Any) -> Connection:
    return connect([info.context.world.users[i] for i in one.assignee_ids], arguments)


def _reference(one: Issue | MergeRequest, info: Info, full: bool = False) -> str:
    seen_from = None if full else info.context.world.projects[one.project_id]
    return represent.references(info.context.world, one, seen_from)["full" if full else "short"]


_SHARED = {
    "id": global_id,
    "author": lambda one, info: info.context.world.users.get(one.author_id),
    "labels": _labels,
    "reference": _reference,
    "userNotesCount": lambda one, info: represent.comments(info.context.world, one),
    "webUrl": lambda one, info: issuables.web_url(info.context.world, one),
}

RESOLVERS = {
    "Issue": {
        **_SHARED,
        "assignees": _assignees,
        "webPath": lambda one, info: issuables.web_url(info.context.world, one).removeprefix(info.context.world.url),
    },
    "MergeRequest": {
        **_SHARED,
        "autoMergeEnabled": lambda one, info: one.merge_when_pipeline_succeeds,
        "conflicts": lambda one, info: one.has_conflicts,
        "diffHeadSha": lambda one, info: one.sha,
        "draft": lambda one, info: one.title.startswith(("Draft:", "[Draft]", "(Draft)")),
        "project": lambda one, info: info.context.world.projects[one.project_id],
        "sourceProject": lambda one, info: info.context.world.projects.get(one.source_project_id),
    },
    "Label": {"id": global_id, "title": lambda label, info: label.name},
}
