"""The `--hash` options of a requirements file, renewed from what the index publishes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packaging.utils import canonicalize_name
from packaging.version import Version

from remediators.api import Tools, Upgrade
from remediators.documents.text_edits import Edit, Text, decoded
from remediators.errors import RegistryError, ToolError
from remediators.python.specifiers import pinned
from remediators.registries.pypi import project_files
from remediators.requirements.file import Entry, read_items
from remediators.requirements.lines import Index
from remediators.versions.pypi import PypiVersions

_VERSIONS = PypiVersions()


def with_renewed_hashes(path: str, raw: bytes, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> bytes:
    """The file with the hashes of every requirement that is pinned to an upgrade's new version replaced.

    `index` goes before the one that the file names. Raises ToolError.
    """
    text = decoded(path, raw)
    items = read_items(text.content)
    named = next((item.url for item in reversed(items) if isinstance(item, Index)), None)
    entries = [item for item in items if isinstance(item, Entry) and item.hashes]
    return text.spliced(
        _renewal(text, entry, _hashes(path, upgrade, index or named, tools))
        for upgrade in upgrades
        for entry in _pinned_to(entries, upgrade)
    )


def _pinned_to(entries: Sequence[Entry], upgrade: Upgrade) -> Iterator[Entry]:
    for entry in entries:
        pin = pinned(entry.specifier)
        same = pin is not None and _VERSIONS.valid(pin) and _VERSIONS.compare(pin, upgrade.after) == 0
        if same and entry.name == canonicalize_name(upgrade.package):
            yield entry


def _hashes(path: str, upgrade: Upgrade, index: str | None, tools: Tools) -> list[str]:
    what = f"{path}: the hashes of {upgrade.package} {upgrade.after} cannot be renewed"
    try:
        files = project_files(upgrade.package, index, tools)
    except RegistryError as error:
        raise ToolError(f"{what}: {error}") from error
    published = [file for file in files if file.version == Version(upgrade.after)]
    if not published:
        raise ToolError(f"{what}: the index lists no file of it; check that it is the index it was published to")
    unhashed = [file.name for file in published if not file.sha256]
    if unhashed:
        raise ToolError(f"{what}: the index gives no SHA-256 of {unhashed[0]}; use one that does")
    return sorted({f"sha256:{file.sha256}" for file in published})


def _renewal(text: Text, entry: Entry, hashes: Sequence[str]) -> Edit:
    """All hashes of a requirement in the layout that its first ones have."""
    spans = entry.hash_spans
    start = spans[0][0]
    option = text.content[start : spans[0][1]].removesuffix(entry.hashes[0])
    if len(spans) > 1:
        between = text.content[spans[0][1] : spans[1][0]]
    else:
        before = text.content[:start]
        between = before[len(before.rstrip(" \t\r\n\\")) :]
    return Edit(start, spans[-1][1], between.join(option + value for value in hashes))
