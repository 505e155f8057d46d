"""Python scripts that name their own requirements (PEP 723), alone or with the lock that `uv lock --script` writes.

Reading every Python file of a repository would cost a blob each: those with a lock beside them are looked at, and
those in the folders where scripts are kept.
"""

from __future__ import annotations

import importlib.metadata
import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import Parsed, Reader, Registry, Tools, Unit, Upgrade, Versions
from remediators.documents.text_edits import Edit
from remediators.documents.toml_spans import Path as Place
from remediators.errors import BlockedError, Requirer, ToolError
from remediators.python.moves import moves
from remediators.python.references import check_tables
from remediators.python.requirement import PythonRequirement, read_requirement
from remediators.python.specifiers import pinned
from remediators.python.vendored import vendored
from remediators.reading import content
from remediators.registries.pypi import REGISTRY
from remediators.scripts.block import ScriptBlock, read_block
from remediators.uv.blocked import explained
from remediators.uv.lock import UvLock, read_lock
from remediators.uv.relock import lock_arguments
from remediators.uv.run import ENVIRONMENT, executable
from remediators.uv.settings import check_settings
from remediators.versions.pypi import PypiVersions
from state.model import Dependency, Failure, Scope

_SCRIPT = re.compile(r"(?:.*/)?(?:bin|scripts?|tools)/[^/]+\.py|[^/]+\.py")
_NO_SCRIPTS = frozenset(("setup.py", "conftest.py", "__init__.py"))


