"""Catalogs of berry: ranges that stand in .yarnrc.yml and that a package.json names by `catalog:`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from remediators.documents import yaml_edits, yaml_spans
from remediators.documents.json_spans import members
from remediators.npm.manifest import SECTIONS, Manifest, Requirement, is_range
from remediators.yarn.config import CATALOG, YarnConfig
from remediators.yarn.lock import NPM


def with_catalogs(found: Manifest, config: YarnConfig) -> Manifest:
    """The manifest with the lines that name a catalog as if they said themselves what stands there."""
    meant = tuple(_meant(found, config)) if any(key in config.deciding for key in ("catalog", "catalogs")) else ()
    taken = {line.key for line in meant}
    elsewhere = tuple((key, problem) for key, problem in found.elsewhere if key not in taken)
    return replace(found, requirements=(*found.requirements, *meant), elsewhere=elsewhere)


def catalog_of(found: Manifest, line: Requirement) -> str:
    """What a line says of a catalog; "" when it says its range itself."""
    written = _written(found, line.section, line.key)
    return written if written.startswith(CATALOG) else ""


def edited(content: bytes, config: YarnConfig, ranges: Mapping[tuple[str, str], str]) -> bytes:
    """The .yarnrc.yml with new ranges, by what names the catalog and package. Raises ManifestError."""
    places = {config.catalog(*use): spec for use, spec in ranges.items()}
    strings: dict[yaml_spans.Path, str] = {}
    for place, spec in places.items():
        if place is not None:
            path, written = place
            strings[path] = NPM + spec if written.startswith(NPM) else spec
    return yaml_edits.replaced(yaml_spans.read(content, config.name), strings)


def _meant(found: Manifest, config: YarnConfig) -> Iterator[Requirement]:
    for member in members(found.document.text, deepest=2):
        section, key = (str(member.path[0]), str(member.path[-1]))
        if len(member.path) != len(("section", "key")) or section not in SECTIONS:
            continue
        written = _written(found, section, key)
        entry = config.catalog(written, key) if written.startswith(CATALOG) else None
        spec = entry[1].removeprefix(NPM) if entry is not None else ""
        if spec and is_range(spec):
            yield Requirement(found.name, section, key, key, spec, "", spec, member.line)


def _written(found: Manifest, section: str, key: str) -> str:
    top = found.document.value
    lines = top.get(section) if isinstance(top, dict) else None
    written = lines.get(key) if isinstance(lines, dict) else None
    return written if isinstance(written, str) else ""
