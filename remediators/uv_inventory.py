"""The dependencies of a pyproject.toml: as it names them, joined with what its uv.lock holds."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from remediators.api import Parsed
from remediators.pyproject_requirements import Named, named_requirements
from remediators.python_specifiers import pinned
from remediators.toml_document import TomlDocument
from remediators.uv_graph import asked_for, own_projects, scopes
from remediators.uv_indexes import UvIndexes, read_indexes
from remediators.uv_lock import LockedPackage, UvLock
from state.model import Dependency, Failure, Scope

_ECOSYSTEM = "PyPI"
_EXPOSURE = (Scope.RUNTIME, Scope.OPTIONAL, Scope.DEV)
_ORIGINS = {
    "git": "a Git repository",
    "url": "a URL",
    "path": "a file",
    "directory": "a folder",
    "editable": "a folder",
    "virtual": "a folder",
}


def unlocked(document: TomlDocument) -> Parsed:
    """What a manifest without a lockfile names; a requirement has a version only where it is pinned."""
    named, problems = named_requirements(document)
    indexes = read_indexes(document)
    asked = [item for item in named if item.scope is not None]
    return Parsed(
        tuple(
            _direct(document, indexes, item, item.scope, pinned(item.requirement.specifier), None)
            for item in asked
            if item.scope is not None and item.requirement.name not in indexes.local
        ),
        (
            *problems,
            *(_from_elsewhere(document, item) for item in asked if item.requirement.name in indexes.local),
            *_dynamic_dependencies(document),
        ),
    )


def locked(document: TomlDocument, lockfile: str, lock: UvLock) -> Parsed:
    """What a manifest names, at the versions of its lock, then everything else that the lock took from an index."""
    named, problems = named_requirements(document)
    indexes = read_indexes(document)
    dependencies: list[Dependency] = []
    missing: list[Failure] = []
    scope_of = {package.line: scope for package, scope in zip(lock.packages, scopes(lock), strict=True)}
    joined: set[int] = set()
    for item in named:
        if item.scope is None:
            continue
        entries = _entries(lock, item)
        dependencies.extend(
            _direct(document, indexes, item, _most_exposed(item.scope, scope_of[entry.line]), entry.version, lockfile)
            for entry in entries
            if entry.source == "registry"
        )
        joined.update(entry.line for entry in entries)
        if not entries:
            missing.append(_not_locked(document, lockfile, item))
    dependencies.extend(
        _transitive(document, indexes, package, scope_of[package.line], lockfile)
        for package in lock.packages
        if package.source == "registry" and package.line not in joined
    )
    return Parsed(tuple(dependencies), (*problems, *missing, *_not_from_an_index(lock, lockfile)))


def _most_exposed(named: Scope, locked_as: Scope) -> Scope:
    """A package that a group names and a runtime dependency needs as well reaches production."""
    return min(named, locked_as, key=_EXPOSURE.index)


def _entries(lock: UvLock, item: Named) -> tuple[LockedPackage, ...]:
    """The lock's entries that a requirement asks for; where the resolution forks, those that it admits."""
    entries = asked_for(lock, item.requirement.name)
    specifiers = SpecifierSet(item.requirement.specifier)
    admitted = tuple(
        entry for entry in entries if entry.version and specifiers.contains(Version(entry.version), prereleases=True)
    )
    # An override of uv may hold a version that the requirement would refuse.
    return admitted or entries


def _direct(
    document: TomlDocument,
    indexes: UvIndexes,
    item: Named,
    scope: Scope,
    version: str | None,
    lockfile: str | None,
) -> Dependency:
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
        index=indexes.of(item.requirement.name),
        platform=_platform(document),
    )


def _transitive(
    document: TomlDocument, indexes: UvIndexes, package: LockedPackage, scope: Scope, lockfile: str
) -> Dependency:
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
        index=indexes.of(package.name),
        platform=_platform(document),
    )


def _platform(document: TomlDocument) -> str:
    requires = document.table("project").get("requires-python")
    return requires if isinstance(requires, str) else ""


def _not_locked(document: TomlDocument, lockfile: str, item: Named) -> Failure:
    reason = (
        f"line {item.line} of {document.name}: {item.requirement.name} is not in {lockfile}; "
        "run uv lock if it should be (it is left out where its marker never applies)"
    )
    return Failure(document.name, reason, fault=False)


def _from_elsewhere(document: TomlDocument, item: Named) -> Failure:
    reason = (
        f"line {item.line} of {document.name}: tool.uv.sources takes {item.requirement.name} from Git, a URL or a "
        "folder, which has no released version; depend on a release of an index"
    )
    return Failure(document.name, reason, fault=False)


def _not_from_an_index(lock: UvLock, lockfile: str) -> Iterator[Failure]:
    own = {package.name for package in own_projects(lock)}
    for package in lock.packages:
        if package.source != "registry" and package.name not in own:
            origin = _ORIGINS.get(package.source, package.source)
            reason = (
                f"line {package.line} of {lockfile}: {package.name} comes from {origin}, which has no released version"
            )
            yield Failure(lockfile, reason, fault=False)


def _dynamic_dependencies(document: TomlDocument) -> Iterator[Failure]:
    """Dependencies that only the build backend tells; a requirements file that setuptools reads is a unit itself."""
    dynamic = document.table("project").get("dynamic")
    elsewhere = document.table("tool", "setuptools", "dynamic", "dependencies")
    if isinstance(dynamic, list) and "dependencies" in dynamic and "file" not in elsewhere:
        reason = f"{document.name}: its dependencies are dynamic, only its build backend can tell them; write them out"
        yield Failure(document.name, reason, fault=False)
