"""pdm.lock, read: which package stands at which version, what it depends on, and which pdm writes such a lockfile.

Source: lockfiles of pdm 2.4 to 2.29 (lock_version 4.1 to 4.5.0). An extra of a package is an entry of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from remediators.documents.toml_document import Table, TomlDocument, read_toml
from remediators.errors import ManifestError
from remediators.python.requirement import read_requirement
from remediators.versions.pypi import PypiVersions

_VERSIONS = PypiVersions()
_MAJOR = "4"
# Each is a requirement to be read; a lockfile of 5,000 packages has half as many.
_MOST_EDGES = 30_000
_WRITERS = (
    ("4.1", "pdm==2.4.9"),
    ("4.2", "pdm==2.7.4"),
    ("4.3", "pdm==2.9.3"),
    ("4.4", "pdm==2.10.4"),
    ("4.4.1", "pdm==2.12.4"),
    ("4.4.2", "pdm==2.12.4"),
    ("4.5.0", "pdm[locked]==2.29.3"),
)
"""The newest pdm that writes a lock_version and starts with what its requirements lead to today.

2.13 to 2.16 do not, and only from 2.17 on is there an extra with the versions that pdm was tried with. So 4.4.2 is
written as 4.4.1, which differs in nothing else.
"""
_NEWER = "pdm[locked]>=2.29,<3"
_ELSEWHERE = {"git": "a Git repository", "hg": "a Mercurial repository", "url": "a URL", "path": "a file or a folder"}


@dataclass(frozen=True, slots=True)
class Edge:
    """A dependency of a package; `specifier` is that of PEP 440."""

    name: str
    specifier: str
    extras: frozenset[str]

    def admits(self, version: str) -> bool:
        """Whether it lets `version` in, prereleases as well."""
        return SpecifierSet(self.specifier).contains(Version(version), prereleases=True)


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One `[[package]]`, at the 1-based `line`. `version` is "" for a folder whose version is not known.

    `extras` are those that the entry is for: what it depends on comes on top of what the entry without them does.
    `origin` is where it comes from instead of an index, "" for an index; `folder` is that of the repository.
    """

    name: str
    version: str
    extras: frozenset[str]
    origin: str
    folder: str
    edges: tuple[Edge, ...]
    line: int


@dataclass(frozen=True, slots=True)
class PdmLock:
    """A lockfile, read. `pdm` is the pdm to write it with, `portable` whether it is for any platform."""

    name: str
    packages: tuple[LockedPackage, ...]
    pdm: str
    portable: bool

    def at(self, name: str) -> tuple[LockedPackage, ...]:
        """Every entry of a package, also those of its extras."""
        return tuple(package for package in self.packages if package.name == canonicalize_name(name))

    def requiring(self, name: str) -> Iterator[tuple[LockedPackage, Edge]]:
        """The packages that depend on `name`, and how they ask for it."""
        wanted = canonicalize_name(name)
        for package in self.packages:
            for edge in package.edges:
                if edge.name == wanted and package.name != wanted:
                    yield package, edge


# Finding, reading and editing a unit come one after the other, each from the same bytes.
@lru_cache(maxsize=1)
def read_lock(name: str, raw: bytes) -> PdmLock:
    """The lockfile `name`. Raises ManifestError for one that is broken, or newer than this program."""
    document = read_toml(name, raw)
    metadata, tables = document.table("metadata"), document.root.get("package", [])
    version = str(metadata.get("lock_version", ""))
    if not version or not isinstance(tables, list):
        raise ManifestError(f"{name} is not a lockfile as pdm writes it; run pdm lock")
    if version.partition(".")[0] != _MAJOR:
        raise ManifestError(
            f"{name}: lock_version {version[:20]} is not one that this program understands ({_MAJOR}); "
            "update the program, or lock the project with pdm 2"
        )
    strategy = metadata.get("strategy")
    return PdmLock(
        name=name,
        packages=tuple(_packages(document, tables)),
        pdm=dict(_WRITERS).get(version, _NEWER),
        portable="targets" in metadata
        or metadata.get("cross_platform") is True
        or (isinstance(strategy, list) and "cross_platform" in strategy),
    )


def _packages(document: TomlDocument, tables: list[object]) -> Iterator[LockedPackage]:
    lines = document.lines_of("package", "name")
    needs = sum(len(_strings(table.get("dependencies"))) for table in tables if isinstance(table, Mapping))
    if needs > _MOST_EDGES:
        raise ManifestError(
            f"{document.name} has {needs:,} dependencies of packages, and at most {_MOST_EDGES:,} are read: "
            "split the project, or look after it by hand"
        )
    for place, table in enumerate(tables):
        fields: Table = table if isinstance(table, Mapping) else {}
        name, version, line = fields.get("name"), fields.get("version", ""), lines.get(place, 1)
        if not isinstance(name, str) or not isinstance(version, str):
            raise ManifestError(f"{document.name} line {line}: a package without name or version; run pdm lock")
        if version and not _VERSIONS.valid(version):
            raise ManifestError(f"{document.name} line {line}: {name} {version} is not a version; run pdm lock")
        origin = next((_ELSEWHERE[kind] for kind in _ELSEWHERE if kind in fields), "")
        yield LockedPackage(
            name=canonicalize_name(name),
            version=version,
            extras=frozenset(canonicalize_name(extra) for extra in _strings(fields.get("extras"))),
            origin=origin if origin or version else _ELSEWHERE["path"],
            folder=str(fields.get("path", "")),
            edges=tuple(_edges(document.name, line, _strings(fields.get("dependencies")))),
            line=line,
        )


def _edges(lockfile: str, line: int, dependencies: list[str]) -> Iterator[Edge]:
    for text in dependencies:
        try:
            requirement = read_requirement(text)
        except ValueError as error:
            raise ManifestError(f"{lockfile} line {line}: {text[:80]}: {error}; run pdm lock") from error
        extras = requirement.rest[1:].partition("]")[0].split(",")
        yield Edge(
            requirement.name,
            "" if requirement.url else requirement.specifier,
            frozenset(canonicalize_name(extra) for extra in extras if extra),
        )


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
