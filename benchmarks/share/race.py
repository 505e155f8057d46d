"""One kind of lockfile: its project is made, both ways warm up on it, and then take turns."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import Figure, Sample, run_once
from benchmarks.share.kinds import Kind
from benchmarks.share.ours import locked
from benchmarks.share.people import NotToBeHadError, People, outside, run

ROOT = Path(__file__).parents[2]
BARE, OURS, CONFINED = "bare", "ours", "in the sandbox"


@dataclass(frozen=True, slots=True)
class Row:
    """What both ways took, and the memory that the bot's own process had before; `ours` has only what came on top."""

    kind: Kind
    figures: Mapping[str, Figure]
    standing: float


@dataclass(slots=True)
class Race:
    """One kind in a folder of its own. `caches` are the bot's, shared by all kinds."""

    kind: Kind
    folder: Path
    caches: Path
    people: People
    standing: float = 0.0
    _before: dict[str, bytes] = field(default_factory=dict)

    def row(self, rounds: int, *, confined: bool) -> Row:
        """Medians are of that many rounds. Raises NotToBeHadError, and RuntimeError when a way does not get there."""
        self._make()
        ways = (BARE, OURS, CONFINED) if confined else (BARE, OURS)
        after = ""
        for way in ways:
            self._once(way, after)
            after = after or str(locked(self.kind, self._place(way)))
        samples: dict[str, list[Sample]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way in ways:
                samples[way].append(self._once(way, after))
        return Row(self.kind, {way: Figure(way, tuple(taken)) for way, taken in samples.items()}, self.standing)

    def _make(self) -> None:
        """The project, locked at the old version."""
        kind, folder = self.kind, self.folder / "made"
        self.people.install(kind)
        folder.mkdir(parents=True)
        environ = self.people.environ(kind)
        if kind.remediator == "yarn":
            # Without one, berry looks for a project further up.
            (folder / kind.lockfile).touch()
        (folder / kind.path).write_text(kind.first)
        run(kind.lock, environ, folder)
        if kind.now != kind.first:
            (folder / kind.path).write_text(kind.now)
            _ask_for(kind, folder / kind.lockfile)
            run(kind.lock, environ, folder)
        self._before = {name: (folder / name).read_bytes() for name in kind.files}
        got = locked(kind, folder)
        if got != kind.moved.before:
            raise NotToBeHadError(f"{kind.moved.package} is locked at {got}, not {kind.moved.before}")

    def _once(self, way: str, after: str) -> Sample:
        folder = self._place(way)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, content in self._before.items():
            (folder / name).write_bytes(content)
        sample = self._bare(folder) if way == BARE else self._ours(folder, after, confined=way == CONFINED)
        got = locked(self.kind, folder)
        if got == self.kind.moved.before or (after and got != after):
            raise RuntimeError(
                f"{self.kind.name}, {way}: {self.kind.moved.package} is at {got}, not {after or 'moved'}"
            )
        return sample

    def _place(self, way: str) -> Path:
        return self.folder / way.replace(" ", "-")

    def _bare(self, folder: Path) -> Sample:
        return run_once(self.kind.bare, self.people.environ(self.kind), folder)

    def _ours(self, folder: Path, after: str, *, confined: bool) -> Sample:
        environ = {
            **outside(),
            "PATH": os.environ["PATH"],
            "HOME": str(self.caches),
            "PYTHONPATH": str(ROOT),
            "BOT_CACHE": str(self.caches / "cache"),
            "BOT_DATABASE": f"sqlite:///{self.caches / 'bot.db'}",
            "BOT_SANDBOX": "require" if confined else "off",
        }
        report = self.folder / "report.json"
        argv = (sys.executable, "-m", "benchmarks.share.ours", self.kind.name, str(folder), after, str(report))
        whole = run_once(argv, environ, folder)
        told = json.loads(report.read_text())
        self.standing = float(told["standing"])
        return Sample(float(told["wall"]), float(told["cpu"]), whole.peak - self.standing)


def _ask_for(kind: Kind, lockfile: Path) -> None:
    """In a lockfile that knows a package by what is asked for, ask for what the manifest says now."""
    moved = kind.moved
    if kind.remediator == "yarn":
        asked = re.compile(rf'{moved.package}@(npm:)?{re.escape(moved.first)}("?:)')
        lockfile.write_text(asked.sub(rf"{moved.package}@\g<1>{moved.now}\g<2>", lockfile.read_text()))
