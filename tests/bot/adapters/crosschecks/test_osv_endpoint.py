"""Our matcher behind OSV's interface."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.adapters.crosschecks.osv_endpoint import serving
from bot.osv import record
from remediators.versions.pypi import PypiVersions

DEMO = record.advisory(
    {
        "id": "GHSA-1",
        "aliases": ["CVE-1"],
        "modified": "2026-01-01T00:00:00Z",
        "summary": "Demo is open",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "demo"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
                "versions": ["1.0"],
            }
        ],
    }
)


@pytest.fixture
def place() -> Iterator[str]:
    known = {("PyPI", "demo"): (DEMO,), ("PyPI", "clean"): ()}
    with serving(known, lambda _: PypiVersions()) as url:
        yield urlsplit(url).netloc


def ask(place: str, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(place, timeout=10)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def question(name: str, version: str) -> dict[str, object]:
    return {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}


def test_a_query_is_answered_with_whole_records(place: str) -> None:
    status, answer = ask(place, "POST", "/v1/query", json.dumps(question("Demo", "1.5")).encode())

    assert status == 200
    assert [record.advisory(each).affected for each in answer["vulns"]] == [DEMO.affected]
    assert [(each["id"], each["aliases"], each["summary"]) for each in answer["vulns"]] == [
        ("GHSA-1", ["CVE-1"], "Demo is open")
    ]


@pytest.mark.parametrize(("name", "version"), [("demo", "2.0"), ("clean", "1.0")])
def test_nothing_hits(place: str, name: str, version: str) -> None:
    assert ask(place, "POST", "/v1/query", json.dumps(question(name, version)).encode()) == (200, {"vulns": []})


def test_a_batch_is_answered_in_order_with_ids(place: str) -> None:
    queries = [question("demo", "2.0"), question("demo", "1.0")]
    status, answer = ask(place, "POST", "/v1/querybatch", json.dumps({"queries": queries}).encode())

    found = {"vulns": [{"id": "GHSA-1", "modified": "2026-01-01T00:00:00+00:00"}]}
    assert (status, answer) == (200, {"results": [{"vulns": []}, found]})


def test_a_record_by_id(place: str) -> None:
    assert ask(place, "GET", "/v1/vulns/GHSA-1")[1]["id"] == "GHSA-1"
    assert ask(place, "GET", "/v1/vulns/GHSA-2") == (404, {"message": "there is no advisory 'GHSA-2' here"})


def test_a_package_that_was_not_looked_up_is_refused(place: str) -> None:
    status, answer = ask(place, "POST", "/v1/query", json.dumps(question("unknown", "1.0")).encode())

    assert (status, answer) == (404, {"message": "PyPI package 'unknown' was not looked up"})


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param("/v1/query", b"{", 400, id="no-json"),
        pytest.param("/v1/query", b"{}", 400, id="no-package"),
        pytest.param("/v1/query", b"[]", 400, id="a-list"),
        pytest.param("/v1/query", b"", 404, id="nothing"),
        pytest.param("/v1/query", b" " * 1_000_001, 404, id="too-long"),
        pytest.param("/", b"{}", 404, id="elsewhere"),
    ],
)
def test_what_is_no_question(place: str, path: str, body: bytes, status: int) -> None:
    assert ask(place, "POST", path, body)[0] == status


def test_nobody_answers_afterwards() -> None:
    with serving({}, lambda _: PypiVersions()) as url:
        place = urlsplit(url).netloc
    with pytest.raises(ConnectionRefusedError):
        ask(place, "GET", "/v1/vulns/GHSA-1")
