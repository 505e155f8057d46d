"""`bot daemon`, left alone."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.end_to_end.advisories import record
from tests.end_to_end.world import ROOT, Fleet

PATIENCE = 60.0


@pytest.fixture
def daemon(fleet: Fleet) -> Iterator[subprocess.Popen[str]]:
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    environ = {**fleet.environ, "BOT_DAEMON__SWEEP_MINUTES": "0.005", "PYTHONPATH": str(ROOT)}
    started = subprocess.Popen(
        [sys.executable, "-m", "bot", "daemon"], env=environ, cwd=fleet.folder, stderr=subprocess.PIPE, text=True
    )
    yield started
    started.kill()
    started.wait()
    assert started.stderr is not None
    started.stderr.close()


def wait_for(fleet: Fleet, holds: Callable[[], bool], what: str) -> None:
    """Look again after each request that the embedded GitLab gets, for a bounded time."""
    asked = threading.Event()
    fleet.sandbox.on_request(lambda moment, _: asked.set() if moment == "after" else None)
    timer = threading.Event()
    clock = threading.Timer(PATIENCE, timer.set)
    clock.start()
    try:
        while not holds():
            assert not timer.is_set(), f"not within {PATIENCE:g} s: {what}"
            asked.wait(1)
            asked.clear()
    finally:
        clock.cancel()
        clock.join()


def test_it_finds_a_new_project_opens_its_merge_request_and_notices_the_merge(
    fleet: Fleet, daemon: subprocess.Popen[str]
) -> None:
    wait_for(fleet, lambda: fleet.bot("health").status == 0, "a first sweep over an empty fleet")
    fleet.project("late/app", {"requirements.txt": "acme==1.0\n"})
    wait_for(fleet, lambda: len(fleet.merge_requests("late/app")) == 1, "the new project's merge request")
    fleet.merge("late/app", 1)

    def confirmed() -> bool:
        known = fleet.bot("status", "late/app", "--json").report
        return [r["state"] for r in known["remediations"]] == ["confirmed"]

    wait_for(fleet, confirmed, "the merged fix is confirmed")
    assert [i["state"] for i in fleet.issues("late/app")] == ["closed"]

    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(PATIENCE) == 0
