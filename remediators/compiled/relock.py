"""pip-compile or uv compiles a file again with the options of its header, moving only what is told."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import Tools, Unit, Upgrade
from remediators.compiled.blocked import explained
from remediators.compiled.output import holds, is_pylock, merged, versions
from remediators.compiled.run import Run, run
from remediators.compiled.unit import Compiled
from remediators.documents.toml_document import read_toml
from remediators.errors import BlockedError, ToolError
from remediators.python.references import check_references
from remediators.python.tool import LockTools
from remediators.requirements.edit import moved
from remediators.requirements.hashes import with_renewed_hashes
from remediators.requirements.options import check_options
from remediators.requirements.places import check_includes, check_places
from remediators.requirements.plain import settled
from remediators.uv.settings import check_project
from remediators.uv.stand_in import stood_in

_OTHER_PYTHONS = ("3.12", "3.13", "3.10", "3.9", "3.8")
"""Tried in turn when a file does not say for which Python it was compiled, and that of the bot gives other packages."""

_IN_PLACE = ("No matching distribution found", "Wheels are required for", "No interpreter found", "Failed to inspect")
"""What a tool says when it would have to build something, or needs a Python that is not installed."""


def recompiled(
    found: Compiled, work: Path, files: Sequence[str], upgrades: Sequence[Upgrade], index: str | None, tools: LockTools
) -> None:
    """Bring the compiled file in line. Raises ToolError, and BlockedError naming who holds one back.

    Where the tool cannot do so without building something, the pins are moved in place, as in a file without a header.
    """
    _check_inside(found, work, files)
    for name in files:
        if name != found.lockfile and name.endswith(".txt"):
            renewed = with_renewed_hashes(name, (work / name).read_bytes(), upgrades, index, tools)
            (work / name).write_bytes(renewed)
    before = (work / found.lockfile).read_bytes()
    held = versions(found.lockfile, before)
    here = tuple(upgrade for upgrade in upgrades if canonicalize_name(upgrade.package) in held)
    if not here:
        return
    try:
        with stood_in(work, Unit("", found.sources[0], None, found.sources), ()):
            after = _compiled(found, work, here, index, tools)
    except ToolError as error:
        (work / found.lockfile).write_bytes(before)
        if is_pylock(found.lockfile) or not any(words in error.stderr for words in _IN_PLACE):
            raise explained(found, work, here, index, tools, error) from error
        _moved_in_place(found, work, here, index, tools)
        return
    (work / found.lockfile).write_bytes(merged(found.lockfile, before, after, index, tools))
    for upgrade in here:
        _check(found, work, upgrade, index, tools)


def _check_inside(found: Compiled, work: Path, files: Sequence[str]) -> None:
    unit = Unit("", found.sources[0], None, tuple(files))
    if found.command.tool == "pip-compile":
        check_references(unit, work)
        for name in files:
            if name.endswith((".in", ".txt")):
                check_options(name, (work / name).read_bytes())
    else:
        check_project(unit, work)
    check_includes(found.lockfile, (work / found.lockfile).read_bytes())
    for name in files:
        if name != found.lockfile and not name.endswith((".toml", ".lock")):
            check_places(name, (work / name).read_bytes(), found.folder)


def _compiled(found: Compiled, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: LockTools) -> bytes:
    """What the tool writes; for uv without a known Python the one of several that changes the fewest packages."""
    lockfile = work / found.lockfile
    before = lockfile.read_bytes()
    best, fewest = b"", sys.maxsize
    for python in _pythons(found, before):
        lockfile.write_bytes(before)
        try:
            run(found, work, Run(before, tuple(upgrades), index, python), tools)
        except ToolError:
            if not best:
                raise
            continue
        after = lockfile.read_bytes()
        changed = len(versions(found.lockfile, before).keys() ^ versions(found.lockfile, after).keys())
        if changed < fewest:
            best, fewest = after, changed
        if not changed:
            break
    return best


def _pythons(found: Compiled, before: bytes) -> tuple[str, ...]:
    """What to compile for in turn, "" for what the header says."""
    command = found.command
    if command.tool != "uv" or command.python or any(name == "--universal" for name, _, _ in command.options):
        return ("",)
    if is_pylock(found.lockfile):
        requires = str(read_toml(found.lockfile, before).root.get("requires-python", ""))
        return (requires.removeprefix(">="),) if requires.startswith(">=") and "," not in requires else ("",)
    return ("", *_OTHER_PYTHONS)


def _moved_in_place(found: Compiled, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
    lockfile = work / found.lockfile
    for upgrade in upgrades:
        changed = moved(found.lockfile, {found.lockfile: lockfile.read_bytes()}, upgrade, locked=False)
        lockfile.write_bytes(changed.get(found.lockfile, lockfile.read_bytes()))
    settled(found.lockfile, work, (found.lockfile,), upgrades, index, tools)


def _check(found: Compiled, work: Path, upgrade: Upgrade, index: str | None, tools: Tools) -> None:
    """A package that nothing needs any more has left the file; any other is at the new version, everywhere."""
    name = canonicalize_name(upgrade.package)
    held = versions(found.lockfile, (work / found.lockfile).read_bytes()).get(name, frozenset())
    stays = upgrade.everywhere and holds(held, upgrade.before)
    if held and (stays or not holds(held, upgrade.after)):
        kept, tool = ", ".join(sorted(held)), found.command.tool
        error = BlockedError(f"{found.lockfile}: {tool} keeps {name} at {kept} instead of {upgrade.after}")
        raise explained(found, work, (upgrade,), index, tools, error)
