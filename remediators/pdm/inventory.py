"""What a project of pdm depends on: as its pyproject.toml names it, joined with what its pdm.lock holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from remediators.api import Parsed
from remediators.documents.toml_document import TomlDocument
from remediators.errors import Requirer
from remediators.pdm.lock import LockedPackage, PdmLock
from remediators.pdm.manifest import index, requirements
from remediators.python.pyproject_requirements import Named
from state.model import Dependency, Failure, Scope

_ECOSYSTEM = "PyPI"
_EXPOSURE = (Scope.RUNTIME, Scope.OPTIONAL, Scope.DEV)


def inventory(document: TomlDocument, lock: PdmLock) -> Parsed:
    """What a manifest names, at the versions of its lock, then everything else that the lock took from an index."""
    named, problems = requirements(document)
    scope_of = scopes(lock, named)
    dependencies: list[Dependency] = []
    missing: list[Failure] = []
    joined: set[tuple[str, str]] = set()
    for item in named:
        versions = _versions(lock, item)
        joined.update((item.requirement.name, version) for version in versions)
        dependencies.extend(
            _direct(document, item, version, scope_of[item.requirement.name], lock.name) for version in versions
        )
        if not lock.at(item.requirement.name):
            missing.append(_not_locked(document, lock, item))
    seen = set(joined)
    for package in lock.packages:
        if not package.origin and (package.name, package.version) not in seen:
            seen.add((package.name, package.version))
            dependencies.append(_transitive(document, package, scope_of[package.name], lock.name))
    elsewhere = (_from_elsewhere(lock, package) for package in lock.packages if package.origin)
    return Parsed(tuple(dependencies), (*problems, *missing, *elsewhere))


def requirers(document: TomlDocument, lock: PdmLock, name: str, version: str) -> tuple[Requirer, ...]:
    """Who leads to `name` at `version`: locked packages, then the manifest."""
    named = requirements(document)[0]
    direct = frozenset(item.requirement.name for item in named)
    alone = len({package.version for package in lock.at(name)}) < 2
    found = (
        *(
            Requirer(package.name, package.version, edge.specifier, package.name in direct)
            for package, edge in lock.requiring(name)
            if alone or edge.admits(version)
        ),
        *(
            Requirer(document.name, "", item.requirement.specifier, direct=True)
            for item in named
            if item.requirement.name == canonicalize_name(name) and (alone or _admits(item, version))
        ),
    )
    return tuple(dict.fromkeys(found)) if lock.at(name) else ()


def scopes(lock: PdmLock, named: Iterable[Named]) -> Mapping[str, Scope]:
    """What each package is for: runtime where a runtime requirement leads there, else optional, else dev."""
    by_name: dict[str, list[LockedPackage]] = {}
    for package in lock.packages:
        by_name.setdefault(package.name, []).append(package)
    items = list(named)
    found = dict.fromkeys(by_name, Scope.DEV) | {item.requirement.name: item.scope or Scope.DEV for item in items}
    seen: set[tuple[str, frozenset[str]]] = set()
    for scope in (Scope.RUNTIME, Scope.OPTIONAL):
        starts = [(item.requirement.name, _extras(item)) for item in items if item.scope is scope]
        for name in _reached(by_name, starts, seen):
            found[name] = min(found[name], scope, key=_EXPOSURE.index)
    return found


def _reached(
    by_name: Mapping[str, Sequence[LockedPackage]],
    starts: Iterable[tuple[str, frozenset[str]]],
    seen: set[tuple[str, frozenset[str]]],
) -> Iterator[str]:
    """Every package that these lead to and that was not `seen` with the same extras."""
    waiting = list(starts)
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen or name not in by_name:
            continue
        seen.add((name, extras))
        yield name
        waiting.extend(
            (edge.name, edge.extras) for package in by_name[name] if package.extras <= extras for edge in package.edges
        )


def _versions(lock: PdmLock, item: Named) -> list[str]:
    """The locked versions that a requirement asks for; where there are several, those that it admits."""
    versions = list(dict.fromkeys(p.version for p in lock.at(item.requirement.name) if not p.origin))
    # An override may hold a version that the requirement would refuse.
    return [version for version in versions if _admits(item, version)] or versions


def _admits(item: Named, version: str) -> bool:
    return SpecifierSet(item.requirement.specifier).contains(Version(version), prereleases=True)


def _extras(item: Named) -> frozenset[str]:
    listed = item.requirement.rest[1:].partition("]")[0].split(",")
    return frozenset(canonicalize_name(extra) for extra in listed if extra)


def _direct(document: TomlDocument, item: Named, version: str, scope: Scope, lockfile: str) -> Dependency:
    return Dependency(
        ecosystem=_ECOSYSTEM,
        package=item.requirement.name,
        requirement=item.requirement.specifier,
        version=version,
        manifest=document.name,
        lockfile=lockfile,
        scope=scope,
        direct=True,
        line=item.line,
        index=index(document, item.requirement.name),
        platform=_platform(document),
    )


def _transitive(document: TomlDocument, package: LockedPackage, scope: Scope, lockfile: str) -> Dependency:
    return Dependency(
        ecosystem=_ECOSYSTEM,
        package=package.name,
        requirement="",
        version=package.version,
        manifest=document.name,
        lockfile=lockfile,
        scope=scope,
        direct=False,
        line=package.line,
        index=index(document, package.name),
        platform=_platform(document),
    )


def _platform(document: TomlDocument) -> str:
    requires = document.table("project").get("requires-python")
    return requires if isinstance(requires, str) else ""


def _not_locked(document: TomlDocument, lock: PdmLock, item: Named) -> Failure:
    name = item.requirement.name
    reason = f"line {item.line} of {document.name}: {name} is not in {lock.name}; run pdm lock if it should be"
    return Failure(document.name, reason, fault=False)


def _from_elsewhere(lock: PdmLock, package: LockedPackage) -> Failure:
    reason = (
        f"line {package.line} of {lock.name}: {package.name} comes from {package.origin}, which has no released version"
    )
    return Failure(lock.name, reason, fault=False)
