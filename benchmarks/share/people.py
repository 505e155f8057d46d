"""The tools as a person has them: installed at one version, with a home and caches of their own that stay warm."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from benchmarks.share.kinds import Kind, Program
from remediators.uv.run import ENVIRONMENT, executable

TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_LAST_WORDS = 400


class NotToBeHadError(Exception):
    """A tool, or what it would lock, cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class People:
    """`folder` keeps the tools, by version, and the home."""

    folder: Path

    def environ(self, kind: Kind) -> dict[str, str]:
        """The environment of a command: nothing of this machine but PATH, proxies and whom to trust."""
        beside = (str(self._programs(kind.program)), str(Path(executable()).parent), os.environ["PATH"])
        return {
            **outside(),
            "PATH": os.pathsep.join(beside),
            "HOME": str(self.folder / "home"),
            **ENVIRONMENT,
            **kind.environ,
        }

    def install(self, kind: Kind) -> None:
        """Have the tool of a kind. Raises NotToBeHadError."""
        program, where = kind.program, self._place(kind.program)
        (self.folder / "home").mkdir(parents=True, exist_ok=True)
        if where.exists() or not program.by:
            return
        environ = self.environ(kind) | {"UV_TOOL_DIR": str(where / "tools"), "UV_TOOL_BIN_DIR": str(where / "bin")}
        where.mkdir(parents=True)
        if program.by == "npm":
            (where / "package.json").write_text("{}")
            run(("npm", "install", "--no-audit", "--no-fund", program.package), environ, where)
        else:
            build = ("uv", "tool", "install", "--quiet", "--no-config", "--no-build", "--python", sys.executable)
            run((*build, program.package), environ, where)

    def _place(self, program: Program) -> Path:
        return self.folder / re.sub(r"\W+", "-", program.package)

    def _programs(self, program: Program) -> Path:
        if program.by == "uv":
            return self._place(program) / "tools" / Requirement(program.package).name / "bin"
        return self._place(program) / "node_modules/.bin"


def outside() -> Mapping[str, str]:
    """What of this machine's environment decides how registries are reached."""
    return {name: os.environ[name] for name in os.environ if name in TRUST or name.lower().endswith("_proxy")}


def run(argv: Sequence[str], environ: Mapping[str, str], cwd: Path) -> None:
    """Run a command that prepares something. Raises NotToBeHadError with its last words."""
    try:
        subprocess.run(argv, env=dict(environ), cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    except FileNotFoundError as error:
        raise NotToBeHadError(f"{argv[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        said = b" ".join((error.stdout, error.stderr)).decode("utf-8", "replace")
        raise NotToBeHadError(f"{argv[0]}: {' '.join(said.split())[-_LAST_WORDS:]}") from error
