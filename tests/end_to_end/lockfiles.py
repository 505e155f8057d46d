"""A small project for each kind of lockfile, made by its own tool: one old direct and one old transitive package.

The tools are run as a person would run them. A project is locked with the transitive package named at its old version
first, then without: a tool keeps what is locked and still fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import uv
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from remediators.errors import ToolError
from remediators.pdm.relock import run_pdm
from remediators.poetry.relock import run_poetry
from remediators.python.tool import LockTools, run_tool
from remediators.uv.run import ENVIRONMENT
from tests.remediators.python.real import PythonTools, reached

POETRY = "2.2.1"
PDM = "pdm[locked]==2.29.3"
ONLY_LOCKED = ("--package-lock-only", "--ignore-scripts", "--no-audit")
NOT_TO_BE_HAD = re.compile(r"E404|ETARGET|requires at least Node|cannot be installed")


def had(action: Callable[[], object]) -> None:
    """Run a tool, and skip the test where its registry is out of reach or has no such tool for this machine."""
    try:
        reached(action)
    except ToolError as error:
        said = f"{error} {error.stderr}"
        if NOT_TO_BE_HAD.search(said):
            pytest.skip(f"the tool cannot be had: {said[-200:]}")
        raise


@dataclass(frozen=True)
class Pair:
    """A vulnerable package that a manifest names, and one that another brings along: name, old and fixed version."""

    ecosystem: str
    direct: tuple[str, str, str]
    transitive: tuple[str, str, str]
    parent: tuple[str, str]


@dataclass(frozen=True)
class Place:
    """A folder that tools run in."""

    folder: Path
    tools: PythonTools

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Put these files there."""
        for name, content in files.items():
            (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, names: Sequence[str]) -> Mapping[str, str]:
        """What these files hold."""
        return {name: (self.folder / name).read_bytes().decode() for name in names}

    def uv(self, *argv: str) -> None:
        """Run uv."""
        had(lambda: self.tools.run((uv.find_uv_bin(), *argv), self.folder, ENVIRONMENT))

    def tool(self, requirement: str, *argv: str) -> None:
        """Run a tool written in Python."""
        had(lambda: run_tool(requirement, argv, self.folder, None, LockTools(self.tools), {"PIPENV_YES": "1"}))

    def poetry(self, *argv: str) -> None:
        """Run Poetry, which is told the index: not every mirror speaks the API that it asks by itself."""
        had(lambda: run_poetry(argv, POETRY, self.folder, PYPI_SIMPLE_ENDPOINT, LockTools(self.tools), ""))

    def pdm(self, *argv: str) -> None:
        """Run pdm."""
        had(lambda: run_pdm(argv, PDM, {}, self.folder, None, LockTools(self.tools), "default"))

    def npm(self, *argv: str) -> None:
        """Run npm."""
        had(lambda: self.tools.run(("npm", *argv, *ONLY_LOCKED), self.folder))

    def pnpm(self, major: str, *argv: str) -> None:
        """Run a pnpm."""
        command = ("npm", "exec", "--yes", f"--package=pnpm@{major}", "--", "pnpm", *argv)
        had(lambda: self.tools.run((*command, "--lockfile-only", "--ignore-scripts"), self.folder))

    def yarn(self, package: str, *argv: str) -> None:
        """Run a Yarn."""
        environ = {"YARN_ENABLE_IMMUTABLE_INSTALLS": "0", "YARN_ENABLE_GLOBAL_CACHE": "1"}
        command = ("npm", "exec", "--yes", f"--package={package}", "--", "yarn", *argv)
        had(lambda: self.tools.run(command, self.folder, environ))


@dataclass(frozen=True)
class Kind:
    """A kind of lockfile. `manifest` is as its author wrote it, `first` as it was when the project was first locked.

    `lock` runs the tool, which keeps what is locked; `own` is the tool's own smallest move of the two packages, to
    just these versions where the tool can be told, in a project whose manifest already has the new requirement.
    """

    name: str
    pair: Pair
    path: str
    manifest: str
    first: str
    lockfile: str
    lock: Callable[[Place], None]
    own: Callable[[Place, str, str], None]

    @property
    def files(self) -> tuple[str, ...]:
        """What the project's repository holds."""
        return tuple(dict.fromkeys((self.path, self.lockfile)))
