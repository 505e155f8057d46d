"""uv runs, and builds nothing: not the project, not what it depends on.

`--no-build` also refuses a locked package that has no wheel for some Python, though uv need not build what it is
told of (`static_metadata`). So where a lock has such packages, uv runs without that option and with an
interpreter that cannot run anything (`interpreter`): a build ends before it begins.
"""

from __future__ import annotations

import functools
import posixpath
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import Tools, Unit, Upgrade
from remediators.errors import ToolError
from remediators.uv.blocked import explained
from remediators.uv.interpreter import interpreter
from remediators.uv.lock import UvLock
from remediators.uv.project import UvProject
from remediators.uv.stand_in import stood_in
from remediators.uv.static_metadata import static_metadata

ENVIRONMENT: Mapping[str, str] = {
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_PYTHON_PREFERENCE": "system",
    "UV_NO_PROGRESS": "1",
    "NO_COLOR": "1",
}
"""What uv runs with, whatever a project prefers: any Python that is there will do.

UV_NO_CONFIG is not among it: it would also hide the project's own [tool.uv].
"""

_ATTEMPTS = 6
_NEEDS_A_BUILD = re.compile(
    r"(?<![\w.-])(?P<unusable>\w[\w.-]{0,200}+)(?:\{[^}]{0,200}+\})?==[^\s,]{1,100}+ has no usable wheels"
    r"|(?:Failed to|and) build `(?P<failed>\w[\w.-]{0,200}+)(?:==| @)"
)


_FINDING = threading.Lock()


def executable() -> str:
    """The uv that came with the bot. Raises ToolError when it is gone."""
    # One thread at a time: Python 3.11 hands the others a table of its own settings that is not filled yet.
    with _FINDING:
        return _found()


@functools.cache
def _found() -> str:
    # Imported late: only a relock needs it.
    import uv

    try:
        return uv.find_uv_bin()
    except FileNotFoundError as error:
        raise ToolError("uv is not installed beside the bot; install it again with its dependencies") from error


def run_lock(
    project: UvProject, unit: Unit, work: Path, upgrades: Sequence[Upgrade], arguments: Sequence[str], tools: Tools
) -> None:
    """`uv lock` in `work`. Raises ToolError and BlockedError, once uv complains of no more that it can be told."""
    folder = work / posixpath.dirname(unit.manifest)
    without_wheel = {package.name for package in project.lock.packages if package.source_only}
    for attempt in range(_ATTEMPTS):
        told = static_metadata(project, upgrades, without_wheel)
        unbuilt = any(entry["name"] in without_wheel for entry in told)
        options = arguments if unbuilt else ["--no-build", *arguments]
        with (
            stood_in(work, unit, told, project.lock),
            interpreter(project, folder, always=unbuilt) as python,
        ):
            refusal = _refusal([executable(), "lock", *options, *python], folder, tools)
        if refusal is None:
            return
        more = _in_need_of_a_build(refusal.stderr, project.lock) - without_wheel
        if not more or attempt == _ATTEMPTS - 1:
            raise explained(unit.manifest, project.lockfile, project.lock, upgrades, refusal) from refusal
        without_wheel |= more


def _refusal(argv: Sequence[str], folder: Path, tools: Tools) -> ToolError | None:
    try:
        tools.run(argv, folder, ENVIRONMENT)
    except ToolError as error:
        return error
    return None


def _in_need_of_a_build(said: str, lock: UvLock) -> set[str]:
    """The locked packages that uv finds no wheel of."""
    named = {canonicalize_name(found["unusable"] or found["failed"]) for found in _NEEDS_A_BUILD.finditer(said)}
    return {package.name for package in lock.packages if package.name in named and package.source == "registry"}
