"""Lock tools written in Python, each run at a version of its own in an environment that uv makes and keeps.

Neither the tool nor what it depends on is built from source, and no configuration of the repository has a say in
where they come from. What was fetched once is used again without asking the index: uv asks for every package that
the tool depends on, which takes 2.2 s where poetry itself starts in 0.5 s.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from remediators.api import Completed, Fetched, Tools
from remediators.errors import ToolError
from remediators.index_urls import without_credentials
from remediators.python.specifiers import pinned
from remediators.registries.recent import Recent
from remediators.uv.run import ENVIRONMENT, executable

_NOT_TO_BE_HAD = (
    "No solution found when resolving tool dependencies",
    "network was disabled",
    "Network connectivity is disabled",
)
# The folder of its programs, then what of its name is installed beside them.
_WHERE = (
    "import glob, os, sys; there = os.path.dirname(sys.executable); print(there); "
    "print(*glob.glob(os.path.dirname(there) + '/lib/*/site-packages/' + sys.argv[1] + '-*.dist-info'))"
)
# More requirements than a fleet's lockfiles name.
_KEPT = 256
_UNREACHED = "cause: Failed to fetch"

# The newest of a range changes: the index is asked once a day, and what is there will do when it cannot be.
_RECENT = """asked="${{UV_CACHE_DIR:-$HOME/.cache/uv}}/asked-{mark}"
uv=$1
shift
if [ -n "$(find "$asked" -mtime -1 2>/dev/null)" ] && "$uv" --offline "$@" 2>/dev/null; then exit; fi
if "$uv" "$@"; then touch "$asked" 2>/dev/null; exit 0; else status=$?; fi
"$uv" --offline "$@" 2>/dev/null || exit "$status"
"""
_MARK_DIGITS = 16


class Ran(Recent[str, str]):
    """The versions that requirements came to when their tools last ran, for the proof. Whoever runs them keeps one."""

    def __init__(self) -> None:
        super().__init__(_KEPT)

    def version(self, requirement: str) -> str:
        """The version of the tool that ran last for a requirement, else the one that it pins, or its range."""
        return self.known(requirement) or version_of(requirement)


@dataclass(frozen=True, slots=True)
class LockTools:
    """`Tools` that run lock tools written in Python as well, and note in `ran` which versions ran."""

    world: Tools
    ran: Ran = field(default_factory=Ran)

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        """As `Tools.run`."""
        return self.world.run(argv, cwd, env)

    def fetch(self, url: str, accept: str, etag: str = "") -> Fetched:
        """As `Tools.fetch`."""
        return self.world.fetch(url, accept, etag)


def run_tool(
    requirement: str,
    argv: Sequence[str],
    cwd: Path,
    index: str | None,
    tools: LockTools,
    env: Mapping[str, str] | None = None,
    python: str = sys.executable,
) -> Completed:
    """Run `argv` in `cwd` with the tool of `requirement` (`poetry==1.8.3`, `pdm[locked]>=2,<3`) installed.

    `index` is where the tool comes from, None for uv's own default; `python` is what it runs with, an interpreter or
    a version ("3.9"). A pinned version that cannot be had gives way
    to the newest of the same major; the first line of `stderr` says so then. Raises ToolError when the tool cannot
    be had or fails; the latter with its own words in `stderr`.
    """
    had, programs, version = _installed(requirement, cwd, index, tools, python)
    tools.ran.keep(requirement, version)
    program, *arguments = argv
    # uv would stay beside the tool as its parent, with 30 MB.
    done = tools.run([posixpath.join(programs, program), *arguments], cwd, {**ENVIRONMENT, **(env or {})})
    said = "" if had == requirement else f"{requirement} cannot be had; {had} ran instead\n"
    return Completed(done.stdout, said + done.stderr)


def _installed(requirement: str, cwd: Path, index: str | None, tools: Tools, python: str) -> tuple[str, str, str]:
    """What was installed for a requirement, the folder of its programs, and its version. Raises ToolError."""
    refused: ToolError | None = None
    for wanted, offline in _attempts(requirement):
        command = _command(wanted, offline, index, python)
        try:
            told = tools.run(command, cwd, ENVIRONMENT)
        except ToolError as error:
            if not any(words in error.stderr for words in _NOT_TO_BE_HAD):
                raise _explained(requirement, command, error) from error
            refused = error
            continue
        programs, _, folders = told.stdout.strip().partition("\n")
        found = re.search(r"-([^-/\\]+)\.dist-info", folders)
        return wanted, programs, found[1] if found is not None else version_of(wanted)
    where = without_credentials(index) if index else "the package index"
    raise ToolError(
        f"{requirement} cannot be installed, nor another version of its major: {where} has none that the bot's Python "
        "runs without a build; have the index offer one",
        refused.stderr if refused else "",
    ) from refused


def version_of(requirement: str) -> str:
    """The version that a requirement pins, else its range."""
    specifier = str(Requirement(requirement).specifier)
    return pinned(specifier) or specifier


def _attempts(requirement: str) -> Iterator[tuple[str, bool]]:
    """What to ask uv for, in turn, and whether from its cache alone. Only a pin means the same on any day."""
    pin = pinned(str(Requirement(requirement).specifier))
    if pin is None:
        yield requirement, False
        return
    yield requirement, True
    yield requirement, False
    yield _same_major(requirement, pin), False


def _same_major(requirement: str, pin: str) -> str:
    wanted, major = Requirement(requirement), Version(pin).major
    extras = f"[{','.join(sorted(wanted.extras))}]" if wanted.extras else ""
    return f"{wanted.name}{extras}>={major},<{major + 1}"


def _command(requirement: str, offline: bool, index: str | None, python: str) -> list[str]:
    name = canonicalize_name(Requirement(requirement).name).replace("-", "_")
    command = [
        *(executable(), "--quiet", "--no-config", "tool", "run", "--no-build", "--python", python),
        *(("--offline",) if offline else ()),
        *(("--default-index", index) if index else ()),
        *("--from", requirement, "python", "-I", "-S", "-c", _WHERE, name),
    ]
    if offline or pinned(str(Requirement(requirement).specifier)) is not None:
        return command
    return ["sh", "-c", recently(command), "uv", *command]


def recently(command: Sequence[str]) -> str:
    """The shell that runs a command of uv, given as its arguments, from uv's cache where that is at most a day old."""
    return _RECENT.format(mark=hashlib.sha256(repr(command).encode()).hexdigest()[:_MARK_DIGITS])


def _explained(requirement: str, command: Sequence[str], error: ToolError) -> ToolError:
    """uv's own failure as it is, whatever shell was around it; when it does not get through, in words."""
    if _UNREACHED not in error.stderr:
        shell = f"{' '.join(command[:4])} " if command[0] == "sh" else ""
        return ToolError(str(error).replace(shell, "", 1), error.stderr)
    return ToolError(f"{requirement} cannot be installed: its package index cannot be reached; try later", error.stderr)
