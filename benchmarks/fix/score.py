"""One contestant on one universe: what it fixed of what could be fixed, and what it broke."""

from __future__ import annotations

import json
import shutil
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fix import lockfiles
from benchmarks.fix.bench import Bench
from benchmarks.fix.contestants import Contestant
from benchmarks.fix.foreign import foreign
from benchmarks.fix.optimum import optimum, went_down
from benchmarks.fix.universe import Held, Universe

_UNREADABLE = (ValueError, LookupError, TypeError, OSError, json.JSONDecodeError, tomllib.TOMLDecodeError)


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A universe, its project as it was locked, and the most that can be fixed in it."""

    universe: Universe
    folder: Path
    held: Held
    optimum: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `introduced`, `refused` ("" when it installs) and `foreign` are in words.

    `down` is whether a version went down; `said` is what the contestant printed.
    """

    puzzle: Puzzle
    contestant: str
    fixed: int
    introduced: tuple[str, ...]
    refused: str
    foreign: tuple[str, ...]
    down: bool
    seconds: float
    said: str

    @property
    def short(self) -> bool:
        """Whether there was more to be had."""
        return self.fixed < self.puzzle.optimum

    @property
    def flawless(self) -> bool:
        """Whether all that could be fixed is, and nothing else happened."""
        return not (self.short or self.introduced or self.refused or self.foreign or self.down)


def puzzle(universe: Universe, folder: Path, bench: Bench) -> Puzzle:
    """The puzzle of a project that was just made. Raises ValueError when the tool does not take its own lockfile."""
    reading = lockfiles.read(universe, folder, bench)
    if reading.refused:
        raise ValueError(f"{universe.name} ({universe.kind}, {universe.shape}) does not install: {reading.refused}")
    return Puzzle(universe, folder, reading.held, optimum(universe, reading.held))


def play(contestant: Contestant, given: Puzzle, bench: Bench) -> Outcome:
    """Let a contestant fix a copy of the project, and look at what came of it."""
    folder = bench.folder / "played" / contestant.name.replace(" ", "-") / given.universe.name
    shutil.copytree(given.folder, folder)
    started = time.perf_counter()
    ran = contestant.fix(given.universe, folder, bench)
    seconds = time.perf_counter() - started
    said = f"exit status {ran.status}\n{ran.stdout}\n{ran.stderr}"
    try:
        reading = lockfiles.read(given.universe, folder, bench)
        changes = foreign(given.universe, given.folder, folder, given.held, reading.held)
    except _UNREADABLE as error:
        return Outcome(given, contestant.name, 0, (), f"cannot be read: {error!r}", (), False, seconds, said)
    had, has = given.universe.exposure(given.held), given.universe.exposure(reading.held)
    new = tuple(flaw for flaw in has if has[flaw] > had[flaw])
    gone = len(given.universe.open(given.held) - given.universe.open(reading.held)) - len(new)
    # What cannot be installed fixes nothing; a flaw for another is no fix.
    fixed = 0 if reading.refused else max(gone, 0)
    down = went_down(given.held, reading.held)
    return Outcome(given, contestant.name, fixed, new, reading.refused, changes, down, seconds, said)
