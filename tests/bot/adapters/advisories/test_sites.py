"""Dumps below a URL are downloaded when they changed; against a web server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.advisories.dumps import Dumps
from tests.bot.adapters.advisories.dump_bench import DEMO, OTHER, START, Bench, benched, one
from tests.bot.adapters.http_server import Asked, Reply, running


@dataclass(slots=True)
class Files:
    """A web server's files with their ETags."""

    held: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    down: bool = False
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if self.down:
            return Reply(503)
        if asked.path not in self.held:
            return Reply(404)
        content, etag = self.held[asked.path]
        headers = {"ETag": etag} if etag else {}
        return (
            Reply(304, headers=headers) if asked.headers.get("if-none-match") == etag else Reply(200, content, headers)
        )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with benched(tmp_path) as made:
        yield made


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def site(bench: Bench, files: Files) -> Iterator[Dumps]:
    with running(files) as server:
        yield bench.dumps(f"{server.url}/mirror/")


def test_downloaded_once(bench: Bench, files: Files, site: Dumps) -> None:
    files.held["/mirror/PyPI.zip"] = (one(), '"1"')

    assert bench.ids(site, DEMO) == {DEMO: ["GHSA-1"]}
    assert bench.ids(site, DEMO, OTHER) == {DEMO: ["GHSA-1"], OTHER: []}
    assert [asked.path for asked in files.asked] == ["/mirror/PyPI.zip"]


def test_as_osv_publishes_them(bench: Bench, files: Files, site: Dumps) -> None:
    files.held["/mirror/crates.io/all.zip"] = (one(), '"1"')
    site.update([("crates.io", "demo")])

    assert [asked.path for asked in files.asked] == ["/mirror/crates.io.zip", "/mirror/crates.io/all.zip"]
    assert [snapshot.source for snapshot in site.snapshots()] == [site.location]


def test_asked_again_after_an_hour_and_downloaded_when_it_changed(bench: Bench, files: Files, site: Dumps) -> None:
    files.held["/mirror/PyPI.zip"] = (one("GHSA-1"), '"1"')
    bench.ids(site, DEMO)
    bench.now += timedelta(hours=1)
    assert bench.ids(site, DEMO) == {DEMO: ["GHSA-1"]}
    assert [asked.headers.get("if-none-match") for asked in files.asked] == [None, '"1"']

    files.held["/mirror/PyPI.zip"] = (one("GHSA-2"), '"2"')
    assert bench.ids(site, DEMO) == {DEMO: ["GHSA-1"]}
    bench.now += timedelta(hours=1)
    assert bench.ids(site, DEMO) == {DEMO: ["GHSA-2"]}


def test_force_asks_at_once(bench: Bench, files: Files, site: Dumps) -> None:
    files.held["/mirror/PyPI.zip"] = (one("GHSA-1"), "")
    site.update([DEMO])
    files.held["/mirror/PyPI.zip"] = (one("GHSA-2"), "")
    site.update([DEMO], force=True)

    assert bench.ids(site, DEMO) == {DEMO: ["GHSA-2"]}
    assert len(files.asked) == 2


def test_no_dump(site: Dumps) -> None:
    assert site.update([DEMO]).lacking == {DEMO: f"there is no PyPI.zip below {site.location}"}


def test_out_of_reach_without_data(files: Files, site: Dumps) -> None:
    files.down = True

    assert "answered 503" in site.update([DEMO]).failed[DEMO]


def test_out_of_reach_with_data_goes_on_and_says_so(bench: Bench, files: Files, site: Dumps) -> None:
    files.held["/mirror/PyPI.zip"] = (one(), '"1"')
    site.update([DEMO])
    files.down, bench.now = True, START + timedelta(hours=1)
    update = site.update([DEMO])

    assert update.held.keys() == {DEMO}
    assert "answered 503" in update.remarks[0]
    assert update.remarks[0].endswith("; going on with the data as of 2026-11-18")
