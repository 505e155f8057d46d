"""What the store answers about packages, given how its sources stand; over a real store, with scripted sources."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.advisories.local import Holding, LocalAdvisories, Update
from bot.adapters.advisories.records import ANY_PACKAGE, Package, indexed
from bot.errors import AdvisoryError
from state.model import Dependency, Failure, Project, Scan, Scope, Snapshot
from state.store import Store

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
TODAY = datetime(2026, 11, 19, tzinfo=UTC)
JULY = datetime(2026, 7, 23, tzinfo=UTC)
DEMO, OTHER, NPM = ("PyPI", "demo"), ("PyPI", "other"), ("npm", "demo")

Put = Callable[..., None]


def osv(name: str, package: Package = DEMO, **fields: object) -> bytes:
    affected = [{"package": {"ecosystem": package[0], "name": package[1]}, "ranges": [], "versions": ["1.0"]}]
    return json.dumps({"id": name, "modified": "2026-01-01T00:00:00Z", "affected": affected, **fields}).encode()


@dataclass(slots=True)
class Scripted:
    """A source that carries what it is told to."""

    location: str
    now: Update = field(default_factory=Update)
    forced: list[bool] = field(default_factory=list)
    asked: list[Collection[Package]] = field(default_factory=list)

    def update(self, packages: Collection[Package], force: bool = False) -> Update:
        self.asked.append(packages)
        self.forced.append(force)
        return self.now

    def snapshots(self) -> tuple[Snapshot, ...]:
        return tuple({holding.name: holding.snapshot for holding in self.now.held.values()}.values())


def holding(name: str, *packages: Package, as_of: datetime = TODAY, records: int = 1) -> dict[Package, Holding]:
    return dict.fromkeys(packages, Holding(name, Snapshot(name, as_of, records)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as opened:
        yield opened


@pytest.fixture
def put(store: Store) -> Put:
    def records(name: str, *raw: bytes) -> None:
        store.put_advisories(name, [indexed(each, "file", (("PyPI", ANY_PACKAGE),)) for each in raw])

    return records


def over(store: Store, *sources: Scripted, max_age: timedelta | None = timedelta(days=7)) -> LocalAdvisories:
    return LocalAdvisories(store, sources, lambda: NOW, max_age)


class TestLookup:
    def test_what_is_known_about_each_package(self, store: Store, put: Put) -> None:
        put("a", osv("ACME-2"), osv("ACME-1"), osv("ACME-3", OTHER))
        answer = over(store, Scripted("a", Update(holding("a", DEMO, OTHER, NPM)))).lookup([DEMO, OTHER, NPM])

        assert {p: [a.id for a in found] for p, found in answer.advisories.items()} == {
            DEMO: ["ACME-1", "ACME-2"],
            OTHER: ["ACME-3"],
            NPM: [],
        }
        assert answer.snapshot == Snapshot("a", TODAY, 1)
        assert answer.failed == ()

    def test_several_sources_are_united_and_the_newest_record_counts(self, store: Store, put: Put) -> None:
        put("a", osv("ACME-1", summary="old"), osv("ACME-2"))
        put("b", osv("ACME-1", summary="new", modified="2026-02-01T00:00:00Z"), osv("ACME-3"))
        first = Scripted("a", Update(holding("a", DEMO, as_of=TODAY - timedelta(days=2), records=10)))
        second = Scripted("b", Update(holding("b", DEMO, records=5)))
        answer = over(store, first, second).lookup([DEMO])

        assert [(a.id, a.summary) for a in answer.advisories[DEMO]] == [
            ("ACME-1", "new"),
            ("ACME-2", ""),
            ("ACME-3", ""),
        ]
        assert answer.snapshot == Snapshot("a, b", TODAY - timedelta(days=2), 15)

    def test_withdrawn_records_are_dropped_also_when_another_source_has_them_still(
        self, store: Store, put: Put
    ) -> None:
        put("a", osv("ACME-1"), osv("ACME-2", withdrawn="2026-02-01T00:00:00Z"))
        put("b", osv("ACME-1", modified="2026-02-01T00:00:00Z", withdrawn="2026-02-01T00:00:00Z"))
        sources = Scripted("a", Update(holding("a", DEMO))), Scripted("b", Update(holding("b", DEMO)))

        assert over(store, *sources).lookup([DEMO]).advisories == {DEMO: ()}

    def test_records_of_a_source_that_does_not_hold_the_package_are_not_read(self, store: Store, put: Put) -> None:
        put("gone", osv("ACME-1"))

        assert over(store, Scripted("a", Update(holding("a", DEMO)))).lookup([DEMO]).advisories == {DEMO: ()}

    def test_nothing_is_asked_for_nothing(self, store: Store) -> None:
        answer = over(store, Scripted("a")).lookup([])

        assert (answer.advisories, answer.snapshot, answer.failed) == ({}, None, ())


class TestRefusals:
    """A package that cannot be answered is absent, and its failure says why."""

    def test_no_source(self, store: Store) -> None:
        answer = over(store).lookup([DEMO])

        reason = "no advisory data: name a server or a dump under [advisories] in bot.toml"
        assert (answer.advisories, answer.snapshot) == ({}, None)
        assert answer.failed == (Failure("PyPI:demo", reason),)

    def test_a_failed_package(self, store: Store, put: Put) -> None:
        put("a", osv("ACME-1"), osv("ACME-2", OTHER))
        answer = over(store, Scripted("a", Update(holding("a", OTHER), failed={DEMO: "it is down"}))).lookup(
            [DEMO, OTHER]
        )

        assert answer.advisories.keys() == {OTHER}
        assert answer.failed == (Failure("PyPI:demo", "it is down"),)

    def test_one_source_that_failed_is_enough(self, store: Store) -> None:
        good, bad = Scripted("a", Update(holding("a", DEMO))), Scripted("b", Update(failed={DEMO: "it is down"}))

        assert over(store, good, bad).lookup([DEMO]).failed == (Failure("PyPI:demo", "it is down"),)

    def test_what_no_source_carries(self, store: Store) -> None:
        sources = (
            Scripted("a", Update(lacking={DEMO: "no PyPI.zip"})),
            Scripted("b", Update(lacking={DEMO: "none here"})),
        )
        answer = over(store, *sources).lookup([DEMO])

        assert (answer.advisories, answer.failed) == ({}, (Failure("PyPI:demo", "no PyPI.zip; none here"),))

    def test_what_one_source_lacks_another_may_carry(self, store: Store) -> None:
        sources = Scripted("a", Update(lacking={DEMO: "no PyPI.zip"})), Scripted("b", Update(holding("b", DEMO)))
        answer = over(store, *sources).lookup([DEMO])

        assert (answer.advisories, answer.failed) == ({DEMO: ()}, ())

    def test_old_data(self, store: Store) -> None:
        dumps = Scripted("/dumps", Update(holding("/dumps/PyPI.zip", DEMO, OTHER, as_of=JULY) | holding("x", NPM)))
        answer = over(store, dumps).lookup([DEMO, OTHER, NPM])

        reason = (
            "advisory data from /dumps/PyPI.zip is 119 days old (as of 2026-07-23); the limit is 7 days: "
            "refresh it or set advisories.max_age_days"
        )
        assert answer.advisories.keys() == {NPM}
        assert answer.failed == (Failure("PyPI:demo", reason), Failure("PyPI:other", reason))
        assert answer.snapshot is not None
        assert answer.snapshot.as_of == JULY

    @pytest.mark.parametrize(
        ("max_age", "age", "words"),
        [
            (timedelta(days=7), timedelta(days=7), None),
            (None, timedelta(days=5000), None),
            (timedelta(days=1), timedelta(days=1, seconds=1), "1 day old"),
            (timedelta(hours=1), timedelta(hours=5), "5 hours old"),
        ],
    )
    def test_age(self, store: Store, max_age: timedelta | None, age: timedelta, words: str | None) -> None:
        source = Scripted("a", Update(holding("a", DEMO, as_of=NOW - age)))
        failed = over(store, source, max_age=max_age).lookup([DEMO]).failed

        assert [words is not None and words in failure.reason for failure in failed] == ([True] if words else [])

    def test_remarks_are_said_and_do_no_harm(self, store: Store) -> None:
        answer = over(store, Scripted("a", Update(holding("a", DEMO), remarks=("going on with old data",)))).lookup(
            [DEMO]
        )

        assert answer.advisories == {DEMO: ()}
        assert answer.failed == (Failure("advisories", "going on with old data", fault=False),)


class TestBrokenRecords:
    def test_one_is_reported_for_its_packages_and_hides_no_other(self, store: Store, put: Put) -> None:
        spans = [{"package": {"ecosystem": "PyPI", "name": "Demo"}, "ranges": [{"type": "SEMVER", "events": "x"}]}]
        put("a", osv("ACME-1"), osv("ACME-2", affected=spans), osv("ACME-3", OTHER))
        answer = over(store, Scripted("a", Update(holding("a", DEMO, OTHER)))).lookup([DEMO, OTHER])

        assert [a.id for a in answer.advisories[DEMO]] == ["ACME-1"]
        assert [a.id for a in answer.advisories[OTHER]] == ["ACME-3"]
        assert answer.failed == (Failure("PyPI:demo", "advisory ACME-2 is broken: events is not a list"),)

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            pytest.param(
                osv("ACME-1", modified=7), "advisory ACME-1 is broken: modified is not a time: '7'", id="time"
            ),
            pytest.param(osv("../x"), "advisory ../x is broken: '../x' is not an advisory id", id="id"),
        ],
    )
    def test_one_that_cannot_be_filed_is_noted(self, store: Store, put: Put, raw: bytes, reason: str) -> None:
        put("a", raw)
        answer = over(store, Scripted("a", Update(holding("a", DEMO, OTHER)))).lookup([DEMO, OTHER])

        assert answer.advisories == {DEMO: (), OTHER: ()}
        assert answer.failed == (Failure("PyPI:demo", reason),)

    def test_one_that_names_no_package_concerns_everyone(self, store: Store, put: Put) -> None:
        put("a", b"{", osv("ACME-1"))
        answer = over(store, Scripted("a", Update(holding("a", DEMO, NPM)))).lookup([DEMO, NPM])

        assert [a.id for a in answer.advisories[DEMO]] == ["ACME-1"]
        assert [failure.subject for failure in answer.failed] == ["advisories"]
        assert answer.failed[0].reason.startswith("advisory file is broken: it is not JSON")


class TestRefresh:
    def scan(self, store: Store) -> None:
        store.save_projects([Project(1, "a/b", "main", "0" * 40, "", "", 40)], NOW)
        inventory = [Dependency(*DEMO, "==1", "1", "r.txt", None, Scope.RUNTIME, True, 1)] * 2
        store.record_scan(Scan(1, "0" * 40, NOW, True, ""), inventory, [], [])

    def test_everything_in_use(self, store: Store) -> None:
        self.scan(store)
        source = Scripted("a", Update(holding("a", DEMO)))

        assert over(store, source).refresh() == Snapshot("a", TODAY, 1)
        assert (source.asked, source.forced) == ([{DEMO}], [True])

    def test_nothing_in_use_yet(self, store: Store) -> None:
        assert over(store, Scripted("a"), Scripted("b")).refresh() == Snapshot("a, b", NOW, 0)

    @pytest.mark.parametrize(
        ("update", "words"),
        [
            pytest.param(Update(failed={DEMO: "down", OTHER: "down"}), "down", id="failed"),
            pytest.param(Update(lacking={DEMO: "no PyPI.zip"}), "no PyPI.zip", id="lacking"),
            pytest.param(Update(holding("a", DEMO), remarks=("gone, going on",)), "gone, going on", id="out-of-reach"),
            pytest.param(
                Update(failed={("PyPI", str(n)): f"no {n}" for n in range(5)}),
                "no 0; no 1; no 2; and 2 more",
                id="many",
            ),
        ],
    )
    def test_failures(self, store: Store, update: Update, words: str) -> None:
        self.scan(store)
        with pytest.raises(AdvisoryError) as failed:
            over(store, Scripted("a", update)).refresh()

        assert str(failed.value) == words

    def test_no_source(self, store: Store) -> None:
        with pytest.raises(AdvisoryError, match="name a server or a dump"):
            over(store).refresh()


def test_snapshot_is_what_all_sources_hold(store: Store) -> None:
    first = Scripted("a", Update(holding("a", DEMO, as_of=JULY, records=3) | holding("b", NPM, records=4)))

    assert over(store, first, Scripted("c")).snapshot() == Snapshot("a, b", JULY, 7)
    assert over(store, Scripted("c")).snapshot() is None
