"""Lists of attacks: read from files and servers, refused when they are something else, kept when they cannot be had."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.advisories.threats import LocalThreats, scores
from bot.adapters.http import Http
from state.model import Threat
from tests.bot.adapters.http_server import Asked, Reply, running

EPSS = b"#model_version:v2026,score_date:2026-11-20\ncve,epss,percentile\nCVE-2026-2,0.5,0.9\nCVE-2026-10,0.25,0.8\n"
KNOWN = json.dumps({"vulnerabilities": [{"cveID": "CVE-2026-2"}, {"cveID": "CVE-2026-3"}]}).encode()
FRESH_FOR = timedelta(hours=1)
ASKED = ("CVE-2026-1", "CVE-2026-10", "CVE-2026-2", "CVE-2026-3")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_scores_are_read_whatever_ends_their_lines(end: bytes) -> None:
    assert [scores(EPSS.replace(b"\n", end)).of(name) for name in ASKED] == [0.0, 0.25, 0.5, 0.0]


class Lists:
    """Makes readers as if each were another process."""

    def __init__(self, folder: Path, http: Http, clock: Clock) -> None:
        self._folder, self._http, self._clock = folder / "feeds", http, clock

    def __call__(self, epss: str | None = None, known: str | None = None) -> LocalThreats:
        return LocalThreats.over(epss, known, self._http, self._folder, FRESH_FOR, self._clock)


@pytest.fixture
def threats(tmp_path: Path, clock: Clock) -> Iterator[Lists]:
    with closing(Http(sleep=lambda _: None)) as http:
        yield Lists(tmp_path, http, clock)


def written(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_both_lists_are_joined_and_what_none_tells_of_is_absent(tmp_path: Path, threats: Lists, packed: bool) -> None:
    wrap = gzip.compress if packed else bytes
    epss, known = written(tmp_path, "epss", wrap(EPSS)), written(tmp_path, "known", wrap(KNOWN))
    answer = threats(epss, known).lookup(ASKED)
    assert answer.failed == ()
    assert answer.threats == {
        "CVE-2026-10": Threat(0.25),
        "CVE-2026-2": Threat(0.5, known_exploited=True),
        "CVE-2026-3": Threat(0.0, known_exploited=True),
    }


def test_without_lists_nothing_is_known_and_nothing_is_wrong(threats: Lists) -> None:
    answer = threats().lookup(ASKED)
    assert (answer.threats, answer.failed) == ({}, ())


@pytest.mark.parametrize(
    ("epss", "said"),
    [
        pytest.param(b"<html>", "is not such a list: it has no header cve,epss", id="another file"),
        pytest.param(b"cve,epss\nCVE-1,high\n", "is not such a list: could not convert string to float", id="words"),
        pytest.param(b"cve,epss\nCVE-1\n", "is not such a list: list index out of range", id="a short line"),
        pytest.param(gzip.compress(EPSS)[:-9], "is not whole", id="cut"),
        pytest.param(
            gzip.compress(b"cve,epss\n" + b"C,1\n" * 600_000), "has 600,001 lines, values and separators", id="too many"
        ),
        pytest.param(gzip.compress(b"c" * 2**26), "bytes, and at most 33,554,432", id="a bomb"),
        pytest.param(None, "cannot be read: No such file or directory", id="missing"),
    ],
)
def test_a_list_that_cannot_be_read_is_said_and_the_other_still_counts(
    tmp_path: Path, threats: Lists, epss: bytes | None, said: str
) -> None:
    place = str(tmp_path / "epss") if epss is None else written(tmp_path, "epss", epss)
    answer = threats(place, written(tmp_path, "known", KNOWN)).lookup(ASKED)
    (failure,) = answer.failed
    assert said in failure.reason
    assert not failure.fault, "only the order of fixes depends on it"
    assert answer.threats["CVE-2026-2"] == Threat(known_exploited=True)


@pytest.mark.parametrize("known", [b"[]", b"{}", b'{"vulnerabilities": [{}]}', b"[" * 100_000, b"\xff"])
def test_a_catalogue_of_another_form_is_refused(tmp_path: Path, threats: Lists, known: bytes) -> None:
    answer = threats(None, written(tmp_path, "known", known)).lookup(ASKED)
    assert answer.threats == {}
    assert ["is not such a list" in failure.reason for failure in answer.failed] == [True]


def test_a_list_from_a_server_is_kept_and_confirmed(clock: Clock, threats: Lists) -> None:
    def answer(asked: Asked) -> Reply:
        same = asked.headers.get("if-none-match") == '"1"'
        return Reply(304) if same else Reply(200, gzip.compress(EPSS), {"ETag": '"1"'})

    with running(answer) as server:
        for _ in range(2):
            assert threats(server.url).lookup(ASKED).threats["CVE-2026-2"] == Threat(0.5)
        assert len(server.asked) == 1, "what another run fetched within the hour is fresh"
        clock.now += FRESH_FOR
        assert threats(server.url).lookup(ASKED).threats["CVE-2026-2"] == Threat(0.5)
        assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, '"1"']


def test_while_a_server_is_away_the_list_that_was_kept_is_used_and_said(clock: Clock, threats: Lists) -> None:
    replies = [Reply(200, EPSS), Reply(404)]
    with running(lambda _: replies.pop(0)) as server:
        threats(server.url).lookup(ASKED)
        clock.now += FRESH_FOR
        answer = threats(server.url).lookup(ASKED)
    assert answer.threats["CVE-2026-2"] == Threat(0.5)
    (failure,) = answer.failed
    assert failure.reason.endswith("check the address; the list of an earlier day is used")


def test_a_server_that_was_never_there_is_said(threats: Lists) -> None:
    with running(lambda _: Reply(404)) as server:
        answer = threats(server.url).lookup(ASKED)
    assert answer.threats == {}
    assert [failure.subject for failure in answer.failed] == ["advisories.epss"]
