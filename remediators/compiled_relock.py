"""pip-compile or uv compiles a requirements file again with the options of its header, moving only what is told."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import BlockedError, ToolError, Tools, Unit, Upgrade
from remediators.compiled_blocked import explained
from remediators.compiled_header import Takes
from remediators.compiled_unit import Compiled
from remediators.python_specifiers import pinned
from remediators.python_tool import run_tool
from remediators.requirements_edit import moved
from remediators.requirements_file import Entry, read_items
from remediators.requirements_hashes import with_renewed_hashes
from remediators.requirements_plain import settled
from remediators.text_edits import Edit, decoded
from remediators.uv_relock import ENVIRONMENT, executable
from remediators.uv_stand_in import stood_in
from remediators.versions.pypi import PypiVersions

PIP_TOOLS = "pip-tools==7.6.2"
"""A header does not tell the version that wrote it. This one runs with the pip that uv installs beside it."""

_ANY_PIP_TOOLS = "pip-tools>=6,<8"
"""For another Python than the bot's, which that version may not run with."""

_WHEELS_ONLY: Mapping[str, str] = {
    "PIP_ONLY_BINARY": ":all:",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
}
_OTHER_PYTHONS = ("3.12", "3.13", "3.10", "3.9", "3.8")
"""Tried in turn when a file does not say for which Python it was compiled, and that of the bot gives other packages."""

_IN_PLACE = ("No matching distribution found", "Wheels are required for", "No interpreter found", "Failed to inspect")
"""What a tool says when it would have to build something, or needs a Python that is not installed."""

_VERSIONS = PypiVersions()


def recompiled(
    found: Compiled, work: Path, files: Sequence[str], upgrades: Sequence[Upgrade], index: str | None, tools: Tools
) -> None:
    """Bring the compiled file in line. Raises ToolError, and BlockedError naming who holds one back.

    Where the tool cannot do so without building something, the pins are moved in place, as in a file without a header.
    """
    for name in files:
        if name != found.lockfile and name.endswith(".txt"):
            renewed = with_renewed_hashes(name, (work / name).read_bytes(), upgrades, index, tools)
            (work / name).write_bytes(renewed)
    before = (work / found.lockfile).read_bytes()
    here = tuple(upgrade for upgrade in upgrades if canonicalize_name(upgrade.package) in _pins(found.lockfile, before))
    if not here:
        return
    try:
        with stood_in(work, Unit("", found.sources[0], None, found.sources), ()):
            after = _compiled(found, work, here, index, tools)
    except ToolError as error:
        (work / found.lockfile).write_bytes(before)
        if not any(words in error.stderr for words in _IN_PLACE):
            raise explained(found, work, here, index, tools, error) from error
        _moved_in_place(found, work, here, index, tools)
        return
    (work / found.lockfile).write_bytes(_merged(found.lockfile, before, after, index, tools))
    for upgrade in here:
        _check(found, work, upgrade, index, tools)


