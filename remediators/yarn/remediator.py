"""Yarn: package.json with a yarn.lock of classic (version 1) or berry (2 to 4). Without one, a project is npm's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from remediators.api import Parsed, Reader, Registry, Tools, Unit, Upgrade, Versions
from remediators.errors import Requirer
from remediators.npm.inventory import ECOSYSTEM
from remediators.registries.npm import REGISTRY
from remediators.versions.npm import NpmVersions
from remediators.yarn import project as yarn_project
from remediators.yarn.command import version_of
from remediators.yarn.edit import edited
from remediators.yarn.graph import Graph, leading_to, requirers
from remediators.yarn.inventory import inventory, npm_decides
from remediators.yarn.relock import relock


class Yarn:
    """`Remediator` of Yarn."""

    name = yarn_project.NAME
    ecosystem = ECOSYSTEM
    versions: Versions = NpmVersions()
    registry: Registry = REGISTRY

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """The units among all paths of a repository: each package.json beside a yarn.lock."""
        return yarn_project.units(paths)

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit with its workspaces, and without what else lies below it. Raises ManifestError."""
        return yarn_project.expand(unit, read)

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Every dependency that the unit names or locks, and what of it is not handled.

        Raises ManifestError when a file cannot be read at all.
        """
        return inventory(unit, yarn_project.project(unit, read)) if unit.lockfile else npm_decides(unit)

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Everyone who gets `package` at `version`, with the range; a lockfile of Yarn tells all of them.

        Raises ManifestError when a file cannot be read.
        """
        if unit.lockfile is None:
            return ()
        found = yarn_project.project(unit, read)
        graph = Graph(found, found.lock)
        return requirers(graph, leading_to(graph, package, version))

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The manifests with the ranges that must change rewritten, as the table in `npm.range` says; resolutions
        as the one in `edit`.

        Raises ManifestError when a range cannot be rewritten, or a resolution cannot be spliced in.
        """
        found = yarn_project.project(unit, files.get)
        return edited(found, files.get(found.config.name), upgrades)

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Move the upgrades in the lockfile, at exactly their versions.

        Raises BlockedError naming who holds one back, and ToolError.
        """
        relock(unit, work, upgrades, index, tools)

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """The version of Yarn, which is chosen by the lockfile and need not run to tell. Raises ManifestError."""
        return {"yarn": version_of(yarn_project.project(unit, read))} if unit.lockfile else {}
