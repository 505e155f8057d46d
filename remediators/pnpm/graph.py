"""Who leads to what in a pnpm-lock.yaml: the requirements behind a locked package, and how exposed each one is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from remediators.errors import Requirer
from remediators.npm.manifest import SECTIONS
from remediators.pnpm.lock import Lock, Snapshot, Wanted
from remediators.pnpm.units import Project
from remediators.pnpm.workspace import CatalogEntry
from state.model import Scope

_EXPOSED = (Scope.RUNTIME, Scope.OPTIONAL, Scope.DEV)
"""What is installed for, the most exposed first."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A locked package that needs another under the name `alias`. `peer` is the range where it expects it as a peer.

    The range of any other edge is not in the lockfile.
    """

    owner: Snapshot
    alias: str
    target: Snapshot

    @property
    def peer(self) -> str | None:
        """The range that the owner expects its user to bring; None when it brings the package itself."""
        return self.owner.peers.get(self.alias)


def edges_to(lock: Lock, package: str, version: str) -> Iterator[Edge]:
    """Every locked package that gets `package` at `version`; one that is locked several times, as often."""
    return (edge for edge in edges(lock) if (edge.target.package, edge.target.version) == (package, version))


def edges(lock: Lock) -> Iterator[Edge]:
    """Every requirement of a locked package that another locked package meets."""
    for owner in lock.snapshots.values():
        for alias, key in owner.needs.items():
            target = lock.snapshots.get(key)
            if target is not None:
                yield Edge(owner, alias, target)


def wanted_of(lock: Lock, package: str, version: str) -> Iterator[tuple[str, str, Wanted]]:
    """Folder, name and line of every project of the repository that gets `package` at `version`."""
    for folder, lines in lock.importers.items():
        for key, wanted in lines.items():
            found = lock.snapshots.get(wanted.target or "")
            if found is not None and (found.package, found.version) == (package, version):
                yield folder, key, wanted


def requirers(project: Project, package: str, version: str) -> tuple[Requirer, ...]:
    """Everyone who leads to `package` at `version`, as the protocol names them; a project by its manifest."""
    lock = project.lock
    decided = {(use.folder, use.key): use.entry for use in project.catalog_uses()}
    own = (
        Requirer(*_written_in(project, folder, wanted, decided.get((folder, key))), direct=True)
        for folder, key, wanted in wanted_of(lock, package, version)
    )
    others = (told(project, edge) for edge in edges_to(lock, package, version))
    return tuple(dict.fromkeys((*own, *others)))


def told(project: Project, edge: Edge, requirement: str | None = None) -> Requirer:
    """An edge as the protocol names it, with the range where that is known from elsewhere."""
    named = any(
        found is not None and found.package == edge.owner.package
        for lines in project.lock.importers.values()
        for found in (project.lock.snapshots.get(wanted.target or "") for wanted in lines.values())
    )
    spec = (edge.peer or "") if requirement is None else requirement
    return Requirer(edge.owner.package, edge.owner.version, spec, named)


def _written_in(project: Project, folder: str, wanted: Wanted, entry: CatalogEntry | None) -> tuple[str, str, str]:
    """The path of the file that decides a line, no version, and the range."""
    if entry is not None and project.workspace is not None:
        return project.workspace.name, "", entry.spec
    found = project.manifests.get(folder)
    return found.name if found else project.lock.name, "", wanted.specifier


def scopes(lock: Lock) -> Mapping[str, Scope]:
    """What each locked package is installed for, by key; the most exposed use counts."""
    found: dict[str, Scope] = {}
    waiting: list[str] = []
    for scope in _EXPOSED:
        sections = [section for section, of in SECTIONS.items() if of is scope]
        asked = [w.target for lines in lock.importers.values() for w in lines.values() if w.section in sections]
        later = _mark(lock, [*waiting, *filter(None, asked)], scope, found)
        waiting = later if scope is Scope.RUNTIME else []
    return found


def _mark(lock: Lock, keys: Iterable[str], scope: Scope, found: dict[str, Scope]) -> list[str]:
    """Give everything that these lead to the scope; returns what only optional requirements lead to."""
    optional: list[str] = []
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        snapshot = lock.snapshots.get(key)
        if snapshot is None or key in found:
            continue
        found[key] = scope
        for alias, target in snapshot.needs.items():
            (optional if alias in snapshot.optional and scope is Scope.RUNTIME else waiting).append(target)
    return optional
