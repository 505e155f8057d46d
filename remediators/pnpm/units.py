"""Which files make up a project of pnpm: package.json, pnpm-lock.yaml, pnpm-workspace.yaml, and the folders listed.

Where a lockfile of npm or Yarn stands beside a pnpm-lock.yaml, the project is theirs: `packageManager` is not read
here, as the paths alone tell what a unit is.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from remediators.api import Reader, Unit
from remediators.bounds import CONFIGURATION
from remediators.documents.json_spans import read as read_json
from remediators.documents.yaml_spans import read as read_yaml
from remediators.errors import ManifestError
from remediators.npm.config import NPMRC, NpmConfig, npm_config
from remediators.npm.manifest import Manifest, manifest
from remediators.pnpm.importers import GOING_BEFORE, LOCKFILE, importers
from remediators.pnpm.lock import Lock, lock
from remediators.pnpm.workspace import PROTOCOL, WORKSPACE, CatalogEntry, Workspace, workspace
from remediators.reading import content

NAME = "pnpm"
MANIFEST = "package.json"
PNPMFILES = (".pnpmfile.cjs", ".pnpmfile.mjs", "pnpmfile.js")
"""Code of the repository that can change what a package asks for."""
_INSTALLED = frozenset(("node_modules", "bower_components"))
_FILES = frozenset((MANIFEST, LOCKFILE, WORKSPACE, NPMRC, *PNPMFILES, *GOING_BEFORE))
_RESOLVING = frozenset(
    (
        "auto-install-peers",
        "dedupe-injected-deps",
        "dedupe-peer-dependents",
        "exclude-links-from-lockfile",
        "inject-workspace-packages",
        "link-workspace-packages",
        "lockfile-include-tarball-url",
        "peers-suffix-max-length",
        "prefer-workspace-packages",
        "resolution-mode",
        "resolve-peers-from-workspace-root",
        "shared-workspace-lockfile",
        "strict-peer-dependencies",
    )
)
"""What changes how a lockfile is laid out. A .npmrc can also name programs to run: all else stays out."""
_PATCH = re.compile(rb"[\w@./+-]+\.patch")
_MOST_PATCHES = 200


@dataclass(frozen=True, slots=True)
class CatalogUse:
    """A line of a package.json that leaves its range to a catalog. `entry` is None when no catalog has one."""

    manifest: str
    folder: str
    section: str
    key: str
    written: str
    entry: CatalogEntry | None


@dataclass(frozen=True, slots=True)
class Project:
    """A unit, read. `manifests` are by folder, relative to the lockfile's own ("" is that)."""

    manifests: Mapping[str, Manifest]
    lock: Lock
    config: NpmConfig
    workspace: Workspace | None

    def catalog_uses(self) -> Iterator[CatalogUse]:
        """Every line of the repository's own manifests that a catalog decides."""
        for folder, found in self.manifests.items():
            if folder.startswith(".."):
                continue
            for (section, key), written in own_words(found):
                if written.startswith(PROTOCOL):
                    entry = self.workspace.entry(key, written) if self.workspace else None
                    yield CatalogUse(found.name, folder, section, key, written, entry)


def own_words(found: Manifest) -> Iterator[tuple[tuple[str, str], str]]:
    """What a package.json asks for that no registry answers, by section and key."""
    top = found.document.value
    for key in dict.fromkeys(key for key, _ in found.elsewhere):
        for section in ("dependencies", "optionalDependencies", "devDependencies", "peerDependencies"):
            lines = top.get(section) if isinstance(top, dict) else None
            written = lines.get(key) if isinstance(lines, dict) else None
            if isinstance(written, str):
                yield (section, key), written


