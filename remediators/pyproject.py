"""pyproject.toml as uv reads it (PEP 621 and PEP 735), with or without a uv.lock: found, read, edited, relocked."""

from __future__ import annotations

import importlib.metadata
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import ManifestError, Parsed, Reader, Registry, Requirer, Tools, Unit, Upgrade, Versions
from remediators.pyproject_requirements import foreign_requirements, named_requirements
from remediators.python_specifiers import rewritten
from remediators.registries.pypi import PypiRegistry
from remediators.text_edits import Edit
from remediators.toml_document import TomlDocument, read_toml
from remediators.uv_graph import requirers
from remediators.uv_inventory import locked, unlocked
from remediators.uv_lock import UvLock, read_lock
from remediators.uv_relock import relocked
from remediators.uv_workspace import local_manifests, workspace_of
from remediators.vendored import vendored
from remediators.versions.pypi import PypiVersions
from state.model import Failure

_FOREIGN_LOCKS = {"poetry.lock": "Poetry", "pdm.lock": "PDM"}


class Uv:
    """`Remediator` of pyproject.toml files, alone or with the uv.lock beside them."""

    name = "uv"
    ecosystem = "PyPI"
    versions: Versions = PypiVersions()
    registry: Registry = PypiRegistry()

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """One unit per pyproject.toml, with the lockfile and uv.toml beside it; only `parse` tells whose it is."""
        present = frozenset(paths)
        return tuple(
            self._unit(path, present)
            for path in sorted(present)
            if posixpath.basename(path) == "pyproject.toml" and not vendored(path)
        )

    def _unit(self, manifest: str, present: frozenset[str]) -> Unit:
        def beside(*names: str) -> list[str]:
            paths = (posixpath.join(posixpath.dirname(manifest), name) for name in names)
            return [path for path in paths if path in present]

        locks = beside("uv.lock")
        others = beside("uv.toml") if locks else beside(*_FOREIGN_LOCKS)
        return Unit(self.name, manifest, next(iter(locks), None), (manifest, *locks, *others))

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit with the pyproject.toml of each other project in the repository that its lock is made with."""
        if unit.lockfile is None:
            return unit
        lock = _lock(unit.lockfile, read)
        more = dict.fromkeys(local_manifests(unit.lockfile, lock, read))
        return replace(unit, files=(*unit.files, *(path for path in more if path not in unit.files)))

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Everything that the manifest names, and everything else that the lock holds."""
        document = read_toml(unit.manifest, _content(unit.manifest, read))
        not_ours = None if unit.lockfile else _not_ours(unit, document, read)
        if not_ours is not None:
            return Parsed((), not_ours)
        if unit.lockfile is None:
            parsed = unlocked(document)
        else:
            parsed = locked(document, unit.lockfile, _lock(unit.lockfile, read))
        return replace(parsed, problems=(*parsed.problems, *foreign_requirements(document)))

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Everyone who depends on `package` at `version`; a uv.lock tells the ranges of the repository's own projects.

        Raises ManifestError when the lock cannot be read.
        """
        if unit.lockfile is None:
            return ()
        return requirers(_lock(unit.lockfile, read), unit.lockfile, package, version)

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The manifest with requirements rewritten: with a lockfile those that refuse the new version, else also
        those that would still allow the old one. Raises ManifestError when one cannot be moved.
        """
        raw = files[unit.manifest]
        for upgrade in upgrades:
            raw = self._moved(unit, read_toml(unit.manifest, raw), upgrade)
        return {} if raw == files[unit.manifest] else {unit.manifest: raw}

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Run `uv lock` for these packages; nothing of the project is built. Raises ToolError and BlockedError."""
        if unit.lockfile is not None:
            relocked(unit, unit.lockfile, work, upgrades, index, tools)

    def tool_versions(self, unit: Unit, tools: Tools) -> Mapping[str, str]:
        """The version of uv, where there is a lockfile. It is installed with the bot, so it need not run to tell."""
        return {} if unit.lockfile is None else {"uv": importlib.metadata.version("uv")}

    def _moved(self, unit: Unit, document: TomlDocument, upgrade: Upgrade) -> bytes:
        package = canonicalize_name(upgrade.package)
        named = [item for item in named_requirements(document)[0] if item.requirement.name == package]
        specifiers = [item.requirement.specifier for item in named]
        try:
            changes = rewritten(specifiers, upgrade.before, upgrade.after, locked=unit.lockfile is not None)
        except ValueError as error:
            raise ManifestError(f"{unit.manifest}: {upgrade.package}: {error}; change it by hand") from error
        settled = [changes.get(place, specifier) for place, specifier in enumerate(specifiers)]
        if unit.lockfile is None and not any(self.versions.satisfies(upgrade.after, text) for text in settled):
            raise ManifestError(
                f"{unit.manifest} has no requirement of {upgrade.package} at {upgrade.before} "
                f"that could move to {upgrade.after}; scan the project again"
            )
        edits = {named[place].path: Edit(*named[place].requirement.span, new) for place, new in changes.items()}
        return document.spliced(edits)


def _content(path: str, read: Reader) -> bytes:
    raw = read(path)
    if raw is None:
        raise ManifestError(f"{path} does not exist; scan the project again")
    return raw


def _lock(path: str, read: Reader) -> UvLock:
    return read_lock(path, _content(path, read))


def _not_ours(unit: Unit, document: TomlDocument, read: Reader) -> tuple[Failure, ...] | None:
    """What is said of a manifest without a uv.lock that is not handled here; None for one that is."""
    foreign = next((path for path in unit.files if posixpath.basename(path) in _FOREIGN_LOCKS), None)
    if foreign is not None:
        tool = _FOREIGN_LOCKS[posixpath.basename(foreign)]
        reason = f"{foreign}: lockfiles of {tool} are not handled yet; neither is {unit.manifest} with it"
        return (Failure(unit.manifest, reason, fault=False),)
    if "project" not in document.root and "dependency-groups" not in document.root:
        return tuple(foreign_requirements(document))[:1]
    workspace = workspace_of(unit.manifest, read)
    if workspace is not None:
        reason = f"{unit.manifest} is a member of the workspace of {workspace}, which is not handled yet"
        return (Failure(unit.manifest, reason, fault=False),)
    return None
