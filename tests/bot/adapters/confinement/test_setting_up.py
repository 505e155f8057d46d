"""What happens when bubblewrap does not get a sandbox set up."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.confinement import bubblewrap
from remediators.errors import ToolError
from tests.bot.adapters.confinement.places import POSSIBLE, PYTHON, Places, gone

pytestmark = POSSIBLE


@pytest.fixture
def marker() -> str:
    """Stands in the command line of what must end."""
    return f"{time.monotonic_ns()}"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(bubblewrap, "ENTERED_WITHIN", 0.3)
    monkeypatch.setattr(bubblewrap, "PROBED_WITHIN", 0.3)
    bubblewrap.impossible.cache_clear()
    yield
    bubblewrap.impossible.cache_clear()


def instead(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Have this run for bubblewrap."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)


@pytest.mark.usefixtures("impatient")
def test_a_tool_that_nobody_could_watch_is_ended(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marker: str
) -> None:
    instead(tmp_path, monkeypatch, f"exec sh -c 'sleep 60; : {marker}'")
    with pytest.raises(ToolError, match=r"^bubblewrap did not set a sandbox up within 0\.3 s: run again"):
        places().python("print(1)")
    assert gone(marker)


def test_an_interrupt_leaves_nothing_behind(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marker: str
) -> None:
    place = places()
    assert place.python("print(1)") == "1"
    before = descriptors()
    instead(tmp_path, monkeypatch, f"sleep 0.2; kill -INT $PPID\nexec sh -c 'sleep 60; : {marker}'")
    with pytest.raises(KeyboardInterrupt):
        place.python("print(1)")
    assert gone(marker)
    assert list((place.folder / "cache" / "scratch").iterdir()) == []
    assert settled(before)


def test_a_tool_that_is_interrupted_has_stopped_writing_before_its_scratch_is_removed(places: Places) -> None:
    place = places()
    assert place.python("print(1)") == "1"
    before = descriptors()
    code = (
        "import os\nfor _ in range(100):\n if not os.fork():\n  while True: open(str(os.getpid()), 'w').write('x')\n"
        "open('begun', 'w').close()\nwhile True: pass"
    )

    def interrupt(work: Path) -> None:
        while not (work / "begun").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), place.workshop.scratch() as work:
        threading.Thread(target=interrupt, args=(work,)).start()
        place.workshop.run([PYTHON, "-c", code], work)
    assert list((place.folder / "cache" / "scratch").iterdir()) == []
    assert settled(before)


@pytest.mark.usefixtures("impatient")
def test_what_was_not_found_out_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as busy:
        instead(tmp_path, busy, "exec sleep 60")
        with pytest.raises(
            ToolError, match=r"did not tell within 0\.3 s whether it can make a sandbox here: run again"
        ):
            bubblewrap.impossible()
    monkeypatch.setattr(bubblewrap, "PROBED_WITHIN", 30)
    assert bubblewrap.impossible() is None


def settled(before: list[str]) -> bool:
    """Whether these are open and no others, after the moment that threads which read from a dead process take."""
    return any(descriptors() == before or select.select([], [], [], 0.05)[0] for _ in range(100))


def descriptors() -> list[str]:
    """What this process has open."""
    found = (Path(entry).readlink() for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink())
    return sorted(str(each) for each in found)
