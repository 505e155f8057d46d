"""What is asked of an OSV server and when; against a real one on this machine that answers from a table."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.advisories.local import LocalAdvisories, Update
from bot.adapters.advisories.osv_api import BATCH, OsvServer
from bot.adapters.http import Http
from state.model import Failure, Snapshot
from state.store import Store
from tests.bot.adapters.advisories.osv_server import Osv, osv, reply
from tests.bot.adapters.http_server import Reply, running

START = datetime(2026, 11, 19, 12, tzinfo=UTC)
DEMO, OTHER, NPM = ("PyPI", "demo"), ("PyPI", "other"), ("npm", "@scope/demo")


@dataclass(slots=True)
class Bench:
    osv: Osv
    url: str
    store: Store
    http: Http
    waited: list[float]
    now: datetime = START

    def source(self, url: str = "") -> OsvServer:
        return OsvServer(url or self.url, self.store, self.http, lambda: self.now)

    def ids(self, *packages: tuple[str, str]) -> Mapping[tuple[str, str], list[str]]:
        """What a look-up over this source alone answers."""
        answer = LocalAdvisories(self.store, [self.source()], lambda: self.now, None).lookup(packages)
        return {package: [a.id for a in found] for package, found in answer.advisories.items()}

    def failures(self, *packages: tuple[str, str]) -> tuple[Failure, ...]:
        return LocalAdvisories(self.store, [self.source()], lambda: self.now, None).lookup(packages).failed


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        answers, waited = Osv(), list[float]()
        server = stack.enter_context(running(answers))
        store = stack.enter_context(Store.open(f"sqlite:///{tmp_path}/bot.db"))
        http = Http(sleep=waited.append)
        stack.callback(http.close)
        yield Bench(answers, server.url, store, http, waited)


class TestAsking:
    def test_by_package_then_each_record_once(self, bench: Bench) -> None:
        bench.osv.add(osv("GHSA-1"), DEMO, NPM)
        bench.osv.add(osv("GHSA-2"), DEMO)

        assert bench.ids(DEMO, OTHER, NPM) == {DEMO: ["GHSA-1", "GHSA-2"], OTHER: [], NPM: ["GHSA-1"]}
        assert bench.osv.queries() == [["demo", "other", "@scope/demo"]]
        assert bench.osv.calls() == ["querybatch", "vulns/GHSA-1", "vulns/GHSA-2"]

    def test_a_warm_look_up_makes_no_call(self, bench: Bench) -> None:
        bench.osv.add(osv("GHSA-1"), DEMO)
        cold = bench.ids(DEMO, OTHER)
        bench.osv.calls()
        bench.now += timedelta(minutes=59)

        assert bench.ids(DEMO, OTHER) == cold
        assert bench.osv.calls() == []

    def test_only_what_is_new_is_asked(self, bench: Bench) -> None:
        bench.osv.add(osv("GHSA-1"), DEMO, OTHER)
        bench.ids(DEMO)
        bench.osv.asked.clear()

        assert bench.ids(DEMO, OTHER) == {DEMO: ["GHSA-1"], OTHER: ["GHSA-1"]}
        assert bench.osv.queries() == [["other"]]
        assert bench.osv.calls() == ["querybatch"]

    def test_after_an_hour_only_moved_and_new_records_are_brought(self, bench: Bench) -> None:
        for name in ("GHSA-1", "GHSA-2"):
            bench.osv.add(osv(name), DEMO)
        bench.ids(DEMO)
        bench.osv.calls()
        bench.osv.records["GHSA-2"] = osv("GHSA-2", "2026-02-02T00:00:00Z", withdrawn="2026-02-02T00:00:00Z")
        bench.osv.add(osv("GHSA-3"), DEMO)
        bench.now += timedelta(hours=1)

        assert bench.ids(DEMO) == {DEMO: ["GHSA-1", "GHSA-3"]}
        assert bench.osv.calls() == ["querybatch", "vulns/GHSA-2", "vulns/GHSA-3"]

    def test_what_the_server_no_longer_lists_is_gone(self, bench: Bench) -> None:
        bench.osv.add(osv("GHSA-1"), DEMO)
        bench.ids(DEMO)
        bench.osv.listed.clear()
        bench.now += timedelta(hours=1)

        assert bench.ids(DEMO) == {DEMO: []}

    def test_force_asks_at_once(self, bench: Bench) -> None:
        bench.ids(DEMO)
        bench.osv.calls()
        bench.source().update([DEMO], force=True)

        assert bench.osv.calls() == ["querybatch"]

    def test_every_page(self, bench: Bench) -> None:
        bench.osv.page = 2
        names = [f"GHSA-{number}" for number in range(5)]
        for name in names:
            bench.osv.add(osv(name), DEMO)
        bench.osv.add(osv("GHSA-9"), OTHER)

        assert bench.ids(DEMO, OTHER) == {DEMO: names, OTHER: ["GHSA-9"]}
        assert bench.osv.queries() == [["demo", "other"], ["demo"], ["demo"]]

    def test_in_batches(self, bench: Bench) -> None:
        packages = [("PyPI", f"demo-{number:04}") for number in range(BATCH + 1)]

        assert len(bench.ids(*packages)) == BATCH + 1
        assert [len(batch) for batch in bench.osv.queries()] == [BATCH, 1]

    def test_workers_that_need_the_same_package_ask_once(self, bench: Bench) -> None:
        bench.osv.add(osv("GHSA-1"), DEMO)
        source = bench.source()
        workers = [threading.Thread(target=source.update, args=([DEMO],)) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert bench.osv.calls() == ["querybatch", "vulns/GHSA-1"]


class TestFailures:
    def test_a_server_that_is_out_fails_every_package(self, bench: Bench) -> None:
        bench.osv.special = lambda _: reply({}, 503)
        update = bench.source().update([DEMO, OTHER])

        assert update.held == {}
        assert update.failed.keys() == {DEMO, OTHER}
        assert "answered 503 for" in update.failed[DEMO]
        assert bench.store.checks(bench.url, [DEMO]) == {}

    def test_nobody_there(self, bench: Bench) -> None:
        update = bench.source("http://127.0.0.1:9").update([DEMO])

        assert update.failed[DEMO].startswith("127.0.0.1 cannot be reached for")

    def test_what_was_looked_up_before_is_still_answered_while_fresh(self, bench: Bench) -> None:
        bench.ids(DEMO)
        bench.osv.special = lambda _: reply({}, 503)

        assert bench.ids(DEMO, OTHER) == {DEMO: []}

    def test_the_server_is_waited_for_as_long_as_it_asks(self, bench: Bench) -> None:
        limited = [Reply(429, headers={"Retry-After": "7"}), Reply(503)]
        bench.osv.special = lambda _: limited.pop(0) if limited else None

        assert bench.ids(DEMO) == {DEMO: []}
        assert bench.waited[0] == 7.0

    def test_a_record_that_fails_fails_exactly_its_packages(self, bench: Bench) -> None:
        for name, packages in {"GHSA-1": (DEMO,), "GHSA-2": (DEMO, NPM), "GHSA-3": (OTHER,)}.items():
            bench.osv.add(osv(name), *packages)
        bench.osv.special = lambda asked: Reply(500) if asked.path.endswith("GHSA-2") else None

        assert bench.ids(DEMO, OTHER, NPM) == {OTHER: ["GHSA-3"]}
        assert [f.subject for f in bench.failures(DEMO, OTHER, NPM)] == ["PyPI:demo", "npm:@scope/demo"]
        assert "answered 500 for" in bench.failures(DEMO)[0].reason

    def test_the_next_look_up_tries_again_and_only_what_failed(self, bench: Bench) -> None:
        bench.osv.add(osv("GHSA-1"), DEMO)
        bench.osv.add(osv("GHSA-2"), DEMO)
        bench.osv.special = lambda asked: Reply(500) if asked.path.endswith("GHSA-2") else None
        bench.ids(DEMO)
        bench.osv.special = lambda _: None
        bench.osv.calls()

        assert bench.ids(DEMO) == {DEMO: ["GHSA-1", "GHSA-2"]}
        assert bench.osv.calls() == ["querybatch", "vulns/GHSA-2"]

    def test_a_question_that_the_server_rejects_fails_alone(self, bench: Bench) -> None:
        odd = ("PyPI", "od%d")
        bench.osv.add(osv("GHSA-1"), DEMO)
        bench.osv.special = lambda asked: reply({"message": "Bad"}, 400) if b"od%d" in asked.body else None

        assert bench.ids(DEMO, odd, OTHER) == {DEMO: ["GHSA-1"], OTHER: []}
        assert [failure.subject for failure in bench.failures(odd)] == ["PyPI:od%d"]

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(b"<html>", id="no-json"),
            pytest.param(b"[]", id="a-list"),
            pytest.param(b"{}", id="no-results"),
            pytest.param(b'{"results": []}', id="too-few"),
            pytest.param(b'{"results": [{}, {}]}', id="too-many"),
            pytest.param(b'{"results": [7]}', id="no-object"),
            pytest.param(b'{"results": [{"vulns": [{"id": "GHSA-1"}]}]}', id="no-time"),
            pytest.param(
                b'{"results": [{"vulns": [{"id": "../x", "modified": "2026-01-01T00:00:00Z"}]}]}',
                id="an-id-that-is-a-path",
            ),
            pytest.param(b'{"results": [{"next_page_token": "again"}]}', id="pages-without-end"),
            pytest.param(b"[" * 100_000, id="too-deep"),
        ],
    )
    def test_an_answer_that_is_not_osvs_is_no_answer(self, bench: Bench, answer: bytes) -> None:
        bench.osv.special = lambda _: Reply(200, answer)
        update = bench.source().update([DEMO])

        assert (update.held, list(update.failed)) == ({}, [DEMO])
        assert "check the address" in update.failed[DEMO]

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            pytest.param(Reply(404), "lists advisory GHSA-1 but has no record of it: run again later", id="none"),
            pytest.param(reply(osv("GHSA-2")), "answers GHSA-2 when asked for advisory GHSA-1", id="another"),
        ],
    )
    def test_a_listed_record_that_is_not_there(self, bench: Bench, answer: Reply, reason: str) -> None:
        bench.osv.add(osv("GHSA-1"), DEMO)
        bench.osv.special = lambda asked: answer if "vulns" in asked.path else None

        assert bench.failures(DEMO) == (Failure("PyPI:demo", f"{bench.url} {reason}"),)

    @pytest.mark.parametrize("broken", [b"{", json.dumps(osv("GHSA-2", affected=7)).encode()])
    def test_a_broken_record_is_reported_and_hides_no_other(self, bench: Bench, broken: bytes) -> None:
        bench.osv.add(osv("GHSA-1"), DEMO)
        bench.osv.add(osv("GHSA-2"), DEMO)
        bench.osv.special = lambda asked: Reply(200, broken) if asked.path.endswith("GHSA-2") else None

        assert bench.ids(DEMO) == {DEMO: ["GHSA-1"]}
        assert bench.failures(DEMO)[0].reason.startswith("advisory GHSA-2 is broken: ")


class TestSnapshots:
    def test_as_old_as_the_oldest_look(self, bench: Bench) -> None:
        bench.osv.add(osv("GHSA-1"), DEMO, OTHER)
        bench.osv.add(osv("GHSA-2"), OTHER)
        source = bench.source()
        assert source.snapshots() == ()

        source.update([DEMO])
        assert source.snapshots() == (Snapshot(bench.url, START, 1),)

        bench.now += timedelta(minutes=30)
        held = source.update([DEMO, OTHER]).held
        assert {holding.snapshot for holding in held.values()} == {Snapshot(bench.url, START, 2)}
        assert source.snapshots() == (Snapshot(bench.url, bench.now, 2),)

    def test_a_failed_look_is_none(self, bench: Bench) -> None:
        bench.osv.special = lambda _: reply({}, 503)
        assert isinstance(bench.source().update([DEMO]), Update)

        assert bench.source().snapshots() == ()

    def test_a_password_in_the_address_is_neither_stored_nor_shown(self, bench: Bench) -> None:
        source = bench.source(bench.url.replace("://", "://me:secret@"))
        update = source.update([DEMO])

        assert source.location == bench.url
        assert {holding.name for holding in update.held.values()} == {bench.url}
