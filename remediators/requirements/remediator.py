"""pip's requirements files: found, read, edited in place, their hashes renewed.

Each file's lines belong to exactly one unit: a file whose name says that it is a requirements or constraints
file is a unit of its own, also where another one includes it; a file under any other name is read with the
unit that includes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from remediators.api import Parsed, Reader, Registry, Tools, Unit, Upgrade, Versions
from remediators.compiled import edit as compiled_edit
from remediators.compiled.inventory import asked_for, inventory, noted_requirers
from remediators.compiled.relock import recompiled
from remediators.compiled.run import tool_versions
from remediators.compiled.unit import checked, compiled
from remediators.errors import BlockedError, Requirer
from remediators.python.specifiers import pinned
from remediators.python.tool import LockTools, Ran
from remediators.reading import content
from remediators.registries.pypi import REGISTRY
from remediators.requirements.edit import moved
from remediators.requirements.file import Entry
from remediators.requirements.plain import settled
from remediators.requirements.tree import index_of, is_manifest, items_of, own_files, problems_of, reached, scope_of
from remediators.versions.pypi import PypiVersions
from state.model import Dependency, Failure

_OF_THE_PROJECT = re.compile(r"^-r |\(.*\)$")
"""What pip-compile and uv note of a requirement that a person wrote: `-r requirements.in`, `demo (pyproject.toml)`."""


class Requirements:
    """`Remediator` of requirements files."""

    name = "requirements"
    ecosystem = "PyPI"
    versions: Versions = PypiVersions()
    registry: Registry = REGISTRY

    def __init__(self) -> None:
        self._ran = Ran()

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """One unit per requirements or constraints file; a `.in` file is one where nothing was compiled beside it."""
        present = frozenset(paths)
        return tuple(Unit(self.name, path, None, (path,)) for path in sorted(paths) if is_manifest(path, present))

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit with the files that it includes, those that are units of their own as well: pip reads all of
        them together, so all must agree. Their lines still count for their own unit only.

        A file that pip-compile or uv compiled is the lockfile of what it was compiled from.
        """
        found, _ = compiled(unit.manifest, read)
        if found is None:
            return replace(unit, files=reached(unit.manifest, read))
        return replace(unit, manifest=found.sources[0], lockfile=found.lockfile, files=found.files(read))

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Every requirement of the unit's files; those without a pin have no version."""
        if unit.lockfile is not None:
            return inventory(checked(unit.lockfile, read), read, scope_of(unit.lockfile))
        content(unit.manifest, read)
        index = index_of(unit.manifest, read)
        dependencies: list[Dependency] = []
        problems: list[Failure] = []
        for path in own_files(unit.manifest, read):
            items = items_of(path, read)
            dependencies.extend(self._dependency(path, item, index) for item in items if isinstance(item, Entry))
            problems.extend(problems_of(path, items, read))
        _, reason = compiled(unit.manifest, read)
        if reason:
            said = f"{unit.manifest} is not compiled again but edited as it is: {reason}"
            problems.append(Failure(unit.manifest, said, fault=False))
        return Parsed(tuple(dependencies), tuple(problems))

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Who asked for a pin, as the comments of a compiled file tell; a file without them is its own lock."""
        if unit.lockfile is None:
            return noted_requirers(unit.manifest, (), read, package, version)
        asked = asked_for(checked(unit.lockfile, read), read)
        return noted_requirers(unit.lockfile, asked, read, package, version)

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The files with the version part of these requirements rewritten; hashes stay for `relock`.

        Raises ManifestError when a requirement cannot be moved, or not without touching anything else, and
        BlockedError for an override: neither pip nor what compiles for it knows any.
        """
        if unit.lockfile is not None:
            return compiled_edit.edited(checked(unit.lockfile, files.get), files, upgrades)
        overridden = [upgrade.package for upgrade in upgrades if upgrade.override]
        if overridden:
            raise BlockedError(f"{unit.manifest}: pip knows no overrides: raise who requires {overridden[0]} instead")
        edited = {path: files[path] for path in unit.files}
        for upgrade in upgrades:
            edited |= moved(unit.manifest, edited, upgrade, locked=False)
        return {path: raw for path, raw in edited.items() if raw != files[path]}

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Compile a compiled file again; see of any other that everything still installs, and renew its hashes.

        Raises ToolError, and BlockedError where the requirements contradict each other now and did not before.
        """
        if unit.lockfile is None:
            settled(unit.manifest, work, unit.files, upgrades, index, tools)
            return
        files = {name: (work / name).read_bytes() for name in unit.files}
        recompiled(checked(unit.lockfile, files.get), work, unit.files, upgrades, index, LockTools(tools, self._ran))

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """The version of what compiles the file; of uv for one that a person wrote, which it finds installable."""
        return tool_versions(None if unit.lockfile is None else checked(unit.lockfile, read), self._ran)

    def _dependency(self, path: str, entry: Entry, index: str | None) -> Dependency:
        return Dependency(
            ecosystem=self.ecosystem,
            package=entry.name,
            requirement=entry.specifier,
            version=pinned(entry.specifier),
            manifest=path,
            lockfile=None,
            scope=scope_of(path),
            direct=not entry.via or any(_OF_THE_PROJECT.search(name) for name in entry.via),
            line=entry.line,
            index=index,
        )
