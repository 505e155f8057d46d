"""What the packages of a uv.lock are there for: who asks for them, and for what."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from packaging.utils import canonicalize_name

from remediators.errors import Requirer
from remediators.uv.lock import Edge, LockedPackage, UvLock
from state.model import Scope

Place = int
"""Which package of the lock: its place in `UvLock.packages`."""


def own_projects(lock: UvLock) -> tuple[LockedPackage, ...]:
    """The root project and the members of its workspace."""
    return tuple(package for package in lock.packages if package.folder == "." or package.name in lock.members)


def asked_for(lock: UvLock, name: str, folder: str = ".") -> tuple[LockedPackage, ...]:
    """The entries of `name` that the project in `folder` itself asks for."""
    projects = [package for package in lock.packages if package.folder == folder]
    groups = lock.groups.values() if folder == "." else ()
    edges = [*chain.from_iterable(project.edges for project in projects), *chain(*groups)]
    called = canonicalize_name(name)
    wanted = [edge for edge in edges if edge.name == called]
    return tuple(package for package in lock.at(name) if any(_leads_to(edge, package) for edge in wanted))


def requirers(lock: UvLock, lockfile: str, name: str, version: str) -> tuple[Requirer, ...]:
    """Who depends on `name` at `version`. A project of the repository is named by its pyproject.toml."""
    wanted = [package for package in lock.at(name) if package.version == version]
    named = frozenset(edge.name for project in own_projects(lock) for edge in project.edges)
    named |= {edge.name for edge in chain(*lock.groups.values())}
    found = [
        requirer
        for package in lock.packages
        if _any_leads_to(package.edges, wanted)
        for requirer in _requirers(package, lockfile, canonicalize_name(name), direct=package.name in named)
    ]
    if _any_leads_to(chain(*lock.groups.values()), wanted):
        found.extend(_by_project(lockfile, ".", lock.ranges.get(canonicalize_name(name), ())))
    return tuple(found)


def _requirers(package: LockedPackage, lockfile: str, name: str, *, direct: bool) -> Iterable[Requirer]:
    if package.folder is None:
        return (Requirer(package.name, package.version, "", direct),)
    return _by_project(lockfile, package.folder, package.ranges.get(name, ("",)))


def _by_project(lockfile: str, folder: str, specifiers: Iterable[str]) -> Iterable[Requirer]:
    manifest = posixpath.normpath(posixpath.join(posixpath.dirname(lockfile), folder, "pyproject.toml"))
    return (Requirer(manifest, "", specifier, direct=True) for specifier in specifiers)


def _any_leads_to(edges: Iterable[Edge], entries: Sequence[LockedPackage]) -> bool:
    return any(_leads_to(edge, entry) for edge in edges for entry in entries)


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
