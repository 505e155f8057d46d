"""Which git commands a foreign program started, told by git itself (its trace2 events, one file per process)."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class GitUse:
    """`commands` counts what was started by name, such as {"fetch": 2}; `processes` adds git's own children."""

    commands: Counter[str]
    processes: int


def configure(home: Path, traces: Path) -> None:
    """Let every git whose home this is write its events to `traces`, which is emptied."""
    shutil.rmtree(traces, ignore_errors=True)
    traces.mkdir(parents=True)
    (home / ".gitconfig").write_text(f"[trace2]\n\teventTarget = {traces}\n")


def read(traces: Path) -> GitUse:
    """What was started since `configure`."""
    names = dict(process for trace in traces.iterdir() for process in _processes(trace))
    # A process has the id of the one that started it before its own.
    return GitUse(Counter(name for session, name in names.items() if "/" not in session), len(names))


def _processes(trace: Path) -> Iterator[tuple[str, str]]:
    for line in trace.read_text().splitlines():
        event = json.loads(line)
        if event["event"] == "cmd_name":
            yield event["sid"], event["name"]
