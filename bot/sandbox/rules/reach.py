"""Which projects a list of issues or merge requests spans, and cheaply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from bot.sandbox import permissions
from bot.sandbox.parameters import Parameters
from bot.sandbox.world import Issue, MergeRequest, Namespace, Project, Table, User, World

I = TypeVar("I", Issue, MergeRequest)  # noqa: E741 - an issuable, either kind


class Readable:
    """Which projects `viewer` sees, each looked up once."""

    def __init__(self, world: World, viewer: User | None) -> None:
        self._world, self._viewer = world, viewer
        self._known: dict[int, Project | None] = {}

    def project(self, project_id: int) -> Project | None:
        """The project; None when `viewer` does not see it."""
        if project_id not in self._known:
            project = self._world.projects[project_id]
            seen = permissions.can_read_project(self._world, self._viewer, project)
            self._known[project_id] = project if seen else None
        return self._known[project_id]


def spans(params: Parameters, project: Project) -> bool:
    """Whether a list over many projects includes this one: archived ones only where that is asked."""
    return not project.archived or params.boolean("non_archived") is False


def group_projects(world: World, viewer: User | None, group: Namespace, params: Parameters) -> Iterator[Project]:
    """The projects of a group and of all groups below it that `viewer` sees, as far as the list spans them."""
    groups = [group]
    while groups:
        current = groups.pop()
        groups += world.namespaces.where(parent_id=current.id)
        for project in world.projects.where(namespace_id=current.id):
            if spans(params, project) and permissions.can_read_project(world, viewer, project):
                yield project


def candidates(world: World, viewer: User | None, params: Parameters, table: Table[I]) -> Iterable[I]:
    """The rows that a list over everything can contain: those of one author where that is asked."""
    scope = (params.text("scope") or "").replace("-", "_")
    if scope == "created_by_me" and viewer is not None:
        return table.where(author_id=viewer.id)
    author_id = params.integer("author_id")
    if author_id is not None:
        return table.where(author_id=author_id)
    name = params.text("author_username")
    author = world.users.one(username=name) if name else None
    return table.where(author_id=author.id) if author else table
