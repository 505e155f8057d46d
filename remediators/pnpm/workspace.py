"""pnpm-workspace.yaml: the catalogs and overrides in it, and the part of it that pnpm may see in a relock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediators.documents.yaml_edits import replaced, with_string, without
from remediators.documents.yaml_spans import Document, Path, Yaml, read
from remediators.errors import ManifestError
from remediators.npm.manifest import is_package_name, is_range

WORKSPACE = "pnpm-workspace.yaml"
PROTOCOL = "catalog:"
_DEFAULT = "default"
_RESOLVING = frozenset(
    (
        "allowUnusedPatches",
        "autoInstallPeers",
        "catalog",
        "catalogs",
        "dedupeInjectedDeps",
        "dedupePeerDependents",
        "dedupePeers",
        "disallowWorkspaceCycles",
        "excludeLinksFromLockfile",
        "ignoredOptionalDependencies",
        "injectWorkspacePackages",
        "linkWorkspacePackages",
        "lockfileIncludeTarballUrl",
        "overrides",
        "packageExtensions",
        "packages",
        "patchedDependencies",
        "peerDependencyRules",
        "peersSuffixMaxLength",
        "preferWorkspacePackages",
        "resolutionMode",
        "resolvePeersFromWorkspaceRoot",
        "strictPeerDependencies",
        "supportedArchitectures",
    )
)
"""What changes how a lockfile is laid out. The file can also name programs and hooks to run: all else stays out."""


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One line of a catalog. `path` is where it stands, `line` its 1-based line."""

    package: str
    spec: str
    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class Workspace:
    """A pnpm-workspace.yaml, read. `entries` are the lines of its catalogs by catalog and package."""

    document: Document
    top: Mapping[str, Yaml]
    entries: Mapping[tuple[str, str], CatalogEntry]

    @property
    def name(self) -> str:
        """The path of the file."""
        return self.document.name

    @property
    def overrides(self) -> Mapping[str, Yaml] | None:
        """What stands in `overrides`; None where there is no such mapping."""
        found = self.top.get("overrides")
        return found if isinstance(found, dict) else None

    @property
    def catalogs(self) -> Mapping[str, Yaml]:
        """Every catalog by its name."""
        named = self.top.get("catalogs")
        own = {_DEFAULT: self.top["catalog"]} if "catalog" in self.top else {}
        return {**own, **(named if isinstance(named, dict) else {})}

    @property
    def packages(self) -> Sequence[Yaml]:
        """What stands in `packages`, empty where there is no such list."""
        found = self.top.get("packages")
        return found if isinstance(found, list) else ()

    def entry(self, key: str, written: str) -> CatalogEntry | None:
        """What `catalog:` or `catalog:NAME`, written for `key` in a package.json, stands for."""
        return self.entries.get((catalog_of(written), key))

    def visible(self, exact: Mapping[Path, str], overrides: Mapping[str, str]) -> bytes:
        """The file that pnpm gets, with these versions in the catalogs and these overrides beside its own.

        Raises ManifestError when they cannot be spliced in.
        """
        content = replaced(self.document, exact)
        content = without(read(content, self.name), *((key,) for key in self.top if key not in _RESOLVING))
        for key, version in overrides.items():
            content = with_string(read(content, self.name), ("overrides", key), version)
        return content


def catalog_of(written: str) -> str:
    """The catalog that `catalog:` or `catalog:NAME` is about."""
    return written.removeprefix(PROTOCOL).strip() or _DEFAULT


def workspace(document: Document) -> Workspace:
    """The workspace that a document holds. Raises ManifestError when it is no mapping."""
    top = document.value or {}
    if not isinstance(top, dict):
        raise ManifestError(f"{document.name}: this is not a mapping: correct it")
    return Workspace(document, top, dict(_entries(document)))


def _entries(document: Document) -> Iterator[tuple[tuple[str, str], CatalogEntry]]:
    for path, member in document.members.items():
        catalog, spec, package = _catalog(path), _at(document.value, path), str(path[-1])
        if catalog is not None and isinstance(spec, str) and is_package_name(package) and is_range(spec):
            yield (catalog, package), CatalogEntry(package, spec, path, member.line)


def _at(value: Yaml, path: Path) -> Yaml:
    for key in path:
        value = value.get(str(key), "") if isinstance(value, dict) else ""
    return value


def _catalog(path: Path) -> str | None:
    """The name of the catalog that a member stands in; None for any other member."""
    if len(path) == 2 and path[0] == "catalog":
        return _DEFAULT
    return str(path[1]) if len(path) == 3 and path[0] == "catalogs" else None