def _compiled(found: Compiled, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> bytes:
    """What the tool writes; for uv without a known Python the one of several that changes the fewest packages."""
    lockfile = work / found.lockfile
    before = lockfile.read_bytes()
    known = found.command.tool == "pip-compile" or found.command.python or _has(found, "--universal")
    best, fewest = b"", sys.maxsize
    for python in ("",) if known else ("", *_OTHER_PYTHONS):
        lockfile.write_bytes(before)
        try:
            _run(found, work, before, (upgrades, python), index, tools)
        except ToolError:
            if not best:
                raise
            continue
        after = lockfile.read_bytes()
        changed = len(_pins(found.lockfile, before).keys() ^ _pins(found.lockfile, after).keys())
        if changed < fewest:
            best, fewest = after, changed
        if not changed:
            break
    return best


def _run(
    found: Compiled,
    work: Path,
    before: bytes,
    what: tuple[Sequence[Upgrade], str],
    index: str | None,
    tools: Tools,
) -> None:
    upgrades, other_python = what
    arguments = [*_options(found, before), "--output-file", found.from_folder(found.lockfile)]
    for upgrade in upgrades:
        arguments += ["--upgrade-package", f"{upgrade.package}=={upgrade.after}"]
    folder = work / found.folder
    if found.command.tool == "uv":
        own_index = any(kind is Takes.URL for _, _, kind in found.command.options)
        argv = [executable(), "pip", "compile", "--quiet", "--no-build", *arguments]
        argv += ["--default-index", index] if index and not own_index else []
        argv += ["--python-version", other_python] if other_python else []
        tools.run([*argv, *_sources(found)], folder, ENVIRONMENT)
        return
    environment = {**_WHEELS_ONLY, **({"PIP_INDEX_URL": index} if index else {})}
    argv = ["pip-compile", "--quiet", "--no-config", *arguments, *_sources(found)]
    python = _interpreter(found)
    tool = PIP_TOOLS if python == sys.executable else _ANY_PIP_TOOLS
    run_tool(tool, argv, folder, index, tools, environment, python=python)


def _interpreter(found: Compiled) -> str:
    """The Python that a file was compiled with: the bot's own where it is the same."""
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    return sys.executable if found.command.python in {"", own} else found.command.python


def _sources(found: Compiled) -> list[str]:
    return [found.from_folder(path) for path in found.sources]


def _options(found: Compiled, before: bytes) -> list[str]:
    """The header's own options, and those that a configuration must have given: the file shows them."""
    entries = [item for item in read_items(decoded(found.lockfile, before).content) if isinstance(item, Entry)]
    options = [part for name, value, _ in found.command.options for part in ((name, value) if value else (name,))]
    if any(entry.hashes for entry in entries) and "--generate-hashes" not in options:
        options.append("--generate-hashes")
    if not any(entry.via for entry in entries) and "--no-annotate" not in options:
        options.append("--no-annotate")
    return options


def _has(found: Compiled, option: str) -> bool:
    return any(name == option for name, _, _ in found.command.options)


def _pins(name: str, raw: bytes) -> dict[str, str]:
    """The pinned version by package; "" for one without."""
    items = read_items(decoded(name, raw).content)
    return {item.name: pinned(item.specifier) or "" for item in items if isinstance(item, Entry)}


def _merged(path: str, before: bytes, after: bytes, index: str | None, tools: Tools) -> bytes:
    """What the tool wrote below what stood above the first pin, in the file's own line endings.

    Restricted to wheels, pip-compile leaves the hashes of sources out: those of changed packages are renewed.
    """
    old, new = decoded(path, before), decoded(path, after)
    body = new.content[_start_of_pins(new.content) :].replace("\r\n", "\n")
    if "\r\n" in old.content:
        body = body.replace("\n", "\r\n")
    written = old.spliced([Edit(_start_of_pins(old.content), len(old.content), body)])
    was, now = _pins(path, before), _pins(path, written)
    changed = [Upgrade(name, "", pin, direct=False) for name, pin in now.items() if pin and was.get(name) != pin]
    return with_renewed_hashes(path, written, changed, index, tools)


def _start_of_pins(text: str) -> int:
    entries = [item for item in read_items(text) if isinstance(item, Entry)]
    return text.rfind("\n", 0, entries[0].specifier_span[0]) + 1 if entries else len(text)


def _moved_in_place(found: Compiled, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
    lockfile = work / found.lockfile
    for upgrade in upgrades:
        changed = moved(found.lockfile, {found.lockfile: lockfile.read_bytes()}, upgrade, locked=False)
        lockfile.write_bytes(changed.get(found.lockfile, lockfile.read_bytes()))
    settled(found.lockfile, work, (found.lockfile,), upgrades, index, tools)


def _check(found: Compiled, work: Path, upgrade: Upgrade, index: str | None, tools: Tools) -> None:
    """A package that nothing needs any more has left the file; any other is at the new version, everywhere."""
    items = read_items(decoded(found.lockfile, (work / found.lockfile).read_bytes()).content)
    name = canonicalize_name(upgrade.package)
    pins = {pinned(item.specifier) or "" for item in items if isinstance(item, Entry) and item.name == name}
    stays = upgrade.everywhere and _among(pins, upgrade.before)
    if pins and (stays or not _among(pins, upgrade.after)):
        kept = ", ".join(sorted(pins))
        tool = found.command.tool
        error = BlockedError(f"{found.lockfile}: {tool} keeps {name} at {kept} instead of {upgrade.after}")
        raise explained(found, work, (upgrade,), index, tools, error)


def _among(pins: Collection[str], version: str) -> bool:
    return any(_VERSIONS.valid(pin) and not _VERSIONS.compare(pin, version) for pin in pins)
