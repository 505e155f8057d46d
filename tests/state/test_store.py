"""The store as a whole: what it says of itself, small marks, and many writers at once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from state.model import FindingState, FindingTransition, RemediationState
from state.schema import NEWEST
from state.store import Store
from tests.state.samples import DIRECT, LATER, NOW, PLANNED, PROJECT, SCAN, VULNERABLE

THREADS = 16
ROUNDS = 20


def test_describes_sqlite_by_path(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        assert re.fullmatch(rf"SQLite 3\.\d+ at {re.escape(str(tmp_path))}/bot\.db, schema {NEWEST}", store.describe())


def test_describes_sqlite_in_memory() -> None:
    with Store.open("sqlite://") as store:
        assert re.fullmatch(rf"SQLite 3\.\d+ at :memory:, schema {NEWEST}", store.describe())


def test_describes_postgresql_without_its_password(postgresql_url: str) -> None:
    with Store.open(postgresql_url.replace("postgres:@", "postgres:hunter2@")) as store:
        assert re.fullmatch(
            rf"PostgreSQL 1\d\.\d+ at postgresql://postgres:\*\*\*@.*/postgres, schema {NEWEST}", store.describe()
        )


def test_shortens_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with Store.open("sqlite:///~/state/bot.db") as store:
        assert " at ~/state/bot.db, " in store.describe()
    assert (tmp_path / "state" / "bot.db").is_file()


def test_a_relative_path_stays_put_when_the_process_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Store.open("sqlite:///bot.db") as store:
        store.set_mark("a", "b")
        monkeypatch.chdir("/")
        assert store.mark("a") == "b"
    assert (tmp_path / "bot.db").is_file()


def test_stores_in_memory_are_apart_and_shared_between_threads() -> None:
    with Store.open("sqlite://") as one, Store.open("sqlite://") as other, ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: one.set_mark(str(number), "x"), range(20)))
        assert one.counts()["marks"] == 20
        assert other.counts()["marks"] == 0


def test_a_mark_is_the_value_set_last(store: Store) -> None:
    assert store.mark("sweep") is None
    store.set_mark("sweep", "2026-11-20")
    store.set_mark("other", "")
    store.set_mark("sweep", "2026-11-21")
    assert (store.mark("sweep"), store.mark("other")) == ("2026-11-21", "")


def test_counts_the_rows_of_every_table(store: Store) -> None:
    store.record_scan(SCAN, [DIRECT] * 3, [VULNERABLE], [])
    counts = store.counts()
    filled = {table: rows for table, rows in counts.items() if rows}
    assert filled == {
        "projects": 1,
        "scans": 1,
        "dependencies": 3,
        "findings": 1,
        "occurrences": 2,
        "cited_advisories": 2,
        "events": 1,
    }
    assert {"remediations", "changes", "proofs", "listings", "advisories", "marks"} <= counts.keys() - filled.keys()


def test_no_write_of_many_threads_is_lost(store: Store) -> None:
    """Every write reads the state first: with lost ones the history would not join up."""
    store.record_scan(SCAN, [], [VULNERABLE], [])
    turns = itertools.cycle([FindingState.RESOLVED, FindingState.OPEN, FindingState.PLANNED])

    def work(moves: list[FindingState]) -> None:
        for number, after in enumerate(moves):
            transition = FindingTransition(VULNERABLE.key, after, f"move {number}")
            if number % 2:
                store.move_findings(7, [transition], LATER)
            else:
                store.record_scan(replace(SCAN, at=LATER), [DIRECT], [VULNERABLE], [transition])

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(work, [list(itertools.islice(turns, ROUNDS)) for _ in range(THREADS)]))

    history = store.events(7, limit=10_000)[::-1]
    assert [event.before for event in history] == ["", *(event.after for event in history[:-1])]
    (found,) = store.findings(7)
    assert found.state == history[-1].after
    assert found.regressions == sum((event.before, event.after) == ("resolved", "open") for event in history)
    assert store.dependencies(7) == (DIRECT,)


def test_threads_that_save_the_same_new_things_agree(store: Store) -> None:
    """The first insert is where a check and a write are easiest to tear apart."""

    def work(number: int) -> None:
        store.save_projects([replace(PROJECT, id=id_, path=str(id_)) for id_ in _shuffled(number)], NOW)
        store.save_remediation(7, PLANNED)
        store.save_remediation(7, replace(PLANNED, state=RemediationState.PROVEN))
        store.save_remediation(7, PLANNED)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(work, range(THREADS)))
    history = store.events(7, limit=10_000)[::-1]
    assert [event.before for event in history] == ["", *(event.after for event in history[:-1])]
    assert len(store.projects()) == 101
    assert store.remediations(7) == (PLANNED,)


def _shuffled(number: int) -> Iterator[int]:
    """100 to 199, in another order for each number."""
    return (100 + (number + step * 37) % 100 for step in range(100))
