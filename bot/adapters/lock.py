"""One process at a time: an exclusive lock on a file that the kernel drops when its holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from bot.adapters.backoff import Sleep

POLL = 0.25


@contextlib.contextmanager
def held(file: Path, patience: float, sleep: Sleep) -> Iterator[int]:
    """Hold the lock on `file`, which is created and stays; yields its descriptor.

    A child that inherits the descriptor holds the lock too, so what outlives a killed bot still keeps others out.
    Raises TimeoutError after `patience` seconds.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        for _ in range(int(patience / POLL) + 1):
            if _taken(descriptor):
                break
            sleep(POLL)
        else:
            raise TimeoutError(f"{file} was locked by another process for {patience:g} s")
        yield descriptor
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
