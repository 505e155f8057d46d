"""`overrides` of pnpm: what has to stand there, and in which file, so that a package gets a version others refuse.

| stands there                          | to move ms from 2.0.0 to 2.0.5      | why                                   |
|---------------------------------------|-------------------------------------|---------------------------------------|
| an entry that leads to 2.0.0          | its value becomes 2.0.5             | it decides already                    |
| nothing, and only packages need ms,   | `ms: 2.0.5`                         | the short form that people write      |
| all of them at 2.0.0                  |                                     |                                       |
| nothing, otherwise                    | `debug>ms: 2.0.5` for each package  | who has another version keeps it, and |
|                                       | that has 2.0.0                      | what the project asks for stays       |

pnpm up to 10 reads `pnpm.overrides` and `resolutions` of package.json (7 the second only without the first), and from
10.5.1 on, where there are none, those of pnpm-workspace.yaml; pnpm 11 reads only these.
A selector with a range (`ms@2.0.0`) is not used: older ones apply it only where it covers the whole range asked for.
Source: pnpm's "settings" reference, and `@pnpm/hooks.read-package-hook`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from remediators.api import Upgrade
from remediators.documents.json_members import with_string as with_json_string
from remediators.documents.json_spans import Json, Path
from remediators.documents.json_spans import read as read_json
from remediators.documents.yaml_edits import with_string as with_yaml_string
from remediators.documents.yaml_spans import read as read_yaml
from remediators.errors import BlockedError
from remediators.npm.manifest import is_range
from remediators.pnpm.graph import edges_to
from remediators.pnpm.lock import Lock
from remediators.pnpm.units import Project
from remediators.pnpm.version import major, reads_workspace
from remediators.versions.npm import NpmVersions

IN_MANIFEST: Path = ("pnpm", "overrides")
IN_WORKSPACE = "overrides"
_PLACES: tuple[Path, ...] = (IN_MANIFEST, ("resolutions",))
_LAST_IN_MANIFEST = 10
_LAST_WITH_ONE_PLACE = 7
_PARENT = re.compile(r"[^ |@]>")
_VERSIONS = NpmVersions()


def overridden(project: Project, changed: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
    """The files that are `changed` already, with the entries that upgrades with `override` need.

    Raises BlockedError where no file is there to write them into.
    """
    content = dict(changed)
    for upgrade in upgrades:
        if upgrade.override:
            stale = list(_stale(project, upgrade))
            for name, path in stale:
                _write(content, project, name, path, upgrade.after)
            if not any(_is_general(str(path[-1]), upgrade) for _, path in stale):
                name, top = place(project)
                for key in needed(project.lock, upgrade):
                    _write(content, project, name, (*top, key), upgrade.after)
    return content


def own_overrides(project: Project) -> tuple[Mapping[str, object], ...]:
    """What stands in each place where a project can have overrides; which of them counts depends on pnpm's version."""
    found: list[object] = [project.workspace.overrides] if project.workspace else []
    for place in _PLACES:
        value = project.manifests[""].document.value if "" in project.manifests else None
        for key in place:
            value = value.get(str(key)) if isinstance(value, dict) else None
        found.append(value)
    return tuple(entries for entries in found if isinstance(entries, dict) and entries)


def needed(lock: Lock, upgrade: Upgrade) -> Sequence[str]:
    """The keys of new entries."""
    copies = {snapshot.version for snapshot in lock.snapshots.values() if snapshot.package == upgrade.package}
    asked = (lock.snapshots.get(w.target or "") for lines in lock.importers.values() for w in lines.values())
    if copies <= {upgrade.before} and all(found is None or found.package != upgrade.package for found in asked):
        return (upgrade.package,)
    return below(lock, upgrade, exact=False)


