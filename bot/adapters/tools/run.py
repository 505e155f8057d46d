"""One run of a process: waited for within limits, what it prints kept, and nothing of it left running."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Protocol

# A reader is done as soon as its process group is dead; only a process that fled the group can hold it up.
DRAINED_WITHIN = 5.0

# How often a running tool is looked at: a flood of memory or processes gets no further than in this time.
LOOK_SECONDS = 0.02

GIGABYTE = 2**30


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run of a tool may take: seconds on the clock, and bytes on each of stdout and stderr.

    In a sandbox also: bytes of memory, and number of processes and of threads, of all of them together; bytes in one
    file; bytes and number of files in the scratch; and what it has to leave free on the disk.
    """

    seconds: float = 600.0
    output: int = 16 * 2**20
    memory: int = 4 * GIGABYTE
    processes: int = 512
    threads: int = 2_000
    file: int = GIGABYTE
    disk: int = 2 * GIGABYTE
    files: int = 200_000
    free: int = GIGABYTE // 4


class Watched(Protocol):
    """What is seen of a process from outside."""

    def entered(self) -> None:
        """Wait until it can be watched. Raises ToolError when that takes too long."""

    def excess(self) -> str | None:
        """Which limit it went over, None for none; asked now and then."""


class Run:
    """Waits for a process within the limits and keeps what it printed. No process of its group is left after it.

    Raises what `watched` does.
    """

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits, watched: Watched | None = None) -> None:
        self._process = process
        self.ended = True
        self.outcome = ""
        pipes = (pipe for pipe in (process.stdout, process.stderr) if pipe is not None)
        try:
            readers = [_Reader(pipe, limits.output, self._overflowed) for pipe in pipes]
            if watched is not None:
                watched.entered()
            self._wait(limits.seconds, watched)
        finally:
            self._kill()
            self.status = process.wait()
        self.stdout, self.stderr = (reader.text() for reader in readers)
        self.outcome = self.outcome or f"exited with status {self.status}"

    def _wait(self, seconds: float, watched: Watched | None) -> None:
        deadline = time.monotonic() + seconds
        with _Ending(self._process) as ending:
            while (left := deadline - time.monotonic()) > 0:
                if ending.within(left if watched is None else min(left, LOOK_SECONDS)):
                    return
                over = watched.excess() if watched is not None else None
                if over is not None:
                    self._stop(f"stopped: {over}")
                    return
        self._stop(f"stopped after {seconds:g} s: it takes too long")

    def _overflowed(self, limit: int) -> None:
        self._stop(f"stopped: it printed more than {limit:,} bytes")
        # One that was waited for is gone, and its number may be another's.
        if self._process.returncode is None:
            self._kill()

    def _stop(self, outcome: str) -> None:
        self.ended, self.outcome = False, outcome

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


class _Ending:
    """Waits for a process to end, without the naps of `Popen.wait` where the system can tell at once (Linux)."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._descriptor: int | None = None

    def __enter__(self) -> _Ending:
        if hasattr(os, "pidfd_open"):
            # A system call filter may refuse it.
            with contextlib.suppress(OSError):
                self._descriptor = os.pidfd_open(self._process.pid)
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def within(self, seconds: float) -> bool:
        """Whether it ended within that time."""
        if self._descriptor is not None:
            poll = select.poll()
            poll.register(self._descriptor, select.POLLIN)
            return bool(poll.poll(seconds * 1000))
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


class _Reader:
    """Reads a stream to its end in a thread, so that a full pipe never stops the process; keeps the first `limit`."""

    def __init__(self, stream: IO[bytes], limit: int, overflowed: Callable[[int], None]) -> None:
        self._stream = stream
        self._limit = limit
        self._overflowed = overflowed
        self._text = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> bytes:
        """What was read."""
        self._thread.join(DRAINED_WITHIN)
        return bytes(self._text)

    def _read(self) -> None:
        with self._stream:
            while chunk := self._stream.read(2**16):
                room = self._limit - len(self._text)
                self._text += chunk[:room]
                if len(chunk) > room:
                    self._overflowed(self._limit)
