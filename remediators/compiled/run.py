"""One run of the tool that compiled a file: with the options of its header, and so that it builds nothing."""

from __future__ import annotations

import contextlib
import importlib.metadata
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from remediators.api import Tools, Upgrade
from remediators.aside import unused
from remediators.compiled.header import Takes
from remediators.compiled.output import all_have_wheels, entries, is_pylock, versions
from remediators.compiled.unit import Compiled
from remediators.errors import ToolError
from remediators.python.tool import LockTools, Ran, run_tool
from remediators.uv.interpreter import powerless
from remediators.uv.run import ENVIRONMENT, executable

PIP_TOOLS = "pip-tools==7.6.2"
"""A header does not tell the version that wrote it. This one runs with the pip that uv installs beside it."""

_ANY_PIP_TOOLS = "pip-tools>=6,<8"
"""For another Python than the bot's, which that version may not run with."""

_WHEELS_ONLY: Mapping[str, str] = {
    "PIP_ONLY_BINARY": ":all:",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
}
_PINS = ".pins.txt"
_PYTHON = ("--python", "-p")


@dataclass(frozen=True, slots=True)
class Run:
    """What a run starts from and moves. `python` is what uv compiles for, "" for what the header says."""

    before: bytes
    upgrades: Sequence[Upgrade]
    index: str | None
    python: str = ""


def run(found: Compiled, work: Path, what: Run, tools: LockTools) -> None:
    """Compile the file in `work` again. Raises ToolError."""
    match found.command.tool:
        case "uv":
            _uv(found, work, what, tools)
        case "uv export":
            argv = [executable(), "export", "--quiet", "--frozen", *_options(found, what.before), *_output(found)]
            tools.run(argv, work / found.folder, ENVIRONMENT)
        case _:
            _pip_compile(found, work, what, tools)


def tool_versions(found: Compiled | None, ran: Ran) -> Mapping[str, str]:
    """Name to version of what `run` runs; uv, where nothing says otherwise. None has to run to tell."""
    if found is None or found.command.tool != "pip-compile":
        return {"uv": importlib.metadata.version("uv")}
    return {"pip-tools": ran.version(_pip_tools(found)[0])}


def _uv(found: Compiled, work: Path, what: Run, tools: Tools) -> None:
    folder = work / found.folder
    own_index = any(takes is Takes.URL for _, _, takes in found.command.options)
    argv = [executable(), "pip", "compile", "--quiet", *_options(found, what.before), *_output(found)]
    argv += _upgrades(what)
    argv += ["--default-index", what.index] if what.index and not own_index else []
    argv += ["--python-version", what.python] if what.python else []
    argv += _sources(found)
    if is_pylock(found.lockfile):
        _uv_pylock(found, work, what, argv, tools)
    else:
        tools.run([*argv, "--no-build"], folder, ENVIRONMENT)


def _uv_pylock(found: Compiled, work: Path, what: Run, argv: Sequence[str], tools: Tools) -> None:
    """As `_uv`. In one run where all that it chooses has a wheel, which tells what would otherwise take a build."""
    folder, lockfile = work / found.folder, work / found.lockfile
    if not any(name in _PYTHON for name, _, _ in found.command.options):
        with powerless(folder) as python, contextlib.suppress(ToolError):
            # What this run is refused, the next one says in words of its own, or goes around.
            tools.run([*argv, *python], folder, ENVIRONMENT)
            if all_have_wheels(found.lockfile, lockfile.read_bytes()):
                return
        lockfile.write_bytes(what.before)
    tools.run([*argv, "--no-build"], folder, ENVIRONMENT)
    # With --no-build uv leaves the sources out of a pylock.toml. All that was chosen has a wheel, whose metadata is
    # in uv's cache: offline, and held to just these versions, there is nothing left to build.
    pins = versions(found.lockfile, lockfile.read_bytes())
    lines = [f"{name}=={version}\n" for name, held in pins.items() for version in held if len(held) == 1]
    held_to = unused(folder, _PINS)
    held_to.write_text("".join(lines), encoding="utf-8")
    lockfile.write_bytes(what.before)
    try:
        tools.run([*argv, "--offline", "--constraints", held_to.name], folder, ENVIRONMENT)
    finally:
        held_to.unlink()


def _pip_compile(found: Compiled, work: Path, what: Run, tools: LockTools) -> None:
    environment = {**_WHEELS_ONLY, **({"PIP_INDEX_URL": what.index} if what.index else {})}
    argv = ["pip-compile", "--quiet", "--no-config", *_options(found, what.before), *_output(found)]
    argv += [*_upgrades(what), *_sources(found)]
    requirement, python = _pip_tools(found)
    run_tool(requirement, argv, work / found.folder, what.index, tools, environment, python=python)


def _pip_tools(found: Compiled) -> tuple[str, str]:
    """The requirement of pip-tools, and the Python that it runs with."""
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (PIP_TOOLS, sys.executable) if found.command.python in {"", own} else (_ANY_PIP_TOOLS, found.command.python)


def _options(found: Compiled, before: bytes) -> list[str]:
    """The header's own options, and those that a configuration must have given: the file shows them."""
    options = [part for name, value, _ in found.command.options for part in ((name, value) if value else (name,))]
    held = entries(found.lockfile, before)
    if found.command.tool == "uv export" or not held:
        return options
    if any(entry.hashes for entry in held) and "--generate-hashes" not in options:
        options.append("--generate-hashes")
    if not any(entry.via for entry in held) and "--no-annotate" not in options:
        options.append("--no-annotate")
    return options


def _output(found: Compiled) -> list[str]:
    return ["--output-file", found.from_folder(found.lockfile)]


def _upgrades(what: Run) -> list[str]:
    return [part for one in what.upgrades for part in ("--upgrade-package", f"{one.package}=={one.after}")]


def _sources(found: Compiled) -> list[str]:
    return [found.from_folder(path) for path in found.sources]
