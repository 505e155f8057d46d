"""Raw advisory records: a dump is replaced whole or not at all, and a package never loses a record silently."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from state.errors import StoreError
from state.model import AdvisoryRecord, AdvisorySource
from state.store import Store
from tests.state.samples import ELSEWHERE, LATER, NOW, record

DUMP = AdvisorySource("dump:PyPI", NOW, 0, "sha256:1")
DJANGO, FLASK, JINJA = ("PyPI", "django"), ("PyPI", "flask"), ("PyPI", "jinja2")


def _ids(store: Store, package: tuple[str, str], *sources: str) -> list[str]:
    raws = store.advisory_records(sources or (DUMP.name,), [package])[package]
    return [raw.split(b'"')[3].decode() for raw in raws]


def test_a_dump_comes_back_by_package(store: Store) -> None:
    both = record("B-2", "django", "flask", "django")
    store.replace_advisories(
        DUMP, [both, record("A-1", "django"), AdvisoryRecord("C-3", NOW, (("npm", "flask"),), b"{}")]
    )
    assert store.advisory_records([DUMP.name], [DJANGO, FLASK, JINJA, ("npm", "flask")]) == {
        DJANGO: (record("A-1").raw, both.raw),
        FLASK: (both.raw,),
        JINJA: (),
        ("npm", "flask"): (b"{}",),
    }


def test_a_source_says_how_many_records_it_holds(store: Store) -> None:
    counted = store.replace_advisories(
        DUMP, [record("A-1"), record("B-2"), record("A-1", summary="the last one holds")]
    )
    assert counted == AdvisorySource("dump:PyPI", NOW, 2, "sha256:1")
    assert store.advisory_source(DUMP.name) == counted
    assert store.advisory_sources() == (counted,)
    assert store.advisory_source("dump:npm") is None


def test_replacing_drops_what_is_gone_and_takes_what_is_new_or_changed(store: Store) -> None:
    store.replace_advisories(DUMP, [record("A-1", "django"), record("B-2", "django"), record("C-3", "django")])
    after = [record("B-2", "flask", modified=LATER), record("C-3", "django", summary="changed"), record("D-4", "flask")]
    store.replace_advisories(AdvisorySource(DUMP.name, LATER, 0, "sha256:2"), after)
    assert store.advisory_records([DUMP.name], [DJANGO, FLASK]) == {
        DJANGO: (record("C-3", summary="changed").raw,),
        FLASK: (after[0].raw, after[2].raw),
    }
    assert store.advisory_modified(DUMP.name, ["A-1", "B-2", "C-3"]) == {"B-2": LATER, "C-3": NOW}
    assert store.advisory_source(DUMP.name) == AdvisorySource(DUMP.name, LATER, 3, "sha256:2")


def test_a_stream_that_breaks_leaves_the_old_dump(store: Store) -> None:
    def broken() -> Iterator[AdvisoryRecord]:
        yield from (record(f"N-{number}", "django") for number in range(1_200))
        raise OSError("the archive is cut")

    store.replace_advisories(DUMP, [record("A-1", "django")])
    with pytest.raises(OSError, match="the archive is cut"):
        store.replace_advisories(AdvisorySource(DUMP.name, LATER, 0, "sha256:2"), broken())
    assert _ids(store, DJANGO) == ["A-1"]
    assert store.advisory_source(DUMP.name) == AdvisorySource(DUMP.name, NOW, 1, "sha256:1")


def test_a_dump_of_thousands(store: Store) -> None:
    many = [record(f"N-{number:05}", "django", f"p{number}") for number in range(3_000)]
    store.replace_advisories(DUMP, iter(many))
    assert store.replace_advisories(DUMP, iter(many[1:])).records == 2_999
    packages = [("PyPI", f"p{number}") for number in range(1, 3_000)]
    assert list(store.advisory_records([DUMP.name], packages).values()) == [(one.raw,) for one in many[1:]]
    assert len(store.advisory_records([DUMP.name], [DJANGO])[DJANGO]) == 2_999


def test_sources_do_not_mix(store: Store) -> None:
    store.replace_advisories(DUMP, [record("A-1", "django")])
    store.replace_advisories(AdvisorySource("mirror", NOW, 0, ""), [record("A-1", "django", summary="mirrored")])
    store.put_advisories("server", [record("S-1", "django")])
    store.replace_advisories(AdvisorySource("mirror", NOW, 0, ""), [])
    assert _ids(store, DJANGO, DUMP.name, "server") == ["A-1", "S-1"]
    assert _ids(store, DJANGO, "mirror") == []
    assert store.advisory_modified("mirror", ["A-1"]) == {}
    assert store.advisory_records([], [DJANGO]) == {DJANGO: ()}


def test_putting_overwrites_a_record_and_its_packages(store: Store) -> None:
    store.put_advisories("server", [record("S-1", "django", "flask"), record("S-2", "django")])
    store.put_advisories("server", [record("S-1", "jinja2", summary="moved")])
    assert [_ids(store, package, "server") for package in (DJANGO, FLASK, JINJA)] == [["S-2"], [], ["S-1"]]


def test_a_check_decides_what_its_packages_have(store: Store) -> None:
    store.put_advisories("server", [record("S-1", "django", "flask"), record("S-2")])
    store.put_checks("server", {DJANGO: ("S-2",), JINJA: ()}, LATER)
    assert [_ids(store, package, "server") for package in (DJANGO, FLASK, JINJA)] == [["S-2"], ["S-1"], []]
    assert store.checks("server", [DJANGO, FLASK, JINJA]) == {DJANGO: LATER, JINJA: LATER}
    assert store.checks("other", [DJANGO]) == {}


def test_a_check_without_its_record_is_refused(store: Store) -> None:
    store.put_checks("server", {DJANGO: ()}, NOW)
    store.put_advisories(DUMP.name, [record("S-1", "django")])
    with pytest.raises(StoreError, match="Advisory S-1 of server is not in the database"):
        store.put_checks("server", {DJANGO: ("S-1",)}, LATER)
    assert store.checks("server", [DJANGO]) == {DJANGO: NOW}


def test_many_checks(store: Store) -> None:
    packages = [("npm", f"p{number}") for number in range(1_200)]
    store.put_checks("server", dict.fromkeys(packages, ()), ELSEWHERE)
    assert store.checks("server", packages) == dict.fromkeys(packages, NOW)


def test_records_are_fetched_before_the_transaction_begins(store: Store) -> None:
    def fetched() -> Iterator[AdvisoryRecord]:
        store.set_mark("page", "1")  # would wait for the lock of its own caller
        yield record("S-1", "django")

    store.put_advisories("server", fetched())
    assert _ids(store, DJANGO, "server") == ["S-1"]
