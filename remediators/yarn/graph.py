"""Who asks for which package in a project of Yarn, and to which entry of its lockfile that leads."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from remediators.api import Upgrade
from remediators.errors import BlockedError, Requirer
from remediators.npm.manifest import SECTIONS, Requirement, asked, is_range
from remediators.versions.npm import NpmVersions
from remediators.yarn.lock import NPM, OPTIONAL, Entry, Lock
from remediators.yarn.project import Project, resolved_package, written_for
from state.model import Scope

_RESOLUTION = re.compile(
    r"(?:(?P<owner>(?:@[^/@]+/)?[^/@*]+)(?:@[^/]+)?/)?(?P<package>(?:@[^/@]+/)?[^/@*]+)(?:@(?P<written>.+))?"
)
_EXPOSED = tuple(SECTIONS.values())
_VERSIONS = NpmVersions()


@dataclass(frozen=True, slots=True)
class Edge:
    """One requirement. `owner` is the entry that has it, None for a package.json (then `file` is its path).

    `key` is the name that it asks by, `written` what stands there, and `package` and `spec` what that means;
    `pattern` is its descriptor in the lockfile.
    """

    owner: Entry | None
    file: str
    section: str
    key: str
    written: str
    package: str
    spec: str
    pattern: str

    @property
    def who(self) -> str:
        """The name for people."""
        return f"{self.owner.package} {self.owner.version}".rstrip() if self.owner else self.file

    def admits(self, version: str) -> bool:
        """Whether Yarn may take `version` for it; a dist-tag may be anything."""
        return not is_range(self.spec) or _VERSIONS.satisfies(version, self.spec)


_Overrides = Mapping[tuple[str, str, str], str]
"""Berry's `resolutions`: package, for whom ("" for all), and for which range ("" for every), to what instead."""


