"""setup.cfg and setup.py, as setuptools reads them: the first is edited, the second only read."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import Parsed, Reader, Registry, Tools, Unit, Upgrade, Versions
from remediators.errors import BlockedError, ManifestError, Requirer
from remediators.python.moves import moves
from remediators.python.requirement import PythonRequirement
from remediators.python.specifiers import pinned
from remediators.python.vendored import vendored
from remediators.reading import content
from remediators.registries.pypi import REGISTRY
from remediators.setuptools.setup_cfg import read_setup_cfg, spliced
from remediators.setuptools.setup_py import read_setup_py
from remediators.versions.pypi import PypiVersions
from state.model import Dependency, Failure, Scope

_READ_ONLY = "setup.py"
_NAMES = ("setup.cfg", _READ_ONLY)


class Setuptools:
    """`Remediator` of setup.cfg and setup.py files; neither has a lockfile, and neither is ever run."""

    name = "setuptools"
    ecosystem = "PyPI"
    versions: Versions = PypiVersions()
    registry: Registry = REGISTRY

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """One unit per file."""
        found = (path for path in sorted(paths) if posixpath.basename(path) in _NAMES and not vendored(path))
        return tuple(Unit(self.name, path, None, (path,)) for path in found)

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit itself: what a `file:` value names is a requirements file of its own."""
        return unit

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Every requirement that is written out."""
        raw = content(unit.manifest, read)
        found = read_setup_py(unit.manifest, raw) if _read_only(unit) else read_setup_cfg(unit.manifest, raw)
        dependencies = tuple(
            _dependency(unit, named.line, named.requirement, named.scope, found.python) for named in found.named
        )
        by_hand = f"{unit.manifest} is read and never edited, as it is a program: change its requirements by hand"
        notes = (Failure(unit.manifest, by_hand, fault=False),) if _read_only(unit) and dependencies else ()
        return Parsed(dependencies, (*found.problems, *notes))

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Empty: there is no lockfile."""
        return ()

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """A setup.cfg with requirements rewritten. Raises ManifestError for a setup.py and for what cannot be moved."""
        if _read_only(unit):
            moves = ", ".join(f"{upgrade.package} to {upgrade.after}" for upgrade in upgrades)
            raise ManifestError(f"{unit.manifest} is a program and never edited: move {moves} by hand")
        overridden = [upgrade.package for upgrade in upgrades if upgrade.override]
        if overridden:
            raise BlockedError(f"{unit.manifest}: setuptools knows no overrides: raise who requires {overridden[0]}")
        raw = files[unit.manifest]
        for upgrade in upgrades:
            raw = self._moved(unit, raw, upgrade)
        return {} if raw == files[unit.manifest] else {unit.manifest: raw}

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Nothing: there is no lockfile."""

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """Empty: no tool runs."""
        return {}

    def _moved(self, unit: Unit, raw: bytes, upgrade: Upgrade) -> bytes:
        found = read_setup_cfg(unit.manifest, raw)
        package = canonicalize_name(upgrade.package)
        named = [one for one in found.named if one.requirement.name == package]
        specifiers = [one.requirement.specifier for one in named]
        changes = moves(unit.manifest, specifiers, upgrade, decided=False, locked=False)
        return spliced(unit.manifest, found, [(named[place], new) for place, new in changes.items()])


def _read_only(unit: Unit) -> bool:
    return posixpath.basename(unit.manifest) == _READ_ONLY


def _dependency(unit: Unit, line: int, requirement: PythonRequirement, scope: Scope, python: str) -> Dependency:
    return Dependency(
        ecosystem="PyPI",
        package=requirement.name,
        requirement=requirement.specifier,
        version=pinned(requirement.specifier),
        manifest=unit.manifest,
        lockfile=None,
        scope=scope,
        direct=True,
        line=line,
        platform=python,
    )
