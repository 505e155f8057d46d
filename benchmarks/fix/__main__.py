"""`make bench-fix`: the bot and others on a generated set of universes; see docs/fixing.md."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import bot
from benchmarks.fix import draw, projects, report, score
from benchmarks.fix.advisories import dumps, osv_server
from benchmarks.fix.bench import Bench
from benchmarks.fix.contestants import OSV_SCANNER, Contestant, contestants
from benchmarks.fix.registries import registries
from benchmarks.fix.score import Outcome
from benchmarks.fix.universe import KINDS, Universe
from benchmarks.fix.verdaccio import VERDACCIO


def main() -> int:
    """Print the table; 1 when the bot is not as good as is claimed."""
    options = _options()
    kinds = tuple(kind for kind in KINDS if kind in options.kinds.split(","))
    universes = draw.universes(options.count, kinds, options.seed)
    only = set(options.only)
    chosen = [each for each in universes if not only or only & {each.name, each.shape}]
    with ExitStack() as stack:
        folder = Path(options.keep or stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-fix-")))
        bench = Bench(folder, stack.enter_context(registries(chosen, folder)))
        everyone, absent = contestants(stack.enter_context(osv_server(chosen)))
        playing = [each for each in everyone if options.contestants in each.name]
        if bench.registries.npm is None and "npm" in kinds:
            absent = {**absent, "verdaccio": bench.registries.without_npm}
            chosen = [each for each in chosen if each.kind != "npm"]
        outcomes = tuple(_played(chosen, playing, bench))
        text = report.result(_title(options.seed, bench), outcomes, absent, everyone[0].name)
    print(text, flush=True)
    if options.store:
        report.store(text, Path(options.store))
    ours = [outcome for outcome in outcomes if outcome.contestant == everyone[0].name]
    broken = any(o.refused or o.introduced or o.foreign or o.down for o in ours)
    return int(broken or report.score(ours) < options.least)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fix", description=__doc__)
    parser.add_argument("--count", type=int, default=210, help="how many universes (210)")
    parser.add_argument("--kinds", default=",".join(KINDS), help="of which lockfiles (flat,uv,npm)")
    parser.add_argument("--seed", type=int, default=draw.SEED)
    parser.add_argument("--only", action="append", default=[], help="only this shape or universe (and others)")
    parser.add_argument("--contestants", default="", help="only those whose name holds this")
    parser.add_argument("--least", type=float, default=0.98, help="the bot's least score, for the exit status (0.98)")
    parser.add_argument("--store", default="", help="a document that ends with the results")
    parser.add_argument("--keep", default="", help="a new folder that keeps every project")
    return parser.parse_args()


def _played(universes: Sequence[Universe], everyone: Sequence[Contestant], bench: Bench) -> Iterator[Outcome]:
    def play(universe: Universe) -> list[Outcome]:
        dumps(universe, bench.folder / "advisories" / universe.name)
        folder = bench.folder / "made" / universe.name
        projects.make(universe, folder, bench)
        given = score.puzzle(universe, folder, bench)
        return [score.play(each, given, bench) for each in everyone if universe.kind in each.kinds]

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for outcomes in threads.map(play, universes):
            for outcome in outcomes:
                _tell(outcome, bench)
                yield outcome


def _tell(outcome: Outcome, bench: Bench) -> None:
    universe = outcome.puzzle.universe
    said = f"{universe.name} {universe.kind} {universe.shape}, {outcome.contestant}: {outcome.fixed} of "
    print(f"{said}{outcome.puzzle.optimum}", "" if outcome.flawless else "!", file=sys.stderr, flush=True)
    log = bench.folder / "said" / f"{universe.name}-{outcome.contestant.replace(' ', '-')}.txt"
    log.parent.mkdir(exist_ok=True)
    log.write_text(f"{report.shortfalls([outcome])}\n{outcome.said}")


def _title(seed: int, bench: Bench) -> str:
    tools = {
        "remediation-bot": bot.__version__,
        "uv": metadata.version("uv"),
        "pip-audit": metadata.version("pip-audit"),
        "npm": bench.npm("--version", cwd=bench.folder).stdout.strip() if bench.registries.npm else "none",
        "verdaccio": VERDACCIO.rpartition("@")[2],
        "osv-scanner": OSV_SCANNER.rpartition("@v")[2],
        "Python": platform.python_version(),
    }
    versions = ", ".join(f"{name} {version}" for name, version in tools.items())
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, seed {seed}: {versions}; {machine}."


if __name__ == "__main__":
    sys.exit(main())
