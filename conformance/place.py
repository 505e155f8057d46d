"""Where stories happen: an embedded GitLab, a scratch folder, and foreign programs that run there."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.rest import PREFIX
from bot.sandbox.routing import routes
from bot.sandbox.server import Sandbox
from conformance.story import Unmet, equal

_SHOWN = 3000


@dataclass(frozen=True, slots=True)
class Place:
    """A started sandbox and a folder that is removed afterwards."""

    sandbox: Sandbox
    folder: Path

    def unserved(self) -> tuple[str, ...]:
        """What was asked of REST routes that the sandbox does not have, as "METHOD path", each once."""
        asked = ((r.method, r.path.removeprefix(PREFIX)) for r in self.sandbox.requests if r.path.startswith(PREFIX))
        return tuple(dict.fromkeys(f"{method} {path}" for method, path in asked if not routes.match(method, path)[0]))


@contextmanager
def place() -> Iterator[Place]:
    """Raises Unmet at the end where the sandbox had an error of its own."""
    with Sandbox() as sandbox, tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        yield Place(sandbox, Path(folder))
        equal([repr(error) for error in sandbox.errors], [], "errors of the sandbox itself")


def run(
    argv: Sequence[str], folder: Path, environ: Mapping[str, str] | None = None, seconds: float = 300.0, status: int = 0
) -> str:
    """What a program printed on both streams; it sees exactly these variables and PATH, and `folder` as its home.

    Raises Unmet, with the end of what it printed, when it exits otherwise than with `status` or takes longer than
    `seconds`.
    """
    variables = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder), **(environ or {})}
    name = Path(argv[0]).name
    try:
        done = subprocess.run(
            argv, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Unmet(f"{name} ran longer than {seconds:.0f} s: {_end(error.stdout or b'')}") from error
    if done.returncode != status:
        raise Unmet(f"{name} exited with {done.returncode} instead of {status}: {_end(done.stdout)}")
    return done.stdout.decode(errors="replace")


def _end(output: bytes) -> str:
    return output[-_SHOWN:].decode(errors="replace")
