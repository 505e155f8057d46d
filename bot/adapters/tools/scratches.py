"""Scratch directories: each is held while it is used, removed afterwards, and cleared when its bot was killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bot.adapters.tools.removal import remove

# The file in a scratch that is locked while somebody uses it: a lock ends with its holder, whatever the clock does.
HELD = "held"
# A scratch that nobody ever held, of a bot that was killed as it made it.
UNFINISHED_AFTER = 24 * 3600.0


@contextlib.contextmanager
def scratch(root: Path) -> Iterator[Path]:
    """A new folder in `root`, only for us to read."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear(root)
    base = Path(tempfile.mkdtemp(dir=root))
    try:
        with _held(base):
            yield base
    finally:
        remove(base)


@contextlib.contextmanager
def _held(base: Path) -> Iterator[None]:
    # It gets its name when it is locked: whoever finds the one finds the other.
    unlocked = base / "unlocked"
    descriptor = os.open(unlocked, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        unlocked.rename(base / HELD)
        yield
    finally:
        os.close(descriptor)


def _clear(root: Path) -> None:
    for folder in root.iterdir():
        # Another bot may be clearing the same ones.
        with contextlib.suppress(FileNotFoundError):
            if _abandoned(folder):
                remove(folder)


def _abandoned(folder: Path) -> bool:
    try:
        descriptor = os.open(folder / HELD, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return time.time() - folder.stat().st_mtime > UNFINISHED_AFTER
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
