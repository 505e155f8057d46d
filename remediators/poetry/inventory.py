"""What a project of Poetry depends on: as its pyproject.toml names it, joined with what its poetry.lock holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from remediators.api import Parsed
from remediators.documents.toml_document import TomlDocument
from remediators.errors import Requirer
from remediators.poetry.constraint import pep440
from remediators.poetry.lock import LockedPackage, PoetryLock
from remediators.poetry.manifest import Asked, own_requirements, platform, requirements, sources
from state.model import Dependency, Failure, Scope

_ECOSYSTEM = "PyPI"
_EXPOSURE = (Scope.RUNTIME, Scope.OPTIONAL, Scope.DEV)
_ORIGINS = {"git": "a Git repository", "url": "a URL", "file": "a file", "directory": "a folder"}


def unlocked(document: TomlDocument) -> Parsed:
    """What [tool.poetry] of a manifest without a lockfile names, at versions only where it pins them."""
    asked, problems = own_requirements(document)
    indexes = sources(document)
    return Parsed(
        tuple(
            Dependency(
                ecosystem=_ECOSYSTEM,
                package=item.package,
                # The newest version that it admits is looked for, by PEP 440.
                requirement=item.specifier,
                version=item.pinned,
                manifest=document.name,
                lockfile=None,
                scope=item.scope,
                direct=True,
                line=item.line,
                index=indexes.of(item),
                platform=platform(document),
            )
            for item in asked
        ),
        problems,
    )


def locked(document: TomlDocument, lockfile: str, lock: PoetryLock) -> Parsed:
    """What a manifest names, at the versions of its lock, then everything else that the lock took from an index."""
    asked, problems = requirements(document)
    scope_of = scopes(lock, asked)
    dependencies: list[Dependency] = []
    missing: list[Failure] = []
    joined: set[int] = set()
    for item in asked:
        entries = _entries(lock, item)
        joined.update(entry.place for entry in entries)
        dependencies.extend(
            _direct(document, item, entry, scope_of[entry.place], lock) for entry in entries if not entry.elsewhere
        )
        if not entries:
            missing.append(_not_locked(document, lockfile, item))
    dependencies.extend(
        _transitive(document, package, scope_of[package.place], lock)
        for package in lock.packages
        if not package.elsewhere and package.place not in joined
    )
    elsewhere = (_from_elsewhere(lockfile, package) for package in lock.packages if package.elsewhere)
    return Parsed(tuple(dependencies), (*problems, *missing, *elsewhere))


def requirers(document: TomlDocument, lock: PoetryLock, name: str, version: str) -> tuple[Requirer, ...]:
    """Who leads to `name` at `version`: locked packages, then the manifest, each with its range as PEP 440 says it."""
    wanted = canonicalize_name(name)
    asked = requirements(document)[0]
    named = frozenset(item.package for item in asked)
    alone = len(lock.at(name)) == 1
    return (
        *(
            Requirer(package.name, package.version, _specifier(edge.constraint), package.name in named)
            for package, edge in lock.requiring(name, version)
        ),
        *(
            Requirer(document.name, "", item.specifier, direct=True)
            for item in asked
            if item.package == wanted and (alone or item.admits(version))
        ),
    )


def scopes(lock: PoetryLock, asked: Iterable[Asked]) -> Sequence[Scope]:
    """What each package of the lock is for: runtime where such a requirement leads there, else optional, else dev."""
    by_name: dict[str, list[LockedPackage]] = {}
    for package in lock.packages:
        by_name.setdefault(package.name, []).append(package)
    found = [Scope.DEV] * len(lock.packages)
    seen: set[tuple[int, str]] = set()
    items = list(asked)
    for scope in (Scope.RUNTIME, Scope.OPTIONAL):
        starts = [(item.package, item.extras) for item in items if item.scope is scope]
        for place in _reached(by_name, starts, seen):
            if found[place] is Scope.DEV:
                found[place] = scope
    return found


def _reached(
    by_name: Mapping[str, Sequence[LockedPackage]],
    starts: Iterable[tuple[str, tuple[str, ...]]],
    seen: set[tuple[int, str]],
) -> Iterator[int]:
    """Every package that these lead to and that was not `seen`; each with its extras apart."""
    waiting = list(starts)
    while waiting:
        name, extras = waiting.pop()
        for package in by_name.get(name, ()):
            for extra in ("", *extras):
                if (package.place, extra) in seen:
                    continue
                seen.add((package.place, extra))
                brought = package.extras.get(extra, ())
                waiting.extend(
                    (edge.name, edge.extras)
                    for edge in package.edges
                    if (edge.name in brought if extra else not edge.optional)
                )
                yield package.place


def _entries(lock: PoetryLock, item: Asked) -> tuple[LockedPackage, ...]:
    """The lock's entries that a requirement asks for; where the environment decides, those that it admits."""
    entries = lock.at(item.package)
    return tuple(entry for entry in entries if item.admits(entry.version)) or entries


def _direct(document: TomlDocument, item: Asked, entry: LockedPackage, scope: Scope, lock: PoetryLock) -> Dependency:
    return Dependency(
        ecosystem=_ECOSYSTEM,
        package=item.package,
        requirement=item.written,
        version=entry.version,
        manifest=document.name,
        lockfile=lock.document.name,
        scope=min(item.scope, scope, key=_EXPOSURE.index),
        direct=True,
        line=item.line,
        index=entry.index,
        platform=platform(document),
    )


def _transitive(document: TomlDocument, package: LockedPackage, scope: Scope, lock: PoetryLock) -> Dependency:
    return Dependency(
        ecosystem=_ECOSYSTEM,
        package=package.name,
        requirement="",
        version=package.version,
        manifest=document.name,
        lockfile=lock.document.name,
        scope=scope,
        direct=False,
        line=package.line,
        index=package.index,
        platform=platform(document),
    )


def _specifier(constraint: str) -> str:
    try:
        alternatives = pep440(constraint)
    except ValueError:
        return constraint
    return alternatives[0] if len(alternatives) == 1 else constraint


def _not_locked(document: TomlDocument, lockfile: str, item: Asked) -> Failure:
    reason = (
        f"line {item.line} of {document.name}: {item.package} is not in {lockfile}; run poetry lock if it should be"
    )
    return Failure(document.name, reason, fault=False)


def _from_elsewhere(lockfile: str, package: LockedPackage) -> Failure:
    origin = _ORIGINS[package.source]
    reason = f"line {package.line} of {lockfile}: {package.name} comes from {origin}, which has no released version"
    return Failure(lockfile, reason, fault=False)
