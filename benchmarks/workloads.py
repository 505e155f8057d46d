"""What is run: each peer's first run and re-runs, over one project and twenty, with and without latency."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.fleet import Asked, Copy, Ground
from benchmarks.measure import Figure, Sample, run_once
from benchmarks.peers import Floor, Peer


class UnequalError(Exception):
    """Two peers did not propose the same updates: their figures cannot be compared."""


@dataclass(frozen=True, slots=True)
class Row:
    """One workload of one peer. `asked` is of its last sample, `git` the git processes of a run of their own.

    `git` is None for a fleet: it is that of one project, times the projects that are not left alone.
    """

    workload: str
    latency_ms: int
    figure: Figure
    asked: Asked
    git: int | None


@dataclass(frozen=True, slots=True)
class Runs:
    """How many samples of a first run and of a re-run are taken."""

    first: int
    again: int


ONE, FLEET = 1, 20
RUNS = {ONE: Runs(first=3, again=5), FLEET: Runs(first=1, again=2)}


@dataclass(slots=True)
class Race:
    """Peers on equal copies of one fleet, run in turn."""

    ground: Ground
    peers: Sequence[Peer]
    projects: int
    latency_ms: int

    def rows(self) -> Iterator[Row]:
        """First runs, then re-runs. Raises UnequalError when the peers did not propose the same updates."""
        runs = RUNS[self.projects]
        # One more copy than is timed: its runs count git processes, which costs time.
        copies = {peer.name: [self.ground.copy(self.projects) for _ in range(runs.first + 1)] for peer in self.peers}
        yield from self._timed("first run", self.peers, runs.first, copies)
        self._check_equal({name: made[-2] for name, made in copies.items()})
        again = [peer for peer in self.peers if not isinstance(peer, Floor)]
        # The first re-run settles what the first run left; it is not counted, for anyone.
        for peer in again:
            self._run(peer, copies[peer.name][-2])
        settled = {name: [made[-2]] * runs.again + [made[-1]] for name, made in copies.items()}
        yield from self._timed("nothing to do", again, runs.again, settled)

    def _timed(
        self, what: str, peers: Sequence[Peer], turns: int, copies: Mapping[str, Sequence[Copy]]
    ) -> Iterator[Row]:
        samples: dict[str, list[Sample]] = {peer.name: [] for peer in peers}
        asked: dict[str, Asked] = {}
        with self.ground.latency(self.latency_ms / 1000):
            for turn in range(turns):
                for peer in peers:
                    self.ground.asked()
                    samples[peer.name].append(self._run(peer, copies[peer.name][turn]))
                    asked[peer.name] = self.ground.asked()
        scope = "one project" if self.projects == ONE else f"{self.projects} projects"
        for peer in peers:
            git = self._git_processes(peer, copies[peer.name][turns]) if self.projects == ONE else None
            figure = Figure(peer.name, tuple(samples[peer.name]))
            yield Row(f"{scope}, {what}", self.latency_ms, figure, asked[peer.name], git)

    def _run(self, peer: Peer, copy: Copy, path: str = "") -> Sample:
        command = peer.command(copy, self.ground)
        environ = {**command.environ, **({"PATH": path} if path else {})}
        return run_once(command.argv, environ, self.ground.folder / copy.name)

    def _git_processes(self, peer: Peer, copy: Copy) -> int:
        folder = self.ground.folder / copy.name
        counter, shims = folder / "git-processes", folder / "shims"
        counter.write_bytes(b"")
        shims.mkdir(exist_ok=True)
        (shims / "git").write_text(f'#!/bin/sh\nprintf . >> "{counter}"\nexec "{shutil.which("git")}" "$@"\n')
        (shims / "git").chmod(0o755)
        environ = peer.command(copy, self.ground).environ
        self._run(peer, copy, f"{shims}{os.pathsep}{environ['PATH']}")
        return counter.stat().st_size

    def _check_equal(self, copies: Mapping[str, Copy]) -> None:
        proposed = {name: self.ground.updated(copy) for name, copy in copies.items()}
        first = next(iter(proposed.values()))
        if any(other != first for other in proposed.values()):
            raise UnequalError(f"the peers do not propose the same updates: {proposed}")
