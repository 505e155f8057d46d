"""What pnpm is told so that it takes exactly one version, and how the lockfile says afterwards what is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from remediators.api import Upgrade
from remediators.documents.yaml_edits import replaced, without
from remediators.documents.yaml_spans import Document, Path, read
from remediators.npm.manifest import Manifest, Requirement
from remediators.pnpm.graph import edges_to, wanted_of
from remediators.pnpm.lock import Lock
from remediators.pnpm.overrides import below
from remediators.pnpm.units import Project
from remediators.versions.npm import NpmVersions

_VERSIONS = NpmVersions()
_SECTIONS = ("optionalDependencies", "dependencies", "devDependencies", "peerDependencies")
"""Where a package stands in several sections, the first of these decides, and the others have no say."""
_IN_5 = "specifiers"
_OVERRIDES = "overrides"


@dataclass(frozen=True, slots=True)
class Pins:
    """Exact versions for one run of pnpm.

    `lines` are those of package.json by folder and path, `catalogs` those of the workspace by path, each with what is
    written there; `overrides` are keys and versions.
    """

    lines: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)
    catalogs: dict[Path, tuple[str, str]] = field(default_factory=dict)
    overrides: dict[str, str] = field(default_factory=dict)

    def of(self, folder: str) -> Mapping[tuple[str | int, ...], str]:
        """What the package.json in a folder says while pnpm runs."""
        return {(section, key): to for (where, section, key), (to, _) in self.lines.items() if where == folder}


def pins(project: Project, upgrades: Sequence[Upgrade]) -> Pins:
    """What has to be said for these upgrades."""
    found = Pins()
    for upgrade in upgrades:
        for folder, line in _own_lines(project, upgrade):
            if not line.is_range or _VERSIONS.satisfies(upgrade.after, line.spec):
                found.lines[folder, line.section, line.key] = (line.prefix + upgrade.after, line.written)
        for use in project.catalog_uses():
            got = project.lock.wanted(use.folder, use.key)
            if use.entry and got and (got.package, got.version) == (upgrade.package, upgrade.before):
                found.catalogs[use.entry.path] = (upgrade.after, use.entry.spec)
        if upgrade.everywhere:
            found.overrides.update(dict.fromkeys(below(project.lock, upgrade, exact=True), upgrade.after))
            found.overrides.update(_below_moving(project.lock, upgrade, upgrades))
    return found


def put_back(document: Document, used: Pins, own_overrides: bool) -> bytes:
    """The lockfile that pnpm wrote, saying what is written in the manifests in place of the pins.

    `document` has members 5 deep; `own_overrides` is whether the project has some itself. Raises ManifestError when it
    is not as pnpm writes it.
    """
    written: dict[Path, str] = {}
    for (folder, _, key), (_, spec) in used.lines.items():
        written |= dict.fromkeys(_specifiers(document, folder, key), spec)
    for path, (_, spec) in used.catalogs.items():
        catalog = str(path[1]) if path[0] == "catalogs" else "default"
        place: Path = ("catalogs", catalog, path[-1], "specifier")
        if place in document.members:
            written[place] = spec
    document = read(replaced(document, written), document.name)
    gone: Sequence[Path] = [(_OVERRIDES, key) for key in used.overrides] if own_overrides else [(_OVERRIDES,)]
    return without(document, *gone) if used.overrides else document.text.encode()


def _own_lines(project: Project, upgrade: Upgrade) -> Iterator[tuple[str, Requirement]]:
    """The lines of package.json that get the old version, and those of a direct upgrade that are not locked yet."""
    having = {(folder, key) for folder, key, _ in wanted_of(project.lock, upgrade.package, upgrade.before)}
    for folder, manifest in project.manifests.items():
        for line in manifest.requirements:
            if line.package != upgrade.package or not _decides(manifest, line):
                continue
            missing = upgrade.direct and line.key not in project.lock.importers.get(folder, {})
            if (folder, line.key) in having or missing:
                yield folder, line


def _decides(manifest: Manifest, line: Requirement) -> bool:
    """Whether no other section has the say about a line; pnpm locks what that one asks for."""
    top = manifest.document.value
    before = _SECTIONS[: _SECTIONS.index(line.section)]
    lines = [top.get(section) for section in before] if isinstance(top, dict) else []
    return not any(line.key in found for found in lines if isinstance(found, dict))


def _below_moving(lock: Lock, upgrade: Upgrade, upgrades: Sequence[Upgrade]) -> Iterator[tuple[str, str]]:
    """Overrides below the new release of a package that moves, too: the lockfile does not tell what it asks for."""
    moving = {(other.package, other.before): other.after for other in upgrades}
    for edge in edges_to(lock, upgrade.package, upgrade.before):
        after = moving.get((edge.owner.package, edge.owner.version))
        if after is not None and edge.alias == upgrade.package and edge.peer is None:
            yield f"{edge.owner.package}@{after}>{edge.alias}", upgrade.after


def _specifiers(document: Document, folder: str, key: str) -> Iterator[Path]:
    """Where a lockfile, of any version, says what a project asks for."""
    for top in (("importers", folder or "."), ()):
        for place in ((_IN_5, key), *((section, key, "specifier") for section in _SECTIONS)):
            path: Path = (*top, *place)
            if path in document.members and (top or not folder):
                yield path
