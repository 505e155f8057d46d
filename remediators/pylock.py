"""pylock.toml (PEP 751): every one is read; those that uv compiled or exported are made again by it."""

from __future__ import annotations

import importlib.metadata
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import Parsed, Reader, Registry, Tools, Unit, Upgrade, Versions
from remediators.compiled import edit as compiled_edit
from remediators.compiled.inventory import Asked, asked_for
from remediators.compiled.relock import recompiled
from remediators.compiled.unit import checked, compiled
from remediators.documents.toml_document import Table, TomlDocument, read_toml
from remediators.errors import Requirer, ToolError
from remediators.index_urls import without_credentials
from remediators.python.tool import LockTools
from remediators.python.vendored import vendored
from remediators.reading import content
from remediators.registries.pypi import REGISTRY
from remediators.requirements.tree import scope_of
from remediators.versions.pypi import PypiVersions
from state.model import Dependency, Failure

_NAME = re.compile(r"pylock(?:\.[^./]+)?\.toml")
_LOCAL = {"vcs": "a repository", "directory": "a folder", "archive": "an archive"}


class Pylock:
    """`Remediator` of pylock.toml and pylock.NAME.toml files."""

    name = "pylock"
    ecosystem = "PyPI"
    versions: Versions = PypiVersions()
    registry: Registry = REGISTRY

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """One unit per file."""
        found = (path for path in sorted(paths) if _NAME.fullmatch(posixpath.basename(path)) and not vendored(path))
        return tuple(Unit(self.name, path, path, (path,)) for path in found)

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit with what its lockfile was made from, where its header tells."""
        found, _ = compiled(unit.manifest, read)
        return unit if found is None else replace(unit, manifest=found.sources[0], files=found.files(read))

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Every package of the lockfile, at its requirement where a source names it."""
        lockfile = _lockfile(unit)
        document = read_toml(lockfile, content(lockfile, read))
        asked = {one.name: one for one in reversed(self._asked(unit, read))}
        lines = document.lines_of("packages", "name")
        dependencies: list[Dependency] = []
        problems: list[Failure] = []
        for place, package in enumerate(_packages(document)):
            name = canonicalize_name(str(package.get("name", "")))
            line = lines.get(place, 1)
            local = next((words for key, words in _LOCAL.items() if key in package), None)
            version = package.get("version")
            if local is not None or not isinstance(version, str):
                said = (
                    f"line {line} of {lockfile}: {name} comes from {local or 'nowhere'}, which has no released version"
                )
                problems.append(Failure(lockfile, said, fault=False))
            else:
                dependencies.append(_dependency(unit, document, package, asked.get(name), line))
        _, reason = compiled(lockfile, read)
        if unit.manifest == lockfile:
            said = f"{lockfile} is only read: {reason or 'it does not say how it was made'}; lock it again by hand"
            problems.append(Failure(lockfile, said, fault=False))
        return Parsed(tuple(dependencies), tuple(problems))

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """The sources that name the package, and the packages whose entry says that they depend on it."""
        lockfile = _lockfile(unit)
        name = canonicalize_name(package)
        asked = self._asked(unit, read)
        named = {one.name for one in asked}
        of_sources = (Requirer(one.path, "", one.specifier, direct=True) for one in asked if one.name == name)
        of_packages = (
            Requirer(parent, str(found.get("version", "")), "", direct=parent in named)
            for found in _packages(read_toml(lockfile, content(lockfile, read)))
            for parent in (canonicalize_name(str(found.get("name", ""))),)
            if name in _needed(found)
        )
        return tuple(dict.fromkeys((*of_sources, *of_packages)))

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The sources that refuse the new versions, rewritten. Raises ManifestError and BlockedError."""
        lockfile = _lockfile(unit)
        return {} if unit.manifest == lockfile else compiled_edit.edited(checked(lockfile, files.get), files, upgrades)

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Make the lockfile again. Raises ToolError, also for one whose making is not known, and BlockedError."""
        lockfile = _lockfile(unit)
        if unit.manifest == lockfile:
            raise ToolError(
                f"{lockfile} does not say how it was made, so the bot cannot make it again: lock it by hand"
            )
        files = {name: (work / name).read_bytes() for name in unit.files}
        recompiled(checked(lockfile, files.get), work, unit.files, upgrades, index, LockTools(tools))

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """The version of uv, which is installed with the bot and need not run to tell."""
        return {"uv": importlib.metadata.version("uv")}

    def _asked(self, unit: Unit, read: Reader) -> tuple[Asked, ...]:
        lockfile = _lockfile(unit)
        return () if unit.manifest == lockfile else asked_for(checked(lockfile, read), read)


def _lockfile(unit: Unit) -> str:
    return unit.lockfile or unit.manifest


def _packages(document: TomlDocument) -> Sequence[Table]:
    packages = document.root.get("packages")
    return [one if isinstance(one, Mapping) else {} for one in packages] if isinstance(packages, list) else []


def _needed(package: Table) -> frozenset[str]:
    needed = package.get("dependencies")
    named = (one for one in needed if isinstance(one, Mapping)) if isinstance(needed, list) else ()
    return frozenset(canonicalize_name(str(one.get("name", ""))) for one in named)


def _dependency(unit: Unit, document: TomlDocument, package: Table, asked: Asked | None, line: int) -> Dependency:
    index = package.get("index")
    return Dependency(
        ecosystem="PyPI",
        package=canonicalize_name(str(package.get("name", ""))),
        requirement=asked.specifier if asked else "",
        version=str(package["version"]),
        manifest=asked.path if asked else unit.manifest,
        lockfile=document.name,
        scope=scope_of(document.name),
        direct=asked is not None,
        line=asked.line if asked else line,
        index=without_credentials(index) if isinstance(index, str) else None,
        platform=str(document.root.get("requires-python", "")),
    )
