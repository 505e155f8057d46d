"""What must change in package.json for an upgrade with Yarn: requirements, and `resolutions`.

| stands in `resolutions`           | to move ms from 2.0.0 to 2.0.5    | why                                          |
|-----------------------------------|-----------------------------------|----------------------------------------------|
| a line that leads to 2.0.0        | its target becomes 2.0.5          | it is a requirement of the project's own     |
| an override is asked, berry       | `"ms@npm:2.0.0": "2.0.5"`         | who asks for other ranges keeps what it has  |
| an override is asked, classic     | `"**/debug/ms": "2.0.5"` each     | classic tells requirers apart, not ranges    |
| the same, with one version of ms  | `"ms": "2.0.5"`                   | the short form that people write             |

Source: Yarn's references of `resolutions`, and what both versions lock for these forms.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from remediators.api import Upgrade
from remediators.documents.json_members import with_string
from remediators.documents.json_spans import Path, read, replaced
from remediators.errors import BlockedError, ManifestError
from remediators.npm.edit import moved_spec
from remediators.npm.manifest import SECTIONS, Manifest, Requirement, is_range
from remediators.versions.npm import NpmVersions
from remediators.yarn import catalogs as yarn_catalogs
from remediators.yarn.catalogs import catalog_of
from remediators.yarn.graph import Edge, Graph, leading_to, requirers
from remediators.yarn.project import Project, resolved_package
from state.model import Scope

FIELD = "resolutions"
_VERSIONS = NpmVersions()


def edited(project: Project, settings: bytes | None, upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
    """The files that must change, by path; of each, only versions and lines of `resolutions` differ.

    `settings` is the .yarnrc.yml, where ranges stand that a package.json takes from a catalog. A requirement
    changes when it leads to `before` and refuses `after`. Raises ManifestError when a range cannot be rewritten.
    """
    graph = Graph(project, project.lock)
    changed: dict[str, bytes] = {}
    catalogs: dict[tuple[str, str], str] = {}
    for found in project.manifests.values():
        strings: dict[Path, str] = {}
        for line, spec in _moved(graph, found, [upgrade for upgrade in upgrades if upgrade.direct]):
            catalog = catalog_of(found, line)
            if catalog:
                catalogs[catalog, line.key] = spec
            else:
                strings[line.path] = line.prefix + spec
        if strings:
            changed[found.name] = replaced(found.document, strings)
    if catalogs and settings is not None:
        changed[project.config.name] = yarn_catalogs.edited(settings, project.config, catalogs)
    return {**changed, **_with_resolutions(graph, changed, upgrades)}


def _with_resolutions(graph: Graph, changed: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
    root = graph.project.root.document
    content = before = changed.get(root.name, root.text.encode())
    for upgrade in upgrades:
        for key, target in _resolutions(graph, upgrade):
            content = with_string(read(content, root.name), (FIELD, key), target)
    return {} if content == before else {root.name: content}


def _moved(graph: Graph, found: Manifest, upgrades: Sequence[Upgrade]) -> Iterator[tuple[Requirement, str]]:
    """The lines that have to change, and the ranges that they become."""
    for upgrade in upgrades:
        for line in found.requirements:
            if line.package == upgrade.package and _is_concerned(graph, line, upgrade):
                yield line, moved_spec(line, upgrade)


def _is_concerned(graph: Graph, line: Requirement, upgrade: Upgrade) -> bool:
    if not line.is_range or _VERSIONS.satisfies(upgrade.after, line.spec):
        return False
    entry = graph.target(graph.edge(line))
    if entry is not None and SECTIONS[line.section] is not Scope.PEER:
        return entry.version == upgrade.before
    return _VERSIONS.satisfies(upgrade.before, line.spec)


def _resolutions(graph: Graph, upgrade: Upgrade) -> Iterator[tuple[str, str]]:
    """The lines to write: those that lead to the old version themselves, and those that are asked for."""
    leading = [
        key
        for key, to in graph.project.resolutions.items()
        if resolved_package(key) == upgrade.package and _leads(to, upgrade)
    ]
    yield from ((key, _like(graph.project.resolutions[key], upgrade.after)) for key in leading)
    if not upgrade.override:
        return
    edges = leading_to(graph, upgrade.package, upgrade.before)
    refusing = [edge for edge in edges if edge.owner is not None and not edge.admits(upgrade.after)]
    uncovered = [edge for edge in refusing if not _is_covered(graph, edge, leading)]
    yield from dict(_lines(graph, upgrade, uncovered)).items() if uncovered else ()


def _is_covered(graph: Graph, edge: Edge, keys: Collection[str]) -> bool:
    """Whether one of these lines of `resolutions` decides what an edge leads to."""
    if graph.lock.berry:
        return graph.is_set_aside(edge)
    name, owner = edge.package, edge.owner.package if edge.owner else ""
    return not {name, f"**/{name}", f"**/{owner}/{name}", f"{owner}/{name}", f"{owner}/**/{name}"}.isdisjoint(keys)


def _leads(to: str, upgrade: Upgrade) -> bool:
    spec = to.removeprefix("npm:")
    if not is_range(spec):
        return False
    return _VERSIONS.satisfies(upgrade.before, spec) and not _VERSIONS.satisfies(upgrade.after, spec)


def _like(written: str, version: str) -> str:
    return f"npm:{version}" if written.startswith("npm:") else version


def _lines(graph: Graph, upgrade: Upgrade, refusing: Sequence[Edge]) -> Iterator[tuple[str, str]]:
    if graph.lock.berry:
        for edge in sorted(refusing, key=lambda edge: edge.pattern):
            renamed = edge.key != upgrade.package
            yield f"{edge.key}@{edge.written}", f"npm:{upgrade.package}@{upgrade.after}" if renamed else upgrade.after
        return
    if {entry.version for entry in graph.lock.entries if entry.package == upgrade.package} == {upgrade.before}:
        yield upgrade.package, upgrade.after
        return
    for edge in refusing:
        if edge.owner is None or edge.key != upgrade.package:
            raise ManifestError(f"{edge.who} renames {upgrade.package}: write `{FIELD}` by hand")
        _check_apart(graph, edge.owner.package, upgrade)
        yield f"**/{edge.owner.package}/{upgrade.package}", upgrade.after


def _check_apart(graph: Graph, owner: str, upgrade: Upgrade) -> None:
    """Raise BlockedError when the line would also take another version from an owner of the same name."""
    others = [
        edge
        for edge in graph.edges()
        if edge.owner is not None and (edge.owner.package, edge.package) == (owner, upgrade.package)
        if (entry := graph.target(edge)) is not None and entry.version != upgrade.before
    ]
    if others:
        raise BlockedError(
            f"{graph.lock.name}: {upgrade.package} {upgrade.before} cannot become {upgrade.after}, blocked: "
            f"`{FIELD}` would also set it for {others[0].who}, which needs {others[0].spec}",
            requirers(graph, others),
        )
