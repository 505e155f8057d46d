"""What a project of pnpm depends on: a Dependency per requirement and catalog line, and per other locked version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remediators.api import Parsed, Unit
from remediators.npm.manifest import SECTIONS, Requirement
from remediators.pnpm.graph import scopes
from remediators.pnpm.importers import GOING_BEFORE
from remediators.pnpm.lock import Snapshot
from remediators.pnpm.units import CatalogUse, Project, own_words
from remediators.pnpm.workspace import PROTOCOL
from state.model import Dependency, Failure, Scope

ECOSYSTEM = "npm"
_EXPOSED = tuple(SECTIONS.values())
_MAY_BE_MISSING = frozenset((Scope.OPTIONAL, Scope.PEER))
_LOCAL = (PROTOCOL, "workspace:", "link:")


def left_to_others(unit: Unit) -> Parsed:
    """What is said of a pnpm-lock.yaml beside another manager's lockfile."""
    beside = " or ".join(GOING_BEFORE)
    reason = f"{unit.manifest} is not audited: {beside} stands beside it and decides; delete the one that is not used"
    return Parsed((), (Failure(unit.manifest, reason, fault=False),))


def inventory(unit: Unit, project: Project) -> Parsed:
    """Every dependency of the unit, and what of it is not handled."""
    return _Inventory(unit, project).parsed()


@dataclass(frozen=True, slots=True)
class _Inventory:
    unit: Unit
    project: Project

    def parsed(self) -> Parsed:
        uses = list(self.project.catalog_uses())
        direct = [*self._direct(), *self._catalogs(uses)]
        known = {(d.package, d.version) for d in direct}
        return Parsed((*direct, *self._transitive(known)), tuple(self._problems(uses)))

    def _direct(self) -> Iterator[Dependency]:
        lock = self.project.lock
        for folder, line in self._lines():
            wanted = lock.importers.get(folder, {}).get(line.key)
            found = lock.snapshots.get((wanted.target or "") if wanted else "")
            if found is not None:
                scope = SECTIONS[line.section]
                yield self._dependency(found.package, found.version, line.spec, line.manifest, scope, line.line)
            elif wanted is None and SECTIONS[line.section] not in _MAY_BE_MISSING:
                scope = SECTIONS[line.section]
                yield self._dependency(line.package, None, line.spec, line.manifest, scope, line.line)

    def _catalogs(self, uses: Iterable[CatalogUse]) -> Iterator[Dependency]:
        """One per catalog line and version; as exposed as its most exposed use."""
        found: dict[tuple[tuple[str | int, ...], str], tuple[CatalogUse, Snapshot, Scope]] = {}
        for use in uses:
            snapshot = self.project.lock.wanted(use.folder, use.key)
            if use.entry is None or snapshot is None:
                continue
            key, scope = (use.entry.path, snapshot.version), SECTIONS[use.section]
            known = found.get(key)
            if known is None or _EXPOSED.index(scope) < _EXPOSED.index(known[2]):
                found[key] = (use, snapshot, scope)
        for use, snapshot, scope in found.values():
            if use.entry is not None and self.project.workspace is not None:
                name, spec = self.project.workspace.name, use.entry.spec
                yield self._dependency(snapshot.package, snapshot.version, spec, name, scope, use.entry.line)

    def _transitive(self, known: set[tuple[str, str | None]]) -> Iterator[Dependency]:
        exposed = scopes(self.project.lock)
        found: dict[tuple[str, str], list[Snapshot]] = {}
        for snapshot in self.project.lock.snapshots.values():
            if (snapshot.package, snapshot.version) not in known:
                found.setdefault((snapshot.package, snapshot.version), []).append(snapshot)
        for (package, version), copies in found.items():
            scope = min((exposed.get(copy.key, Scope.RUNTIME) for copy in copies), key=_EXPOSED.index)
            yield self._dependency(package, version, "", self.unit.manifest, scope, copies[0].line, direct=False)

    def _problems(self, uses: Iterable[CatalogUse]) -> Iterator[Failure]:
        lock = self.project.lock
        for folder, line in self._lines():
            missing = line.key not in lock.importers.get(folder, {})
            if missing and SECTIONS[line.section] not in _MAY_BE_MISSING:
                place = f"{line.manifest}:{line.line}: {line.key}"
                yield Failure(line.manifest, f"{place} is not in {lock.name}: run pnpm install and commit the lockfile")
        for use in uses:
            if use.entry is None:
                reason = f"{use.manifest}: {use.key}: no catalog in pnpm-workspace.yaml has a range for it: add one"
                yield Failure(use.manifest, reason)
        for folder, manifest in self.project.manifests.items():
            local = {key for (_, key), written in own_words(manifest) if written.startswith(_LOCAL)}
            if not folder.startswith(".."):
                yield from (problem for key, problem in manifest.elsewhere if key not in local)
        said = {key for manifest in self.project.manifests.values() for key, _ in manifest.elsewhere}
        yield from (problem for key, problem in lock.elsewhere.items() if not _is_said(key, said))

    def _lines(self) -> Iterator[tuple[str, Requirement]]:
        """Every line of the repository's own manifests that a registry answers."""
        for folder, manifest in self.project.manifests.items():
            # A linked folder outside this one is a unit of its own.
            if not folder.startswith(".."):
                yield from ((folder, line) for line in manifest.requirements)

    def _dependency(
        self,
        package: str,
        version: str | None,
        requirement: str,
        manifest: str,
        scope: Scope,
        line: int,
        *,
        direct: bool = True,
    ) -> Dependency:
        root = self.project.manifests.get("")
        return Dependency(
            ecosystem=ECOSYSTEM,
            package=package,
            requirement=requirement,
            version=version,
            manifest=manifest,
            lockfile=self.unit.lockfile,
            scope=scope,
            direct=direct,
            line=line,
            index=self.project.config.index(package),
            platform=root.engines if root else "",
        )


def _is_said(key: str, said: set[str]) -> bool:
    return any(key.lstrip("/").startswith(f"{name}@") for name in said)
