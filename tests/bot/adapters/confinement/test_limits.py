"""What a tool in a sandbox can take of the machine, and how it ends."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path

import pytest

from bot.adapters.confinement.entry import YIELDS
from bot.adapters.tools.run import Limits
from remediators.errors import ToolError
from tests.bot.adapters.confinement.places import POSSIBLE, PYTHON, Places, gone, running

pytestmark = POSSIBLE
MB = 2**20

FLOODS = {
    # One with an end: what this test is to stop must not stop the machine when it is busy.
    "a fork bomb": (
        "import os, time\nfor _ in range(200):\n if not os.fork(): time.sleep(60)\ntime.sleep(60)",
        "it runs more than 50 processes at once",
    ),
    "a fork bomb whose processes are all busy": (
        "import os\nfor _ in range(9): os.fork()\nwhile True: pass",
        "it runs more than 50 processes at once",
    ),
    "threads": (
        "import threading, time\nthreading.stack_size(2**16)\n"
        "for _ in range(150): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\ntime.sleep(60)",
        "it runs more than 100 threads at once",
    ),
    "threads of many": (
        "import os, threading, time\nthreading.stack_size(2**16)\nfor _ in range(2): os.fork()\n"
        "for _ in range(40): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\ntime.sleep(60)",
        "it runs more than 100 threads at once",
    ),
    "memory": ("x = []\nwhile True: x.append(bytearray(2**20))", "it takes more than 200 MB of memory"),
    "memory of many": (
        "import os, time\nfor _ in range(4):\n"
        " if not os.fork():\n  x = bytearray(80 * 2**20); time.sleep(60)\nos.wait()",
        "it takes more than 200 MB of memory",
    ),
    "memory that is shared": (
        "import mmap, time\nx = mmap.mmap(-1, 400 * 2**20)\nfor n in range(0, len(x), 4096): x[n] = 1\ntime.sleep(60)",
        "it takes more than 200 MB of memory",
    ),
    "files in memory": (
        "for n in range(10**6): open(f'/tmp/{n}', 'wb').write(bytes(40 * 2**20))",
        "it takes more than 200 MB of memory",
    ),
    "one file": ("f = open('x', 'wb')\nwhile True: f.write(bytes(2**20))", "it wrote a file of more than 50 MB"),
    "one file, by a program": (
        "import os; os.execvp('dd', ['dd', 'if=/dev/zero', 'of=x', 'bs=1M'])",
        "it wrote a file of more than 50 MB",
    ),
    "much disk": (
        "for n in range(500): open(f'{n}', 'wb').write(bytes(2**20))\nimport time; time.sleep(60)",
        "it wrote more than 100 MB",
    ),
    "many files": ("for n in range(10**9): open(f'{n}', 'wb')", "it wrote more than 2,000 files"),
}


class TestLimits:
    @pytest.mark.parametrize("flood", FLOODS)
    def test_a_flood_ends_with_the_reason_and_the_next_tool_runs(self, places: Places, flood: str) -> None:
        code, reason = FLOODS[flood]
        limits = Limits(30, processes=50, threads=100, memory=200 * MB, file=50 * MB, disk=100 * MB, files=2_000)
        place = places(limits=limits)
        with pytest.raises(ToolError, match=f": stopped: {reason}$"):
            place.python(code)
        assert place.python("print('goes on')") == "goes on"

    def test_one_that_doubles_is_stopped_while_it_is_small(self, places: Places) -> None:
        # Every process leaves a byte; without an end it would be 4,096 of them.
        code = (
            "import os\nfor _ in range(12):\n"
            " if not os.fork(): os.write(os.open('born', os.O_CREAT | os.O_APPEND | os.O_WRONLY), b'.')\n"
            "while True: pass"
        )
        workshop, began = places(limits=Limits(60, processes=50)).workshop, time.monotonic()
        with workshop.scratch() as work:
            with pytest.raises(ToolError, match="it runs more than 50 processes at once"):
                workshop.run([PYTHON, "-c", code], work)
            assert (work / "born").stat().st_size < 1_000
        assert time.monotonic() - began < 20

    def test_it_yields_to_what_else_runs_on_the_machine(self, places: Places) -> None:
        assert int(places().python("import os; print(os.nice(0))")) == min(os.nice(0) + YIELDS, 19)

    def test_one_that_takes_too_long_dies_with_all_that_it_started(self, places: Places) -> None:
        place = places(limits=Limits(seconds=1.0))
        marker = f"{time.monotonic_ns()}"
        code = f"import os, time\nos.fork()\nos.setsid() if os.fork() == 0 else 0\ntime.sleep(60) # {marker}"
        with pytest.raises(ToolError, match=r"stopped after 1 s"):
            place.python(code)
        assert gone(marker)

    def test_what_it_leaves_running_is_gone_before_its_result_is_looked_at(self, places: Places) -> None:
        # Busy ones take longer to die: without waiting, some were there after every fourth run.
        place, code = (
            places(),
            (
                "import os # {}\n"
                "for _ in range(200):\n"
                " if not os.fork():\n  os.setsid(); os.closerange(0, 3)\n  while True: pass\n"
                "print(1)"
            ),
        )
        for _ in range(5):
            marker = f"{time.monotonic_ns()}"
            assert place.python(code.format(marker)) == "1"
            assert not running(marker)

    def test_a_process_without_its_first_thread_is_waited_for_as_well(self, places: Places) -> None:
        code = (
            "import ctypes, os, threading\n"
            "def goes_on():\n while True: os.write(file, b'.')\n"
            "for _ in range(50):\n"
            " if not os.fork():\n"
            "  file = os.open('written', os.O_CREAT | os.O_APPEND | os.O_WRONLY)\n"
            "  os.setsid(); os.dup2(file, 9); os.closerange(0, 3); threading.Thread(target=goes_on).start()\n"
            "  ctypes.CDLL(None).pthread_exit(None)\n"
            "while not os.path.exists('written'): pass\n"
        )
        workshop = places().workshop
        with workshop.scratch() as work:
            workshop.run([PYTHON, "-c", code], work)
            written = (work / "written").stat().st_size
            assert written > 0
            select.select([], [], [], 0.1)
            assert (work / "written").stat().st_size == written

    def test_it_dies_with_the_bot(self, tmp_path: Path) -> None:
        marker = f"{time.monotonic_ns()}"
        script = tmp_path / "parent.py"
        script.write_text(
            "import os, sys, threading, time\nfrom pathlib import Path\n"
            "from tests.bot.adapters.confinement.places import Places, PYTHON\n"
            f"place = Places(Path({str(tmp_path)!r}))()\n"
            f"code = \"open('begun', 'w').close(); import time; time.sleep(60) # {marker}\"\n"
            "def wait(work):\n"
            "    while not (work / 'begun').exists(): time.sleep(0.01)\n"
            "    os.kill(os.getpid(), 9)\n"
            "with place.workshop.scratch() as work:\n"
            "    threading.Thread(target=wait, args=(work,)).start()\n"
            "    place.workshop.run([PYTHON, '-c', code], work)\n"
        )
        assert os.spawnve(os.P_WAIT, PYTHON, [PYTHON, str(script)], {**os.environ, "PYTHONPATH": "."}) == -9
        assert gone(marker)
