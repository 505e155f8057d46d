"""One worker per project at a time, over threads, stores and processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from state.store import Store

ROOT = Path(__file__).resolve().parents[2]


def test_a_claim_keeps_others_out_until_it_ends(store: Store, url: str) -> None:
    with Store.open(url) as other:
        with store.claim(7) as ours:
            assert ours
            for second in (store, other):
                with second.claim(7) as theirs:
                    assert not theirs
            with other.claim(8) as next_one:
                assert next_one
        with other.claim(7) as theirs:
            assert theirs


def test_of_many_threads_one_has_it(store: Store, url: str) -> None:
    count, together = [0], threading.Barrier(8)
    most: list[int] = []

    def work() -> None:
        with Store.open(url) as mine:
            together.wait()
            for _ in range(50):
                with mine.claim(7) as ours:
                    if ours:
                        count[0] += 1
                        most.append(count[0])
                        count[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}


HOLD = """
import sys
from state.store import Store
with Store.open(sys.argv[1]).claim(7) as ours:
    print(ours, flush=True)
    sys.stdin.read()
"""


def test_a_claim_dies_with_its_holder(store: Store, url: str) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with store.claim(7) as ours:
            assert not ours
        os.kill(holder.pid, signal.SIGKILL)
    for _ in range(1000):  # a server notices a moment later
        with store.claim(7) as ours:
            if ours:
                return
    pytest.fail("the claim of a dead process holds")


def test_claims_leave_nothing_behind(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store, store.claim(7):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["bot.db"]


def test_a_database_in_memory_has_nobody_to_keep_out() -> None:
    with Store.open("sqlite://") as store, store.claim(7) as ours:
        assert ours
