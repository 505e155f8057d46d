"""`make fuzz`: every parser for FUZZ_SECONDS, some at a time; what breaks one is kept beside its corpus."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fuzz.targets import TARGETS

_FIGURE = re.compile(r"^stat::(?P<name>\w+):\s+(?P<value>\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the fuzzing of one parser ended. `seconds` passed on the clock; `inputs` is None where it broke off."""

    name: str
    status: int
    seconds: float
    inputs: int | None
    log: Path

    def __str__(self) -> str:
        fed = "broke off" if self.inputs is None else f"{self.inputs:,} inputs"
        said = "nothing found" if self.status == 0 else f"FOUND SOMETHING, see {self.log}"
        return f"{self.name:<28} {self.seconds:6.0f} s  {fed:>20}  {said}"


def main() -> int:
    """Print a line for each parser; 1 when something was found in one."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long each parser is fuzzed (600)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--folder", type=Path, default=Path("build/fuzz"), help="for corpora, logs and what is found")
    parser.add_argument("names", nargs="*", metavar="TARGET", help=f"only these of {', '.join(TARGETS)}")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        running = pool.map(lambda name: _fuzzed(name, options.folder, options.seconds), options.names or TARGETS)
        outcomes = []
        for outcome in running:
            outcomes.append(outcome)
            print(outcome, flush=True)
    return int(any(outcome.status for outcome in outcomes))


def _fuzzed(name: str, folder: Path, seconds: int) -> Outcome:
    log, begun = folder / f"{name}.log", time.monotonic()
    with log.open("wb") as written:
        argv = [sys.executable, "-m", "benchmarks.fuzz.one", name, str(folder / name), str(seconds)]
        status = subprocess.run(argv, stdout=written, stderr=subprocess.STDOUT, check=False).returncode
    figures = {found["name"]: int(found["value"]) for found in _FIGURE.finditer(log.read_text("utf-8", "replace"))}
    return Outcome(name, status, time.monotonic() - begun, figures.get("number_of_executed_units"), log)


if __name__ == "__main__":
    sys.exit(main())