class Scripts:
    """`Remediator` of scripts: in the root, in `bin`, `script(s)` and `tools` folders, and wherever one has a lock."""

    name = "script"
    ecosystem = "PyPI"
    versions: Versions = PypiVersions()
    registry: Registry = REGISTRY

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """One unit per file that may be such a script."""
        present = frozenset(paths)
        return tuple(
            Unit(self.name, path, lock, (path, lock)) if lock in present else Unit(self.name, path, None, (path,))
            for path in sorted(present)
            for lock in (f"{path}.lock",)
            if path.endswith(".py") and not vendored(path) and (lock in present or _is_script(path))
        )

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit itself: a script includes nothing."""
        return unit

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Every requirement of the script's block, and everything else that its lock holds."""
        block = read_block(unit.manifest, content(unit.manifest, read))
        if block is None:
            return Parsed(())
        named, problems = _named(block)
        platform = str(block.document.root.get("requires-python", ""))
        lock = read_lock(unit.lockfile, content(unit.lockfile, read)) if unit.lockfile else None
        direct = {requirement.name: (requirement, line) for _, requirement, line in named}
        locked = list(_locked(unit, lock, direct, platform)) if lock else []
        missing = [one for name, one in direct.items() if name not in {dependency.package for dependency in locked}]
        alone = [_dependency(unit, one, pinned(one[0].specifier), platform) for one in missing]
        return Parsed((*locked, *alone), problems)

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Who asks for a locked package: the script, and the packages of its lock."""
        block = read_block(unit.manifest, content(unit.manifest, read))
        if block is None or unit.lockfile is None:
            return ()
        name = canonicalize_name(package)
        named = {requirement.name: requirement for _, requirement, _ in _named(block)[0]}
        own = [Requirer(unit.manifest, "", named[name].specifier, direct=True)] if name in named else []
        parents = (
            Requirer(parent.name, parent.version, "", direct=parent.name in named)
            for parent in read_lock(unit.lockfile, content(unit.lockfile, read)).packages
            if any(edge.name == name and edge.version in {"", version} for edge in parent.edges)
        )
        return (*own, *parents)

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The script with the requirements of its block rewritten: with a lock those that refuse the new version.

        Raises ManifestError when one cannot be moved, BlockedError for an override.
        """
        overridden = [upgrade.package for upgrade in upgrades if upgrade.override]
        if overridden:
            raise BlockedError(
                f"{unit.manifest}: no override is written into a script: raise who requires {overridden[0]}"
            )
        raw = files[unit.manifest]
        for upgrade in upgrades:
            raw = self._moved(unit, raw, upgrade)
        return {} if raw == files[unit.manifest] else {unit.manifest: raw}

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Have uv lock the script; it is not run, and nothing is built. Raises ToolError and BlockedError."""
        if unit.lockfile is None:
            return
        block = read_block(unit.manifest, (work / unit.manifest).read_bytes())
        if block is not None:
            check_tables(block.document, (("dependencies",),))
            check_settings(block.document)
        lockfile = work / unit.lockfile
        lock = read_lock(unit.lockfile, lockfile.read_bytes())
        arguments = lock_arguments(lock, upgrades, index)
        argv = [executable(), "lock", "--no-build", *arguments, "--script", posixpath.basename(unit.manifest)]
        try:
            tools.run(argv, (work / unit.manifest).parent, ENVIRONMENT)
        except ToolError as error:
            raise explained(unit.manifest, unit.lockfile, lock, upgrades, error) from error
        after = read_lock(unit.lockfile, lockfile.read_bytes())
        for upgrade in upgrades:
            held = {entry.version for entry in after.at(upgrade.package) if self.versions.valid(entry.version)}
            if held and (upgrade.after not in held or (upgrade.everywhere and upgrade.before in held)):
                kept = ", ".join(sorted(held))
                raise BlockedError(f"{unit.lockfile}: uv keeps {upgrade.package} at {kept} instead of {upgrade.after}")

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """The version of uv, where there is a lock. It is installed with the bot, so it need not run to tell."""
        return {} if unit.lockfile is None else {"uv": importlib.metadata.version("uv")}

    def _moved(self, unit: Unit, raw: bytes, upgrade: Upgrade) -> bytes:
        block = read_block(unit.manifest, raw)
        named = [] if block is None else [one for one in _named(block)[0] if one[1].name == _name(upgrade)]
        specifiers = [requirement.specifier for _, requirement, _ in named]
        locked = unit.lockfile is not None
        changes = moves(unit.manifest, specifiers, upgrade, decided=locked, locked=locked)
        if block is None or not changes:
            return raw
        return block.spliced({named[place][0]: Edit(*named[place][1].span, new) for place, new in changes.items()})


def _is_script(path: str) -> bool:
    return _SCRIPT.fullmatch(path) is not None and posixpath.basename(path) not in _NO_SCRIPTS


def _name(upgrade: Upgrade) -> str:
    return canonicalize_name(upgrade.package)


def _named(block: ScriptBlock) -> tuple[list[tuple[Place, PythonRequirement, int]], tuple[Failure, ...]]:
    """Every requirement with its place and its line in the script, and those that are not handled."""
    named: list[tuple[Place, PythonRequirement, int]] = []
    problems: list[Failure] = []
    path = block.document.name
    for place, span in block.document.spans().items():
        if place[:1] != ("dependencies",) or len(place) != 2:
            continue
        line = block.document.line(span) + block.first - 1
        try:
            requirement = read_requirement(block.document.string(place))
        except ValueError as error:
            problems.append(Failure(path, f"line {line} of {path}: {error}"))
            continue
        if requirement.url:
            said = (
                f"line {line} of {path}: a URL requirement has no version to look up; depend on a release of an index"
            )
            problems.append(Failure(path, said, fault=False))
        else:
            named.append((place, requirement, line))
    return named, tuple(problems)


def _locked(
    unit: Unit, lock: UvLock, direct: Mapping[str, tuple[PythonRequirement, int]], platform: str
) -> Sequence[Dependency]:
    return [
        Dependency(
            ecosystem="PyPI",
            package=package.name,
            requirement=direct[package.name][0].specifier if package.name in direct else "",
            version=package.version,
            manifest=unit.manifest,
            lockfile=unit.lockfile,
            scope=Scope.DEV,
            direct=package.name in direct,
            line=direct[package.name][1] if package.name in direct else package.line,
            platform=platform,
        )
        for package in lock.packages
        if package.version and package.folder is None
    ]


def _dependency(unit: Unit, one: tuple[PythonRequirement, int], version: str | None, platform: str) -> Dependency:
    return Dependency(
        ecosystem="PyPI",
        package=one[0].name,
        requirement=one[0].specifier,
        version=version,
        manifest=unit.manifest,
        lockfile=None,
        scope=Scope.DEV,
        direct=True,
        line=one[1],
        platform=platform,
    )
