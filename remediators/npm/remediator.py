"""The npm ecosystem: package.json with package-lock.json or npm-shrinkwrap.json (versions 1 to 3), or without.

Projects of Yarn and pnpm are told apart (see `yarn` and `pnpm`), and those of Bun, which are not handled yet.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path

from remediators.api import Parsed, Reader, Registry, Tools, Unit, Upgrade, Versions
from remediators.errors import Requirer
from remediators.npm import units as npm_units
from remediators.npm.command import versions
from remediators.npm.edit import edited, overridden
from remediators.npm.holders import holders, requirers
from remediators.npm.inventory import ECOSYSTEM, inventory, not_handled
from remediators.npm.relock import relock
from remediators.registries.npm import REGISTRY
from remediators.versions.npm import NpmVersions


class Npm:
    """`Remediator` of npm."""

    name = npm_units.NAME
    ecosystem = ECOSYSTEM
    versions: Versions = NpmVersions()
    registry: Registry = REGISTRY

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """The units among all paths of a repository; see `units` for what makes one."""
        return npm_units.units(paths)

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit with its workspaces. One that a project above links has no files of its own left.

        Raises ManifestError for a link that leaves the repository.
        """
        return npm_units.expand(unit, read)

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Every dependency that the unit names or locks, and what of it is not handled.

        Raises ManifestError when a file cannot be read at all.
        """
        if unit.manifest not in unit.files:
            return Parsed(())
        if posixpath.basename(unit.manifest) in npm_units.OTHER_MANAGERS:
            return not_handled(unit)
        return inventory(unit, npm_units.project(unit, read))

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Everyone who gets `package` at `version`, with the range; a lockfile of npm tells all of them.

        Raises ManifestError when a file cannot be read.
        """
        if unit.lockfile is None or unit.manifest not in unit.files:
            return ()
        tree = npm_units.locked_project(unit, read)
        return requirers(tree, holders(tree, package, version))

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The manifests with the ranges that must change rewritten, as the table in `range` says; overrides
        as the one in `overrides`.

        Raises ManifestError when a range cannot be rewritten, BlockedError when npm knows no overrides.
        """
        project = npm_units.project(unit, files.get)
        return overridden(project, edited(project, upgrades), upgrades)

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Move the upgrades in the lockfile, at exactly their versions.

        Raises BlockedError naming who holds one back, and ToolError.
        """
        relock(unit, work, upgrades, index, tools)

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """npm's and Node.js' for a unit with a lockfile; none run for one without. Raises ToolError."""
        return versions(tools) if unit.lockfile else {}
