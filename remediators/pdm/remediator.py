"""pyproject.toml with the pdm.lock beside it: found, read, edited, relocked by a pdm that writes such a lock."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path

from remediators.api import Parsed, Reader, Registry, Tools, Unit, Upgrade, Versions
from remediators.bounds import TOML_MANIFEST
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.errors import Requirer
from remediators.pdm.inventory import inventory, requirers
from remediators.pdm.lock import PdmLock, read_lock
from remediators.pdm.manifest import moved, overridden
from remediators.pdm.relock import relocked
from remediators.python.pyproject_locks import units_locked_by, with_local_projects
from remediators.python.tool import LockTools, Ran
from remediators.reading import content
from remediators.registries.pypi import REGISTRY
from remediators.versions.pypi import PypiVersions

_LOCK = "pdm.lock"


class Pdm:
    """`Remediator` of pyproject.toml files that pdm has locked. One without a lockfile is `Uv`'s."""

    name = "pdm"
    ecosystem = "PyPI"
    versions: Versions = PypiVersions()
    registry: Registry = REGISTRY

    def __init__(self) -> None:
        self._ran = Ran()

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """One unit per pdm.lock beside a pyproject.toml."""
        return units_locked_by(self.name, _LOCK, paths)

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit with the pyproject.toml of each folder of the repository that its lock is made with."""
        folders = (package.folder for package in _lock(unit, read).packages if package.folder)
        return with_local_projects(unit, folders, read)

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Everything that the manifest names, and everything else that the lock holds."""
        return inventory(_manifest(unit, read), _lock(unit, read))

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Everyone who depends on `package` at `version`, with the range that they ask for."""
        return requirers(_manifest(unit, read), _lock(unit, read), package, version)

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The manifest with the requirements rewritten that refuse the new version, and overrides added.

        Raises ManifestError when one cannot be moved.
        """
        raw = files[unit.manifest]
        for upgrade in upgrades:
            document = read_toml(unit.manifest, raw)
            raw = overridden(document, upgrade) if upgrade.override else moved(document, upgrade)
        return {} if raw == files[unit.manifest] else {unit.manifest: raw}

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Run `pdm lock` for these packages; nothing is built. Raises ToolError and BlockedError."""
        if unit.lockfile is not None:
            relocked(unit, unit.lockfile, work, upgrades, index, LockTools(tools, self._ran))

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """A pdm runs that writes the lock_version of the lockfile. Raises ManifestError."""
        return {"pdm": self._ran.version(_lock(unit, read).pdm)}


def _manifest(unit: Unit, read: Reader) -> TomlDocument:
    return read_toml(unit.manifest, content(unit.manifest, read), TOML_MANIFEST)


def _lock(unit: Unit, read: Reader) -> PdmLock:
    path = posixpath.join(posixpath.dirname(unit.manifest), _LOCK)
    return read_lock(path, content(path, read))
