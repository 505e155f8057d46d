"""Pipfile and Pipfile.lock: found, read, edited, relocked by pipenv."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import Parsed, Reader, Registry, Tools, Unit, Upgrade, Versions
from remediators.bounds import TOML_MANIFEST
from remediators.documents import json_spans
from remediators.documents.json_spans import Document
from remediators.documents.text_edits import Edit
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.errors import BlockedError, ManifestError, Requirer
from remediators.pipenv.files import Asked, Locked, asked_for, index_of, locked, locked_as, scope_of
from remediators.pipenv.relock import PIPENV, relocked
from remediators.python.moves import moves
from remediators.python.specifiers import pinned
from remediators.python.tool import LockTools, Ran
from remediators.python.vendored import vendored
from remediators.reading import content
from remediators.registries.pypi import REGISTRY
from remediators.versions.pypi import PypiVersions
from state.model import Dependency

_MANIFEST, _LOCKFILE = "Pipfile", "Pipfile.lock"


class Pipenv:
    """`Remediator` of Pipfiles, alone or with the lockfile beside them."""

    name = "pipenv"
    ecosystem = "PyPI"
    versions: Versions = PypiVersions()
    registry: Registry = REGISTRY

    def __init__(self) -> None:
        self._ran = Ran()

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """One unit per Pipfile."""
        present = frozenset(paths)
        manifests = sorted(path for path in present if posixpath.basename(path) == _MANIFEST and not vendored(path))
        locks = [posixpath.join(posixpath.dirname(path), _LOCKFILE) for path in manifests]
        return tuple(
            Unit(self.name, path, lock, (path, lock)) if lock in present else Unit(self.name, path, None, (path,))
            for path, lock in zip(manifests, locks, strict=True)
        )

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit itself: a Pipfile includes nothing."""
        return unit

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Everything that the Pipfile names, and everything else that the lockfile holds."""
        document = read_toml(unit.manifest, content(unit.manifest, read), TOML_MANIFEST)
        asked, problems = asked_for(document)
        lock = locked(_lock(unit.lockfile, read)) if unit.lockfile else ()
        by_place = {(locked_as(one.category), one.name): one for one in asked}
        names = {(entry.category, entry.name) for entry in lock}
        index, platform = index_of(document), _platform(document)
        held = [self._held(unit, entry, by_place.get((entry.category, entry.name)), index, platform) for entry in lock]
        alone = [self._alone(unit, one, index, platform) for place, one in by_place.items() if place not in names]
        return Parsed((*(one for one in held if one), *alone), problems)

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """The Pipfile, where it names the package: its lockfile tells of nobody else."""
        if unit.lockfile is None:
            return ()
        asked, _ = asked_for(read_toml(unit.manifest, content(unit.manifest, read), TOML_MANIFEST))
        name = canonicalize_name(package)
        return tuple(Requirer(unit.manifest, "", one.specifier, direct=True) for one in asked if one.name == name)

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The Pipfile with specifiers rewritten: with a lockfile those that refuse the new version, else also those
        that would still allow the old one. Raises ManifestError when one cannot be moved, BlockedError for an
        override, which pipenv does not know.
        """
        overridden = [upgrade.package for upgrade in upgrades if upgrade.override]
        if overridden:
            raise BlockedError(
                f"{unit.manifest}: pipenv knows no overrides: raise who requires {overridden[0]} instead"
            )
        raw = files[unit.manifest]
        for upgrade in upgrades:
            raw = self._moved(unit, read_toml(unit.manifest, raw), upgrade)
        return {} if raw == files[unit.manifest] else {unit.manifest: raw}

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Move these packages in the lockfile. Raises ToolError and BlockedError."""
        if unit.lockfile is not None:
            relocked(unit.manifest, unit.lockfile, work, upgrades, index, LockTools(tools, self._ran))

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """The version of pipenv, where there is a lockfile. It need not run again to tell."""
        return {} if unit.lockfile is None else {"pipenv": self._ran.version(PIPENV)}

    def _moved(self, unit: Unit, document: TomlDocument, upgrade: Upgrade) -> bytes:
        package = canonicalize_name(upgrade.package)
        named = [one for one in asked_for(document)[0] if one.name == package]
        specifiers = [one.specifier for one in named]
        locked = unit.lockfile is not None
        changes = moves(unit.manifest, specifiers, upgrade, decided=locked, locked=locked)
        try:
            edits = {
                named[place].place: Edit(0, len(document.string(named[place].place)), new)
                for place, new in changes.items()
            }
        except KeyError as error:
            raise ManifestError(f"{unit.manifest}: {upgrade.package} has no version to raise; write one") from error
        return document.spliced(edits)

    def _held(
        self, unit: Unit, entry: Locked, asked: Asked | None, index: str | None, platform: str
    ) -> Dependency | None:
        if not entry.version or not self.versions.valid(entry.version):
            return None
        return Dependency(
            ecosystem=self.ecosystem,
            package=entry.name,
            requirement=asked.specifier if asked else "",
            version=entry.version,
            manifest=unit.manifest,
            lockfile=unit.lockfile,
            scope=scope_of(entry.category),
            direct=asked is not None,
            line=asked.line if asked else entry.line,
            index=index,
            platform=platform,
        )

    def _alone(self, unit: Unit, asked: Asked, index: str | None, platform: str) -> Dependency:
        return Dependency(
            ecosystem=self.ecosystem,
            package=asked.name,
            requirement=asked.specifier,
            version=pinned(asked.specifier),
            manifest=unit.manifest,
            lockfile=None,
            scope=scope_of(locked_as(asked.category)),
            direct=True,
            line=asked.line,
            index=index,
            platform=platform,
        )


def _platform(document: TomlDocument) -> str:
    version = document.table("requires").get("python_version")
    return f"=={version}.*" if isinstance(version, str) else ""


def _lock(path: str, read: Reader) -> Document:
    return json_spans.read(content(path, read), path)
