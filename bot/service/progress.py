"""Live progress: a moving display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from bot.pipeline.workplace import Progress
from bot.terminal import safe

if TYPE_CHECKING:
    from rich.progress import TaskID


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
        if step:
            # Progress that nobody reads any more is no reason to fail.
            with lock, contextlib.suppress(OSError):
                to.write(f"{safe(project)}: {safe(step)}\n")
                to.flush()

    return told


@contextlib.contextmanager
def _live(to: TextIO) -> Iterator[Progress]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    one_line = Column(no_wrap=True, overflow="ellipsis")
    columns = (SpinnerColumn(), TextColumn("{task.description}", table_column=one_line), TimeElapsedColumn())
    with Bar(*columns, console=Console(file=to), transient=True) as bar:
        tasks: dict[str, TaskID] = {}
        lock = threading.Lock()

        def told(project: str, step: str) -> None:
            with lock:
                shown = escape(f"{safe(project)}: {safe(step)}")
                if step and project in tasks:
                    bar.update(tasks[project], description=shown)
                elif step:
                    tasks[project] = bar.add_task(shown, total=None)
                elif project in tasks:
                    bar.remove_task(tasks.pop(project))

        yield told
