"""What a sandboxed run takes of the machine, seen from outside: its processes, their memory, the scratch's files."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.adapters.tools.run import Limits

_MEGABYTE = 2**20
# Counting processes costs least, and nothing grows as fast; looking at files costs most.
_LOOKS_PER_MEMORY_LOOK = 5
_LOOKS_PER_DISK_LOOK = 50
# The folder of a process's threads has that many links besides one for each of them.
_OTHER_LINKS = 2
_LONGEST = 8_000
_HELD = re.compile(rb"^Rss(?:Anon|Shmem):\s+(\d+) kB$", re.MULTILINE)
_ENDED = (b"Z", b"X", b"")
_NAP = 0.001


class Usage:
    """`processes` is the sandbox's /proc, opened; `memory` folders of it that lie in memory; both it closes itself."""

    def __init__(self, processes: int, memory: Sequence[int], work: Path, limits: Limits) -> None:
        self._processes = processes
        self._memory = tuple(memory)
        self._work = work
        self._limits = limits
        self._looks = 0

    def excess(self) -> str | None:
        """Which limit the run is over, None for none."""
        self._looks += 1
        running = self._running()
        if len(running) > self._limits.processes:
            return f"it runs more than {self._limits.processes:,} processes at once"
        if self._looks % _LOOKS_PER_MEMORY_LOOK:
            return None
        # A process with ten thousand threads is one, and takes ten thousand of the machine's process numbers.
        if sum(map(self._threads, running)) > self._limits.threads:
            return f"it runs more than {self._limits.threads:,} threads at once"
        taken = sum(map(self._resident, running)) + sum(map(_filled, self._memory))
        if taken > self._limits.memory:
            return f"it takes more than {self._limits.memory // _MEGABYTE:,} MB of memory"
        return self._disk() if self._looks % _LOOKS_PER_DISK_LOOK == 0 else None

    def overrun(self) -> str | None:
        """Which limit the run has come to an end at: the system itself ends a file that grows too long."""
        roots = (str(self._work), *(f"/proc/self/fd/{each}" for each in self._memory))
        sizes = (info.st_size for root in roots for info in _files(root, self._limits.files))
        if any(size >= self._limits.file for size in sizes):
            return f"it wrote a file of more than {self._limits.file // _MEGABYTE:,} MB"
        return self._disk()

    def emptied(self, seconds: float) -> bool:
        """Wait for the end of its last process; False when one is still there after that time."""
        deadline = time.monotonic() + seconds
        while any(map(self._runs, self._running())):
            if time.monotonic() > deadline:
                return False
            time.sleep(_NAP)
        return True

    def close(self) -> None:
        """Let go of the folders."""
        for each in (self._processes, *self._memory):
            os.close(each)

    def _running(self) -> Sequence[str]:
        with os.scandir(self._processes) as entries:
            return [entry.name for entry in entries if entry.name.isdigit()]

    def _runs(self, name: str) -> bool:
        """Whether a process has not ended; where nobody asks for its status, it stays listed then."""
        with contextlib.suppress(OSError):
            has_ended = self._read(f"{name}/stat").rpartition(b") ")[2][:1] in _ENDED
            # The first thread of a process may end before the others.
            return not has_ended or self._threads(name) > 1
        return False

    def _read(self, name: str) -> bytes:
        file = os.open(name, os.O_RDONLY, dir_fd=self._processes)
        try:
            return os.read(file, _LONGEST)
        finally:
            os.close(file)

    def _threads(self, name: str) -> int:
        with contextlib.suppress(OSError):
            return os.stat(f"{name}/task", dir_fd=self._processes).st_nlink - _OTHER_LINKS
        return 0

    def _resident(self, name: str) -> int:
        """Bytes of memory that no file holds; what processes share counts for each. It may have ended meanwhile."""
        with contextlib.suppress(OSError):
            return sum(int(kilobytes) * 1024 for kilobytes in _HELD.findall(self._read(f"{name}/status")))
        return 0

    def _disk(self) -> str | None:
        held = count = 0
        for info in _files(str(self._work), self._limits.files + 1):
            held += info.st_blocks * 512
            count += 1
        if count > self._limits.files:
            return f"it wrote more than {self._limits.files:,} files"
        if held > self._limits.disk:
            return f"it wrote more than {self._limits.disk // _MEGABYTE:,} MB"
        left = os.statvfs(self._work)
        if left.f_bavail * left.f_frsize < self._limits.free:
            return f"less than {self._limits.free // _MEGABYTE:,} MB are free on the disk of the cache: make room there"
        return None


def _filled(folder: int) -> int:
    place = os.fstatvfs(folder)
    return (place.f_blocks - place.f_bfree) * place.f_frsize


def _files(root: str, most: int) -> Iterator[os.stat_result]:
    """What lies in a folder, the first `most` of it. A hostile tool changes it meanwhile, and makes it deep."""
    waiting = [root]
    seen = 0
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                seen += 1
                if seen > most:
                    return
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                yield entry.stat(follow_symlinks=False)
