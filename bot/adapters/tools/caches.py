"""What tools keep of their downloads: dropped as a whole when it is old or large, never while somebody uses it.

Nothing in it is needed, and tools tell neither what is worth keeping nor whether it still is what they fetched: so an
age also bounds how long something planted there can last.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.tools.removal import remove

DAY = 24 * 3600.0

# Counting hundreds of thousands of files takes seconds.
LOOK_EVERY = DAY


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long tools' downloads are kept, and how much of them: seconds since the first, and bytes."""

    seconds: float = 30 * DAY
    size: int = 10 * 2**30


class ToolCaches:
    """The folder `place`, shared by all who are told of it, on this machine.

    Beside it is a file that tools cannot write: it is locked by everybody who uses the folder, tells when the folder
    was begun, and by its own age when it was last looked at.
    """

    def __init__(self, place: Path, keeping: Keeping, now: Callable[[], float] = time.time) -> None:
        self.place = place
        self._record = place.with_name(f"{place.name}.begun")
        self._keeping = keeping
        self._now = now

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """While this lasts nobody drops the folder. It is dropped before, where it is time and nobody uses it."""
        self._record.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._record, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if self._now() - self._looked(descriptor) > LOOK_EVERY and _taken(descriptor):
                self._look(descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield
        finally:
            os.close(descriptor)

    def _looked(self, descriptor: int) -> float:
        info = os.fstat(descriptor)
        return info.st_mtime if info.st_size else 0.0

    def _look(self, descriptor: int) -> None:
        """With the folder to itself."""
        for left in self.place.parent.glob(f"{self.place.name}.dropped-*"):
            remove(left)
        begun = self._begun(descriptor)
        if self.place.is_dir() and (self._now() - begun > self._keeping.seconds or self._is_large()):
            # In one step: whoever is killed while it removes leaves no half of it behind.
            aside = self.place.with_name(f"{self.place.name}.dropped-{uuid.uuid4().hex}")
            self.place.rename(aside)
            remove(aside)
            begun = self._now()
        os.pwrite(descriptor, f"{begun:20.3f}".encode(), 0)
        os.utime(descriptor, (self._now(), self._now()))

    def _begun(self, descriptor: int) -> float:
        try:
            return float(os.pread(descriptor, 20, 0))
        except ValueError:
            return self._now()

    def _is_large(self) -> bool:
        held = 0
        for folder, _, names in os.walk(self.place):
            for name in names:
                with contextlib.suppress(OSError):
                    held += Path(folder, name).lstat().st_blocks * 512
            if held > self._keeping.size:
                return True
        return False


def _taken(descriptor: int) -> bool:
    """Whether nobody else uses the folder; nobody else does then, until the lock is changed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
