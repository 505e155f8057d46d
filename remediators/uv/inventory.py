"""The dependencies of a pyproject.toml: as it names them, joined with what its uv.lock holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from remediators.api import Parsed
from remediators.documents.toml_document import TomlDocument
from remediators.python.pyproject_requirements import Array, Named, named_requirements
from remediators.python.specifiers import pinned
from remediators.uv.graph import asked_for, own_projects, scopes
from remediators.uv.indexes import UvIndexes, read_indexes
from remediators.uv.lock import LockedPackage, UvLock
from remediators.uv.project import UvProject
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


def unlocked(document: TomlDocument, root: TomlDocument | None, *more: Array) -> Parsed:
    """What a manifest without a lockfile names, also in `more` arrays; at a version only where it is pinned.

    `root` is that of the workspace that it is a member of.
    """
    named, problems = named_requirements(document, *more)
    indexes = read_indexes(document) if root is None else read_indexes(document).over(read_indexes(root))
    asked = [item for item in named if item.scope is not None]
    return Parsed(
        tuple(
            _unlocked(document, indexes, item, item.scope)
            for item in asked
            if item.scope is not None and item.requirement.name not in indexes.local
        ),
        (
            *problems,
            *(_from_elsewhere(document, item) for item in asked if item.requirement.name in indexes.local),
            *_dynamic_dependencies(document),
        ),
    )


def locked(project: UvProject) -> Parsed:
    """What the manifests name, at the versions of their lock, then everything else that the lock took from an index."""
    lock = project.lock
    scope_of = {package.line: scope for package, scope in zip(lock.packages, scopes(lock), strict=True)}
    found = [_named_by(project, folder, scope_of) for folder in project.documents]
    joined = frozenset(line for _, lines in found for line in lines)
    indexes = project.indexes(".")
    transitive = [
        _transitive(project, indexes, package, scope_of[package.line])
        for package in lock.packages
        if package.source == "registry" and package.line not in joined
    ]
    return Parsed(
        (*chain.from_iterable(parsed.dependencies for parsed, _ in found), *transitive),
        (*chain.from_iterable(parsed.problems for parsed, _ in found), *_not_from_an_index(lock, project.lockfile)),
    )


def _named_by(project: UvProject, folder: str, scope_of: Mapping[int, Scope]) -> tuple[Parsed, frozenset[int]]:
    """What one manifest names, and the lines of the lock that stand for it."""
    document, indexes = project.documents[folder], project.indexes(folder)
    named, problems = named_requirements(document)
    dependencies: list[Dependency] = []
    missing: list[Failure] = []
    joined: set[int] = set()
    for item in named:
        if item.scope is None:
            continue
        entries = _entries(project.lock, item, folder)
        dependencies.extend(
            _direct(document, indexes, item, _most_exposed(item.scope, scope_of[entry.line]), entry, project)
            for entry in entries
            if entry.source == "registry"
        )
        joined.update(entry.line for entry in entries)
        if not entries:
            missing.append(_not_locked(document, project.lockfile, item))
    return Parsed(tuple(dependencies), (*problems, *missing)), frozenset(joined)


def _most_exposed(named: Scope, locked_as: Scope) -> Scope:
    """A package that a group names and a runtime dependency needs as well reaches production."""
    return min(named, locked_as, key=_EXPOSURE.index)


def _entries(lock: UvLock, item: Named, folder: str) -> tuple[LockedPackage, ...]:
    """The lock's entries that a requirement asks for; where the resolution forks, those that it admits."""
    entries = asked_for(lock, item.requirement.name, folder)
    specifiers = SpecifierSet(item.requirement.specifier)
    admitted = tuple(
        entry for entry in entries if entry.version and specifiers.contains(Version(entry.version), prereleases=True)
    )
    # An override of uv may hold a version that the requirement would refuse.
    return admitted or entries


def _unlocked(document: TomlDocument, indexes: UvIndexes, item: Named, scope: Scope) -> Dependency:
    requires = document.table("project").get("requires-python")
    return Dependency(
        ecosystem=_ECOSYSTEM,
        package=item.requirement.name,
        requirement=item.requirement.specifier,
        version=pinned(item.requirement.specifier),
        manifest=document.name,
        lockfile=None,
        scope=scope,
        direct=True,
        line=item.line,
        index=indexes.of(item.requirement.name),
        platform=requires if isinstance(requires, str) else "",
    )


def _direct(
    document: TomlDocument, indexes: UvIndexes, item: Named, scope: Scope, entry: LockedPackage, project: UvProject
) -> Dependency:
    return Dependency(
        ecosystem=_ECOSYSTEM,
        package=item.requirement.name,
        requirement=item.requirement.specifier,
        version=entry.version,
        manifest=document.name,
        lockfile=project.lockfile,
        scope=scope,
        direct=True,
        line=item.line,
        index=indexes.of(item.requirement.name, entry.origin),
        platform=project.platform,
    )


def _transitive(project: UvProject, indexes: UvIndexes, package: LockedPackage, scope: Scope) -> Dependency:
    return Dependency(
        ecosystem=_ECOSYSTEM,
        package=package.name,
        requirement="",
        version=package.version,
        manifest=project.root.name,
        lockfile=project.lockfile,
        scope=scope,
        direct=False,
        line=package.line,
        index=indexes.of(package.name, package.origin),
        platform=project.platform,
    )


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
