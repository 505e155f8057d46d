"""What a compiled requirements file holds: every pin, who asked for it, and where a person wrote that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from remediators.api import Parsed, Reader
from remediators.bounds import TOML_MANIFEST
from remediators.compiled.unit import Compiled, project_files, requirement_files
from remediators.documents.toml_document import read_toml
from remediators.errors import Requirer
from remediators.python.pyproject_requirements import named_requirements
from remediators.python.specifiers import pinned
from remediators.requirements.file import Entry
from remediators.requirements.lines import Include
from remediators.requirements.tree import index_of, items_of, problems_of
from state.model import Dependency, Failure, Scope

_PROJECT = re.compile(r"^(?P<name>\S+) \((?P<path>[^)]+)\)$")


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement as a source names it. `rest` is its extras and marker."""

    path: str
    line: int
    name: str
    specifier: str
    rest: str = "[];"


def asked_for(found: Compiled, read: Reader) -> tuple[Asked, ...]:
    """Every requirement of the sources, other compiled files that they include among them."""
    named: list[Asked] = []
    for path in requirement_files(found, read):
        entries = (item for item in items_of(path, read) if isinstance(item, Entry))
        named.extend(Asked(path, entry.line, entry.name, entry.specifier, entry.rest) for entry in entries)
    for path in project_files(found):
        requirements, _ = named_requirements(read_toml(path, read(path) or b"", TOML_MANIFEST))
        named.extend(
            Asked(path, item.line, item.requirement.name, item.requirement.specifier, item.requirement.rest)
            for item in requirements
            if item.scope is not None
        )
    return tuple(named)


def inventory(found: Compiled, read: Reader, scope: Scope) -> Parsed:
    """Every pin of the compiled file: a direct one stands at its requirement, any other in the file itself."""
    asked = {one.name: one for one in reversed(asked_for(found, read))}
    index = index_of(found.lockfile, read)
    items = items_of(found.lockfile, read)
    bound = found.command.tool == "pip-compile" and found.command.python
    platform = f"=={found.command.python}.*" if bound else ""
    dependencies = tuple(
        Dependency(
            ecosystem="PyPI",
            package=entry.name,
            requirement=asked[entry.name].specifier if entry.name in asked else "",
            version=pinned(entry.specifier),
            manifest=asked[entry.name].path if entry.name in asked else found.sources[0],
            lockfile=found.lockfile,
            scope=scope,
            direct=entry.name in asked,
            line=asked[entry.name].line if entry.name in asked else entry.line,
            index=index,
            platform=platform,
        )
        for entry in items
        if isinstance(entry, Entry)
    )
    locked = [item for item in items if not isinstance(item, Include)]
    return Parsed(dependencies, (*problems_of(found.lockfile, locked, read), *_of_sources(found, read)))


def _of_sources(found: Compiled, read: Reader) -> Iterator[Failure]:
    for path in requirement_files(found, read):
        yield from problems_of(path, items_of(path, read), read)
    for path in project_files(found):
        yield from named_requirements(read_toml(path, read(path) or b"", TOML_MANIFEST))[1]


def noted_requirers(
    lockfile: str, asked: Sequence[Asked], read: Reader, package: str, version: str
) -> tuple[Requirer, ...]:
    """Who asked for a pin, as the comments below it note; without comments, what the sources name."""
    entries = [item for item in items_of(lockfile, read) if isinstance(item, Entry)]
    pins = {entry.name: pinned(entry.specifier) or "" for entry in entries}
    by_name: dict[str, list[Asked]] = {}
    for one in asked:
        by_name.setdefault(one.name, []).append(one)
    name = canonicalize_name(package)
    noted = [note for entry in entries if entry.name == name and pins[name] == version for note in entry.via]
    packages = sorted({canonicalize_name(note) for note in noted if canonicalize_name(note) in pins})
    of_sources = (Requirer(one.path, "", one.specifier, direct=True) for one in by_name.get(name, ()))
    of_packages = (Requirer(parent, pins[parent], "", direct=parent in by_name) for parent in packages)
    return tuple(dict.fromkeys((*of_sources, *of_packages)))
