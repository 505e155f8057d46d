"""pnpm-lock.yaml, versions 5.4, 6 and 9: what is locked, who leads to it, and what each project asks for.

| version | a package's key                     | a reference to it           | written by |
|---------|-------------------------------------|-----------------------------|------------|
| 5.4     | `/@s/name/1.0.0_react@18.0.0`       | `1.0.0_react@18.0.0`        | pnpm 7     |
| 6.x     | `/@s/name@1.0.0(react@18.0.0)`      | `1.0.0(react@18.0.0)`       | pnpm 8     |
| 9.0     | `@s/name@1.0.0(react@18.0.0)`       | `1.0.0(react@18.0.0)`       | pnpm 9, 10 |

A reference under another name is the whole key. The ranges of packages are not in there, but those of peers.
Source: pnpm's `@pnpm/lockfile.types` and `@pnpm/dependency-path`, and files of each version.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from remediators.bounds import check_packages
from remediators.documents.yaml_spans import Document, Yaml
from remediators.errors import ManifestError
from remediators.npm.manifest import SECTIONS, is_package_name
from remediators.versions.npm import NpmVersions
from state.model import Failure, Scope

READ = ("5.4", "6.0", "6.1", "9.0")
_INSTALLED = tuple(section for section, scope in SECTIONS.items() if scope is not Scope.PEER)
_LINKED = ("link:", "workspace:")
_VERSIONS = NpmVersions()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One locked package, with the peers that it was resolved with. `needs` maps names to the keys of others.

    `optional` are those of them that may be missing, `peers` the ranges of what it expects from whoever uses it.
    """

    key: str
    package: str
    version: str
    line: int
    needs: Mapping[str, str]
    optional: frozenset[str]
    peers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a project of the repository asks for. `target` is the key of what it gets, None for a linked folder."""

    section: str
    specifier: str
    target: str | None


@dataclass(frozen=True, slots=True)
class Lock:
    """A lockfile, read. `importers` are the projects by folder ("" is its own), each with what it asks for by name.

    `elsewhere` are locked packages that no registry has, with the reason why they are not handled.
    """

    document: Document
    version: str
    importers: Mapping[str, Mapping[str, Wanted]]
    snapshots: Mapping[str, Snapshot]
    elsewhere: Mapping[str, Failure]

    @property
    def name(self) -> str:
        """The path of the file."""
        return self.document.name

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings that it was made with."""
        found = mapping(self.document.value).get("settings", {})
        return {key: value for key, value in mapping(found).items() if isinstance(value, str)}

    @property
    def has_hooks(self) -> bool:
        """Whether code of the repository had a say in what is locked."""
        return "pnpmfileChecksum" in mapping(self.document.value)

    def wanted(self, folder: str, key: str) -> Snapshot | None:
        """The package that the project in `folder` gets for `key`; None when it gets none from a registry."""
        found = self.importers.get(folder, {}).get(key)
        return self.snapshots.get(found.target or "") if found else None


def lock(document: Document) -> Lock:
    """The lock that a document holds. Raises ManifestError for a version that is not handled or another shape."""
    top = document.value
    if not isinstance(top, dict) or not isinstance(top.get("lockfileVersion"), str):
        raise ManifestError(f"{document.name}: there is no lockfileVersion: let pnpm write the file anew")
    version = str(top["lockfileVersion"])
    if version not in READ:
        raise ManifestError(
            f"{document.name}: lockfile version {version[:20]} is not handled ({', '.join(READ)} are): "
            "write it with a pnpm from 7 on, or update the bot"
        )
    packages = max(len(mapping(top.get(part, {}))) for part in ("packages", "snapshots"))
    check_packages(document.name, packages)
    reading = _Reading(document, version)
    snapshots, elsewhere = reading.packages()
    folders = mapping(top["importers"]) if "importers" in top else {".": top}
    importers = {
        "" if folder == "." else folder: dict(reading.importer(mapping(found), {**snapshots, **elsewhere}))
        for folder, found in folders.items()
    }
    return Lock(document, version, importers, snapshots, elsewhere)


