"""A project with a uv.lock in a scratch directory, relocked with a scripted uv."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from remediators.api import Completed, Remediator, Unit, Upgrade
from remediators.errors import ToolError
from remediators.uv.remediator import Uv
from tests.remediators.conftest import FakeTools, Program

REMEDIATOR: Remediator = Uv()
UNIT = Unit("uv", "app/pyproject.toml", "app/uv.lock", ("app/pyproject.toml", "app/uv.lock"))
JINJA = Upgrade("jinja2", "3.1.2", "3.1.6", direct=True)

MANIFEST = '[project]\nname = "demo"\nversion = "1.0"\ndependencies = ["jinja2>=3"]\n'
LOCK = """\
version = 1

[[package]]
name = "demo"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "jinja2" }]

[[package]]
name = "jinja2"
version = "3.1.2"
source = { registry = "https://registry.example/simple" }
"""
UV_LOCK = """\
version = 1

[[package]]
name = "demo"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "ms" }]

[[package]]
name = "ms"
version = "2.0.0"
source = { registry = "https://registry.example/simple" }
"""
FORKED = """\
version = 1

[[package]]
name = "jinja2"
version = "3.1.2"
source = { registry = "https://registry.example/simple" }
resolution-markers = ["python_full_version < '3.8'", "sys_platform == 'win32'"]

[[package]]
name = "jinja2"
version = "3.1.5"
source = { registry = "https://registry.example/simple" }
resolution-markers = ["python_full_version >= '3.8'"]
"""


def writes(lock: str) -> Program:
    """A uv that writes `lock`."""

    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        (cwd / "uv.lock").write_text(lock)
        return Completed("", "Updated jinja2")

    return run


def fails(stderr: str) -> Program:
    """A uv that says `stderr`."""

    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        raise ToolError("uv lock: exited with status 1", stderr)

    return run


def relock(
    work: Path,
    tools: FakeTools,
    *upgrades: Upgrade,
    manifest: str = MANIFEST,
    lock: str = LOCK,
    index: str | None = None,
) -> None:
    (work / "app").mkdir()
    (work / "app/pyproject.toml").write_text(manifest)
    (work / "app/uv.lock").write_bytes(lock.encode())
    REMEDIATOR.relock(UNIT, work, upgrades or (JINJA,), index, tools)
