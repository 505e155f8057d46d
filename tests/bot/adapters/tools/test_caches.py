"""Downloads of tools: kept while they are young and small, dropped as a whole, and never under somebody's hands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.adapters.tools.caches import DAY, LOOK_EVERY, Keeping, ToolCaches
from bot.adapters.tools.workshop import LocalWorkshop

START = 1_800_000_000.0
KEEPING = Keeping(seconds=10 * DAY, size=2**20)


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def caches(tmp_path: Path, clock: Clock) -> ToolCaches:
    made = ToolCaches(tmp_path / "tools", KEEPING, clock)
    with made.in_use():
        keep(made)
    return made


def keep(caches: ToolCaches, size: int = 10) -> None:
    (caches.place / "uv").mkdir(parents=True, exist_ok=True)
    (caches.place / "uv" / "wheel").write_bytes(bytes(size))


def used(caches: ToolCaches) -> bool:
    """Whether what was kept is there for the next to use it."""
    with caches.in_use():
        return (caches.place / "uv" / "wheel").exists()


@pytest.mark.parametrize(("days", "there"), [(0, True), (9, True), (10.5, False), (300, False)])
def test_it_is_dropped_when_it_is_old(caches: ToolCaches, clock: Clock, days: float, there: bool) -> None:
    clock.now += days * DAY
    assert used(caches) is there


def test_the_next_one_has_all_its_time(caches: ToolCaches, clock: Clock) -> None:
    clock.now += 11 * DAY
    assert not used(caches)
    keep(caches)
    clock.now += 9 * DAY
    assert used(caches)
    clock.now += 2 * DAY
    assert not used(caches)


def test_looking_does_not_make_it_younger(caches: ToolCaches, clock: Clock) -> None:
    for _ in range(10):
        clock.now += DAY + 1
        there = used(caches)
    assert not there


def test_it_is_dropped_when_it_is_large_once_somebody_looks(caches: ToolCaches, clock: Clock) -> None:
    keep(caches, 2**21)
    clock.now += LOOK_EVERY / 2
    assert used(caches)
    clock.now += LOOK_EVERY
    assert not used(caches)


def test_it_stays_while_somebody_uses_it(caches: ToolCaches, clock: Clock, tmp_path: Path) -> None:
    clock.now += 9 * DAY
    with caches.in_use():
        clock.now += 9 * DAY
        assert used(ToolCaches(tmp_path / "tools", KEEPING, clock))
    assert not used(caches)


def test_another_process_uses_it_as_well(caches: ToolCaches, clock: Clock) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom bot.adapters.tools.caches import *\n"
        "with ToolCaches(Path(sys.argv[1]), Keeping()).in_use(): print('in', flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", code, str(caches.place)]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PYTHONPATH": str(Path.cwd())}
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        clock.now = START * 2
        assert used(caches)
        other.communicate()
    assert not used(caches)


def test_what_a_killed_bot_left_is_removed(caches: ToolCaches, clock: Clock) -> None:
    left = caches.place.with_name("tools.dropped-1")
    (left / "deep").mkdir(parents=True)
    (left / "deep").chmod(0o500)
    clock.now += 2 * DAY
    assert used(caches)
    assert not left.exists()


def test_a_record_that_is_none_begins_anew(caches: ToolCaches, clock: Clock) -> None:
    caches.place.with_name("tools.begun").write_text("yesterday")
    os.utime(caches.place.with_name("tools.begun"), (0, 0))
    clock.now += 9 * DAY
    assert used(caches)
    clock.now += 9 * DAY
    assert used(caches)
    clock.now += 2 * DAY
    assert not used(caches)


def test_nothing_else_is_touched(caches: ToolCaches, clock: Clock, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("x")
    (caches.place / "link").symlink_to(elsewhere)
    clock.now += 11 * DAY
    assert not used(caches)
    assert (elsewhere / "file").read_text() == "x"


def test_a_tool_never_finds_it_gone_between_two_runs(tmp_path: Path) -> None:
    """Some tools are installed there by one run, and started from there by the next."""
    always = Keeping(seconds=0, size=0)

    def workshop() -> LocalWorkshop:
        return LocalWorkshop(tmp_path / "s", tmp_path / "tools", {"PATH": os.environ["PATH"]}, keeping=always)

    def run(shop: LocalWorkshop, work: Path, code: str) -> None:
        shop.run(["sh", "-c", code], work)

    first, second = workshop(), workshop()
    with first.scratch() as work:
        run(first, work, 'mkdir -p "$UV_CACHE_DIR" && touch "$UV_CACHE_DIR/program"')
        os.utime(tmp_path / "tools-unconfined.begun", (0, 0))
        with second.scratch():
            run(first, work, 'test -e "$UV_CACHE_DIR/program"')
    with second.scratch() as work:
        run(second, work, '! test -e "$UV_CACHE_DIR/program"')
