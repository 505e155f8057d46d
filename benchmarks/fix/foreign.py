"""What changed in a project that no fix has to touch: other files, other lines, other packages."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.fix.universe import Held, Universe

_LOCKFILES = {"uv.lock", "package-lock.json"}
_MANIFESTS = {"requirements.txt", "pyproject.toml", "package.json"}
_OVERRIDES = re.compile(r'[\s{}\[\],]*|[\s,{}]*(\[tool\.uv\]|override-dependencies = \[|"overrides": \{)[\s,{}\]]*')
"""Lines around an override: brackets, and the heads of its section."""


def foreign(universe: Universe, before: Path, after: Path, had: Held, has: Held) -> tuple[str, ...]:
    """Each foreign change in words; empty when there is none.

    A fix may move what it must: vulnerable packages, those that need them or that they need. The bystander that every
    universe has is related to none of these, so it and the text around it stay byte for byte.
    """
    return tuple(dict.fromkeys(_changes(universe, before, after, had, has)))


def _changes(universe: Universe, before: Path, after: Path, had: Held, has: Held) -> Iterator[str]:
    moved = {package for package in {*had, *has} if had.get(package) != has.get(package)}
    bystander = f"{universe.name}-z"
    if bystander in moved:
        yield f"{bystander} moved to {', '.join(sorted(has.get(bystander, ()))) or 'nowhere'}"
    old, new = _files(before), _files(after)
    for path in sorted({*old, *new}):
        if old.get(path) == new.get(path):
            continue
        name = Path(path).name
        if path not in old or path not in new or name not in _LOCKFILES | _MANIFESTS:
            yield f"{path} changed"
        elif name in _MANIFESTS:
            yield from (f"{path}: {line!r}" for line in _foreign_lines(old[path], new[path], moved))
        else:
            yield from _foreign_entries(path, old[path], new[path], moved)


def _files(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _foreign_lines(old: bytes, new: bytes, moved: set[str]) -> Iterator[str]:
    """Lines that came or went and neither name a package that moved nor belong to an override."""
    left, right = (text.decode("utf-8", "replace").splitlines(keepends=True) for text in (old, new))
    for tag, i, j, k, m in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        changed = [*left[i:j], *right[k:m]]
        endings = {line[len(line.rstrip("\r\n")) :] for line in left} - {""}
        for line in changed:
            ending = line[len(line.rstrip("\r\n")) :]
            # A line that stands on both sides but for its comma or its end makes room for one that came.
            same = sum(other.rstrip("\r\n,") == line.rstrip("\r\n,") for other in changed) > 1
            known = same or any(package in line for package in moved) or _OVERRIDES.fullmatch(line)
            if not known or (ending and ending not in endings):
                yield line


def _foreign_entries(path: str, old: bytes, new: bytes, moved: set[str]) -> Iterator[str]:
    """Entries of a lockfile that changed although their package did not move, but for naming one that did."""
    left, right = _entries(path, old, moved), _entries(path, new, moved)
    for key in sorted({*left, *right}):
        if left.get(key) != right.get(key) and not any(package in key for package in moved):
            yield f"{path}: {key}"
    if old.endswith(b"\n") != new.endswith(b"\n") or _indent(old) != _indent(new):
        yield f"{path}: its layout"


def _indent(raw: bytes) -> bytes:
    found = re.search(rb"\n([ \t]+)", raw)
    return found[1] if found else b""


def _entries(path: str, raw: bytes, moved: set[str]) -> Mapping[str, str]:
    """The text of each entry by its name and version, without what names a package that moved."""
    if path.endswith(".json"):
        document = json.loads(raw)
        packages = document.pop("packages")
        entries = {f"{place.rpartition('node_modules/')[2]} {entry.get('version', '')}": entry
                   for place, entry in packages.items()}  # fmt: skip
    else:
        document = tomllib.loads(raw.decode())
        entries = {f"{entry['name']} {entry.get('version', '')}": entry for entry in document.pop("package", ())}
        # What was overridden is said here, and what forks the resolution takes.
        document = {k: v for k, v in document.items() if k not in {"manifest", "resolution-markers"}}
    return {name: repr(_without(entry, moved)) for name, entry in (*entries.items(), ("the head", document))}


def _without(value: object, moved: set[str]) -> object:
    if isinstance(value, dict):
        return {k: _without(v, moved) for k, v in value.items() if k not in moved and not _names(v, moved)}
    if isinstance(value, list):
        return [_without(each, moved) for each in value if not _names(each, moved)]
    return value


def _names(value: object, moved: set[str]) -> bool:
    if isinstance(value, dict):
        return value.get("name") in moved
    return isinstance(value, str) and any(package in value for package in moved)
