"""Dumps are taken into the store when an ecosystem is asked for and its dump has changed; over real zips."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.adapters.advisories.local import LocalAdvisories, Update
from bot.adapters.advisories.osv_zip import Bounds
from state.model import Snapshot
from tests.bot.adapters.advisories.dump_bench import DEMO, NPM, OTHER, START, Bench, benched, one, osv, zipped

SHARED = Path(__file__).parents[4].parent / "shared" / "advisories"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with benched(tmp_path) as made:
        yield made


class TestFolder:
    def test_an_ecosystem_is_taken_in_when_it_is_asked_for(self, bench: Bench) -> None:
        bench.put(zipped({"GHSA-1.json": osv("GHSA-1"), "GHSA-2.json": osv("GHSA-2")}))
        bench.put(b"never opened", "npm.zip")

        assert bench.ids(bench.dumps(), DEMO, OTHER) == {DEMO: ["GHSA-1", "GHSA-2"], OTHER: []}
        assert [source.name for source in bench.store.advisory_sources()] == [f"{bench.folder}/PyPI.zip"]

    def test_as_osv_publishes_them(self, bench: Bench) -> None:
        bench.put(one(), "PyPI/all.zip")

        assert bench.ids(bench.dumps(), DEMO) == {DEMO: ["GHSA-1"]}

    def test_a_changed_file_replaces_what_was_there(self, bench: Bench) -> None:
        dumps = bench.dumps()
        bench.put(one("GHSA-1"), age=1)
        bench.ids(dumps, DEMO)
        bench.put(one("GHSA-2"), age=2)

        assert bench.ids(dumps, DEMO) == {DEMO: ["GHSA-2"]}

    def test_an_unchanged_file_is_not_taken_in_again(self, bench: Bench) -> None:
        bench.put(one(), age=1)
        bench.ids(bench.dumps(), DEMO)
        bench.put(one(), age=2)
        unwilling = bench.dumps(bounds=Bounds(records=0))

        assert bench.ids(unwilling, DEMO) == {DEMO: ["GHSA-1"]}

    def test_only_plain_json_files_in_the_root_are_records(self, bench: Bench) -> None:
        bench.put(zipped({"GHSA-1.json": osv("GHSA-1"), "README.md": b"hello", "old/GHSA-2.json": osv("GHSA-2")}))

        assert bench.ids(bench.dumps(), DEMO) == {DEMO: ["GHSA-1"]}

    def test_names_are_found_in_any_spelling(self, bench: Bench) -> None:
        affected = [{"package": {"ecosystem": "PyPI", "name": "Demo_Thing"}, "versions": ["1"]}]
        bench.put(zipped({"GHSA-1.json": osv("GHSA-1", affected=affected)}))

        assert bench.ids(bench.dumps(), ("PyPI", "demo-thing")) == {("PyPI", "demo-thing"): ["GHSA-1"]}

    def test_a_broken_record_is_reported_as_long_as_it_is_there(self, bench: Bench) -> None:
        bench.put(zipped({"GHSA-1.json": osv("GHSA-1"), "GHSA-2.json": b"{"}))
        for dumps in (bench.dumps(), bench.dumps()):
            answer = LocalAdvisories(bench.store, [dumps], lambda: START, None).lookup([DEMO])

            assert [a.id for a in answer.advisories[DEMO]] == ["GHSA-1"]
            assert [f.reason.partition(" (")[0] for f in answer.failed] == ["advisory GHSA-2 is broken: it is not JSON"]


class TestAge:
    @pytest.mark.parametrize(
        ("times", "as_of"),
        [
            pytest.param(["2026-07-23", "2026-01-01"], "2026-07-23", id="the-newest-record"),
            pytest.param(["2026-07-23", "2099-01-01"], "2026-07-23", id="none-from-the-future"),
            pytest.param(["2099-01-01"], "1970-01-01", id="nothing-credible"),
        ],
    )
    def test_the_data_is_as_old_as(self, bench: Bench, times: list[str], as_of: str) -> None:
        bench.put(zipped({f"GHSA-{n}.json": osv(f"GHSA-{n}", f"{day}T00:00:00Z") for n, day in enumerate(times)}))
        dumps = bench.dumps()
        dumps.update([DEMO])

        expected = Snapshot(str(bench.folder), datetime.fromisoformat(f"{as_of}T00:00:00Z"), len(times))
        assert dumps.snapshots() == (expected,)


def test_snapshots_are_of_this_place_only(bench: Bench) -> None:
    bench.put(one())
    bench.put(one(), "below/PyPI.zip")
    bench.dumps(str(bench.folder / "below")).update([DEMO])

    assert bench.dumps().snapshots() == ()


class TestRefused:
    def failed(self, update: Update) -> str:
        assert (update.held, update.lacking, list(update.failed)) == ({}, {}, [DEMO])
        return update.failed[DEMO]

    def test_no_dump(self, bench: Bench) -> None:
        bench.put(one())
        update = bench.dumps().update([DEMO, NPM])

        assert update.held.keys() == {DEMO}
        assert update.lacking == {NPM: f"there is no npm.zip in {bench.folder}"}

    def test_no_folder(self, bench: Bench) -> None:
        update = bench.dumps("/does/not/exist").update([DEMO])

        assert update.lacking == {DEMO: "there is no PyPI.zip in /does/not/exist"}

    def test_a_dump_that_went_away_is_not_answered_from_memory(self, bench: Bench) -> None:
        bench.put(one())
        dumps = bench.dumps()
        dumps.update([DEMO])
        (bench.folder / "PyPI.zip").unlink()

        assert dumps.update([DEMO]).lacking == {DEMO: f"there is no PyPI.zip in {bench.folder}"}

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"<html>Not found</html>", id="no-zip"),
            pytest.param(one()[:-30], id="cut-off"),
            pytest.param(one().replace(b"GHSA-1.json", b"GHSA-9.json", 1), id="contradicts-itself"),
        ],
    )
    def test_a_broken_zip(self, bench: Bench, content: bytes) -> None:
        bench.put(content)

        reason = self.failed(bench.dumps().update([DEMO]))
        assert reason.startswith(f"{bench.folder}/PyPI.zip is not a readable zip (")
        assert reason.endswith("): get it again")

    def test_a_zip_with_a_damaged_record(self, bench: Bench) -> None:
        raw = bytearray(zipped({f"GHSA-{n}.json": osv(f"GHSA-{n}") for n in range(3)}))
        middle = raw.index(b"GHSA-1.json") + len("GHSA-1.json") + 20
        raw[middle : middle + 8] = b"\xff" * 8
        bench.put(bytes(raw))

        assert "is not a readable zip" in self.failed(bench.dumps().update([DEMO]))
        assert bench.store.advisory_sources() == ()

    def test_a_zip_without_records(self, bench: Bench) -> None:
        bench.put(zipped({"README.md": b"hello"}))

        assert "holds no advisory records" in self.failed(bench.dumps().update([DEMO]))

    def test_a_broken_successor_is_not_answered_from_memory(self, bench: Bench) -> None:
        bench.put(one(), age=1)
        dumps = bench.dumps()
        dumps.update([DEMO])
        bench.put(b"broken", age=2)

        for _ in range(2):
            assert "is not a readable zip" in self.failed(dumps.update([DEMO]))
        bench.put(one("GHSA-2"), age=3)
        assert bench.ids(dumps, DEMO) == {DEMO: ["GHSA-2"]}

    @pytest.mark.parametrize(
        ("bounds", "words"),
        [
            pytest.param(Bounds(record=1000), "GHSA-1 unpacks to more than 1,000 bytes", id="one-record"),
            pytest.param(Bounds(total=20_000), "unpacks to more than", id="all-records"),
            pytest.param(Bounds(records=2), "holds 3 records; the limit is 2", id="number"),
        ],
    )
    def test_a_bomb(self, bench: Bench, bounds: Bounds, words: str) -> None:
        big = osv("GHSA-1", details="0" * 10_000)
        bench.put(zipped({f"GHSA-{n}.json": big for n in (1, 2, 3)}))

        assert words in self.failed(bench.dumps(bounds=bounds).update([DEMO]))

    def test_a_bomb_that_lies_about_its_size(self, bench: Bench) -> None:
        honest = zipped({"GHSA-1.json": osv("GHSA-1", details="0" * 1_000_000)})
        with zipfile.ZipFile(io.BytesIO(honest)) as archive:
            size = archive.infolist()[0].file_size.to_bytes(4, "little")
        bench.put(honest.replace(size, (10).to_bytes(4, "little")))

        self.failed(bench.dumps(bounds=Bounds(record=1000)).update([DEMO]))


@pytest.mark.parametrize(
    ("ecosystem", "package", "records"),
    [("PyPI", "django", 7121), ("npm", "lodash", 2927), ("Go", "stdlib", 4337), ("crates.io", "smallvec", 1217)],
)
def test_real_dumps(bench: Bench, ecosystem: str, package: str, records: int) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"there is no {SHARED}")
    dumps = bench.dumps(str(SHARED))

    started = time.process_time()
    answer = LocalAdvisories(bench.store, [dumps], lambda: bench.now, None).lookup([(ecosystem, package)])
    assert time.process_time() - started < 4

    assert answer.failed == ()
    assert len(answer.advisories[ecosystem, package]) > 3
    assert answer.snapshot is not None
    assert answer.snapshot.records == records
