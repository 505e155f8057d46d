"""Dependencies that only a build backend tells, as the uv.lock knows them from the last time that one was asked.

A backend never runs here. Where it makes the dependencies of what stands in pyproject.toml itself (hatch's
`uv-dynamic-versioning` fills in the version, for one), the lock still tells them: nothing else can have changed
them since. Where it reads them from somewhere else, such as a requirements.txt, the lock may be out of date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from packaging.utils import canonicalize_name

from remediators.documents.toml_document import Table, TomlDocument
from remediators.uv.lock import LockedPackage

FIELDS = ("dependencies", "optional-dependencies")
_EXTRA = re.compile(r"\bextra == '([^']+)'")
_ELSEWHERE = frozenset(("git", "url", "path"))


def known_fields(document: TomlDocument, package: LockedPackage | None) -> Mapping[str, object] | None:
    """`dependencies` and `optional-dependencies` of a project by its entry in the lock; None where that cannot tell."""
    if package is None or (package.dependencies and "requires-dist" not in package.metadata):
        return None
    listed, extras = package.metadata.get("requires-dist"), package.metadata.get("provides-extras")
    optional: dict[str, list[str]] = {str(extra): [] for extra in extras} if isinstance(extras, list) else {}
    always: list[str] = []
    for entry in listed if isinstance(listed, list) else []:
        if not isinstance(entry, Mapping) or not _is_told_by(document, entry):
            return None
        marker = str(entry.get("marker", ""))
        # uv writes a marker as alternatives: those of one extra all name it.
        named = [_EXTRA.findall(alternative) for alternative in marker.split(" or ")]
        extra = named[0]
        if len(extra) > 1 or any(other != extra for other in named):
            return None
        (optional.setdefault(extra[0], []) if extra else always).append(_written(entry, marker))
    return dict(zip(FIELDS, (always, optional), strict=True))


def _is_told_by(document: TomlDocument, entry: Table) -> bool:
    """Whether a requirement stands in the manifest, somewhere. What needs more than a name and a range does not do."""
    name = re.sub("-", "[-_.]+", re.escape(canonicalize_name(str(entry.get("name", "")))).replace(r"\-", "-"))
    written = re.search(rf"(?<![\w.-]){name}(?![\w.-])", document.text.content, re.IGNORECASE)
    return written is not None and _ELSEWHERE.isdisjoint(entry)


def _written(entry: Table, marker: str) -> str:
    extras = entry.get("extras")
    wanted = f"[{','.join(map(str, extras))}]" if isinstance(extras, list) else ""
    condition = f" ; {marker}" if marker else ""
    return f"{entry.get('name')}{wanted}{entry.get('specifier', '')}{condition}"
