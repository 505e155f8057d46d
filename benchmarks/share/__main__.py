"""`make bench-share`: the bot's way beside each tool's own command, in turn; see docs/performance.md."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import bot
from benchmarks.share import report
from benchmarks.share.kinds import KINDS, Kind
from benchmarks.share.people import NotToBeHadError, People
from benchmarks.share.race import Race, Row
from bot.adapters.confinement.bubblewrap import impossible


def main() -> int:
    """Print the table; 1 when a share of time is over what is asked, or nothing could be measured."""
    options = _options()
    chosen = [kind for kind in KINDS if not options.kinds or any(name in kind.name for name in options.kinds)]
    absent: dict[str, str] = {}
    with ExitStack() as stack:
        folder = Path(options.keep or stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-share-")))
        rows = tuple(_rows(chosen, folder, options, absent))
    text = report.result(_title(options.rounds), rows, absent)
    print(text, flush=True)
    # A part would take the place of the whole.
    if options.store and not options.kinds:
        report.store(text, Path(options.store))
    return int(not rows or any(report.share(row, "wall") > options.most for row in rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.share", description=__doc__)
    parser.add_argument("kinds", nargs="*", help="only those whose name holds one of these")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured (3)")
    parser.add_argument("--most", type=float, default=0.25, help="the largest share, for the exit status (0.25)")
    parser.add_argument("--sandbox", action="store_true", help="measure the bot's way in the sandbox as well")
    parser.add_argument("--store", default="", help="a document with marks to put the table of all kinds between")
    parser.add_argument("--keep", default="", help="a folder that keeps tools, caches and projects")
    return parser.parse_args()


def _rows(chosen: list[Kind], folder: Path, options: argparse.Namespace, absent: dict[str, str]) -> Iterator[Row]:
    """A row for each kind that can be played, said as soon as it is there; why the others cannot, in `absent`."""
    confined = options.sandbox and impossible() is None
    people = People(folder / "people")
    with tempfile.TemporaryDirectory(prefix="projects-", dir=_made(folder)) as projects:
        for number, kind in enumerate(chosen):
            race = Race(kind, Path(projects) / str(number), _made(folder / "bot"), people)
            try:
                row = race.row(options.rounds, confined=confined)
            except NotToBeHadError as error:
                absent[kind.name] = str(error)
                print(f"{kind.name}: {error}", file=sys.stderr, flush=True)
                continue
            print(report.table([row]).splitlines()[-1], file=sys.stderr, flush=True)
            yield row


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _title(rounds: int) -> str:
    npm = subprocess.run(["npm", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    versions = f"remediation-bot {bot.__version__}, uv {metadata.version('uv')}, npm {npm or 'none'}"
    machine = f"Python {platform.python_version()}; {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, medians of {rounds} rounds: {versions}, {machine}."


if __name__ == "__main__":
    sys.exit(main())
