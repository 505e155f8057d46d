"""Requirements rewritten in their files, in place: only the version part changes, every other byte stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from packaging.utils import canonicalize_name

from remediators.api import Upgrade
from remediators.documents.text_edits import Edit, Text, decoded
from remediators.errors import BlockedError, ManifestError
from remediators.python.moves import moves
from remediators.python.specifiers import pinned
from remediators.requirements.file import Entry, read_items


def moved(manifest: str, files: Mapping[str, bytes], upgrade: Upgrade, *, locked: bool) -> Mapping[str, bytes]:
    """The files that change when `upgrade` is written into all that name its package.

    With `locked`, a lockfile tells the version: only requirements that refuse the new one change, and none need to.
    Raises ManifestError when a requirement cannot be moved, or not without touching anything else.
    """
    places = [
        (path, entry)
        for path, raw in files.items()
        for entry in read_items(decoded(path, raw).content)
        if isinstance(entry, Entry) and entry.name == canonicalize_name(upgrade.package)
    ]
    specifiers = [entry.specifier for _, entry in places]
    # Where a pin decides, a range that admits the new version as well says nothing wrong.
    decided = locked or any(pinned(specifier) == upgrade.before for specifier in specifiers)
    changes = moves(manifest, specifiers, upgrade, decided=decided, locked=locked)
    by_path: dict[str, dict[Entry, str]] = {}
    for place, specifier in changes.items():
        path, entry = places[place]
        by_path.setdefault(path, {})[entry] = specifier
    return {path: _spliced(path, files[path], specifiers) for path, specifiers in by_path.items()}


def joined(manifest: str, files: Mapping[str, bytes], upgrade: Upgrade, lines: Sequence[str]) -> Mapping[str, bytes]:
    """The file that changes when these pins are added, each on a line after the pin of `upgrade`.

    Raises BlockedError in a file with hashes: pip takes nothing from it that has none.
    """
    for path, raw in files.items():
        text = decoded(path, raw)
        entries = [item for item in read_items(text.content) if isinstance(item, Entry)]
        places = [entry for entry in entries if entry.name == canonicalize_name(upgrade.package)]
        if not places:
            continue
        if any(entry.hashes for entry in entries):
            raise BlockedError(
                f"{manifest}: {upgrade.package} {upgrade.after} needs {', '.join(lines)}, which {path} does not name; "
                "add that with its hashes first"
            )
        added = _added_after(text, places[-1].specifier_span[1], lines)
        if len(read_items(decoded(path, added).content)) == len(read_items(text.content)) + len(lines):
            return {path: added}
        raise ManifestError(f"{path}: no line can be added after {upgrade.package}; write it on one line")
    raise ManifestError(f"{manifest} has no requirement of {upgrade.package}; scan the project again")


def _added_after(text: Text, place: int, lines: Sequence[str]) -> bytes:
    content = text.content
    newline = "\r\n" if "\r\n" in content else "\n"
    end = content.find("\n", place)
    if end < 0:
        return text.spliced([Edit(len(content), len(content), "".join(newline + line for line in lines))])
    return text.spliced([Edit(end + 1, end + 1, "".join(line + newline for line in lines))])


def _spliced(path: str, raw: bytes, specifiers: Mapping[Entry, str]) -> bytes:
    text = decoded(path, raw)
    items = read_items(text.content)
    wanted = tuple(
        replace(item, specifier=specifiers[item]) if isinstance(item, Entry) and item in specifiers else item
        for item in items
    )
    on_one_line = all(text.content[slice(*entry.specifier_span)] == entry.specifier for entry in specifiers)
    edited = text.spliced(Edit(*entry.specifier_span, new) for entry, new in specifiers.items())
    if not on_one_line or read_items(decoded(path, edited).content) != wanted:
        names = ", ".join(sorted({entry.name for entry in specifiers}))
        raise ManifestError(f"{path}: {names} cannot be edited without touching anything else; write it on one line")
    return edited
