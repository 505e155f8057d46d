"""A remediator that is imported when a repository holds a file of its kind: most hold those of one or two."""

from __future__ import annotations

import functools
import importlib
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType

from remediators.api import Parsed, Reader, Registry, Remediator, Tools, Unit, Upgrade, Versions
from remediators.errors import Requirer


def _at(place: str) -> tuple[ModuleType, str]:
    """The module of `place` ("module:name"), imported, and the name in it."""
    module, _, name = place.partition(":")
    return importlib.import_module(module), name


@dataclass(frozen=True)
class Packages:
    """The packages of one ecosystem (an OSV name): how their versions compare, and where they are published.

    Both are places ("module:name"), of the class of the first and of the second itself.
    """

    ecosystem: str
    versions_at: str
    registry_at: str

    @functools.cached_property
    def versions(self) -> Versions:
        """Their order and ranges."""
        made: Versions = getattr(*_at(self.versions_at))()
        return made

    @functools.cached_property
    def registry(self) -> Registry:
        """Their registry's protocol."""
        held: Registry = getattr(*_at(self.registry_at))
        return held


@dataclass(frozen=True)
class Late:
    """`Remediator`, which is `place` ("module:class"). No unit of it is without a file named like `sign`."""

    name: str
    packages: Packages
    place: str
    sign: str

    @functools.cached_property
    def _remediator(self) -> Remediator:
        made: Remediator = getattr(*_at(self.place))()
        return made

    @property
    def ecosystem(self) -> str:
        """As Remediator.ecosystem."""
        return self.packages.ecosystem

    @property
    def versions(self) -> Versions:
        """As Remediator.versions."""
        return self.packages.versions

    @property
    def registry(self) -> Registry:
        """As Remediator.registry."""
        return self.packages.registry

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """As Remediator.units."""
        present = any(fnmatchcase(posixpath.basename(path), self.sign) for path in paths)
        return self._remediator.units(paths) if present else ()

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """As Remediator.expand."""
        return self._remediator.expand(unit, read)

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """As Remediator.parse."""
        return self._remediator.parse(unit, read)

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """As Remediator.requirers."""
        return self._remediator.requirers(unit, read, package, version)

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """As Remediator.edit."""
        return self._remediator.edit(unit, files, upgrades)

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """As Remediator.relock."""
        self._remediator.relock(unit, work, upgrades, index, tools)

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """As Remediator.tool_versions."""
        return self._remediator.tool_versions(unit, read, tools)