def units(paths: Sequence[str]) -> tuple[Unit, ...]:
    """The units among all paths of a repository. One that is another manager's is a pnpm-lock.yaml alone."""
    folders: dict[str, set[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name in _FILES and _INSTALLED.isdisjoint(folder.split("/")):
            folders.setdefault(folder, set()).add(name)
    projects = {folder: names for folder, names in folders.items() if LOCKFILE in names}
    return tuple(found for folder in sorted(projects) for found in _units_in(folder, projects[folder]))


def expand(unit: Unit, read: Reader) -> Unit:
    """The unit with the package.json of every folder that its lockfile lists, and the patches that are named.

    Raises ManifestError for a folder outside the repository.
    """
    if unit.lockfile is None:
        return unit
    top = posixpath.dirname(unit.lockfile)
    listed = (_inside(top, folder, unit) for folder in sorted(importers(content(unit.lockfile, read))))
    found = [path for path in listed if path not in unit.files and read(path) is not None]
    patches = [path for path in _patches(unit, read) if path not in unit.files and read(path) is not None]
    return replace(unit, files=(*unit.files, *found, *patches))


def project(unit: Unit, read: Reader) -> Project:
    """The unit's files, read. Raises ManifestError when one cannot be."""
    if unit.lockfile is None:
        raise ManifestError(f"{unit.manifest} has no lockfile of pnpm: scan again")
    top = posixpath.dirname(unit.lockfile)
    manifests = {
        _relative(posixpath.dirname(path), top): path for path in unit.files if posixpath.basename(path) == MANIFEST
    }
    place = posixpath.join(top, WORKSPACE)
    found = read(place) if place in unit.files else None
    return Project(
        manifests={folder: manifest(read_json(content(path, read), path)) for folder, path in manifests.items()},
        lock=_locked(unit.lockfile, content(unit.lockfile, read)),
        config=npm_config(read(posixpath.join(top, NPMRC)), _RESOLVING),
        workspace=workspace(read_yaml(found, place, bounds=CONFIGURATION)) if found is not None else None,
    )


# Finding, reading and editing a unit come one after the other, each from the same bytes.
@lru_cache(maxsize=1)
def _locked(path: str, raw: bytes) -> Lock:
    return lock(read_yaml(raw, path, deepest=2))


def _units_in(folder: str, names: set[str]) -> Iterator[Unit]:
    place = f"{folder}/" if folder else ""
    manifest_name = next((name for name in (MANIFEST, WORKSPACE) if name in names), None)
    if manifest_name is None:
        return
    if not names.isdisjoint(GOING_BEFORE):
        yield Unit(NAME, place + LOCKFILE, None, (place + LOCKFILE,))
        return
    own = (manifest_name, LOCKFILE, WORKSPACE, NPMRC, *PNPMFILES)
    files = dict.fromkeys(place + name for name in own if name in names)
    yield Unit(NAME, place + manifest_name, place + LOCKFILE, tuple(files))


def _patches(unit: Unit, read: Reader) -> Sequence[str]:
    """Files that pnpm hashes when it resolves; what only looks like one is left out when it does not exist."""
    top = posixpath.dirname(unit.lockfile or "")
    named = {match[0].decode() for path in unit.files for match in _PATCH.finditer(_named_in(path, read))}
    paths = (posixpath.normpath(posixpath.join(top, name)) for name in sorted(named)[:_MOST_PATCHES])
    return [path for path in paths if not path.startswith(("../", "/"))]


def _named_in(path: str, read: Reader) -> bytes:
    """The text in which a project names its patches."""
    content = read(path) if posixpath.basename(path) in {MANIFEST, WORKSPACE} else None
    return content if content is not None and b"patchedDependencies" in content else b""


def _inside(top: str, folder: str, unit: Unit) -> str:
    path = posixpath.normpath(posixpath.join(top, folder, MANIFEST))
    if path.startswith(("../", "/")):
        raise ManifestError(f"{unit.lockfile}: {folder!r} is outside the repository: take it out")
    return path


def _relative(folder: str, top: str) -> str:
    path = posixpath.relpath(f"/{folder}", f"/{top}")
    return "" if path == "." else path
