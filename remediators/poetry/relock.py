"""Bring a poetry.lock in line with an upgrade, at exactly the wanted version and with nothing else moved.

Poetry keeps what its lockfile says wherever the requirements admit it, and looks everything else of a package up
again. So the lockfile says the new version before Poetry runs, rather than Poetry being asked to update a package,
which moves it as far as the requirements allow. The manifest is not touched, so Poetry itself writes the hash of
its content. Measured on 16 packages, three of them to be moved to versions below the newest:

| way                                         | the three are at | changed lines |
|---------------------------------------------|------------------|---------------|
| `poetry update --lock NAME…`                | the newest       | 20            |
| new versions in the lockfile, `poetry lock` | what was wanted  | 18            |
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import Tools, Unit, Upgrade
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.errors import BlockedError, RegistryError, Requirer, ToolError
from remediators.poetry import launch as poetry_launch
from remediators.poetry.constraint import admits
from remediators.poetry.inventory import requirers
from remediators.poetry.lock import PoetryLock, read_lock
from remediators.poetry.manifest import sources
from remediators.python.references import check_references
from remediators.python.tool import LockTools, run_tool
from remediators.versions.pypi import PypiVersions

_ENVIRONMENT: Mapping[str, str] = {
    "POETRY_KEYRING_ENABLED": "false",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    "NO_COLOR": "1",
}
_JSON = "application/vnd.pypi.simple.v1+json"
_NO_SOLUTION = "version solving failed"
_REMEDIES = (
    (poetry_launch.REFUSED, "a dependency is published as source only or comes from Git: depend on a wheel of it"),
    ("does not exist", "a dependency is a file or folder that the bot does not hand to Poetry"),
)
_SHOWN = 600
_KEPT_DIGITS = 16
_MENDS_ITS_CACHE_SINCE = (1, 8)
_VERSIONS = PypiVersions()


def relocked(
    unit: Unit, lockfile: str, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: LockTools
) -> None:
    """Move these packages in the lockfile, and as little else as Poetry can. Raises ToolError and BlockedError."""
    document = read_toml(unit.manifest, (work / unit.manifest).read_bytes())
    check_references(unit, work, "poetry")
    before = read_lock(lockfile, (work / lockfile).read_bytes())
    # A manifest that this lock is made with may be edited for a package that the lock does not hold.
    upgrades = [upgrade for upgrade in upgrades if upgrade.before in {e.version for e in before.at(upgrade.package)}]
    blockers = [(upgrade, held) for upgrade in upgrades for held in _blockers(document, before, upgrade, upgrades)]
    if blockers:
        raise _blocked(lockfile, blockers)
    (work / lockfile).write_bytes(before.moved(_versions(upgrades)))
    found = sources(document)
    index = None if index in found.named.values() else index
    if index is None and found.default is None:
        index = _mirror(upgrades, tools)
    # From 2.0 on, keeping what is locked is what `lock` does.
    command = ["lock"] if int(before.poetry.partition(".")[0]) >= 2 else ["lock", "--no-update"]
    folder, kept = work / posixpath.dirname(unit.manifest), _kept(document, before.poetry, index)
    try:
        run_poetry(command, before.poetry, folder, index, tools, kept)
    except ToolError as error:
        raise _explained(unit, upgrades, error) from error
    after = read_lock(lockfile, (work / lockfile).read_bytes())
    for upgrade in upgrades:
        _check(document, after, upgrade)
        _check_files(before, after, upgrade)


def _versions(upgrades: Sequence[Upgrade]) -> Mapping[tuple[str, str], str]:
    return {(canonicalize_name(upgrade.package), upgrade.before): upgrade.after for upgrade in upgrades}


def _blockers(
    document: TomlDocument, lock: PoetryLock, upgrade: Upgrade, upgrades: Sequence[Upgrade]
) -> Iterator[Requirer]:
    """Who refuses the new version and is not moved as well. Poetry would look for another version of theirs."""
    moving = _versions(upgrades).keys()
    # What a folder requires was edited with it; the lock tells only what it required before.
    folders = {(package.name, package.version) for package in lock.packages if package.source == "directory"}
    for requirer in requirers(document, lock, upgrade.package, upgrade.before):
        who = (requirer.package, requirer.version)
        if who not in moving and who not in folders and not _admits(requirer.requirement, upgrade.after):
            yield requirer


def run_poetry(
    command: Sequence[str], version: str, folder: Path, index: str | None, tools: LockTools, kept: str
) -> None:
    """Run a command of this version of Poetry; it builds nothing. `index` stands in for PyPI. Raises ToolError.

    `kept` names its cache (see `launch`), "" for a new one.
    """
    argv = ["python", "-I", "-c", inspect.getsource(poetry_launch), kept, index or "", *command]
    run_tool(f"poetry=={version}", [*argv, "--no-interaction", "--no-plugins"], folder, index, tools, _ENVIRONMENT)


def _kept(document: TomlDocument, version: str, index: str | None) -> str:
    """A name for this Poetry with these sources; "" for one that a broken file in its cache would stop."""
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < _MENDS_ITS_CACHE_SINCE:
        return ""
    named = sources(document)
    said = json.dumps((version, index, named.default, sorted(named.named.items())))
    return hashlib.sha256(said.encode()).hexdigest()[:_KEPT_DIGITS]


def _mirror(upgrades: Sequence[Upgrade], tools: Tools) -> str | None:
    """PyPI's own address where a mirror stands there that has no JSON: Poetry's API is missing then, too."""
    # Imported late: only a relock without an index of its own needs it.
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    for upgrade in upgrades[:1]:
        with contextlib.suppress(RegistryError):
            page = tools.fetch(f"{PYPI_SIMPLE_ENDPOINT}{canonicalize_name(upgrade.package)}/", _JSON)
            return PYPI_SIMPLE_ENDPOINT if page.content_type.startswith("text/html") else None
    return None


def _check(document: TomlDocument, lock: PoetryLock, upgrade: Upgrade) -> None:
    """A package that nothing needs any more has left the lock; any other is at the new version, everywhere."""
    versions = sorted({entry.version for entry in lock.at(upgrade.package) if not entry.elsewhere})
    stays = any(_VERSIONS.compare(version, upgrade.before) == 0 for version in versions)
    arrived = any(_VERSIONS.compare(version, upgrade.after) == 0 for version in versions)
    if not versions or (arrived and not (stays and upgrade.everywhere)):
        return
    wanted_by = [held for version in versions for held in requirers(document, lock, upgrade.package, version)]
    refusing = [held for held in wanted_by if not _admits(held.requirement, upgrade.after)]
    raise BlockedError(
        f"{lock.document.name}: Poetry keeps {upgrade.package} at {', '.join(versions)} instead of {upgrade.after}; "
        f"it is wanted by {_listed(refusing or wanted_by) or 'nobody: look at which files that release has'}",
        refusing,
    )


def _check_files(before: PoetryLock, after: PoetryLock, upgrade: Upgrade) -> None:
    """The version was written by us: that Poetry looked the release up shows in its files."""
    old = frozenset(name for entry in before.at(upgrade.package) for name in entry.files)
    for entry in after.at(upgrade.package):
        if entry.version == upgrade.after and old and not entry.files - old:
            raise ToolError(
                f"{after.document.name}: Poetry wrote no files of {upgrade.package} {upgrade.after}; "
                "see whether its index has that release"
            )


def _blocked(lockfile: str, blockers: Sequence[tuple[Upgrade, Requirer]]) -> BlockedError:
    said = dict.fromkeys(
        f"{_listed([held])} requires {upgrade.package} {held.requirement}, not {upgrade.after}"
        for upgrade, held in blockers
    )
    return BlockedError(f"{lockfile}: blocked, {_cut('; '.join(said))}", [held for _, held in blockers])


def _explained(unit: Unit, upgrades: Sequence[Upgrade], error: ToolError) -> ToolError | BlockedError:
    moves = ", ".join(f"{upgrade.package} {upgrade.after}" for upgrade in upgrades)
    said = re.sub(r"\s+", " ", error.stderr).strip()
    if _NO_SOLUTION in said:
        return BlockedError(f"{unit.manifest}: Poetry finds no solution with {moves}: {_cut(said)}")
    remedy = next((text for words, text in _REMEDIES if words in said), "run poetry lock in the project to see more")
    return ToolError(f"{unit.manifest}: Poetry cannot lock {moves}: {_cut(said or str(error))}; {remedy}", error.stderr)


def _listed(requirers: Sequence[Requirer]) -> str:
    return ", ".join(dict.fromkeys(f"{held.package} {held.version}".strip() for held in requirers))


def _admits(requirement: str, version: str) -> bool:
    return admits(requirement or "*", version)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
