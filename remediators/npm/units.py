"""Which files make up a project of npm: its package.json, lockfile, configuration, and the packages it links.

| beside a package.json                        | is                                                              |
|----------------------------------------------|-----------------------------------------------------------------|
| npm-shrinkwrap.json, else package-lock.json  | a unit with that lockfile, as npm chooses                       |
| nothing                                      | a unit without a lockfile, unless a project above it links it   |
| yarn.lock                                    | Yarn's, and so are its workspaces                               |
| pnpm-lock.yaml                               | pnpm's, and so are the folders that it lists                    |
| bun.lock(b)                                  | not handled yet, with all below it; said once                   |
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from remediators.api import Reader, Unit
from remediators.documents.json_spans import read as read_json
from remediators.errors import ManifestError
from remediators.npm.config import NPMRC, NpmConfig, npm_config
from remediators.npm.lock import Lock, lock
from remediators.npm.manifest import Manifest, manifest
from remediators.pnpm import importers as pnpm_importers
from remediators.reading import content
from remediators.yarn import project as yarn_project

NAME = "npm"
MANIFEST = "package.json"
LOCKFILES = ("npm-shrinkwrap.json", "package-lock.json")
HANDLED_ELSEWHERE = frozenset((yarn_project.LOCKFILE, pnpm_importers.LOCKFILE))
"""Lockfiles of managers that have a remediator of their own."""
OTHER_MANAGERS = {"bun.lock": "Bun", "bun.lockb": "Bun"}
_INSTALLED = frozenset(("node_modules", "bower_components"))
_FILES = frozenset((MANIFEST, NPMRC, *LOCKFILES, *HANDLED_ELSEWHERE, *OTHER_MANAGERS))


@dataclass(frozen=True, slots=True)
class Project:
    """A unit, read. `manifests` are by folder, as the lockfile names it ("" is the unit's own)."""

    manifests: Mapping[str, Manifest]
    lock: Lock | None
    config: NpmConfig


@dataclass(frozen=True, slots=True)
class LockedProject(Project):
    """A project that has a lockfile."""

    lock: Lock


def units(paths: Sequence[str]) -> tuple[Unit, ...]:
    """The units among all paths of a repository. A lockfile of another manager is the manifest of its unit."""
    folders: dict[str, set[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name in _FILES and _INSTALLED.isdisjoint(folder.split("/")):
            folders.setdefault(folder, set()).add(name)
    projects = {folder: names for folder, names in folders.items() if MANIFEST in names}
    return tuple(unit for folder in sorted(projects) for unit in _units_in(folder, projects))


def expand(unit: Unit, read: Reader) -> Unit:
    """The unit with the package.json of every workspace and other folder that its lockfile links.

    A unit without a lockfile that such a project links is read with that project: it has no files of its
    own left. Raises ManifestError for a link that leaves the repository.
    """
    if posixpath.basename(unit.manifest) in OTHER_MANAGERS:
        return unit
    if unit.lockfile is None:
        folder = posixpath.dirname(unit.manifest)
        is_taken = _is_linked(unit, read) or yarn_project.owns(folder, read) or pnpm_importers.owns(folder, read)
        return replace(unit, files=()) if is_taken else unit
    top = posixpath.dirname(unit.manifest)
    linked = (_inside(top, folder, unit) for folder in _lock(unit.lockfile, read).local)
    found = (path for path in linked if path not in unit.files and read(path) is not None)
    return replace(unit, files=(*unit.files, *found))


def project(unit: Unit, read: Reader) -> Project:
    """The unit's files, read. Raises ManifestError when one cannot be."""
    top = posixpath.dirname(unit.manifest)
    manifests = {
        _relative(posixpath.dirname(path), top): path for path in unit.files if posixpath.basename(path) == MANIFEST
    }
    return Project(
        manifests={folder: manifest(read_json(content(path, read), path)) for folder, path in manifests.items()},
        lock=_lock(unit.lockfile, read) if unit.lockfile else None,
        config=npm_config(read(posixpath.join(top, NPMRC))),
    )


def locked_project(unit: Unit, read: Reader) -> LockedProject:
    """The files of a unit that has a lockfile, read. Raises ManifestError when one cannot be."""
    found = project(unit, read)
    if found.lock is None:
        raise ManifestError(f"{unit.manifest} has no lockfile: scan again")
    return LockedProject(found.manifests, found.lock, found.config)


def _units_in(folder: str, projects: Mapping[str, set[str]]) -> Iterator[Unit]:
    names = projects[folder]
    place = f"{folder}/" if folder else ""
    lockfile = next((place + name for name in LOCKFILES if name in names), None)
    others = [place + name for name in OTHER_MANAGERS if name in names]
    is_taken = others or not names.isdisjoint(HANDLED_ELSEWHERE)
    if lockfile is not None or not (is_taken or _is_below_other(folder, projects)):
        files = (place + MANIFEST, lockfile, place + NPMRC if NPMRC in names else None)
        yield Unit(NAME, place + MANIFEST, lockfile, tuple(path for path in files if path is not None))
    for other in others:
        yield Unit(NAME, other, None, (other,))


def _is_below_other(folder: str, projects: Mapping[str, set[str]]) -> bool:
    """Whether the nearest lockfile above is one of another manager."""
    for above in _above(folder):
        names = projects.get(above, set())
        if not names.isdisjoint((*LOCKFILES, *HANDLED_ELSEWHERE)):
            return False
        if not names.isdisjoint(OTHER_MANAGERS):
            return True
    return False


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _is_linked(unit: Unit, read: Reader) -> bool:
    """Whether a lockfile in a folder above lists the unit's folder."""
    folder = posixpath.dirname(unit.manifest)
    for above in _above(folder):
        place = _relative(folder, above)
        for lockfile in (posixpath.join(above, name) for name in LOCKFILES):
            # Most lockfiles do not mention the folder at all, and reading one takes a while.
            if place.encode() in (read(lockfile) or b"") and place in _lock(lockfile, read).local:
                return True
    return False


def _relative(folder: str, top: str) -> str:
    path = posixpath.relpath(f"/{folder}", f"/{top}")
    return "" if path == "." else path


def _inside(top: str, folder: str, unit: Unit) -> str:
    path = posixpath.normpath(posixpath.join(top, folder, MANIFEST))
    if path.startswith(("../", "/")):
        raise ManifestError(f"{unit.lockfile}: {folder!r} is outside the repository: unlink it")
    return path


def _lock(path: str, read: Reader) -> Lock:
    return _locked(path, content(path, read))


# Finding, reading and editing a unit come one after the other, each from the same bytes.
@lru_cache(maxsize=1)
def _locked(path: str, raw: bytes) -> Lock:
    return lock(read_json(raw, path))
