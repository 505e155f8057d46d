"""`bot run`: one look at projects, a report, an exit status."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType

from bot.app import App
from bot.errors import ConfigError
from bot.pipeline import fleet
from bot.pipeline.outcome import exit_status
from bot.pipeline.workplace import Run
from bot.policy.inherit import Inheritance
from bot.reports import run as run_report
from bot.reports.text import document
from bot.service.progress import progress

STDERR = 2
CURSOR_BACK = b"\x1b[?25h\n"
INTERRUPTED = b"\nbot: interrupted: leaving when the projects at hand are done; Ctrl-C again leaves at once\n"


def run(app: App, paths: Sequence[str], everything: bool, dry: bool, as_json: bool) -> int:
    """Run the named projects, the CI job's own, or all; print what became of them."""
    chosen = _chosen(app, paths, everything)
    started = app.now()
    with _interrupts_explained(), progress(sys.stderr) as told:
        inheritance = Inheritance(app.config.policy_projects)
        shared = Run(app.adapters(), app.config.policy, app.now, told, dry, inheritance=inheritance)
        workers = app.config.workers
        outcomes = fleet.run_all(shared, workers) if everything else fleet.run_named(chosen, shared, workers)
    if as_json:
        print(document(run_report.as_json(outcomes, app.calls(), started, app.now())))
    else:
        print(run_report.as_text(outcomes, app.calls(), dry))
    return exit_status(outcomes)


def _chosen(app: App, paths: Sequence[str], everything: bool) -> tuple[str, ...]:
    """The projects that were named, or the CI job's own; none with `everything`."""
    if everything and paths:
        raise ConfigError("name projects or pass --all, not both")
    named = () if everything else tuple(paths) or app.default_projects()
    if not everything and not named:
        raise ConfigError("which project? Name one by its full path, or pass --all")
    if not all(path.strip() for path in named):
        raise ConfigError("a project's name is empty; name it by its full path or id")
    return named


@contextlib.contextmanager
def _interrupts_explained() -> Iterator[None]:
    """At the first Ctrl-C say why the end is not there yet; at the second leave."""

    def first(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, second)
        # Not through sys.stderr: the signal may have come in the middle of a write to it.
        os.write(STDERR, INTERRUPTED)
        raise KeyboardInterrupt

    def second(number: int, frame: FrameType | None) -> None:
        # An exception would wait for the threads, or end in a place where Python can only print it.
        if os.isatty(STDERR):
            os.write(STDERR, CURSOR_BACK)
        os._exit(128 + number)

    before = signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
