"""pip's requirements files: found, read, edited in place, their hashes renewed.

Each file's lines belong to exactly one unit: a file whose name says that it is a requirements or constraints
file is a unit of its own, also where another one includes it; a file under any other name is read with the
unit that includes it.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from packaging.utils import canonicalize_name

from remediators.api import ManifestError, Parsed, Reader, Registry, Requirer, Tools, Unit, Upgrade, Versions
from remediators.python_specifiers import pinned, rewritten
from remediators.registries.pypi import PypiRegistry
from remediators.requirements_check import followers
from remediators.requirements_file import Entry, read_items
from remediators.requirements_hashes import with_renewed_hashes
from remediators.requirements_tree import index_of, is_manifest, items_of, own_files, problems_of, reached
from remediators.text_edits import Edit, decoded
from remediators.versions.pypi import PypiVersions
from state.model import Dependency, Failure, Scope

_DEV_WORDS = frozenset(("ci", "dev", "develop", "development", "doc", "docs", "lint", "test", "tests", "testing"))
_OF_THE_PROJECT = re.compile(r"^-r |\(.*\)$")
"""What pip-compile and uv note of a requirement that a person wrote: `-r requirements.in`, `demo (pyproject.toml)`."""


class Requirements:
    """`Remediator` of requirements files."""

    name = "requirements"
    ecosystem = "PyPI"
    versions: Versions = PypiVersions()
    registry: Registry = PypiRegistry()

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """One unit per file that is a requirements or constraints file by its name."""
        return tuple(Unit(self.name, path, None, (path,)) for path in sorted(paths) if is_manifest(path))

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit with the files that it includes, those that are units of their own as well: pip reads all of
        them together, so all must agree. Their lines still count for their own unit only.
        """
        return replace(unit, files=reached(unit.manifest, read))

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Every requirement of the unit's files; those without a pin have no version."""
        if read(unit.manifest) is None:
            raise ManifestError(f"{unit.manifest} does not exist; scan the project again")
        index = index_of(unit.manifest, read)
        dependencies: list[Dependency] = []
        problems: list[Failure] = []
        for path in own_files(unit.manifest, read):
            items = items_of(path, read)
            dependencies.extend(self._dependency(path, item, index) for item in items if isinstance(item, Entry))
            problems.extend(problems_of(path, items, read))
        return Parsed(tuple(dependencies), tuple(problems))

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Empty: a requirements file is its own lock."""
        return ()

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The files with the version part of these requirements rewritten; hashes stay for `relock`.

        Raises ManifestError when a requirement cannot be moved, or not without touching anything else.
        """
        edited = {path: files[path] for path in unit.files}
        for upgrade in upgrades:
            edited |= self._moved(unit, edited, upgrade)
        return {path: raw for path, raw in edited.items() if raw != files[path]}

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """See that everything still installs together, and replace the hashes of what moved.

        Raises ToolError, and BlockedError where the requirements contradict each other now and did not before.
        """
        files = {name: (work / name).read_bytes() for name in unit.files}
        moved = (*upgrades, *followers(unit.manifest, files.get, upgrades, index, work, tools))
        after = {**files, **self.edit(unit, files, moved[len(upgrades) :])}
        for name, content in after.items():
            renewed = with_renewed_hashes(name, content, moved, index, tools)
            if renewed != files[name]:
                (work / name).write_bytes(renewed)

    def tool_versions(self, unit: Unit, tools: Tools) -> Mapping[str, str]:
        """The version of uv, which is installed with the bot and need not run to tell."""
        return {"uv": importlib.metadata.version("uv")}

    def _dependency(self, path: str, entry: Entry, index: str | None) -> Dependency:
        return Dependency(
            ecosystem=self.ecosystem,
            package=entry.name,
            requirement=entry.specifier,
            version=pinned(entry.specifier),
            manifest=path,
            lockfile=None,
            scope=_scope(path),
            direct=not entry.via or any(_OF_THE_PROJECT.search(name) for name in entry.via),
            line=entry.line,
            index=index,
        )

    def _moved(self, unit: Unit, files: Mapping[str, bytes], upgrade: Upgrade) -> Mapping[str, bytes]:
        places = [
            (path, entry)
            for path, raw in files.items()
            for entry in read_items(decoded(path, raw).content)
            if isinstance(entry, Entry) and entry.name == canonicalize_name(upgrade.package)
        ]
        specifiers = [entry.specifier for _, entry in places]
        # Where a pin decides, a range that admits the new version as well says nothing wrong.
        decided = any(pinned(specifier) == upgrade.before for specifier in specifiers)
        try:
            changes = rewritten(specifiers, upgrade.before, upgrade.after, locked=decided)
        except ValueError as error:
            raise ManifestError(f"{unit.manifest}: {upgrade.package}: {error}; change it by hand") from error
        settled = (changes.get(place, specifier) for place, specifier in enumerate(specifiers))
        if not any(self.versions.satisfies(upgrade.after, specifier) for specifier in settled):
            raise ManifestError(
                f"{unit.manifest} has no requirement of {upgrade.package} at {upgrade.before} "
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


def _scope(path: str) -> Scope:
    words = re.split(r"[^a-z]+", PurePosixPath(path).stem.lower())
    return Scope.DEV if _DEV_WORDS.intersection(words) else Scope.RUNTIME
