"""Live progress: a moving display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TextIO

from bot.pipeline.workplace import Progress
from bot.reports.text import safe


@contextlib.contextmanager
def progress(to: TextIO) -> Iterator[Progress]:
    """What a run tells its steps to, while it runs."""
    if to.isatty():
        with _live(to) as told:
            yield told
    else:
        yield _lines(to)


def _lines(to: TextIO) -> Progress:
    lock = threading.Lock()

    def told(project: str, step: str) -> None:
        with lock:
            to.write(f"{safe(project)}: {safe(step)}\n")
            to.flush()

    return told


@contextlib.contextmanager
def _live(to: TextIO) -> Iterator[Progress]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(file=to), transient=True) as bar:
        tasks = {}
        lock = threading.Lock()

        def told(project: str, step: str) -> None:
            with lock:
                name = escape(safe(project))
                if project not in tasks:
                    tasks[project] = bar.add_task(name, total=None)
                bar.update(tasks[project], description=f"{name}: {escape(safe(step))}")

        yield told
