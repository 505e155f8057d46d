"""Where a benchmark happens: its folder, its registries, and the package managers as its projects' users run them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fix.registries import Registries
from remediators.uv.run import executable

_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that ended."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Bench:
    """`folder` holds the projects, and the caches that all programs share."""

    folder: Path
    registries: Registries

    def run(self, argv: Sequence[str | Path], cwd: Path, environ: Mapping[str, str] | None = None) -> Ran:
        """Run a program with nothing of this machine but PATH; one that takes minutes counts as failed."""
        try:
            done = subprocess.run(
                argv,
                cwd=cwd,
                env={**self.environ(), **(environ or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return Ran(-1, "", f"took longer than {_SECONDS:g} s")
        return Ran(done.returncode, done.stdout, done.stderr)

    def uv(self, *arguments: str | Path, cwd: Path) -> Ran:
        """The bot's own uv on the index; it builds nothing and fetches no Python."""
        return self.run([executable(), *arguments, "--no-build", "--default-index", self.registries.python], cwd)

    def npm(self, *arguments: str, cwd: Path) -> Ran:
        """npm; the project's .npmrc names the registry."""
        return self.run(["npm", *arguments], cwd)

    def environ(self) -> dict[str, str]:
        """The environment of every program."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "UV_CACHE_DIR": str(self.folder / "cache" / "uv"),
            "UV_PYTHON_DOWNLOADS": "never",
            "NO_COLOR": "1",
            "npm_config_cache": str(self.folder / "cache" / "npm"),
            "npm_config_update_notifier": "false",
            "npm_config_fund": "false",
            "npm_config_logs_max": "0",
        }
