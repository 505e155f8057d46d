"""pyproject.toml with the uv.lock beside it, or with no lockfile: found, read, edited, relocked.

Without a lockfile the tables of Poetry and PDM are read as well: nothing tells then whose the file is.
"""

from __future__ import annotations

import importlib.metadata
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from remediators.api import Parsed, Reader, Registry, Tools, Unit, Upgrade, Versions
from remediators.bounds import TOML_MANIFEST
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.errors import Requirer
from remediators.poetry import inventory as poetry_inventory
from remediators.python.pyproject_locks import lock_beside, manifests_locked_by
from remediators.python.pyproject_requirements import PDM_DEVELOPMENT, foreign_requirements
from remediators.python.vendored import vendored
from remediators.reading import content
from remediators.registries.pypi import REGISTRY
from remediators.uv.edit import edited
from remediators.uv.graph import requirers
from remediators.uv.inventory import locked, unlocked
from remediators.uv.lock import read_lock
from remediators.uv.project import read_project
from remediators.uv.relock import relocked
from remediators.uv.workspace import is_locked_member, local_files, workspace_of
from remediators.versions.pypi import PypiVersions
from state.model import Failure


class Uv:
    """`Remediator` of pyproject.toml files, alone or with the uv.lock beside them."""

    name = "uv"
    ecosystem = "PyPI"
    versions: Versions = PypiVersions()
    registry: Registry = REGISTRY

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """One unit per pyproject.toml that no other tool has locked, with the lockfile and uv.toml beside it."""
        present = frozenset(paths)
        locked_by_uv = dict(manifests_locked_by("uv.lock", paths))
        return tuple(
            self._unit(path, locked_by_uv.get(path), present)
            for path in sorted(present)
            if posixpath.basename(path) == "pyproject.toml"
            and not vendored(path)
            and (path in locked_by_uv or lock_beside(path, present) is None)
        )

    def _unit(self, manifest: str, lock: str | None, present: frozenset[str]) -> Unit:
        settings = posixpath.join(posixpath.dirname(manifest), "uv.toml")
        more = [path for path in (lock, settings if lock else None) if path in present and path is not None]
        return Unit(self.name, manifest, lock, (manifest, *more))

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit with every other file of the repository that its lock is made with.

        A member of a workspace that has a uv.lock is read with that: it has no files of its own left.
        """
        if unit.lockfile is None:
            return replace(unit, files=()) if is_locked_member(unit.manifest, read) else unit
        lock = read_lock(unit.lockfile, content(unit.lockfile, read))
        more = dict.fromkeys(local_files(unit.lockfile, lock, read))
        return replace(unit, files=(*unit.files, *(path for path in more if path not in unit.files)))

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Everything that the manifests name, and everything else that the lock holds."""
        if not unit.files:
            return Parsed(())
        document = read_toml(unit.manifest, content(unit.manifest, read), TOML_MANIFEST)
        if unit.lockfile is not None:
            parsed = locked(read_project(unit, unit.lockfile, read))
            return replace(parsed, problems=(*parsed.problems, *foreign_requirements(document)))
        workspace = workspace_of(unit.manifest, read)
        not_ours = _not_ours(unit, document, workspace, read)
        if not_ours is not None:
            return Parsed((), not_ours)
        root = read_toml(workspace, content(workspace, read), TOML_MANIFEST) if workspace else None
        standard, own = unlocked(document, root, PDM_DEVELOPMENT), poetry_inventory.unlocked(document)
        problems = (*standard.problems, *own.problems, *foreign_requirements(document, "Poetry", "PDM"))
        return Parsed((*standard.dependencies, *own.dependencies), problems)

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Everyone who depends on `package` at `version`; a uv.lock tells the ranges of the repository's own projects.

        Raises ManifestError when the lock cannot be read.
        """
        if unit.lockfile is None:
            return ()
        return requirers(read_lock(unit.lockfile, content(unit.lockfile, read)), unit.lockfile, package, version)

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The manifests with requirements rewritten and overrides added, as the table in `edit` says.

        Raises ManifestError when one cannot be moved, BlockedError for an override where there is no lock.
        """
        return edited(unit, files, upgrades)

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Run `uv lock` for these packages; nothing of the project is built. Raises ToolError and BlockedError."""
        if unit.lockfile is not None:
            relocked(unit, unit.lockfile, work, upgrades, index, tools)

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """The version of uv, where there is a lockfile. It is installed with the bot, so it need not run to tell."""
        return {} if unit.lockfile is None else {"uv": importlib.metadata.version("uv")}


def _not_ours(unit: Unit, document: TomlDocument, workspace: str | None, read: Reader) -> tuple[Failure, ...] | None:
    """What is said of a manifest without a uv.lock that is not handled here; None for one that is."""
    ours = (("project",), ("dependency-groups",), ("tool", "poetry"), ("tool", "pdm"))
    if not any(document.table(*keys) for keys in ours):
        return tuple(foreign_requirements(document))[:1]
    if workspace is not None and read(posixpath.join(posixpath.dirname(workspace), "uv.lock")) is not None:
        reason = f"{unit.manifest} is a member of the workspace of {workspace} and not in its uv.lock; run uv lock"
        return (Failure(unit.manifest, reason),)
    return None
