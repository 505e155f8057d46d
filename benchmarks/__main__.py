"""`make bench`: what the bot's commands cost, and the bot beside its strongest rival on equal fleets.

`python -m benchmarks commands` measures the commands alone (a quarter of a minute), `python -m benchmarks race` the
rest (about half an hour, most of it Renovate's); without a word both.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import bot
from benchmarks import report
from benchmarks.fleet import CURRENT, OUTDATED, Ground, ground
from benchmarks.measure import Figure, measure, run_once
from benchmarks.peers import BOT, Bot, Floor, Peer, Renovate
from benchmarks.workloads import FLEET, ONE, Race, Row
from conformance.renovate import client as renovate_client
from conformance.story import Skip

LATENCIES_MS = (0, 50)


def commands(on: Ground) -> Iterator[Figure]:
    """The commands that people wait for, beside a bare interpreter."""
    folder = on.folder
    plain = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    yield measure("a bare interpreter", [sys.executable, "-c", "pass"], plain, folder)
    yield measure("bot --help", [BOT, "--help"], plain, folder)
    copy = on.quiet_copy()
    command = Bot().command(copy, on)
    run_once(command.argv, command.environ, folder)
    title = f"bot run, {CURRENT + OUTDATED} dependencies, nothing to do"
    yield measure(title, command.argv, command.environ, folder)


def races(on: Ground) -> Iterator[Race]:
    """Every workload. Without npm or its registry only the bot and the floor run."""
    rivals: tuple[Peer, ...] = ()
    try:
        command = renovate_client.install()
        rivals = (Renovate(command, cached=False), Renovate(command, cached=True))
    except Skip as reason:
        print(f"Renovate does not run: {reason}", flush=True)
    yield from (Race(on, (Bot(), *rivals, Floor()), ONE, latency) for latency in LATENCIES_MS)
    yield from (Race(on, (Bot(), *rivals), FLEET, latency) for latency in LATENCIES_MS)


def main() -> None:
    """Print the tables."""
    wanted = sys.argv[1:] or ["commands", "race"]
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    versions = f"remediation-bot {bot.__version__}, Python {platform.python_version()}, {git}"
    print(f"{datetime.now(UTC):%Y-%m-%d}: {versions}, "
          f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}\n", flush=True)  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ground(Path(folder)) as on:
        if "commands" in wanted:
            print(report.commands(commands(on)), "\n", flush=True)
        for race in races(on) if "race" in wanted else ():
            print(report.table(_told(race.rows())), "\n", flush=True)


def _told(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, each said as soon as it is there: a race takes minutes."""
    for row in rows:
        said = f"{row.workload}, {row.latency_ms} ms, {row.figure.name}: {row.figure.median('wall'):.2f} s"
        print(said, file=sys.stderr, flush=True)
        yield row


if __name__ == "__main__":
    main()
