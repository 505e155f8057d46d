"""What a project of npm depends on: a Dependency per requirement, and per locked version that none asks for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediators.api import Parsed, Unit
from remediators.npm.lock import Copy, Lock
from remediators.npm.manifest import SECTIONS, Manifest, Requirement
from remediators.npm.units import OTHER_MANAGERS, Project
from remediators.versions.npm import NpmVersions
from state.model import Dependency, Failure, Scope

ECOSYSTEM = "npm"
_EXPOSED = tuple(SECTIONS.values())
"""Scopes, the most exposed first."""
_VERSIONS = NpmVersions()


def not_handled(unit: Unit) -> Parsed:
    """What is said of another package manager's lockfile."""
    manager = OTHER_MANAGERS[posixpath.basename(unit.manifest)]
    below = posixpath.dirname(unit.manifest) or "the repository"
    reason = f"not handled yet: {unit.manifest} is {manager}'s; no package.json in {below} or below it is audited"
    return Parsed((), (Failure(unit.manifest, reason, fault=False),))


def inventory(unit: Unit, project: Project) -> Parsed:
    """Every dependency of the unit, in file order, and what of it is not handled."""
    return _Inventory(unit, project).parsed()


@dataclass(frozen=True, slots=True)
class _Inventory:
    unit: Unit
    project: Project

    def parsed(self) -> Parsed:
        # A linked folder outside this one is a unit of its own.
        own = {folder: found for folder, found in self.project.manifests.items() if not folder.startswith("..")}
        direct = [d for folder, manifest in own.items() for d in self._direct(folder, manifest)]
        lock = self.project.lock
        if lock is None:
            problems = [problem for manifest in own.values() for _, problem in manifest.elsewhere]
            return Parsed(tuple(direct), (*problems, *_tags(own)))
        problems = list(_not_locked(own, lock))
        known = {(d.package, d.version) for d in direct}
        return Parsed((*direct, *self._transitive(lock, known)), tuple(problems))

    def _direct(self, folder: str, manifest: Manifest) -> Iterator[Dependency]:
        lock = self.project.lock
        seen: set[tuple[str, str]] = set()
        for requirement in manifest.requirements:
            found = lock.found_from(folder, requirement.key) if lock else None
            if lock and (found in lock.elsewhere or (found is None and _may_be_missing(requirement))):
                continue
            package, version = requirement.package, _pin(requirement)
            if lock:
                copy = lock.copies.get(found or "")
                package, version = (copy.package, copy.version) if copy else (package, None)
            # A peer often stands among the development dependencies too: one line of both will do.
            same = (package, version or requirement.spec)
            if same not in seen:
                seen.add(same)
                yield self._dependency(requirement, package, version)

    def _dependency(self, requirement: Requirement, package: str, version: str | None) -> Dependency:
        return Dependency(
            ecosystem=ECOSYSTEM,
            package=package,
            requirement=requirement.spec,
            version=version,
            manifest=requirement.manifest,
            lockfile=self.unit.lockfile,
            scope=SECTIONS[requirement.section],
            direct=True,
            line=requirement.line,
            index=self.project.config.index(package),
            platform=self._platform(),
        )

    def _transitive(self, lock: Lock, known: set[tuple[str, str | None]]) -> Iterator[Dependency]:
        lines = lock.lines()
        copies: dict[tuple[str, str], list[Copy]] = {}
        for copy in lock.copies.values():
            if (copy.package, copy.version) not in known:
                copies.setdefault((copy.package, copy.version), []).append(copy)
        for (package, version), found in copies.items():
            yield Dependency(
                ecosystem=ECOSYSTEM,
                package=package,
                requirement="",
                version=version,
                manifest=self.unit.manifest,
                lockfile=lock.name,
                scope=min((copy.scope for copy in found), key=_EXPOSED.index),
                direct=False,
                line=lines[found[0].folder],
                index=self.project.config.index(package),
                platform=self._platform(),
            )

    def _platform(self) -> str:
        return self.project.manifests[""].engines


def _pin(requirement: Requirement) -> str | None:
    """The one version that a requirement allows; None for a range."""
    bare = requirement.spec.strip().lstrip("=").strip().removeprefix("v")
    return bare if _VERSIONS.valid(bare) else None


def _tags(manifests: Mapping[str, Manifest]) -> Iterator[Failure]:
    for manifest in manifests.values():
        for requirement in manifest.requirements:
            if not requirement.is_range:
                what = f"{manifest.name}:{requirement.line}: {requirement.key} follows the tag {requirement.spec!r}"
                yield Failure(manifest.name, f"{what} and no lockfile says what that is: commit one", fault=False)


def _not_locked(manifests: Mapping[str, Manifest], lock: Lock) -> Iterator[Failure]:
    """What the lockfile does not lock at a version of a registry. The repository's own linked packages are no loss."""
    said: set[str | None] = set()
    for folder, manifest in manifests.items():
        for key, problem in manifest.elsewhere:
            found = lock.found_from(folder, key)
            said.add(found)
            if lock.elsewhere.get(found or "", problem) is not None:
                yield problem
        for requirement in manifest.requirements:
            if not _may_be_missing(requirement) and lock.found_from(folder, requirement.key) is None:
                place = f"{manifest.name}:{requirement.line}: {requirement.key}"
                yield Failure(manifest.name, f"{place} is not in {lock.name}: run npm install and commit the lockfile")
    yield from (problem for folder, problem in lock.elsewhere.items() if problem is not None and folder not in said)


def _may_be_missing(requirement: Requirement) -> bool:
    return SECTIONS[requirement.section] in {Scope.OPTIONAL, Scope.PEER}
