"""What a Pipfile asks for and what its Pipfile.lock holds, with the places of both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from remediators.bounds import check_requirements
from remediators.documents.json_spans import Document, Json, members
from remediators.documents.toml_document import Table, TomlDocument
from remediators.documents.toml_spans import Path
from remediators.errors import ManifestError
from remediators.index_urls import without_credentials
from state.model import Failure, Scope

_OWN_SECTIONS = frozenset(("source", "requires", "scripts", "pipfile", "pipenv"))
_LOCKED_AS = {"packages": "default", "dev-packages": "develop"}
_LOCAL = ("git", "hg", "svn", "bzr", "path", "file", "editable")


@dataclass(frozen=True, slots=True)
class Asked:
    """One package of a Pipfile. `place` leads to its specifier; None for one that stands for every version."""

    category: str
    name: str
    specifier: str
    extras: tuple[str, ...]
    marker: str
    place: Path
    line: int


@dataclass(frozen=True, slots=True)
class Locked:
    """One entry of a lockfile; `version` is "" for one that no index has. `key` is its name as written."""

    category: str
    key: str
    name: str
    version: str
    entry: Mapping[str, Json]
    line: int


def locked_as(category: str) -> str:
    """The section of a lockfile for a category of a Pipfile."""
    return _LOCKED_AS.get(category, category)


def scope_of(section: str) -> Scope:
    """What the packages of a section are for: only those in `default` are for the project itself."""
    return {"default": Scope.RUNTIME, "develop": Scope.DEV}.get(section, Scope.OPTIONAL)


def asked_for(document: TomlDocument) -> tuple[tuple[Asked, ...], tuple[Failure, ...]]:
    """Every package of a Pipfile, and those that no index has."""
    starts = {place[:2]: span for place, span in reversed(tuple(document.spans().items())) if len(place) >= 2}
    check_requirements(document.name, sum(len(one) for one in document.root.values() if isinstance(one, Mapping)))
    asked: list[Asked] = []
    problems: list[Failure] = []
    for category, packages in document.root.items():
        if category in _OWN_SECTIONS or not isinstance(packages, Mapping):
            continue
        for name, value in packages.items():
            path: Path = (category, name) if isinstance(value, str) else (category, name, "version")
            line = document.line(starts[category, name]) if (category, name) in starts else 1
            found = _read(category, str(name), value, path, line)
            if isinstance(found, str):
                said = f"line {line} of {document.name}: {name}: {found}"
                problems.append(Failure(document.name, said, fault=not found.startswith("it comes")))
            else:
                asked.append(found)
    return tuple(asked), tuple(problems)


def _read(category: str, name: str, value: object, path: Path, line: int) -> Asked | str:
    """The package, or why it is left out."""
    table: Table = value if isinstance(value, Mapping) else {"version": value}
    local = next((key for key in _LOCAL if key in table), None)
    if local is not None:
        return f"it comes from {local}, which has no released version; depend on a release of an index"
    written = table.get("version", "*")
    specifier = str(written).strip()
    try:
        SpecifierSet("" if specifier == "*" else specifier)
    except InvalidSpecifier:
        return f'"{specifier[:80]}" is not a version specifier; correct it'
    extras = table.get("extras")
    markers = [str(table["markers"])] if "markers" in table else []
    markers += [f"{key} {table[key]}" for key in ("sys_platform", "os_name", "python_version") if key in table]
    return Asked(
        category=category,
        name=canonicalize_name(name),
        specifier="" if specifier == "*" else specifier,
        extras=tuple(map(str, extras)) if isinstance(extras, list) else (),
        marker=" and ".join(f"({marker})" for marker in markers),
        place=path,
        line=line,
    )


def locked(document: Document) -> tuple[Locked, ...]:
    """Every entry of a Pipfile.lock. Raises ManifestError for a file that is none."""
    root = document.value
    if not isinstance(root, dict) or not isinstance(root.get("_meta"), dict):
        raise ManifestError(f'{document.name} is no Pipfile.lock: it has no "_meta"; lock the project again')
    lines = {member.path: member.line for member in members(document.text, 2)}
    return tuple(_entries(root, lines))


def _entries(root: Mapping[str, Json], lines: Mapping[tuple[str | int, ...], int]) -> Iterator[Locked]:
    for category, packages in root.items():
        if category == "_meta" or not isinstance(packages, dict):
            continue
        for key, entry in packages.items():
            if isinstance(entry, dict):
                version = str(entry.get("version", "")).removeprefix("==")
                yield Locked(category, key, canonicalize_name(key), version, entry, lines.get((category, key), 1))


def sources(document: TomlDocument, lock: Document | None) -> list[dict[str, object]]:
    """The indexes: those of the Pipfile, else those that the lockfile was made with."""
    named = document.root.get("source")
    if not isinstance(named, list) and lock is not None and isinstance(lock.value, dict):
        meta = lock.value.get("_meta")
        named = meta.get("sources") if isinstance(meta, dict) else None
    return [dict(source) for source in named if isinstance(source, Mapping)] if isinstance(named, list) else []


def index_of(document: TomlDocument) -> str | None:
    """The index that the Pipfile names first; None for the ecosystem's own."""
    urls = [str(source.get("url", "")) for source in sources(document, None)]
    return without_credentials(urls[0]) if urls and urls[0].startswith(("https://", "http://")) else None


def digest(document: TomlDocument, lock: Document | None) -> str:
    """The hash of a Pipfile that its lockfile carries.

    Source: `Pipfile.get_hash` of plette, which pipenv uses.
    """
    root = document.root
    data: dict[str, object] = {
        "_meta": {"sources": sources(document, lock), "requires": root.get("requires", {})},
        "default": root.get("packages", {}),
        "develop": root.get("dev-packages", {}),
    }
    others = (name for name in root if name not in {*_OWN_SECTIONS, *_LOCKED_AS, "default", "develop"})
    data.update((name, root[name]) for name in others)
    content = json.dumps(data, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(content.encode()).hexdigest()
