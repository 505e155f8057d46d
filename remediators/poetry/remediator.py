"""pyproject.toml with the poetry.lock beside it: found, read, edited, relocked by the Poetry that wrote the lock."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path

from remediators.api import Parsed, Reader, Registry, Tools, Unit, Upgrade, Versions
from remediators.bounds import TOML_MANIFEST
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.errors import BlockedError, Requirer
from remediators.poetry.inventory import locked, requirers
from remediators.poetry.lock import PoetryLock, read_lock
from remediators.poetry.manifest import moved
from remediators.poetry.relock import relocked
from remediators.python.pyproject_locks import units_locked_by, with_local_projects
from remediators.python.tool import LockTools, Ran
from remediators.reading import content
from remediators.registries.pypi import REGISTRY
from remediators.versions.pypi import PypiVersions

_LOCK = "poetry.lock"


class Poetry:
    """`Remediator` of pyproject.toml files that Poetry has locked. One without a lockfile is `Uv`'s."""

    name = "poetry"
    ecosystem = "PyPI"
    versions: Versions = PypiVersions()
    registry: Registry = REGISTRY

    def __init__(self) -> None:
        self._ran = Ran()

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """One unit per poetry.lock beside a pyproject.toml."""
        return units_locked_by(self.name, _LOCK, paths)

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit with the pyproject.toml of each folder of the repository that its lock is made with."""
        folders = (package.origin for package in _lock(unit, read).packages if package.source == "directory")
        return with_local_projects(unit, folders, read)

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Everything that the manifest names, and everything else that the lock holds."""
        lock = _lock(unit, read)
        return locked(_manifest(unit, read), lock.document.name, lock)

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Everyone who depends on `package` at `version`, with the range as PEP 440 says it."""
        return requirers(_manifest(unit, read), _lock(unit, read), package, version)

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The manifest with the requirements rewritten that refuse the new version, in Poetry's syntax and style.

        Raises ManifestError when one cannot be moved, BlockedError for an override: Poetry knows none.
        """
        raw = files[unit.manifest]
        for upgrade in upgrades:
            if upgrade.override:
                raise BlockedError(
                    f"{unit.manifest}: Poetry has no way to set aside what others require of {upgrade.package}"
                )
            raw = moved(read_toml(unit.manifest, raw), upgrade, locked=True)
        return {} if raw == files[unit.manifest] else {unit.manifest: raw}

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Run `poetry lock` for these packages; nothing is built. Raises ToolError and BlockedError."""
        if unit.lockfile is not None:
            relocked(unit, unit.lockfile, work, upgrades, index, LockTools(tools, self._ran))

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """Poetry runs at the version that wrote the lockfile, where that can be had. Raises ManifestError."""
        return {"poetry": self._ran.version(f"poetry=={_lock(unit, read).poetry}")}


def _manifest(unit: Unit, read: Reader) -> TomlDocument:
    return read_toml(unit.manifest, content(unit.manifest, read), TOML_MANIFEST)


def _lock(unit: Unit, read: Reader) -> PoetryLock:
    path = posixpath.join(posixpath.dirname(unit.manifest), _LOCK)
    return read_lock(path, content(path, read))
