"""The references of a pnpm-lock.yaml that lead to nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from remediators.documents.yaml_spans import Yaml
from remediators.pnpm.lock import Lock, key_of, mapping

LINK = "link:"
"""What a reference to a folder begins with."""
_SECTIONS = ("dependencies", "devDependencies", "optionalDependencies")


def dangling(lock: Lock) -> Iterator[str]:
    """Each reference that leads neither to an entry nor to a folder, and each entry that lacks its other half."""
    top = mapping(lock.document.value)
    described = mapping(top.get("packages", {}))
    resolved = described
    if lock.version == "9.0":
        resolved = mapping(top.get("snapshots", {}))
        halves = {key.partition("(")[0] for key in resolved}
        yield from (f"{key} has only one half" for key in sorted(halves ^ described.keys()))
    importers = mapping(top["importers"]) if "importers" in top else {".": top}
    for owner, entry in (*importers.items(), *resolved.items()):
        for section in _SECTIONS:
            for alias, line in mapping(mapping(entry).get(section, {})).items():
                reference = line.get("version") if isinstance(line, dict) else line
                if not isinstance(reference, str) or not _leads(lock, alias, reference, resolved):
                    yield f"{owner} needs {alias}, which leads to nothing"


def _leads(lock: Lock, alias: str, reference: str, known: Mapping[str, Yaml]) -> bool:
    return reference.startswith(LINK) or key_of(lock.version, alias, reference, known) is not None
