"""Whether pnpm would take a lockfile as it stands (`--frozen-lockfile`), told without starting it a second time.

pnpm has just written the file, while the manifests said the pins in place of what is written there. What the pins have
no part in is therefore as this pnpm wants it, as long as it is still the same. What they have a part in is compared
with the manifests. Whatever is not understood is a doubt, and then pnpm is asked.

| in the lockfile                 | is refused unless it is                              | looked at by               |
|---------------------------------|------------------------------------------------------|----------------------------|
| what each project asks for      | what package.json says, section for section; and in  | satisfiesPackageManifest   |
|                                 | its range (late versions of 10)                      |                            |
| `catalogs`                      | for each entry the range in pnpm-workspace.yaml      | allCatalogsAreUpToDate     |
| `overrides`                     | the project's                                        | getOutdatedLockfileSetting |
| checksums, patches, settings    | what the run makes of the same files and options     | getOutdatedLockfileSetting |
| a folder of the workspace       | in the range, where it is linked, else not (7)       | linkedPackagesAreUpToDate  |

With `--lockfile-only` pnpm follows no reference; here each has to lead to an entry. pnpm 7 does not refuse, it resolves
anew. Source: the functions named, in pnpm 7.33, 8.15, 9.15 and 10.34.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from remediators.documents.yaml_edits import reads_as_text
from remediators.documents.yaml_spans import Yaml
from remediators.pnpm.lock import mapping
from remediators.pnpm.overrides import own_overrides, target_of
from remediators.pnpm.pins import Pins
from remediators.pnpm.references import dangling
from remediators.pnpm.specifiers import IN_5, SECTIONS, Importer
from remediators.pnpm.units import Project
from remediators.pnpm.version import major

_READ = range(7, 11)
"""The majors whose check is this one."""
_CATALOGS = "catalogs"
_IMPORTERS = "importers"
_OVERRIDES = "overrides"


def doubts(found: Project, written: Yaml, used: Pins) -> Iterator[str]:
    """Why pnpm has to be asked about the lockfile of a project; nothing where it is known to take it. Pure.

    `written` is the lockfile as pnpm wrote it while the manifests said the pins that were `used`.
    """
    top = mapping(found.lock.document.value)
    if major(found) not in _READ:
        yield f"pnpm {major(found)} may look at more"
    if _wordless(top) != _wordless(mapping(written)):
        yield "more than words was put back"
    yield from _overrides(found, top)
    yield from _catalogs(found, top, used)
    yield from dangling(found.lock)
    importers = _importers(top)
    if set(importers) != set(found.manifests):
        yield "the folders are not those of the lockfile"
    for folder, manifest in found.manifests.items():
        yield from Importer(found, folder, importers.get(folder, {}), used).doubts(manifest)


def _wordless(top: Mapping[str, Yaml]) -> Mapping[str, object]:
    """A lockfile without overrides, and without the ranges that projects and catalogs ask for."""
    rest = {key: value for key, value in top.items() if key != _OVERRIDES}
    importers = {key: _without_words(lines) for key, lines in _importers(top).items()} if _IMPORTERS in top else {}
    if _CATALOGS in top:
        rest[_CATALOGS] = {name: _versions(entries) for name, entries in mapping(top[_CATALOGS]).items()}
    return {**_without_words(rest), _IMPORTERS: importers}


def _without_words(importer: Mapping[str, Yaml]) -> Mapping[str, Yaml]:
    versions = {section: _versions(importer[section]) for section in SECTIONS if section in importer}
    names: dict[str, Yaml] = {IN_5: list(mapping(importer[IN_5]))} if IN_5 in importer else {}
    return {**importer, **versions, **names}


def _versions(entries: Yaml) -> Yaml:
    return {
        key: {name: value for name, value in entry.items() if name != "specifier"} if isinstance(entry, dict) else entry
        for key, entry in mapping(entries).items()
    }


def _importers(top: Mapping[str, Yaml]) -> Mapping[str, Mapping[str, Yaml]]:
    """The lines of each folder, relative to the lockfile's own ("" is that)."""
    if _IMPORTERS not in top:
        return {"": top}
    folders = mapping(top[_IMPORTERS])
    return {"" if folder == "." else folder: mapping(lines) for folder, lines in folders.items()}


def _overrides(found: Project, top: Mapping[str, Yaml]) -> Iterator[str]:
    places = own_overrides(found)
    own = places[0] if places else {}
    if len(places) > 1:
        yield "there are overrides in several places"
    if mapping(top.get(_OVERRIDES, {})) != own:
        yield "the overrides are not the project's"
    directly = {key for lines in found.lock.importers.values() for key in lines}
    for key in own:
        if target_of(key) in directly:
            yield f"the override {key} is about what a package.json asks for"


def _catalogs(found: Project, top: Mapping[str, Yaml], used: Pins) -> Iterator[str]:
    own = found.workspace.catalogs if found.workspace else {}
    for name, entries in mapping(top.get(_CATALOGS, {})).items():
        for key, entry in mapping(entries).items():
            if not isinstance(entry, dict) or entry.get("specifier") != mapping(own.get(name, {})).get(key):
                yield f"{key} is not in the catalog {name} like that"
    for path in used.catalogs:
        # A number is something else to pnpm than the same digits in quotes.
        if found.workspace is None or not reads_as_text(found.workspace.document, path):
            yield f"{path[-1]} in a catalog may be no text"
