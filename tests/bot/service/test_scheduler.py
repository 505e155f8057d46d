"""`bot daemon` and `bot health`: what a sweep leaves behind, what it survives, and how it ends."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.adapters.redaction import Redactor
from bot.app import App
from bot.config import load
from bot.errors import BotError
from bot.sandbox.faults import Fault
from bot.service import scheduler
from bot.service.advance import ADVANCED, Advance
from tests.end_to_end.advisories import record
from tests.end_to_end.world import ROOT, Fleet


@pytest.fixture
def stopping() -> threading.Event:
    return threading.Event()


@pytest.fixture
def app(fleet: Fleet, caplog: pytest.LogCaptureFixture) -> Iterator[App]:
    """The daemon's app, in this process, over a fleet of one vulnerable project."""
    caplog.set_level(logging.INFO, "bot.service")
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project("group/app", {"requirements.txt": "acme==1.0\n"})
    with App(load({}, fleet.environ, None), fleet.environ, Redactor()) as made:
        yield made


def test_a_sweep_does_the_main_job_and_logs_the_report(
    app: App, fleet: Fleet, stopping: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    scheduler.sweep(app, stopping)
    assert len(fleet.merge_requests("group/app")) == 1
    assert any("1 project: 1 opened; 3 writes to GitLab" in message for message in caplog.messages)
    caplog.clear()
    scheduler.sweep(app, stopping)
    # Each sweep counts its own calls.
    assert any("nothing to change: no write call to GitLab, 3 reads" in message for message in caplog.messages)


def test_a_sweep_that_fails_is_logged_in_a_line_and_the_next_one_tries_again(
    app: App, fleet: Fleet, stopping: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    fleet.sandbox.faults.add(Fault(method="POST", path="*/graphql", status=403, count=1, body={"message": "no"}))
    scheduler.sweep(app, stopping)
    (failure,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert "sweep failed, the next one tries again: GitLab answered 403" in failure.getMessage()
    with pytest.raises(BotError, match="no sweep has ended yet on SQLite"):
        scheduler.health(app)
    scheduler.sweep(app, stopping)
    assert scheduler.health(app) == 0


def test_a_daemon_that_stops_begins_no_project(app: App, fleet: Fleet, stopping: threading.Event) -> None:
    stopping.set()
    scheduler.sweep(app, stopping)
    scheduler.refresh(app, stopping)
    assert fleet.merge_requests("group/app") == []


def test_advisories_are_refreshed_for_what_the_fleet_uses(
    app: App, stopping: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    scheduler.sweep(app, stopping)
    caplog.clear()
    scheduler.refresh(app, stopping)
    assert [message.split(" records")[0] for message in caplog.messages] == ["advisories: 2"]


def test_advisories_that_cannot_be_refreshed_are_an_error_in_the_log(
    app: App, fleet: Fleet, stopping: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    scheduler.sweep(app, stopping)
    (fleet.folder / "advisories" / "PyPI.zip").unlink()
    caplog.clear()
    scheduler.refresh(app, stopping)
    assert [r.levelname for r in caplog.records] == ["ERROR"]
    assert "advisories were not refreshed: there is no PyPI.zip in" in caplog.text


@pytest.mark.parametrize(
    ("ago", "healthy"),
    [(timedelta(minutes=44), True), (timedelta(minutes=46), False)],
    ids=["two intervals missed", "three intervals missed"],
)
def test_health_is_a_sweep_within_three_intervals(app: App, ago: timedelta, healthy: bool) -> None:
    app.store.set_mark(scheduler.SWEPT, (app.now() - ago).isoformat())
    if healthy:
        assert scheduler.health(app) == 0
    else:
        with pytest.raises(BotError, match="ended 46 minutes ago, and one is due every 15 min"):
            scheduler.health(app)


@pytest.mark.parametrize("swept", [None, timedelta(hours=5)], ids=["the first sweep", "a later sweep"])
def test_a_sweep_that_goes_on_is_healthy_however_long_it_takes(app: App, swept: timedelta | None) -> None:
    if swept is not None:
        app.store.set_mark(scheduler.SWEPT, (app.now() - swept).isoformat())
    advance = Advance(app.store, app.now)
    advance.report("group/app", "cloning")
    assert scheduler.health(app) == 0
    advance.over()
    with pytest.raises(BotError, match=r"no sweep has ended yet|ended 300 minutes ago"):
        scheduler.health(app)


def test_a_sweep_that_no_longer_advances_is_not_healthy(app: App) -> None:
    Advance(app.store, lambda: app.now() - timedelta(minutes=46)).report("group/app", "cloning")
    with pytest.raises(BotError, match="a sweep has not advanced for 46 minutes"):
        scheduler.health(app)


def test_an_advance_is_noted_once_a_minute(app: App) -> None:
    now = app.now()
    moments = iter([now, now + timedelta(seconds=59), now + timedelta(seconds=61)])
    advance = Advance(app.store, lambda: next(moments))
    noted = []
    for _ in range(3):
        advance.report("group/app", "cloning")
        noted.append(app.store.mark(ADVANCED))
    assert noted == [now.isoformat(), now.isoformat(), (now + timedelta(seconds=61)).isoformat()]


def test_after_a_sweep_it_is_its_end_that_counts(app: App, stopping: threading.Event) -> None:
    scheduler.sweep(app, stopping)
    assert app.store.mark(ADVANCED) == ""
    assert app.store.mark(scheduler.SWEPT)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_stopped_daemon_says_so_and_ends_well(fleet: Fleet, stop: signal.Signals) -> None:
    del fleet.environ["BOT_LOG_LEVEL"]
    started = subprocess.Popen(
        [sys.executable, "-m", "bot", "daemon"],
        env={**fleet.environ, "PYTHONPATH": str(ROOT)},
        cwd=fleet.folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stderr is not None
    said: list[str] = []
    for line in started.stderr:
        said.append(line.split(": ", 1)[1].strip())
        if said[-1].startswith("no project: "):
            started.send_signal(stop)
    started.stderr.close()
    assert started.wait() == 0
    assert said[0] == f"watching {fleet.sandbox.url}: a sweep every 15 min"
    assert said[-1] == "stopping when the projects at hand are done"
