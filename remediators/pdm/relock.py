"""pdm brings a pdm.lock in line with an upgrade, at exactly the wanted version and with nothing else moved.

pdm can keep what is locked and override a version, so the new versions are overrides while it runs (see
`launch`). An override also silences others that refuse the version: they are looked for here, before and after.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import Unit, Upgrade
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.errors import BlockedError, Requirer, ToolError
from remediators.index_urls import without_credentials
from remediators.pdm import launch as pdm_launch
from remediators.pdm.inventory import requirers
from remediators.pdm.lock import PdmLock, read_lock
from remediators.pdm.manifest import overrides, sources
from remediators.python.references import check_references
from remediators.python.tool import LockTools, run_tool
from remediators.versions.pypi import PypiVersions

_ENVIRONMENT: Mapping[str, str] = {
    "PDM_CHECK_UPDATE": "0",
    "PDM_NON_INTERACTIVE": "1",
    # Without these pdm makes an environment for the project.
    "PDM_USE_VENV": "0",
    "PDM_IGNORE_SAVED_PYTHON": "1",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    "NO_COLOR": "1",
}
_NO_SOLUTION = ("Unable to find a resolution", "ResolutionImpossible")
_REMEDIES = (
    (pdm_launch.REFUSED, "a dependency is published as source only or comes from Git: depend on a wheel of it"),
    ("does not exist", "a dependency is a file or folder that the bot does not hand to pdm"),
)
_NOISE = re.compile(r"^(?:WARNING: Add '-v'|See \S+ for detailed|STATUS:|INFO:).*$", re.MULTILINE)
_SHOWN = 600
_KEPT_DIGITS = 16
_TELLING = ("source", "resolution")
"""The tables of pdm that say where packages come from."""
_VERSIONS = PypiVersions()


def relocked(
    unit: Unit, lockfile: str, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: LockTools
) -> None:
    """Move these packages in the lockfile, and as little else as pdm can. Raises ToolError and BlockedError."""
    document = read_toml(unit.manifest, (work / unit.manifest).read_bytes())
    check_references(unit, work, "pdm")
    before = read_lock(lockfile, (work / lockfile).read_bytes())
    _check_possible(before, upgrades)
    moving = frozenset((canonicalize_name(upgrade.package), upgrade.before) for upgrade in upgrades)
    _refuse(lockfile, [found for upgrade in upgrades for found in _refusing(document, before, upgrade, moving)])
    named = {without_credentials(str(source.get("url", ""))) for source in sources(document)}
    # The hooks of a project are commands. Unasked, pdm keeps to the groups that are locked.
    command = ["lock", "--skip=:all"]
    try:
        folder = work / posixpath.dirname(unit.manifest)
        kept = _kept(document, before.pdm, index)
        pins = _pins(before, upgrades)
        run_pdm(command, before.pdm, pins, folder, None if index in named else index, tools, kept)
    except ToolError as error:
        raise _explained(unit, upgrades, error) from error
    after = read_lock(lockfile, (work / lockfile).read_bytes())
    for upgrade in upgrades:
        _check(document, after, upgrade)
    _refuse(lockfile, [found for upgrade in upgrades for found in _refusing(document, after, upgrade, frozenset())])


def run_pdm(
    command: Sequence[str],
    pdm: str,
    pins: Mapping[str, str],
    folder: Path,
    index: str | None,
    tools: LockTools,
    kept: str,
) -> None:
    """Run a command of pdm, which builds nothing and moves the pinned packages only. Raises ToolError.

    `kept` names its cache (see `launch`).
    """
    argv = ["python", "-I", "-c", inspect.getsource(pdm_launch), kept, json.dumps(pins), *command]
    run_tool(pdm, argv, folder, index, tools, {**_ENVIRONMENT, **({"PDM_PYPI_URL": index} if index else {})})


def _kept(document: TomlDocument, pdm: str, index: str | None) -> str:
    """A name for this pdm with what its settings say of where packages come from."""
    tool = document.root.get("tool")
    settings = tool.get("pdm") if isinstance(tool, Mapping) else None
    telling = [settings.get(name) for name in _TELLING] if isinstance(settings, Mapping) else []
    said = json.dumps((pdm, index, telling), sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:_KEPT_DIGITS]


def _check_possible(lock: PdmLock, upgrades: Sequence[Upgrade]) -> None:
    if not lock.portable:
        raise ToolError(
            f"{lock.name} is for the platform that it was made on, which the bot's may not be; "
            "lock it there, or with the strategy cross_platform"
        )
    for upgrade in upgrades:
        versions = {package.version for package in lock.at(upgrade.package)}
        if len(versions) > 1:
            raise ToolError(
                f"{lock.name}: {upgrade.package} is locked at {', '.join(sorted(versions))} for different targets, "
                "and pdm moves all of them at once; move it by hand"
            )


def _pins(lock: PdmLock, upgrades: Sequence[Upgrade]) -> Mapping[str, str]:
    """Package to new version, each of its locked extras as well: before 2.17 pdm takes these for other packages."""
    names = {
        f"{package.name}[{','.join(sorted(package.extras))}]" if package.extras else package.name: upgrade.after
        for upgrade in upgrades
        for package in lock.at(upgrade.package)
    }
    return names | {canonicalize_name(upgrade.package): upgrade.after for upgrade in upgrades}


def _refusing(
    document: TomlDocument, lock: PdmLock, upgrade: Upgrade, moving: frozenset[tuple[str, str]]
) -> Iterator[tuple[Upgrade, Requirer]]:
    """Who requires another version, and is neither moved as well nor overridden by the project."""
    if canonicalize_name(upgrade.package) in overrides(document):
        return
    version = next(iter(lock.at(upgrade.package)), None)
    for requirer in requirers(document, lock, upgrade.package, version.version if version else upgrade.before):
        # What a folder requires was edited with it; the lock tells only what it required before.
        folder = any(package.folder for package in lock.at(requirer.package))
        moves = folder or (requirer.package, requirer.version) in moving
        if not moves and not _admits(requirer.requirement, upgrade.after):
            yield upgrade, requirer


def _refuse(lockfile: str, refusing: Sequence[tuple[Upgrade, Requirer]]) -> None:
    if not refusing:
        return
    said = dict.fromkeys(
        f"{f'{held.package} {held.version}'.strip()} requires {upgrade.package} {held.requirement}, not {upgrade.after}"
        for upgrade, held in refusing
    )
    raise BlockedError(f"{lockfile}: blocked, {_cut('; '.join(said))}", [held for _, held in refusing])


def _check(document: TomlDocument, lock: PdmLock, upgrade: Upgrade) -> None:
    """A package that nothing needs any more has left the lock; any other is at the new version, everywhere."""
    versions = sorted({package.version for package in lock.at(upgrade.package) if not package.origin})
    if all(_VERSIONS.compare(version, upgrade.after) == 0 for version in versions):
        return
    held = requirers(document, lock, upgrade.package, versions[0])
    wanted_by = ", ".join(dict.fromkeys(f"{requirer.package} {requirer.version}".strip() for requirer in held))
    raise BlockedError(
        f"{lock.name}: pdm keeps {upgrade.package} at {', '.join(versions)} instead of {upgrade.after}; "
        f"it is wanted by {wanted_by or 'nobody'}: look at what they require",
        held,
    )


def _explained(unit: Unit, upgrades: Sequence[Upgrade], error: ToolError) -> ToolError | BlockedError:
    moves = ", ".join(f"{upgrade.package} {upgrade.after}" for upgrade in upgrades)
    said = re.sub(r"\s+", " ", _NOISE.sub("", error.stderr)).strip()
    if any(words in said for words in _NO_SOLUTION):
        return BlockedError(f"{unit.manifest}: pdm finds no solution with {moves}: {_cut(said)}")
    remedy = next((text for words, text in _REMEDIES if words in said), "run pdm lock in the project to see more")
    return ToolError(f"{unit.manifest}: pdm cannot lock {moves}: {_cut(said or str(error))}; {remedy}", error.stderr)


def _admits(requirement: str, version: str) -> bool:
    return _VERSIONS.satisfies(version, requirement)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
