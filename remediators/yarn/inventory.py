"""What a project of Yarn depends on: a Dependency per requirement, and per locked version that none asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediators.api import Parsed, Unit
from remediators.npm.inventory import ECOSYSTEM
from remediators.npm.manifest import SECTIONS, Requirement
from remediators.yarn.graph import Graph
from remediators.yarn.lock import Entry
from remediators.yarn.project import Project, written_for
from state.model import Dependency, Failure, Scope

_OWN = ("workspace:", "link:", "portal:")
_EXPOSED = tuple(SECTIONS.values())


def npm_decides(unit: Unit) -> Parsed:
    """What is said of a yarn.lock beside a lockfile of npm."""
    reason = f"not handled: {unit.manifest} stands beside a lockfile of npm, which decides: remove one of them"
    return Parsed((), (Failure(unit.manifest, reason, fault=False),))


def inventory(unit: Unit, project: Project) -> Parsed:
    """Every dependency of the unit, in file order, and what of it is not handled."""
    found = _Inventory(unit, project, Graph(project, project.lock))
    direct = tuple(found.direct())
    transitive = found.transitive({(one.package, one.version) for one in direct})
    return Parsed((*direct, *transitive), tuple(found.problems()))


@dataclass(frozen=True, slots=True)
class _Inventory:
    unit: Unit
    project: Project
    graph: Graph

    def direct(self) -> Iterator[Dependency]:
        for found in self.project.manifests.values():
            seen: set[tuple[str, str]] = set()
            for line in found.requirements:
                entry = self._entry(line)
                if self._is_unlocked(line, entry):
                    continue
                package, version = entry.identity if entry else (line.package, "")
                # A peer often stands among the development dependencies too: one line of both will do.
                same = (package, version or line.spec)
                if same not in seen:
                    seen.add(same)
                    yield self._dependency(package, version or None, line, SECTIONS[line.section], line.line)

    def transitive(self, known: set[tuple[str, str | None]]) -> Iterator[Dependency]:
        scopes = self.graph.scopes()
        entries: dict[tuple[str, str], list[Entry]] = {}
        for entry in self.project.lock.entries:
            if entry.version and entry.identity not in known:
                entries.setdefault(entry.identity, []).append(entry)
        for (package, version), found in entries.items():
            # What nobody asks for is installed by no one; until it is cleaned up it counts in full.
            said = {scopes.get(p, Scope.RUNTIME) for entry in found for p in entry.patterns if p in scopes}
            scope = min(said or {Scope.RUNTIME}, key=_EXPOSED.index)
            yield self._dependency(package, version, None, scope, found[0].block.line)

    def problems(self) -> Iterator[Failure]:
        for found in self.project.manifests.values():
            for key, problem in found.elsewhere:
                if not any(written.startswith(_OWN) for written in written_for(found, key)):
                    yield problem
            for line in found.requirements:
                if not self._may_be_missing(line) and self._entry(line) is None:
                    place = f"{found.name}:{line.line}: {line.key}"
                    reason = f"{place} is not in {self.project.lock.name}: run yarn install and commit the lockfile"
                    yield Failure(found.name, reason)
        yield from (entry.problem for entry in self.project.lock.entries if entry.problem is not None)

    def _entry(self, line: Requirement) -> Entry | None:
        return self.graph.target(self.graph.edge(line))

    def _is_unlocked(self, line: Requirement, entry: Entry | None) -> bool:
        """Whether no registry has what the line leads to, or nothing needs to be locked for it."""
        return not entry.version if entry else self._may_be_missing(line)

    def _may_be_missing(self, line: Requirement) -> bool:
        return line.key in self.project.members or SECTIONS[line.section] in {Scope.OPTIONAL, Scope.PEER}

    def _dependency(
        self, package: str, version: str | None, line: Requirement | None, scope: Scope, number: int
    ) -> Dependency:
        return Dependency(
            ecosystem=ECOSYSTEM,
            package=package,
            requirement=line.spec if line else "",
            version=version,
            manifest=line.manifest if line else self.unit.manifest,
            lockfile=self.project.lock.name,
            scope=scope,
            direct=line is not None,
            line=number,
            index=self.project.config.registries.index(package),
            platform=self.project.root.engines,
        )
