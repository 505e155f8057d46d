"""`bot daemon`: the pipeline over every project on a schedule, until it is told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType

from bot.app import App
from bot.errors import BotError
from bot.pipeline import fleet
from bot.pipeline.workplace import Run
from bot.policy.inherit import Inheritance
from bot.reports import run as run_report
from bot.service.advance import ADVANCED, Advance
from state.errors import StoreError

log = logging.getLogger(__name__)
SWEPT = "last sweep ended"
MISSED_SWEEPS = 3
STOPS = (signal.SIGTERM, signal.SIGINT)


def run(app: App) -> int:
    """Sweep at once and then on schedule; a stop signal lets the projects at hand finish. Exit status 0.

    Raises ConfigError or StoreError at once for what no sweep could do without.
    """
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    app.adapters()
    stopping = threading.Event()
    _on_stop(stopping.set)
    # One worker: a sweep and a refresh never run side by side, and a late job runs once, not once per miss.
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    daemon = app.config.daemon
    jobs: tuple[tuple[Callable[[App, threading.Event], None], float], ...] = (
        (refresh, daemon.advisories_minutes),
        (sweep, daemon.sweep_minutes),
    )
    for job, minutes in jobs:
        scheduler.add_job(job, "interval", minutes=minutes, args=(app, stopping), next_run_time=app.now())
    log.info("watching %s: a sweep every %g min", app.config.url, daemon.sweep_minutes)
    scheduler.start()
    stopping.wait()
    log.info("stopping when the projects at hand are done")
    scheduler.shutdown(wait=True)
    return 0


def sweep(app: App, stopping: threading.Event) -> None:
    """Every project once. What fails is logged and tried again with the next sweep."""
    inheritance = Inheritance(app.config.policy_projects)
    advance = Advance(app.store, app.now)
    adapters, policy = app.adapters(), app.config.policy
    shared = Run(adapters, policy, app.now, advance.report, stopping=stopping.is_set, inheritance=inheritance)
    before = app.calls()
    try:
        outcomes = fleet.run_all(shared, app.config.workers)
    except (BotError, StoreError) as error:
        log.error("sweep failed, the next one tries again: %s", error)  # noqa: TRY400 -- a message, not a bug
        return
    finally:
        advance.over()
    app.store.set_mark(SWEPT, app.now().isoformat())
    for line in run_report.as_text(outcomes, app.calls() - before).splitlines():
        log.info("%s", line)


def health(app: App) -> int:
    """Whether a daemon on this database sweeps as it should: exit status 0, or 1 with the reason.

    That is a sweep that ended lately, or one that goes on, however long it takes.
    """
    swept, advanced = _moment(app, SWEPT), _moment(app, ADVANCED)
    limit = timedelta(minutes=MISSED_SWEEPS * app.config.daemon.sweep_minutes)
    due = f"one is due every {app.config.daemon.sweep_minutes:g} min: look at the daemon's log"
    if advanced is not None and app.now() - advanced <= limit:
        print(f"a sweep goes on: its last step was at {advanced.isoformat()}")
        return 0
    if swept is not None and app.now() - swept <= limit:
        print(f"the last sweep ended {swept.isoformat()}")
        return 0
    if advanced is not None:
        raise BotError(f"a sweep has not advanced for {_minutes(app, advanced)} minutes, and {due}")
    if swept is None:
        raise BotError(f"no sweep has ended yet on {app.store.describe()}: does a daemon run on this database?")
    raise BotError(f"the last sweep ended {_minutes(app, swept)} minutes ago, and {due}")


def _moment(app: App, mark: str) -> datetime | None:
    said = app.store.mark(mark)
    return datetime.fromisoformat(said) if said else None


def _minutes(app: App, since: datetime) -> str:
    return f"{(app.now() - since).total_seconds() / 60:.0f}"


def refresh(app: App, stopping: threading.Event) -> None:
    """Bring the advisory data up to date."""
    if stopping.is_set():
        return
    try:
        data = app.advisories.refresh()
    except (BotError, StoreError) as error:
        log.error("advisories were not refreshed: %s", error)  # noqa: TRY400 -- a message, not a bug
    else:
        log.info("advisories: %d records from %s, as of %s", data.records, data.source, data.as_of)


def _on_stop(stop: Callable[[], None]) -> None:
    """Call `stop` at the first stop signal; the second one does what it does to any program."""
    before = {number: signal.getsignal(number) for number in STOPS}

    def stopped(number: int, frame: FrameType | None) -> None:
        for each, disposition in before.items():
            signal.signal(each, disposition)
        stop()

    for number in STOPS:
        signal.signal(number, stopped)
