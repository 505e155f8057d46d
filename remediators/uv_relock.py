"""uv brings a uv.lock in line with an edited pyproject.toml, and nothing else in the project runs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from remediators.api import BlockedError, ToolError, Tools, Unit, Upgrade
from remediators.toml_document import read_toml
from remediators.uv_graph import requirers
from remediators.uv_indexes import read_indexes
from remediators.uv_lock import UvLock, read_lock
from remediators.uv_stand_in import stood_in
from remediators.versions.pypi import PypiVersions

ENVIRONMENT: Mapping[str, str] = {
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_NO_PROGRESS": "1",
    "NO_COLOR": "1",
}
"""What uv runs with. UV_NO_CONFIG is not among it: it would also hide the project's own [tool.uv]."""

_NO_SOLUTION = "No solution found when resolving dependencies"
_REMEDIES = (
    ("No interpreter found", "install a Python that the project's requires-python admits where the bot runs"),
    ("incompatible with the project's Python", "install a Python that its requires-python admits where the bot runs"),
    ("is disabled", "a dependency is published as source only, and the bot builds none: depend on a wheel of it"),
    ("Failed to build", "a requirement in its [project] table cannot be read without a build: correct it"),
)
"""What uv says, and what a person can do about it."""

_SHOWN = 600
_VERSIONS = PypiVersions()


def relocked(
    unit: Unit, lockfile: str, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools
) -> None:
    """Move these packages in the lockfile, and as little else as uv can. Raises ToolError and BlockedError."""
    folder = work / posixpath.dirname(unit.manifest)
    before = read_lock(lockfile, (work / lockfile).read_bytes())
    named = read_indexes(read_toml(unit.manifest, (work / unit.manifest).read_bytes())).urls
    argv = lock_command(before, upgrades, None if index in named else index)
    with stood_in(work, lockfile, unit.files):
        try:
            tools.run(argv, folder, ENVIRONMENT)
        except ToolError as error:
            raise _explained(unit, upgrades, error) from error
    after = read_lock(lockfile, (work / lockfile).read_bytes())
    for upgrade in upgrades:
        _check(lockfile, after, upgrade)


def lock_command(lock: UvLock, upgrades: Sequence[Upgrade], index: str | None) -> list[str]:
    """The argv of a relock. `index` stands in for the default one."""
    argv = [executable(), "lock", "--no-build"]
    for upgrade in upgrades:
        argv += ["--upgrade-package", _constraint(lock, upgrade)]
    return [*argv, "--default-index", index] if index else argv


def executable() -> str:
    """The uv that came with the bot. Raises ToolError when it is gone."""
    # Imported late: only a relock needs it.
    import uv

    try:
        return uv.find_uv_bin()
    except FileNotFoundError as error:
        raise ToolError("uv is not installed beside the bot; install it again with its dependencies") from error


def _constraint(lock: UvLock, upgrade: Upgrade) -> str:
    """`name==version`, for the forks only that hold the old version: uv would move all of them."""
    pin = f"{upgrade.package}=={upgrade.after}"
    entries = lock.at(upgrade.package)
    forks = [marker for entry in entries if entry.version == upgrade.before for marker in entry.markers]
    if len(entries) < 2 or not forks:
        return pin
    return f"{pin} ; {' or '.join(f'({marker})' for marker in forks)}"


def _explained(unit: Unit, upgrades: Sequence[Upgrade], error: ToolError) -> ToolError | BlockedError:
    moves = ", ".join(f"{upgrade.package} {upgrade.after}" for upgrade in upgrades)
    said = re.sub(r"\s+", " ", re.sub(r"^Using .*|cause:", "", error.stderr, flags=re.MULTILINE)).strip()
    _, no_solution, because = said.partition(_NO_SOLUTION)
    if no_solution:
        return BlockedError(f"{unit.manifest}: uv finds no solution with {moves}: {_cut(because.strip())}")
    remedy = next((text for words, text in _REMEDIES if words in said), "run uv lock in the project to see more")
    return ToolError(f"{unit.manifest}: uv cannot lock {moves}: {_cut(said or str(error))}; {remedy}", error.stderr)


def _check(lockfile: str, lock: UvLock, upgrade: Upgrade) -> None:
    """A package that nothing needs any more has left the lock; any other is at the new version, everywhere."""
    versions = sorted({entry.version for entry in lock.at(upgrade.package) if entry.version})
    stays = any(_VERSIONS.compare(version, upgrade.before) == 0 for version in versions)
    arrived = any(_VERSIONS.compare(version, upgrade.after) == 0 for version in versions)
    if versions and (stays or not arrived):
        blockers = [who for version in versions for who in requirers(lock, lockfile, upgrade.package, version)]
        wanted_by = ", ".join(dict.fromkeys(f"{who.package} {who.version}".strip() for who in blockers))
        raise BlockedError(
            f"{lockfile}: uv keeps {upgrade.package} at {', '.join(versions)} instead of {upgrade.after}; "
            f"it is wanted by {wanted_by}: look at what they require",
            blockers,
        )


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