@dataclass(frozen=True, slots=True)
class Graph:
    """The edges of a project over a lockfile, which need not be the one that the project came with."""

    project: Project
    lock: Lock
    _overrides: _Overrides = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Classic keeps the descriptor that was asked for beside the one that is set in its place.
        found = _overrides(self.project.resolutions) if self.lock.berry else {}
        object.__setattr__(self, "_overrides", found)

    def own(self) -> Iterator[Edge]:
        """What the package.json files ask for. Yarn installs no peers."""
        for found in self.project.manifests.values():
            for line in found.requirements:
                if SECTIONS[line.section] is not Scope.PEER:
                    yield self.edge(line)

    def edge(self, line: Requirement) -> Edge:
        """The edge of one line of a package.json."""
        pattern = self.descriptor(None, line.key, line.written)
        return Edge(None, line.manifest, line.section, line.key, line.written, line.package, line.spec, pattern)

    def of(self, entry: Entry) -> Iterator[Edge]:
        """What a locked package asks for."""
        for (section, key), written in entry.needs.items():
            _, package, spec = asked(key, written, berry=True)
            pattern = self.descriptor(entry, key, written)
            yield Edge(entry, self.lock.name, section, key, written, package, spec, pattern)

    def edges(self) -> Iterator[Edge]:
        """Every edge: the project's own first."""
        yield from self.own()
        for entry in self.lock.entries:
            yield from self.of(entry)

    def target(self, edge: Edge) -> Entry | None:
        """The entry that an edge leads to; None when the lockfile has none."""
        return self.lock.find(edge.pattern)

    def patterns(self) -> frozenset[str]:
        """Every descriptor that somebody who is needed asks for."""
        resolutions = {} if self.lock.berry else self.project.resolutions
        resolved = {f"{resolved_package(key)}@{to}" for key, to in resolutions.items()}
        elsewhere = (
            self.lock.pattern(key, written)
            for found in self.project.manifests.values()
            for key, _ in found.elsewhere
            for written in written_for(found, key)
        )
        seen = {*resolved, *elsewhere, *(edge.pattern for edge in self.own())}
        waiting = deque(seen)
        while waiting:
            for pattern in self._led_to(waiting.popleft()):
                if pattern not in seen:
                    seen.add(pattern)
                    waiting.append(pattern)
        return frozenset(seen)

    def _led_to(self, pattern: str) -> Iterator[str]:
        """What a descriptor brings along: what its entry asks for, what it is a patch of, and Yarn's own patches."""
        entry, patched = self.lock.find(pattern), self.lock.patched(pattern)
        yield from (edge.pattern for edge in (self.of(entry) if entry else ()))
        yield from self.lock.built_in.get(pattern, ())
        if patched:
            yield patched

    def scopes(self) -> Mapping[str, Scope]:
        """What every needed descriptor is for: the most exposed of all ways that lead to it."""
        found: dict[str, Scope] = {}
        for scope in _EXPOSED:
            waiting = deque(edge.pattern for edge in self.own() if SECTIONS[edge.section] is scope)
            if scope is Scope.OPTIONAL:
                waiting.extend(edge.pattern for edge in self._optional(found))
            while waiting:
                pattern = waiting.popleft()
                if pattern in found:
                    continue
                found[pattern] = scope
                entry = self.lock.find(pattern)
                edges = self.of(entry) if entry else ()
                waiting.extend(e.pattern for e in edges if e.section != OPTIONAL or scope is not Scope.RUNTIME)
        return found

    def _optional(self, needed: Collection[str]) -> Iterator[Edge]:
        for pattern in tuple(needed):
            entry = self.lock.find(pattern)
            yield from (edge for edge in (self.of(entry) if entry else ()) if edge.section == OPTIONAL)

    def descriptor(self, owner: Entry | None, key: str, written: str) -> str:
        """What leads to an entry where `owner`, None for a package.json, asks for this."""
        override = self._override(owner, key, written)
        return self.lock.pattern(key, written if override is None else override)

    def is_set_aside(self, edge: Edge) -> bool:
        """Whether `resolutions` of berry decide what an edge leads to."""
        return self._override(edge.owner, edge.key, edge.written) is not None

    def _override(self, owner: Entry | None, key: str, written: str) -> str | None:
        # Yarn 4 adds the protocol on both sides before it compares.
        bare = written.removeprefix(NPM)
        said = (written, bare, NPM + bare, "") if self.lock.has_protocols else (written, "")
        places = ((key, who, range_) for who in (owner.package if owner else "", "") for range_ in said)
        return next((self._overrides[place] for place in places if place in self._overrides), None)


def _overrides(resolutions: Mapping[str, str]) -> _Overrides:
    found = ((_RESOLUTION.fullmatch(resolved), to) for resolved, to in resolutions.items())
    return {(match["package"], match["owner"] or "", match["written"] or ""): to for match, to in found if match}


def leading_to(graph: Graph, package: str, version: str) -> Iterator[Edge]:
    """Every edge that gets `package` at `version`."""
    for edge in graph.edges():
        entry = graph.target(edge)
        if entry is not None and entry.identity == (package, version):
            yield edge


def requirers(graph: Graph, edges: Iterable[Edge]) -> tuple[Requirer, ...]:
    """Who has these edges as the protocol names them, each once; a package.json is its path."""
    named = {entry.identity for edge in graph.own() if (entry := graph.target(edge))}
    told = (
        Requirer(edge.owner.package, edge.owner.version, edge.spec, edge.owner.identity in named)
        if edge.owner
        else Requirer(edge.file, "", edge.spec, direct=True)
        for edge in edges
    )
    return tuple(dict.fromkeys(told))


def blocked(graph: Graph, upgrade: Upgrade, edges: Iterable[Edge]) -> BlockedError:
    """The error that names those of the edges that keep a package from moving."""
    refusing = [edge for edge in edges if not edge.admits(upgrade.after)]
    named = {f"{edge.who} needs {upgrade.package} {edge.spec}" for edge in refusing}
    return BlockedError(
        f"{graph.lock.name}: {upgrade.package} {upgrade.before} cannot become {upgrade.after}, blocked: "
        f"{'; '.join(sorted(named)) or 'yarn keeps it; look at `resolutions` and patches in package.json'}",
        requirers(graph, refusing),
    )