def below(lock: Lock, upgrade: Upgrade, *, exact: bool) -> Sequence[str]:
    """A key for each package that brings the old version along; with its own version where `exact` or needed."""
    # What a package calls by another name, or expects of its user, no entry reaches.
    found = [
        edge
        for edge in edges_to(lock, upgrade.package, upgrade.before)
        if edge.peer is None and edge.alias == upgrade.package
    ]
    others = {edge.owner.package for edge in found} & _with_another(lock, upgrade)
    keys = (
        f"{edge.owner.package}@{edge.owner.version}>{edge.alias}"
        if exact or edge.owner.package in others
        else f"{edge.owner.package}>{edge.alias}"
        for edge in found
    )
    return tuple(dict.fromkeys(keys))


def _with_another(lock: Lock, upgrade: Upgrade) -> set[str]:
    """The packages that bring another version along, in one of their own versions."""
    copies = {snapshot.key: snapshot for snapshot in lock.snapshots.values() if snapshot.package == upgrade.package}
    return {
        owner.package
        for owner in lock.snapshots.values()
        for key in owner.needs.values()
        if key in copies and copies[key].version != upgrade.before
    }


def _stale(project: Project, upgrade: Upgrade) -> Iterator[tuple[str, Path]]:
    """The file and place of every entry that leads to the old version."""
    for name, path, value in _entries(project):
        key = str(path[-1])
        if target_of(key) != upgrade.package or not is_range(value):
            continue
        if _is_general(key, upgrade) or _VERSIONS.satisfies(upgrade.before, value):
            yield name, path


def _entries(project: Project) -> Iterator[tuple[str, Path, str]]:
    root = project.manifests.get("")
    for place in _PLACES if root else ():
        value: Json = root.document.value if root else None
        for key in place:
            value = value.get(str(key)) if isinstance(value, dict) else None
        for key, version in value.items() if isinstance(value, dict) else ():
            if isinstance(version, str) and root is not None:
                yield root.name, (*place, key), version
    if project.workspace is not None:
        for key, found in (project.workspace.overrides or {}).items():
            if isinstance(found, str):
                yield project.workspace.name, (IN_WORKSPACE, key), found


def place(project: Project) -> tuple[str, Path]:
    """The file and mapping in which the pnpm of this project looks for overrides. Raises BlockedError for none."""
    root, workspace, version = project.manifests.get(""), project.workspace, major(project)
    if version <= _LAST_IN_MANIFEST and root is not None:
        own = [path[:-1] for name, path, _ in _entries(project) if name == root.name]
        if own:
            # Version 7 looks at `resolutions` only where there is nothing else.
            return root.name, own[0] if version <= _LAST_WITH_ONE_PLACE else IN_MANIFEST
        if workspace is None or not reads_workspace(project):
            return root.name, IN_MANIFEST
    if workspace is None:
        raise BlockedError(f"{project.lock.name}: pnpm {version} reads overrides of pnpm-workspace.yaml: add that file")
    return workspace.name, (IN_WORKSPACE,)


def _write(content: dict[str, bytes], project: Project, name: str, path: Path, version: str) -> None:
    workspace = project.workspace
    if workspace is not None and name == workspace.name:
        before = content.get(name, workspace.document.text.encode())
        content[name] = with_yaml_string(read_yaml(before, name), path, version)
        return
    before = content.get(name, project.manifests[""].document.text.encode())
    content[name] = with_json_string(read_json(before, name), path, version)


def target_of(key: str) -> str:
    """The package that a key of `overrides` is about."""
    parent = _PARENT.search(key)
    own = key[parent.end() :] if parent else key
    return own[:1] + own[1:].partition("@")[0]


def _is_general(key: str, upgrade: Upgrade) -> bool:
    """Whether pnpm looks at the entry for everyone who may have the old version."""
    if _PARENT.search(key) is not None or target_of(key) != upgrade.package:
        return False
    asked = key[1:].partition("@")[2]
    return not asked or (is_range(asked) and _VERSIONS.satisfies(upgrade.before, asked))
