"""Whole processes, measured from outside: wall time, CPU time, peak memory of the process and of its children."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one command. Seconds, and MiB (the largest single process)."""

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


def run_once(argv: Sequence[str], environ: Mapping[str, str], cwd: Path) -> Sample:
    """Run a command to its end. Raises RuntimeError with what it said when its exit status is not 0."""
    started = time.perf_counter()
    process = subprocess.Popen(argv, env=dict(environ), cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode != 0:
        raise RuntimeError(
            f"{' '.join(argv)}: exit status {process.returncode}: {said.decode(errors='replace')[-2000:]}"
        )
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure(name: str, argv: Sequence[str], environ: Mapping[str, str], cwd: Path, runs: int = 7) -> Figure:
    """`runs` samples after one that warms up."""
    run_once(argv, environ, cwd)
    return Figure(name, tuple(run_once(argv, environ, cwd) for _ in range(runs)))
