"""Whether a project's lines in a pnpm-lock.yaml are what its package.json says, and lead where these lines may lead."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediators.npm.manifest import Manifest, asked, is_range, is_tag
from remediators.pnpm.pins import Pins
from remediators.pnpm.references import LINK
from remediators.pnpm.units import Project
from remediators.pnpm.workspace import PROTOCOL, catalog_of
from remediators.versions.npm import NpmVersions

SECTIONS = ("optionalDependencies", "dependencies", "devDependencies")
"""Where a lockfile says what a project asks for; a package in several sections is locked in the first of them."""
IN_5 = "specifiers"
"""Where version 5.4 has the ranges of all sections."""
_PEERS = "peerDependencies"
_META = "dependenciesMeta"
_FILE = "file:"
_VERSIONS = NpmVersions()


@dataclass(frozen=True, slots=True)
class Importer:
    """What the lockfile has for the project in one folder, in the words of any version of it."""

    project: Project
    folder: str
    lines: Mapping[str, object]
    used: Pins

    def doubts(self, manifest: Manifest) -> Iterator[str]:
        """Where these lines may not be what pnpm makes of the package.json."""
        top = _object(manifest.document.value)
        peers = self._peers(top)
        if peers and (self._setting("autoInstallPeers", "") not in {"true", "false"} or self._pins_any(peers)):
            yield f"{manifest.name}: what happens to its peers is not known"
        if self._setting("excludeLinksFromLockfile", "false") != "false":
            yield f"{manifest.name}: its links are not locked"
        own = _asked(top, peers if self._setting("autoInstallPeers", "") == "true" else {})
        if own != {section: self._said(section) for section in SECTIONS}:
            yield f"{manifest.name}: it asks for something else"
        if IN_5 in self.lines and _names(self.lines[IN_5]) != {key for lines in own.values() for key in lines}:
            yield f"{manifest.name}: it asks for others"
        published = _object(top.get("publishConfig")).get("directory")
        if _texts(top.get(_META)) != _texts(self.lines.get(_META)) or published != self.lines.get("publishDirectory"):
            yield f"{manifest.name}: another {_META}, or directory to publish"
        for section in SECTIONS:
            for key in _names(self.lines.get(section)):
                yield from self._line(section, key)

    def _peers(self, top: Mapping[str, object]) -> Mapping[str, object]:
        """Those that nothing else asks for: pnpm may install them."""
        others = {key for section in SECTIONS for key in _object(top.get(section))}
        return {key: spec for key, spec in _object(top.get(_PEERS)).items() if key not in others}

    def _top(self, key: str) -> object:
        return _object(self.project.lock.document.value).get(key)

    def _setting(self, name: str, default: str) -> str:
        return self.project.lock.settings.get(name, default)

    def _pins_any(self, names: Mapping[str, object]) -> bool:
        return any((self.folder, section, key) in self.used.lines for key in names for section in (*SECTIONS, _PEERS))

    def _said(self, section: str) -> Mapping[str, object]:
        words = self.lines.get(IN_5)
        return {
            key: entry.get("specifier") if isinstance(entry, dict) else _object(words).get(key)
            for key, entry in _object(self.lines.get(section)).items()
        }

    def _line(self, section: str, key: str) -> Iterator[str]:
        """Doubts about where one line leads."""
        place = f"{self.folder or '.'}: {key}"
        entry = _object(self.lines.get(section))[key]
        reference = _object(entry).get("version") if isinstance(entry, dict) else entry
        spec = self._said(section)[key]
        if not isinstance(reference, str) or not isinstance(spec, str):
            yield f"{place} is of another shape"
        elif reference.startswith(LINK):
            yield from self._link(place, (section, key), spec, reference.removeprefix(LINK))
        else:
            yield from self._package(place, key, spec, reference)

    def _link(self, place: str, line: tuple[str, str], spec: str, leads: str) -> Iterator[str]:
        folder = posixpath.normpath(posixpath.join(self.folder, leads))
        if (self.folder, *line) in self.used.lines:
            yield f"{place} is a package no more"
        if not spec.startswith(LINK) and ("" if folder == "." else folder) not in self.project.manifests:
            yield f"{place} leads to a folder that is not known"

    def _package(self, place: str, key: str, spec: str, reference: str) -> Iterator[str]:
        _, package, wanted = asked(key, spec)
        got = self.project.lock.wanted(self.folder, key)
        if reference.startswith(_FILE):
            yield f"{place} is a file"
        if not {key, package}.isdisjoint(_members(self.project)):
            yield f"{place} is in the workspace as well"
        if spec.startswith(PROTOCOL):
            name = catalog_of(spec)
            entry = _object(_object(self._top("catalogs")).get(name)).get(key)
            if got is None or _object(entry).get("version") != got.version:
                yield f"{place} is not what the catalog {name} has"
        elif is_range(wanted):
            if got is None or not _VERSIONS.satisfies(got.version, wanted):
                yield f"{place} is not in its range"
        elif not is_tag(wanted) and ":" not in wanted and "/" not in wanted:
            yield f"{place} asks for what is not understood"


def _asked(top: Mapping[str, object], peers: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    """What pnpm takes from a package.json, by section."""
    found: dict[str, Mapping[str, object]] = {}
    taken: set[str] = set()
    for section in SECTIONS:
        lines = {**_object(top.get(section)), **(peers if section == "dependencies" else {})}
        found[section] = {key: spec for key, spec in lines.items() if key not in taken}
        taken |= lines.keys()
    return found


def _members(project: Project) -> set[object]:
    """What the projects of the workspace are called."""
    return {_object(manifest.document.value).get("name") for manifest in project.manifests.values()}


def _names(lines: object) -> set[str]:
    return set(_object(lines))


def _texts(meta: object) -> Mapping[str, Mapping[str, str]]:
    """`dependenciesMeta`, with truth values as YAML writes them."""
    return {
        name: {key: value if isinstance(value, str) else json.dumps(value) for key, value in _object(said).items()}
        for name, said in _object(meta).items()
    }


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
