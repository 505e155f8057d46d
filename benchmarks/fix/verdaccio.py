"""verdaccio, installed once into the user's cache and started on loopback over a storage that is there already."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.clients import npm_packages
from conformance.story import Skip

# Later ones ask for Node.js 22.
VERDACCIO = "verdaccio@6.1.2"
# It asks for node-fetch by a tag, which not every mirror of a registry carries.
_OVERRIDES = {"node-fetch": "2.7.0"}
_UP_WITHIN = 60.0
_LOOK_EVERY = 0.1
_CONFIGURATION = """\
storage: ./storage
auth: {htpasswd: {file: ./htpasswd, max_users: -1}}
uplinks: {}
packages: {'**': {access: $all}}
log: {type: stdout, format: pretty, level: error}
"""


@dataclass(frozen=True, slots=True)
class Started:
    """Where verdaccio listens; None and why where it does not."""

    url: str | None
    reason: str = ""


@contextmanager
def verdaccio(folder: Path) -> Iterator[Started]:
    """verdaccio over `folder`/storage while the block runs."""
    try:
        script = _script()
    except Skip as reason:
        yield Started(None, str(reason))
        return
    (folder / "config.yaml").write_text(_CONFIGURATION)
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "NODE_NO_WARNINGS": "1"}
    command: list[str | Path] = ["node", script, "--config", folder / "config.yaml", "--listen", address]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, env=environ, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(process, f"http://{address}/-/ping", folder / "log.txt")
        yield Started(f"http://{address}")
    finally:
        process.terminate()
        process.wait()


def _script() -> Path:
    folder = npm_packages("verdaccio", VERDACCIO, overrides=_OVERRIDES)
    return folder / "node_modules" / "verdaccio" / "bin" / "verdaccio"


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + _UP_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=_UP_WITHIN):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(_LOOK_EVERY)
    raise RuntimeError(f"verdaccio does not answer at {url}: {log.read_text(errors='replace')[-1000:]}")
