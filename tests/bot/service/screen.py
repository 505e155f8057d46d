"""A terminal for tests: a pseudo-terminal that a command runs in, and what its screen shows at the end."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_PART = re.compile(r"\x1b\[(?P<arguments>[0-9;?]*)(?P<command>[A-Za-z])|(?P<text>[^\x1b])")


@dataclass(frozen=True)
class Shown:
    """What a command wrote to its terminal, and its exit status."""

    raw: str
    status: int

    @property
    def screen(self) -> list[str]:
        """The lines that stand on the screen, without trailing blanks."""
        return screen(self.raw)


def screen(raw: str) -> list[str]:
    """The lines of an endless, wide terminal that was given `raw`. Raises AssertionError for a command it lacks."""
    lines, row, column = [""], 0, 0
    for part in _PART.finditer(raw):
        match part["command"], part["text"]:
            case "A", _:
                row = max(0, row - int(part["arguments"] or 1))
            case "K", _:
                lines[row] = ""
            case "m" | "h" | "l", _:
                pass
            case None, "\r":
                column = 0
            case None, "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            case None, str(text):
                lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + 1 :]
                column += 1
            case command, _:
                raise AssertionError(f"the terminal was told {command!r}")
    return [line.rstrip() for line in "\n".join(lines).rstrip().split("\n")]


def run(
    argv: list[str],
    environ: Mapping[str, str],
    cwd: Path,
    columns: int = 200,
    started: Callable[[int], None] = lambda pid: None,
) -> Shown:
    """`python -m bot` with input, output and errors on a terminal of its own; `started` is told its process id."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, columns))
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *argv],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        env={"TERM": "xterm", "PYTHONPATH": str(ROOT), **environ},
    )
    os.close(theirs)
    started(process.pid)
    return Shown(drained(ours), process.wait())


def drained(descriptor: int) -> str:
    """Everything that was written to the other end of a pseudo-terminal, which is closed by now or will be."""
    raw = b"".join(iter(lambda: _read(descriptor), b""))
    os.close(descriptor)
    return raw.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the last writer is gone
        return b""
