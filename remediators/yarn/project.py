"""Which files make up a project of Yarn: its package.json, yarn.lock, configuration, and its workspaces."""

from __future__ import annotations

import bisect
import itertools
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from remediators.api import Reader, Unit
from remediators.documents.json_spans import Json
from remediators.documents.json_spans import read as read_json
from remediators.errors import ManifestError
from remediators.npm.config import NPMRC
from remediators.npm.manifest import SECTIONS, Manifest, manifest
from remediators.npm.workspaces import is_member, patterns
from remediators.reading import content
from remediators.yarn.catalogs import with_catalogs
from remediators.yarn.config import YARNRC, YARNRC_YML, YarnConfig, berry_config, classic_config
from remediators.yarn.lock import Lock, lock

NAME = "yarn"
MANIFEST = "package.json"
LOCKFILE = "yarn.lock"
GOING_BEFORE = ("npm-shrinkwrap.json", "package-lock.json")
"""Lockfiles that decide where they stand beside a yarn.lock."""
_LOCKFILES = frozenset((LOCKFILE, *GOING_BEFORE, "pnpm-lock.yaml", "bun.lock", "bun.lockb"))
_CONFIGURATION = (NPMRC, YARNRC, YARNRC_YML)
_FILES = frozenset((MANIFEST, *_LOCKFILES, *_CONFIGURATION))
_INSTALLED = frozenset(("node_modules", "bower_components", ".yarn"))
_PATCHES = ".yarn/patches/"
_MOST_MEMBERS = 5_000
_MOST_PATCHES = 200
_PACKAGE_MANAGER = re.compile(r"yarn@(?P<version>\d+\.\d+\.\d+(?:-[\w.]+)?)(?:\+[\w.]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Project:
    """A unit, read. `manifests` are by folder, relative to the unit's own, which is "" and first."""

    manifests: Mapping[str, Manifest]
    lock: Lock
    config: YarnConfig

    @property
    def root(self) -> Manifest:
        """The unit's own package.json."""
        return self.manifests[""]

    @property
    def members(self) -> frozenset[str]:
        """The names of the repository's own packages."""
        names = (field(found, "name") for found in self.manifests.values())
        return frozenset(name for name in names if isinstance(name, str))

    @property
    def resolutions(self) -> Mapping[str, str]:
        """What the project's own `resolutions` set aside, by what they apply to."""
        found = field(self.root, "resolutions")
        return {key: to for key, to in found.items() if isinstance(to, str)} if isinstance(found, dict) else {}

    @property
    def yarn(self) -> str:
        """The version of Yarn that `packageManager` names, "" for none."""
        named = field(self.root, "packageManager")
        found = _PACKAGE_MANAGER.fullmatch(named) if isinstance(named, str) else None
        return found["version"] if found else ""


def field(found: Manifest, key: str) -> Json:
    """A top field of a package.json; None when it is not there."""
    top = found.document.value
    return top.get(key) if isinstance(top, dict) else None


def written_for(found: Manifest, key: str) -> Iterator[str]:
    """What a package.json asks for under a key, in each of its sections."""
    for section in SECTIONS:
        lines = field(found, section)
        written = lines.get(key) if isinstance(lines, dict) else None
        if isinstance(written, str):
            yield written


def resolved_package(key: str) -> str:
    """The package that a key of `resolutions` is about: the last in it."""
    *above, name = key.split("/")
    scope = f"{above[-1]}/" if above and above[-1].startswith("@") else ""
    return scope + name[:1] + name[1:].partition("@")[0]


def units(paths: Sequence[str]) -> tuple[Unit, ...]:
    """The units among all paths of a repository. One holds every package.json that may be its workspace.

    Where a lockfile of npm stands beside a yarn.lock, the project is npm's and the yarn.lock is a unit alone.
    """
    folders: dict[str, set[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name in _FILES and _INSTALLED.isdisjoint(folder.split("/")):
            folders.setdefault(folder, set()).add(name)
    projects = {folder: names for folder, names in folders.items() if {MANIFEST, LOCKFILE} <= names}
    below = _below(folders, projects)
    patches = [path for path in paths if _PATCHES in path and path.endswith(".patch")]
    return tuple(
        _unit(folder, projects[folder], (*below[folder], *_of(folder, patches))) for folder in sorted(projects)
    )


def expand(unit: Unit, read: Reader) -> Unit:
    """The unit without those below it that its `workspaces` do not name. Raises ManifestError."""
    if unit.lockfile is None:
        return unit
    top = posixpath.dirname(unit.manifest)
    below = {_relative(posixpath.dirname(path), top): path for path in _members(unit)}
    sorted_below = sorted(below)
    mine: set[str] = set()
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        path = posixpath.join(top, folder, MANIFEST)
        wanted = patterns(read_json(content(path, read), path).value)
        for inner in _inside(folder, sorted_below) if wanted else ():
            other = posixpath.join(folder, inner)
            if other not in mine and is_member(inner, wanted):
                mine.add(other)
                waiting.append(other)
    kept = {below[folder] for folder in mine}
    return replace(unit, files=tuple(path for path in unit.files if path not in below.values() or path in kept))


def owns(folder: str, read: Reader) -> bool:
    """Whether a project of Yarn in a folder above has `folder` as its workspace."""
    above = folder
    while above:
        above = posixpath.dirname(above)
        if read(posixpath.join(above, LOCKFILE)) is None:
            continue
        found = read(posixpath.join(above, MANIFEST))
        if found is None or any(read(posixpath.join(above, name)) is not None for name in GOING_BEFORE):
            return False
        inner = _relative(folder, above)
        return is_member(inner, patterns(read_json(found, posixpath.join(above, MANIFEST)).value))
    return False


def project(unit: Unit, read: Reader) -> Project:
    """The unit's files, read. Raises ManifestError when one cannot be."""
    if unit.lockfile is None:
        raise ManifestError(f"{unit.manifest} has no lockfile of Yarn: scan again")
    top = posixpath.dirname(unit.manifest)
    found = lock(content(unit.lockfile, read), unit.lockfile)
    places = {_relative(posixpath.dirname(path), top): path for path in (unit.manifest, *_members(unit))}
    npmrc, yarnrc, yml = (read(posixpath.join(top, name)) for name in _CONFIGURATION)
    place = posixpath.join(top, YARNRC_YML)
    config = berry_config(place, yml) if found.berry else classic_config(npmrc, yarnrc)
    manifests = {
        folder: with_catalogs(manifest(read_json(content(path, read), path), berry=found.berry), config)
        for folder, path in places.items()
    }
    return Project(manifests, found, config)


def _below(folders: Mapping[str, set[str]], projects: Mapping[str, set[str]]) -> Mapping[str, list[str]]:
    """For each project the package.json files of which its yarn.lock is the nearest lockfile above."""
    found: dict[str, list[str]] = {folder: [] for folder in projects}
    for folder in sorted(folders):
        if not folder or MANIFEST not in folders[folder] or not folders[folder].isdisjoint(_LOCKFILES):
            continue
        above = next((one for one in _above(folder) if not folders.get(one, set()).isdisjoint(_LOCKFILES)), None)
        if above is not None and above in projects:
            found[above].append(f"{folder}/{MANIFEST}")
    return {folder: manifests[:_MOST_MEMBERS] for folder, manifests in found.items()}


def _of(folder: str, patches: Sequence[str]) -> Sequence[str]:
    """Patches that Yarn reads when it resolves what they are of."""
    place = f"{folder}/{_PATCHES}" if folder else _PATCHES
    return [path for path in patches if path.startswith(place)][:_MOST_PATCHES]


def _unit(folder: str, names: set[str], more: Sequence[str]) -> Unit:
    place = f"{folder}/" if folder else ""
    if not names.isdisjoint(GOING_BEFORE):
        return Unit(NAME, place + LOCKFILE, None, (place + LOCKFILE,))
    own = (MANIFEST, LOCKFILE, *(name for name in _CONFIGURATION if name in names))
    files = (*(place + name for name in own), *more)
    return Unit(NAME, place + MANIFEST, place + LOCKFILE, files)


def _members(unit: Unit) -> Iterator[str]:
    return (path for path in unit.files if posixpath.basename(path) == MANIFEST and path != unit.manifest)


def _inside(folder: str, sorted_folders: Sequence[str]) -> Iterator[str]:
    """Those of the folders that are below one, relative to it."""
    start = f"{folder}/" if folder else ""
    for other in itertools.islice(sorted_folders, bisect.bisect_left(sorted_folders, start), None):
        if not other.startswith(start):
            return
        yield other.removeprefix(start)


def _relative(folder: str, top: str) -> str:
    path = posixpath.relpath(f"/{folder}", f"/{top}")
    return "" if path == "." else path


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder
