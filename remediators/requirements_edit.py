"""Requirements rewritten in their files, in place: only the version part changes, every other byte stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from packaging.utils import canonicalize_name

from remediators.api import ManifestError, Upgrade
from remediators.python_specifiers import pinned, rewritten
from remediators.requirements_file import Entry, read_items
from remediators.text_edits import Edit, decoded
from remediators.versions.pypi import PypiVersions

_VERSIONS = PypiVersions()


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
    try:
        changes = rewritten(specifiers, upgrade.before, upgrade.after, locked=decided)
    except ValueError as error:
        raise ManifestError(f"{manifest}: {upgrade.package}: {error}; change it by hand") from error
    settled = (changes.get(place, specifier) for place, specifier in enumerate(specifiers))
    if not locked and not any(_VERSIONS.satisfies(upgrade.after, specifier) for specifier in settled):
        raise ManifestError(
            f"{manifest} has no requirement of {upgrade.package} at {upgrade.before} "
            f"that could move to {upgrade.after}; scan the project again"
        )
    by_path: dict[str, dict[Entry, str]] = {}
    for place, specifier in changes.items():
        path, entry = places[place]
        by_path.setdefault(path, {})[entry] = specifier
    return {path: _spliced(path, files[path], specifiers) for path, specifiers in by_path.items()}


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