@dataclass(frozen=True, slots=True)
class _Reading:
    document: Document
    version: str

    def packages(self) -> tuple[Mapping[str, Snapshot], Mapping[str, Failure]]:
        top = mapping(self.document.value)
        described = mapping(top.get("packages", {}))
        resolved = mapping(top.get("snapshots", {})) if self.version == "9.0" else described
        snapshots: dict[str, Snapshot] = {}
        elsewhere: dict[str, Failure] = {}
        for key, value in resolved.items():
            found = self._snapshot(key, mapping(value), mapping(described.get(self._described_by(key), {})), resolved)
            if isinstance(found, Snapshot):
                snapshots[key] = found
            else:
                elsewhere[key] = found
        return snapshots, elsewhere

    def importer(self, found: Mapping[str, Yaml], known: Mapping[str, object]) -> Iterator[tuple[str, Wanted]]:
        specifiers = mapping(found.get("specifiers", {}))
        for section in _INSTALLED:
            for key, value in mapping(found.get(section, {})).items():
                entry = value if isinstance(value, dict) else {"specifier": specifiers.get(key, ""), "version": value}
                reference, specifier = _text(entry, "version"), _text(entry, "specifier")
                linked = reference.startswith(_LINKED)
                yield key, Wanted(section, specifier, None if linked else self._key(key, reference, known))

    def _snapshot(
        self, key: str, entry: Mapping[str, Yaml], described: Mapping[str, Yaml], known: Mapping[str, Yaml]
    ) -> Snapshot | Failure:
        name, version = _text(described, "name"), _text(described, "version")
        own_name, own_version = self._identity(key)
        package, version = (own_name, own_version) if own_name else (name, version)
        if not is_package_name(package) or not _VERSIONS.valid(version) or _is_foreign(key, described):
            reason = f"{self.document.name}: {key[:200]!r} does not come from a registry and is not handled: "
            return Failure(self.document.name, reason + "check it yourself", fault=False)
        optional = mapping(entry.get("optionalDependencies", {}))
        needed = {**mapping(entry.get("dependencies", {})), **optional}
        pairs = ((alias, self._key(alias, ref, known)) for alias, ref in needed.items() if isinstance(ref, str))
        peers = mapping(described.get("peerDependencies", {}))
        member = self.document.members.get(("packages", self._described_by(key)))
        return Snapshot(
            key=key,
            package=package,
            version=version,
            line=member.line if member else 0,
            needs={alias: target for alias, target in pairs if target is not None},
            optional=frozenset(optional),
            peers={peer: spec for peer, spec in peers.items() if isinstance(spec, str)},
        )

    def _described_by(self, key: str) -> str:
        return key.partition("(")[0] if self.version == "9.0" else key

    def _identity(self, key: str) -> tuple[str, str]:
        """Package and version in a key, both "" where it does not tell."""
        if self.version == "9.0":
            name, _, version = key[1:].partition("(")[0].partition("@")
            return key[:1] + name, version
        if not key.startswith("/"):
            return "", ""
        if self.version != "5.4":
            name, _, version = key[2:].partition("(")[0].partition("@")
            return key[1:2] + name, version
        name, _, version = key[1:].partition("_")[0].rpartition("/")
        if not name:
            return "", ""
        return name, version

    def _key(self, alias: str, reference: str, known: Mapping[str, object]) -> str | None:
        return key_of(self.version, alias, reference, known)


def key_of(version: str, alias: str, reference: str, known: Container[str]) -> str | None:
    """Which of the keys that are `known` a reference leads to, in a lockfile of that version; None for none."""
    named = {"5.4": f"/{alias}/{reference}", "9.0": f"{alias}@{reference}"}
    key = named.get(version, f"/{alias}@{reference}")
    return next((candidate for candidate in (key, reference) if candidate in known), None)


def _is_foreign(key: str, described: Mapping[str, Yaml]) -> bool:
    """Whether something other than a registry has the package's content."""
    resolution = mapping(described.get("resolution", {}))
    tarball = _text(resolution, "tarball")
    return (
        any(mark in resolution for mark in ("type", "repo", "directory"))
        or ":" in key.partition("(")[0]
        or (bool(tarball) and not key.startswith("/") and "integrity" not in resolution)
    )


def mapping(value: Yaml) -> Mapping[str, Yaml]:
    """What a member holds by name; nothing where it is something else."""
    return value if isinstance(value, dict) else {}


def _text(entry: Mapping[str, Yaml], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""
