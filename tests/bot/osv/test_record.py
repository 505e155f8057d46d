"""An OSV record becomes an Advisory, or says by name what is wrong with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.osv import record
from bot.osv.record import RecordError
from state.model import Affected, Severity, VersionRange

WHOLE: dict[str, Any] = {
    "schema_version": "1.7.0",
    "id": "GHSA-aaaa-bbbb-cccc",
    "aliases": ["CVE-2026-1", "PYSEC-2026-1"],
    "modified": "2026-02-03T04:05:06.123456789Z",
    "published": "2026-01-02T03:04:05+01:00",
    "summary": "Demo reads   too much\nand more",
    "details": "Long text",
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Demo_Thing.x", "purl": "pkg:pypi/demo-thing-x"},
            "ranges": [
                {"type": "GIT", "repo": "https://git.example/demo", "events": [{"introduced": "0"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]},
            ],
            "versions": ["1.0", "1.1"],
        }
    ],
    "references": [
        {"type": "WEB", "url": "https://news.example/demo"},
        {"type": "ADVISORY", "url": "https://advisories.example/demo"},
    ],
    "credits": [{"name": "someone"}],
}

V3_CRITICAL = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
V3_MEDIUM = {"type": "CVSS_V3", "score": "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:N"}
V4_CRITICAL = {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}
# As NSWG-npm-504 has it.
MISSPELLED = {"type": "CVSS_V3", "score": "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:U/A:U"}


def changed(**fields: object) -> dict[str, Any]:
    return {key: value for key, value in {**WHOLE, **fields}.items() if value is not None}


def affected(**fields: object) -> list[dict[str, Any]]:
    return [{"package": {"ecosystem": "PyPI", "name": "demo"}, **fields}]


def test_a_whole_record() -> None:
    read = record.advisory(WHOLE)

    assert read.id == "GHSA-aaaa-bbbb-cccc"
    assert read.aliases == ("CVE-2026-1", "PYSEC-2026-1")
    assert read.summary == "Demo reads too much"
    assert (read.severity, read.score) == (Severity.HIGH, 7.5)
    assert read.url == "https://advisories.example/demo"
    assert read.modified == datetime(2026, 2, 3, 4, 5, 6, 123456, tzinfo=UTC)
    assert read.published == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert not read.withdrawn
    assert not read.malicious
    git = VersionRange("GIT", (("introduced", "0"),))
    ours = VersionRange("ECOSYSTEM", (("introduced", "0"), ("fixed", "1.2")))
    assert read.affected == (Affected("PyPI", "demo-thing-x", (git, ours), ("1.0", "1.1")),)


def test_the_least_record() -> None:
    read = record.advisory({"id": "ACME-1", "modified": "2026-02-03T04:05:06Z"})

    assert (read.severity, read.score, read.published) == (Severity.UNKNOWN, None, None)
    assert (read.summary, read.affected) == ("", ())
    assert read.url == "https://osv.dev/vulnerability/ACME-1"


@pytest.mark.parametrize(
    ("fields", "severity", "score"),
    [
        pytest.param({"severity": [V3_MEDIUM]}, Severity.MEDIUM, 4.8, id="version-3.0"),
        pytest.param({"severity": [V4_CRITICAL]}, Severity.CRITICAL, 9.3, id="version-4"),
        pytest.param({"severity": [V3_MEDIUM, V4_CRITICAL]}, Severity.CRITICAL, 9.3, id="the-highest-counts"),
        pytest.param({"severity": [V4_CRITICAL, V3_CRITICAL]}, Severity.CRITICAL, 9.8, id="whatever-the-version"),
        pytest.param({"affected": affected(severity=[V3_MEDIUM])}, Severity.MEDIUM, 4.8, id="beside-the-package"),
        pytest.param({"severity": [MISSPELLED]}, Severity.UNKNOWN, None, id="unreadable-vector"),
        pytest.param(
            {"severity": [MISSPELLED], "database_specific": {"severity": "MODERATE"}},
            Severity.MEDIUM,
            None,
            id="a-word-instead-of-an-unreadable-vector",
        ),
        pytest.param({"database_specific": {"severity": "critical"}}, Severity.CRITICAL, None, id="a-word-alone"),
        pytest.param({"database_specific": {"severity": "whatever"}}, Severity.UNKNOWN, None, id="an-unknown-word"),
        pytest.param(
            {"severity": [V3_MEDIUM], "database_specific": {"severity": "LOW"}}, Severity.MEDIUM, 4.8, id="vector-first"
        ),
        pytest.param({"id": "MAL-2026-1"}, Severity.CRITICAL, None, id="malicious-and-unrated"),
        pytest.param({}, Severity.UNKNOWN, None, id="nothing"),
    ],
)
def test_severity(fields: dict[str, object], severity: Severity, score: float | None) -> None:
    read = record.advisory(changed(**{"severity": None, **fields}))

    assert (read.severity, read.score) == (severity, score)


@pytest.mark.parametrize(
    ("fields", "malicious"),
    [
        pytest.param({"id": "MAL-2026-1"}, True, id="by-id"),
        pytest.param({"aliases": ["MAL-2026-1"]}, True, id="by-alias"),
        pytest.param({"aliases": ["CVE-2026-MAL-1"]}, False, id="not"),
    ],
)
def test_malicious(fields: dict[str, object], malicious: bool) -> None:
    assert record.advisory(changed(**fields)).malicious is malicious


def test_withdrawn() -> None:
    assert record.advisory(changed(withdrawn="2026-03-01T00:00:00Z")).withdrawn


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://plain.example/x", "https://a.example/x y", "https://a.example/)[x](y", None],
)
def test_only_a_plain_https_link_is_taken_from_a_record(url: str | None) -> None:
    read = record.advisory(changed(references=[{"type": "ADVISORY", "url": url}]))

    assert read.url == "https://osv.dev/vulnerability/GHSA-aaaa-bbbb-cccc"


def test_the_summary_falls_back_to_the_first_line_of_the_details() -> None:
    assert record.advisory(changed(summary=None, details="\n\nFirst\nSecond")).summary == "First"


@pytest.mark.parametrize(
    ("ecosystem", "written", "normalised"),
    [
        ("PyPI", "Foo.Bar__baz-Q", "foo-bar-baz-q"),
        ("npm", "@Scope/Name_x", "@Scope/Name_x"),
        ("Maven", "org.acme:Lib_x", "org.acme:Lib_x"),
        ("crates.io", "foo_bar", "foo_bar"),
        ("Go", "example.org/Mod", "example.org/Mod"),
    ],
)
def test_package_names_are_compared_as_their_ecosystem_does(ecosystem: str, written: str, normalised: str) -> None:
    raw = changed(affected=[{"package": {"ecosystem": ecosystem, "name": written}}])

    assert record.advisory(raw).affected[0].package == normalised
    assert record.packages(raw) == ((ecosystem, normalised),)


def test_an_ecosystem_with_a_suffix_is_the_ecosystem() -> None:
    raw = changed(affected=[{"package": {"ecosystem": "Maven:https://repository.example", "name": "a:b"}}])

    assert record.packages(raw) == (("Maven", "a:b"),)


def test_an_entry_without_a_package_is_about_a_repository_only() -> None:
    raw = changed(affected=[{"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}])

    assert record.advisory(raw).affected == ()


def test_two_words_in_one_event_are_two_events() -> None:
    raw = changed(affected=affected(ranges=[{"type": "SEMVER", "events": [{"fixed": "2.0", "introduced": "1.0"}]}]))

    assert record.advisory(raw).affected[0].ranges[0].events == (("introduced", "1.0"), ("fixed", "2.0"))


def test_identity_reads_only_what_an_index_needs() -> None:
    name, modified, packages = record.identity(WHOLE)

    assert (name, modified.date().isoformat()) == ("GHSA-aaaa-bbbb-cccc", "2026-02-03")
    assert packages == (("PyPI", "demo-thing-x"),)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        pytest.param({"id": None}, "'None' is not an advisory id", id="no-id"),
        pytest.param({"id": "../../etc"}, "'../../etc' is not an advisory id", id="an-id-that-is-a-path"),
        pytest.param({"aliases": ["CVE-1 @all"]}, "'CVE-1 @all' is not an advisory id", id="an-alias-that-is-text"),
        pytest.param({"modified": None}, "modified is not a time: 'None'", id="no-time"),
        pytest.param({"modified": "yesterday"}, "modified is not a time: 'yesterday'", id="not-a-time"),
        pytest.param({"published": "soon"}, "published is not a time: 'soon'", id="published-is-not-a-time"),
        pytest.param({"schema_version": "2.0.0"}, "schema_version 2.0.0 is not 1.x", id="another-schema"),
        pytest.param({"affected": {}}, "affected is not a list", id="affected-is-no-list"),
        pytest.param({"affected": ["demo"]}, "affected is not an object", id="affected-holds-text"),
        pytest.param({"affected": [{"package": "demo"}]}, "package is not an object", id="package-is-text"),
        pytest.param({"affected": [{"package": {"name": "demo"}}]}, "ecosystem is not a string", id="no-ecosystem"),
        pytest.param({"affected": affected(versions=[1.0])}, "affected.versions is not a string", id="a-number"),
        pytest.param(
            {"affected": affected(ranges=[{"type": "CALVER", "events": []}])},
            "range type 'CALVER' is unknown",
            id="an-unknown-range",
        ),
        pytest.param(
            {"affected": affected(ranges=[{"type": "SEMVER", "events": [{"fixed": "1"}]}])},
            "a range has no `introduced` event",
            id="a-range-that-never-starts",
        ),
        pytest.param(
            {"affected": affected(ranges=[{"type": "SEMVER", "events": [{"patched": "1"}]}])},
            "a range event is none of introduced, fixed, last_affected, limit",
            id="an-unknown-event",
        ),
    ],
)
def test_a_broken_record_names_itself_and_its_packages(fields: dict[str, object], problem: str) -> None:
    raw = changed(**fields)
    with pytest.raises(RecordError) as refused:
        record.advisory(raw)

    assert str(refused.value) == f"advisory {raw.get('id')} is broken: {problem}"
    assert refused.value.name == str(raw.get("id"))
    assert refused.value.packages == record.packages(raw)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        pytest.param(b"{", "it is not JSON", id="cut-off"),
        pytest.param(b"\xff\xfe\x00", "it is not JSON", id="not-text"),
        pytest.param(b"[" * 90_000, "it is not JSON", id="too-deep"),
        pytest.param(b"[" * 100_001, "it has 100,001 lines, values and separators, and at most", id="too-much-in-it"),
        pytest.param(b" " * (4 * 2**20 + 1), "it has 4,194,305 bytes, and at most 4,194,304", id="too-large"),
        pytest.param(b"[]", "it is not a JSON object", id="a-list"),
    ],
)
def test_bytes_that_are_no_record(raw: bytes, problem: str) -> None:
    with pytest.raises(RecordError, match=f"^advisory ACME-1 is broken: {problem}"):
        record.load(raw, "ACME-1")


def test_bytes_that_are_a_record() -> None:
    assert record.load(json.dumps(WHOLE).encode(), "x") == WHOLE


@pytest.mark.parametrize("ecosystem", ["PyPI", "npm", "Go", "crates.io", "Maven"])
def test_every_real_record_is_read(ecosystem: str, dump: Any) -> None:
    assert sum(1 for _ in dump(ecosystem)) > 1000
