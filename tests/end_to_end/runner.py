"""A warm process that forks one child for each command, so that a test can kill a real `bot` many times a minute.

Reads lines {"argv", "environ", "cwd", "out"} and answers {"pid"} and then {"status"} (negative: the signal).
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import sys
from typing import Any

# What every command imports sooner or later: imported once here, children have it.
WARM = (
    "gitlab",
    "sqlalchemy",
    "bot.adapters.git.checkouts",
    "bot.adapters.gitlab.forge",
    "bot.adapters.registries.releases",
    "bot.app",
    "bot.service.folder",
    "bot.service.one_shot",
    "remediators.registered",
)


def _child(order: dict[str, object]) -> None:
    from bot.cli import main

    environ, argv = order["environ"], order["argv"]
    assert isinstance(environ, dict)
    assert isinstance(argv, list)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(str(order["cwd"]))
    os.setpgid(0, 0)
    out = os.open(str(order["out"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    err = os.open(f"{order['out']}.err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(err, 2)
    _watch(os.open(f"{order['out']}.connected", os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    status = 3
    try:
        status = main(argv)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _watch(file: int) -> None:
    """Write down every site that this process connects to or looks up, except for its own servers."""
    own: list[socket.socket] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.bind":
            own.append(arguments[0])
        elif event == "socket.getaddrinfo":
            noted(*arguments[:2])
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            noted(*arguments[1][:2])

    def noted(host: object, port: object) -> None:
        mine = {server.getsockname()[:2] for server in tuple(own) if server.fileno() != -1}
        if (host, port) not in mine:
            os.write(file, f"{host}:{port}\n".encode())

    sys.addaudithook(hook)


def serve() -> None:
    """Obey until standard input ends."""
    for name in WARM:
        importlib.import_module(name)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _child(json.loads(line))
        _answer({"pid": pid})
        _, status = os.waitpid(pid, 0)
        _answer({"status": os.waitstatus_to_exitcode(status)})


def _answer(document: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve()
