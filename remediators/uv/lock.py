"""uv.lock, read: which package stands at which version, where it comes from, what it depends on.

Source: uv's lockfile, version 1 of its schema; revisions only add to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from packaging.utils import canonicalize_name

from remediators.documents.toml_document import Table, TomlDocument, read_toml
from remediators.errors import ManifestError
from remediators.versions.pypi import PypiVersions

_KNOWN_VERSION = 1
_SHOWN = 100
_PACKAGE_LINE = re.compile(r"^\[\[package\]\][ \t]*\r?$", re.MULTILINE)
_VERSIONS = PypiVersions()
FOLDERS = ("editable", "virtual", "directory")
"""The kinds of source that are a project on disk."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A dependency of a package. `version` is "" where the lock has only one of that name, `marker` for everywhere."""

    name: str
    version: str
    extras: tuple[str, ...]
    marker: str = ""


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One `[[package]]`, at the 1-based `line`. `source` is its kind ("registry", "git") and `origin` its address.

    `version` is "" for a project whose version is dynamic. `markers` say which fork of the resolution it is in.
    `optional` is keyed by extra, `groups` by dependency group. `ranges` are the specifiers that a project of
    the repository writes, by package; the lock tells none of other packages. `metadata` is all that it knows of
    what such a project writes. `source_only` is whether there is no wheel of it.
    """

    name: str
    version: str
    source: str
    origin: str
    markers: tuple[str, ...]
    line: int
    dependencies: tuple[Edge, ...]
    optional: Mapping[str, tuple[Edge, ...]]
    groups: Mapping[str, tuple[Edge, ...]]
    ranges: Mapping[str, tuple[str, ...]]
    metadata: Table
    source_only: bool

    @property
    def folder(self) -> str | None:
        """Where a project on disk stands, relative to the lockfile ("." for the root); None for anything else."""
        return self.origin if self.source in FOLDERS else None

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Everything that it may depend on."""
        return (*self.dependencies, *chain(*self.optional.values()), *chain(*self.groups.values()))


@dataclass(frozen=True, slots=True)
class UvLock:
    """A lockfile, read. `members` are its workspace's projects, `requires_python` the Pythons that it is made for.

    `options` are the settings of the resolver that uv noted.
    `groups` are those of a root that is no project, `ranges` the specifiers in them by package.
    """

    packages: tuple[LockedPackage, ...]
    requires_python: str
    options: Table
    members: frozenset[str]
    groups: Mapping[str, tuple[Edge, ...]]
    ranges: Mapping[str, tuple[str, ...]]

    def at(self, name: str) -> tuple[LockedPackage, ...]:
        """Every entry of a package: more than one where the resolution forks."""
        wanted = canonicalize_name(name)
        return tuple(package for package in self.packages if package.name == wanted)


# Finding, reading and editing a unit come one after the other, each from the same bytes.
@lru_cache(maxsize=1)
def read_lock(name: str, raw: bytes) -> UvLock:
    """The lockfile `name`. Raises ManifestError for one that is broken, or newer than this program."""
    document = read_toml(name, raw)
    version = document.root.get("version")
    if isinstance(version, int) and version > _KNOWN_VERSION:
        raise ManifestError(
            f"{name}: lockfile version {version} is newer than this program understands ({_KNOWN_VERSION}); "
            "update the program, or lock the project with an older uv"
        )
    tables = _tables(document.root.get("package"))
    lines = _package_lines(document)
    if version != _KNOWN_VERSION or len(lines) != len(tables):
        raise ManifestError(f"{name} is not a lockfile as uv writes it; run uv lock")
    manifest = document.table("manifest")
    members = manifest.get("members")
    return UvLock(
        packages=tuple(_package(name, table, line) for table, line in zip(tables, lines, strict=True)),
        requires_python=str(document.root.get("requires-python", "")),
        options=document.table("options"),
        members=frozenset(map(str, members)) if isinstance(members, list) else frozenset(),
        groups=_edges_by_name(manifest.get("dependency-groups")),
        ranges=_ranges([], manifest.get("dependency-groups")),
    )


def _package_lines(document: TomlDocument) -> list[int]:
    text = document.text.content
    lines: list[int] = []
    line, counted = 1, 0
    for match in _PACKAGE_LINE.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        lines.append(line)
    return lines


def _package(lockfile: str, table: Table, line: int) -> LockedPackage:
    name, version, source = table.get("name"), table.get("version", ""), table.get("source")
    if not isinstance(name, str) or not isinstance(version, str) or not isinstance(source, Mapping) or not source:
        raise ManifestError(f"{lockfile} line {line}: a package without name, version or source; run uv lock")
    if version and not _VERSIONS.valid(version):
        raise ManifestError(
            f"{lockfile} line {line}: {name[:_SHOWN]} {version[:_SHOWN]} is not a version of PEP 440; run uv lock"
        )
    kind, origin = next(iter(source.items()))
    markers, metadata = table.get("resolution-markers"), _table(table.get("metadata"))
    return LockedPackage(
        name=canonicalize_name(name),
        version=version,
        source=str(kind),
        origin=str(origin),
        markers=tuple(map(str, markers)) if isinstance(markers, list) else (),
        line=line,
        dependencies=_edges(table.get("dependencies")),
        optional=_edges_by_name(table.get("optional-dependencies")),
        groups=_edges_by_name(table.get("dev-dependencies")),
        ranges=_ranges(metadata.get("requires-dist"), metadata.get("requires-dev")),
        metadata=metadata,
        source_only="sdist" in table and not table.get("wheels"),
    )


def _ranges(requirements: object, groups: object) -> Mapping[str, tuple[str, ...]]:
    written: dict[str, dict[str, None]] = {}
    for table in chain.from_iterable(map(_tables, [requirements, *_table(groups).values()])):
        name = canonicalize_name(str(table.get("name", "")))
        written.setdefault(name, {})[str(table.get("specifier", ""))] = None
    return {name: tuple(specifiers) for name, specifiers in written.items()}


def _edges(value: object) -> tuple[Edge, ...]:
    return tuple(
        Edge(
            name=canonicalize_name(str(table.get("name", ""))),
            version=str(table.get("version", "")),
            extras=tuple(map(str, extras)) if isinstance(extras := table.get("extra"), list) else (),
            marker=str(table.get("marker", "")),
        )
        for table in _tables(value)
    )


def _edges_by_name(value: object) -> Mapping[str, tuple[Edge, ...]]:
    return {str(name): _edges(edges) for name, edges in _table(value).items()}


def _table(value: object) -> Table:
    return value if isinstance(value, Mapping) else {}


def _tables(value: object) -> list[Table]:
    return [table for table in value if isinstance(table, Mapping)] if isinstance(value, list) else []
