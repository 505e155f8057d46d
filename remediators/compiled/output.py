"""A compiled file, whether it is a requirements file or a pylock.toml: its versions, and what stays of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from remediators.api import Tools, Upgrade
from remediators.documents.text_edits import Edit, decoded
from remediators.documents.toml_document import Table, read_toml
from remediators.python.specifiers import pinned
from remediators.requirements.file import Entry, read_file, read_items
from remediators.requirements.hashes import with_renewed_hashes
from remediators.versions.pypi import PypiVersions

Versions = Mapping[str, frozenset[str]]
_VERSIONS = PypiVersions()


def is_pylock(path: str) -> bool:
    """Whether a compiled file is a pylock.toml; any other is a requirements file."""
    return path.endswith(".toml")


def entries(path: str, raw: bytes) -> tuple[Entry, ...]:
    """The requirements of a compiled requirements file; none of a pylock.toml."""
    if is_pylock(path):
        return ()
    return tuple(item for item in read_file(path, raw) if isinstance(item, Entry))


def versions(path: str, raw: bytes) -> Versions:
    """The locked versions by package."""
    found: dict[str, set[str]] = {}
    for name, version in _pairs(path, raw):
        found.setdefault(name, set()).add(version)
    return {name: frozenset(held) for name, held in found.items()}


def holds(held: frozenset[str], version: str) -> bool:
    """Whether a version is among these, however it is written."""
    return any(_VERSIONS.valid(one) and not _VERSIONS.compare(one, version) for one in held)


def all_have_wheels(path: str, raw: bytes) -> bool:
    """Whether every package of a pylock.toml lists a wheel."""
    return all(package.get("wheels") for package in _packages(path, raw))


def merged(path: str, before: bytes, after: bytes, index: str | None, tools: Tools) -> bytes:
    """What the tool wrote, below what stood above it before, in the file's own line endings.

    Restricted to wheels, pip-compile leaves the hashes of sources out: those of changed packages are renewed.
    """
    old, new = decoded(path, before), decoded(path, after)
    body = new.content[_start(path, new.content) :].replace("\r\n", "\n")
    if "\r\n" in old.content:
        body = body.replace("\n", "\r\n")
    written = old.spliced([Edit(_start(path, old.content), len(old.content), body)])
    was, now = versions(path, before), versions(path, written)
    moves = ((name, held) for name, held in now.items() if was.get(name) != held)
    changed = [Upgrade(name, "", version, direct=False) for name, held in moves for version in sorted(held) if version]
    return written if is_pylock(path) else with_renewed_hashes(path, written, changed, index, tools)


def _pairs(path: str, raw: bytes) -> Iterator[tuple[str, str]]:
    if not is_pylock(path):
        yield from ((entry.name, pinned(entry.specifier) or "") for entry in entries(path, raw))
        return
    for package in _packages(path, raw):
        if "version" in package:
            yield canonicalize_name(str(package.get("name", ""))), str(package["version"])


def _packages(path: str, raw: bytes) -> Sequence[Table]:
    packages = read_toml(path, raw).root.get("packages")
    return [one for one in packages if isinstance(one, Mapping)] if isinstance(packages, list) else []


def _start(path: str, text: str) -> int:
    """Where that begins which a tool writes anew: the first line of a pylock.toml that is no comment, the first pin."""
    if is_pylock(path):
        lines = text.splitlines(keepends=True)
        comments = next((place for place, line in enumerate(lines) if not line.startswith("#")), len(lines))
        return sum(map(len, lines[:comments]))
    found: Sequence[Entry] = [item for item in read_items(text) if isinstance(item, Entry)]
    return text.rfind("\n", 0, found[0].specifier_span[0]) + 1 if found else len(text)
