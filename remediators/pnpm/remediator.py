"""pnpm: package.json with pnpm-lock.yaml (versions 5.4, 6 and 9), workspaces and catalogs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from remediators.api import Parsed, Reader, Registry, Tools, Unit, Upgrade, Versions
from remediators.errors import Requirer
from remediators.pnpm import units as pnpm_units
from remediators.pnpm.edit import edited
from remediators.pnpm.graph import requirers
from remediators.pnpm.inventory import ECOSYSTEM, inventory, left_to_others
from remediators.pnpm.relock import relock
from remediators.pnpm.version import named
from remediators.registries.npm import REGISTRY
from remediators.versions.npm import NpmVersions


class Pnpm:
    """`Remediator` of pnpm."""

    name = pnpm_units.NAME
    ecosystem = ECOSYSTEM
    versions: Versions = NpmVersions()

    def __init__(self, registry: Registry = REGISTRY) -> None:
        self.registry = registry

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """The units among all paths of a repository; see `units` for what makes one."""
        return pnpm_units.units(paths)

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit with every package.json that its lockfile lists, and its patches.

        Raises ManifestError for a folder outside the repository.
        """
        return pnpm_units.expand(unit, read)

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Every dependency that the unit names or locks, and what of it is not handled.

        Raises ManifestError when a file cannot be read at all.
        """
        return inventory(unit, pnpm_units.project(unit, read)) if unit.lockfile else left_to_others(unit)

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Everyone who gets `package` at `version`; the lockfile tells the ranges of projects and of peers only.

        Raises ManifestError when a file cannot be read.
        """
        return requirers(pnpm_units.project(unit, read), package, version) if unit.lockfile else ()

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The manifests and catalogs with the ranges that must change rewritten; overrides as `overrides` says.

        Raises ManifestError when a range cannot be rewritten, BlockedError when an override has no place.
        """
        return edited(pnpm_units.project(unit, files.get), upgrades)

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Move the upgrades in the lockfile, at exactly their versions.

        Raises BlockedError naming who holds one back, RegistryError when their ranges cannot be had, and ToolError.
        """
        relock(unit, work, upgrades, index, tools, self.registry)

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """The version of pnpm that npm fetches, or the major or range whose newest it is. Raises ManifestError."""
        return {"pnpm": named(pnpm_units.project(unit, read))} if unit.lockfile else {}
