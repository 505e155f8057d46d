"""Progress: lines in a log, a moving display on a terminal that leaves nothing behind."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest

from bot.service.progress import progress
from tests.bot.interrupts import Interrupter
from tests.bot.service import screen
from tests.end_to_end.advisories import record
from tests.end_to_end.world import Fleet

LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ bot\.\S+: \S.*")


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project("group/app", {"requirements.txt": "acme==1.0\n", "\x1b[2J\x9b31m/requirements.txt": "-e ./x\n"})
    fleet.project("group/other", {"requirements.txt": "acme==1.0\n"})
    fleet.environ["BOT_LOG_LEVEL"] = "warning"
    return fleet


def test_elsewhere_each_step_is_a_line_and_the_end_of_a_project_is_none() -> None:
    to = io.StringIO()
    with progress(to) as told:
        told("group/app", "reading")
        told("group/\x1b[2J", "line\nbreak")
        told("group/app", "")
    assert to.getvalue() == "group/app: reading\ngroup/ [2J: line break\n"


def test_on_a_terminal_foreign_text_is_shown_as_it_is_and_commands_nothing() -> None:
    ours, theirs = os.openpty()
    with open(theirs, "w") as to, progress(to) as told:  # noqa: PTH123 -- a descriptor, not a path
        told("group/\x1b[2J\x1b]0;x\x07", "[bold]not markup[/bold]")
    raw = screen.drained(ours)
    assert "group/ [2J ]0;x : [bold]not markup[/bold]" in raw
    assert not {"\x1b[2J", "\x1b]0"} & {raw[i : i + n] for i in range(len(raw)) for n in (3, 4)}


def test_a_project_that_is_done_leaves_the_display() -> None:
    ours, theirs = os.openpty()
    with open(theirs, "w") as to, progress(to) as told:  # noqa: PTH123 -- a descriptor, not a path
        told("group/done", "reading")
        told("group/done", "")
        told("group/next", "reading")
    raw = screen.drained(ours)
    last_frame = raw.rsplit("group/next", 1)[0].rsplit("\x1b[2K", 1)[-1]
    assert "group/done" in raw
    assert "group/done" not in last_frame


def test_a_run_on_a_terminal_moves_and_then_shows_only_its_report(app: Fleet) -> None:
    shown = screen.run(["run", "--all"], app.environ, app.folder)
    assert "group/app: reading dependencies" in shown.raw
    assert [line.split()[0] for line in shown.screen] == ["project", "group/app", "group/other", "not", "2"]
    assert shown.status == 0
    # The cursor is back, and nothing of the repository's got through.
    assert shown.raw.rfind("\x1b[?25h") > shown.raw.rfind("\x1b[?25l")
    assert "\x1b[2J" not in shown.raw
    assert "\x9b" not in shown.raw


def test_the_log_does_not_break_the_display(app: Fleet) -> None:
    # Wide enough for a tool with all its arguments.
    shown = screen.run(["run", "--all", "--log-level", "debug"], app.environ, app.folder, columns=2_000)
    logged = shown.screen[: shown.screen.index(next(line for line in shown.screen if line.startswith("project ")))]
    assert [line for line in logged if not LOG_LINE.fullmatch(line)] == []
    assert len(logged) >= 2


def test_a_narrow_terminal_cuts_a_step_instead_of_wrapping_it(app: Fleet) -> None:
    shown = screen.run(["run", "group/other"], app.environ, app.folder, columns=40)
    assert "…" in shown.raw
    assert len(shown.screen) == 3


def test_a_terminal_is_told_what_a_scan_does(app: Fleet) -> None:
    (app.folder / "project").mkdir()
    (app.folder / "project" / "requirements.txt").write_text("acme==1.0\n")
    shown = screen.run(["scan", "project"], app.environ, app.folder)
    assert "project: reading dependencies" in shown.raw
    assert [line.split()[0] for line in shown.screen] == ["kind", "vulnerable", "outdated", "1"]


@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupted_run_gives_the_terminal_back(app: Fleet, times: int) -> None:
    pids: list[int] = []
    Interrupter(app.sandbox, lambda: pids[0], 4, times)
    shown = screen.run(["run", "--all"], app.environ, app.folder, started=pids.append)
    assert shown.status == 130
    assert shown.raw.rfind("\x1b[?25h") > shown.raw.rfind("\x1b[?25l")
    assert "interrupted: leaving when the projects at hand are done" in shown.raw
    assert "Traceback" not in shown.raw


def test_nothing_moves_where_standard_error_is_no_terminal(app: Fleet, tmp_path: Path) -> None:
    ended = app.bot("run", "--all")
    assert "\x1b" not in ended.out + ended.err
