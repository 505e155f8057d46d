"""Whole processes, measured from outside: wall and CPU time, and the peak memory of the whole process tree."""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
LOOK_EVERY = 0.02

# PF_FORKNOEXEC among the flags in proc(5).
_FORKED = 0x40


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one command: seconds, and the peak in MiB.

    The peak is the largest sum over the process tree that stood for two looks in a row, of 50 in a second.
    """

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Figure:
    """Several samples of one command; the median is what to quote."""

    name: str
    samples: tuple[Sample, ...]

    def median(self, field: str) -> float:
        """The median of one field."""
        return statistics.median(self._values(field))

    def spread(self, field: str) -> str:
        """Minimum to maximum."""
        values = self._values(field)
        return f"{min(values):.2f}-{max(values):.2f}"

    def _values(self, field: str) -> list[float]:
        return [float(getattr(sample, field)) for sample in self.samples]


def run_once(argv: Sequence[str | Path], environ: Mapping[str, str], cwd: Path) -> Sample:
    """Run a command to its end. Raises RuntimeError with its last words when its exit status is not 0."""
    said = cwd / "last-words.txt"
    started = time.perf_counter()
    with said.open("wb") as output:
        process = subprocess.Popen(
            argv, env=dict(environ), cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        memory = _Memory(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        words = said.read_text("utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(map(str, argv))}: exit status {process.returncode}: {words}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, max(memory.stop(), usage.ru_maxrss / 1024))


def measure(name: str, argv: Sequence[str | Path], environ: Mapping[str, str], cwd: Path, runs: int = 7) -> Figure:
    """`runs` samples after one that warms up."""
    run_once(argv, environ, cwd)
    return Figure(name, tuple(run_once(argv, environ, cwd) for _ in range(runs)))


class _Memory:
    """Looks at the resident memory of a process and all below it, again and again, until stopped."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        if Path("/proc/self/stat").exists():
            self._thread.start()

    def stop(self) -> float:
        """The peak in MiB; 0.0 on a system without /proc."""
        self._done.set()
        if self._thread.ident is not None:
            self._thread.join()
        return self._peak * PAGE / 2**20

    def _look(self) -> None:
        before = 0
        while not self._done.wait(LOOK_EVERY):
            now = _resident_pages(self._pid)
            # A look takes time: a process that ends meanwhile and its successor never stood side by side.
            self._peak = max(self._peak, min(before, now))
            before = now


def _resident_pages(root: int) -> int:
    children: dict[int, list[int]] = defaultdict(list)
    resident: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                # The name in parentheses may hold anything; the fields after it are fixed (proc(5)).
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children[int(fields[1])].append(int(entry.name))
            # Between fork and exec a process has the memory of its parent.
            resident[int(entry.name)] = 0 if int(fields[6]) & _FORKED else int(fields[21])
    total, todo = 0, [root]
    while todo:
        pid = todo.pop()
        total += resident.get(pid, 0)
        todo.extend(children[pid])
    return total
