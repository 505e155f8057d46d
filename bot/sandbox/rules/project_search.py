"""Which projects a list shows: everything that `GET /projects` and its relatives filter and sort by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.sandbox import permissions
from bot.sandbox.parameters import Parameters
from bot.sandbox.world import Access, Project, User, World

_ORDERS: dict[str, Callable[[Project], Any]] = {
    "id": lambda p: p.id,
    # GitLab sorts by id for created_at, which is the same order and has an index.
    "created_at": lambda p: p.id,
    "name": lambda p: p.name.lower(),
    "path": lambda p: p.path.lower(),
    "updated_at": lambda p: p.updated_at,
    "last_activity_at": lambda p: p.last_activity_at,
    "star_count": lambda p: p.star_count,
    "similarity": lambda p: p.id,
}
ORDERS = frozenset(_ORDERS)
VISIBILITIES = frozenset({"private", "internal", "public"})

Test = Callable[[Project], bool]


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted."""

    by: str
    descending: bool

    def sorted(self, projects: Iterable[Project]) -> list[Project]:
        """The projects in this order; ties by id."""
        key = _ORDERS[self.by]
        if self.by in {"id", "created_at"}:
            return sorted(projects, key=key, reverse=self.descending)
        return sorted(projects, key=lambda p: (key(p), p.id), reverse=self.descending)


def order_of(params: Parameters) -> Order:
    """The order that the parameters ask for: newest first unless they do."""
    by = params.choice("order_by", ORDERS) or "created_at"
    return Order(by, (params.choice("sort", ("asc", "desc")) or "desc") == "desc")


def select(
    world: World, viewer: User | None, params: Parameters, among: Iterable[Project] | None = None
) -> list[Project]:
    """The projects (of `among`, or all) that `viewer` sees and the parameters let through, in their order."""
    tests = _tests(world, params)
    candidates = _reachable(world, viewer, params, among)
    return order_of(params).sorted(p for p in candidates if all(test(p) for test in tests))


def _reachable(
    world: World, viewer: User | None, params: Parameters, among: Iterable[Project] | None
) -> Iterable[Project]:
    minimum = params.integer("min_access_level")
    if params.boolean("owned"):
        minimum = max(minimum or 0, Access.OWNER)
    levels = permissions.memberships(world, viewer) if viewer is not None else {}
    everything = among if among is not None else world.projects
    if params.boolean("membership") or minimum:
        if viewer is None:
            return []
        if among is None:
            return [world.projects[i] for i, level in levels.items() if level >= (minimum or 0) and i in world.projects]
        return [p for p in among if levels.get(p.id, 0) >= max(minimum or 0, Access.GUEST)]
    if viewer is not None and viewer.admin:
        return everything
    return [p for p in everything if p.id in levels or permissions.visible(p.visibility, viewer)]


def _tests(world: World, params: Parameters) -> list[Test]:
    return [*_exact(params), *_intervals(params), *_words(world, params)]


def _exact(params: Parameters) -> Iterable[Test]:
    archived, active = params.boolean("archived"), params.boolean("active")
    visibility = params.choice("visibility", VISIBILITIES)
    if archived is not None:
        yield lambda p: p.archived is archived
    if active is not None:
        yield lambda p: (not p.archived and p.marked_for_deletion_on is None) is active
    if visibility is not None:
        yield lambda p: p.visibility == visibility
    if params.boolean("with_issues_enabled"):
        yield lambda p: p.issues_enabled
    if params.boolean("with_merge_requests_enabled"):
        yield lambda p: p.merge_requests_enabled
    if params.boolean("starred") or params.boolean("imported"):
        yield lambda p: False
    marked = params.date("marked_for_deletion_on")
    if marked is not None:
        yield lambda p: p.marked_for_deletion_on == marked


def _intervals(params: Parameters) -> Iterable[Test]:
    after, before = params.integer("id_after"), params.integer("id_before")
    if after is not None:
        yield lambda p: p.id > after
    if before is not None:
        yield lambda p: p.id < before
    for field, name in (("last_activity_at", "last_activity"), ("updated_at", "updated")):
        yield from _between(field, params.time(f"{name}_after"), params.time(f"{name}_before"))


def _between(field: str, after: datetime | None, before: datetime | None) -> Iterable[Test]:
    if after is not None:
        yield lambda p: getattr(p, field) >= after
    if before is not None:
        yield lambda p: getattr(p, field) <= before


def _words(world: World, params: Parameters) -> Iterable[Test]:
    search, topics = params.text("search"), params.strings("topic")
    if search:
        wanted = search.lower()
        if params.boolean("search_namespaces"):
            yield lambda p: wanted in p.full_path.lower() or wanted in p.name.lower()
        else:
            yield (
                lambda p: (
                    wanted in p.name.lower() or wanted in p.path.lower() or wanted in (p.description or "").lower()
                )
            )
    if topics:
        yield lambda p: set(topics) <= set(p.topics)
