"""A remediator that is imported when a repository holds a file of its kind: most hold those of one or two."""

from __future__ import annotations

import functools
import importlib
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from remediators.api import Parsed, Reader, Registry, Remediator, Requirer, Tools, Unit, Upgrade, Versions


@dataclass(frozen=True)
class Late:
    """`Remediator`, which is `place` ("module:class"). No unit of it is without a file named like `sign`."""

    name: str
    ecosystem: str
    place: str
    sign: str

    @functools.cached_property
    def _remediator(self) -> Remediator:
        module, _, made = self.place.partition(":")
        make: Callable[[], Remediator] = getattr(importlib.import_module(module), made)
        return make()

    @property
    def versions(self) -> Versions:
        """As Remediator.versions."""
        return self._remediator.versions

    @property
    def registry(self) -> Registry:
        """As Remediator.registry."""
        return self._remediator.registry

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
