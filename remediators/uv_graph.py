"""What the packages of a uv.lock are there for: who asks for them, and for what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from packaging.utils import canonicalize_name

from remediators.uv_lock import Edge, LockedPackage, UvLock
from state.model import Scope

Place = int
"""Which package of the lock: its place in `UvLock.packages`."""


def own_projects(lock: UvLock) -> tuple[LockedPackage, ...]:
    """The root project and the members of its workspace."""
    return tuple(package for package in lock.packages if package.folder == "." or package.name in lock.members)


def asked_for(lock: UvLock, name: str) -> tuple[LockedPackage, ...]:
    """The entries of `name` that the root project itself asks for."""
    roots = [package for package in lock.packages if package.folder == "."]
    edges = [*chain.from_iterable(root.edges for root in roots), *chain(*lock.groups.values())]
    wanted = [edge for edge in edges if edge.name == canonicalize_name(name)]
    return tuple(package for package in lock.at(name) if any(_leads_to(edge, package) for edge in wanted))


def requirers(lock: UvLock, name: str) -> tuple[str, ...]:
    """The names of the packages that depend on `name`, sorted."""
    wanted = canonicalize_name(name)
    return tuple(sorted({p.name for p in lock.packages if any(edge.name == wanted for edge in p.edges)}))


def scopes(lock: UvLock) -> tuple[Scope, ...]:
    """What each package of the lock is for: runtime where a runtime dependency leads to it, else optional, else dev."""
    own = own_projects(lock)
    starts: Mapping[Scope, Iterable[Edge]] = {
        Scope.RUNTIME: chain(*(project.dependencies for project in own)),
        Scope.OPTIONAL: chain(*(edges for project in own for edges in project.optional.values())),
    }
    found = [Scope.DEV] * len(lock.packages)
    seen: set[tuple[Place, str]] = set()
    by_name = _places_by_name(lock)
    for scope, edges in starts.items():
        for place in _reached(lock, by_name, edges, seen):
            if found[place] is Scope.DEV:
                found[place] = scope
    return tuple(found)


def _reached(
    lock: UvLock, by_name: Mapping[str, list[Place]], edges: Iterable[Edge], seen: set[tuple[Place, str]]
) -> Iterable[Place]:
    """Every package that these edges lead to and that was not `seen`; each with its extras apart."""
    waiting = list(edges)
    while waiting:
        edge = waiting.pop()
        for place in by_name.get(edge.name, ()):
            package = lock.packages[place]
            if not _leads_to(edge, package):
                continue
            for extra in ("", *edge.extras):
                if (place, extra) in seen:
                    continue
                seen.add((place, extra))
                waiting.extend(package.optional.get(extra, ()) if extra else package.dependencies)
                yield place


def _places_by_name(lock: UvLock) -> Mapping[str, list[Place]]:
    places: dict[str, list[Place]] = {}
    for place, package in enumerate(lock.packages):
        places.setdefault(package.name, []).append(place)
    return places


def _leads_to(edge: Edge, package: LockedPackage) -> bool:
    return edge.name == package.name and edge.version in {"", package.version}
