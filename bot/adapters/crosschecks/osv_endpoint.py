"""Serves advisories on loopback the way an OSV server does, answered by our own matcher; for auditors that ask OSV."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from bot.adapters.crosschecks import loopback
from bot.osv import match, record
from remediators.api import Versions
from state.model import Advisory, Affected

_LONGEST_QUESTION = 1_000_000
_SECONDS = 30


@contextmanager
def serving(
    advisories: Mapping[tuple[str, str], tuple[Advisory, ...]], versions: Callable[[str], Versions]
) -> Iterator[str]:
    """The base URL of a server that answers `/v1/query`, `/v1/querybatch` and `/v1/vulns/ID` from `advisories`.

    A question about a package that `advisories` lacks is refused (404), never answered with "nothing".
    """
    answers = _Answers(advisories, versions)
    requests = type("_BoundRequests", (_Requests,), {"answers": answers})
    with loopback.serving(requests) as url:
        yield url


class _RefusedError(Exception):
    """A request that is not answered, and why."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the server knows."""

    advisories: Mapping[tuple[str, str], tuple[Advisory, ...]]
    versions: Callable[[str], Versions]

    def query(self, question: Any) -> Mapping[str, object]:
        """`POST /v1/query`: the full records that hit one package version."""
        return {"vulns": [_osv(advisory) for advisory in self._hitting(question)]}

    def querybatch(self, question: Any) -> Mapping[str, object]:
        """`POST /v1/querybatch`: ids and times only, in the order of the questions."""
        return {
            "results": [
                {"vulns": [{"id": a.id, "modified": a.modified.isoformat()} for a in self._hitting(each)]}
                for each in question["queries"]
            ]
        }

    def vulnerability(self, name: str) -> Mapping[str, object]:
        """`GET /v1/vulns/ID`."""
        for known in self.advisories.values():
            for advisory in known:
                if advisory.id == name:
                    return _osv(advisory)
        raise _RefusedError(HTTPStatus.NOT_FOUND, f"there is no advisory {name!r} here")

    def _hitting(self, question: Any) -> tuple[Advisory, ...]:
        ecosystem, version = str(question["package"]["ecosystem"]), str(question["version"])
        package = record.normalised(ecosystem, str(question["package"]["name"]))
        known = self.advisories.get((ecosystem, package))
        if known is None:
            raise _RefusedError(HTTPStatus.NOT_FOUND, f"{ecosystem} package {package!r} was not looked up")
        order = self.versions(ecosystem)
        return tuple(a for a in known if match.affects(a, ecosystem, package, version, order))


def _osv(advisory: Advisory) -> Mapping[str, object]:
    """An advisory as an OSV record again, with what a matcher needs of it."""
    return {
        "schema_version": "1.7.0",
        "id": advisory.id,
        "aliases": list(advisory.aliases),
        "modified": advisory.modified.isoformat(),
        "summary": advisory.summary or advisory.id,
        "affected": [_affected(entry) for entry in advisory.affected],
    }


def _affected(entry: Affected) -> Mapping[str, object]:
    return {
        "package": {"ecosystem": entry.ecosystem, "name": entry.package},
        "ranges": [{"type": span.type, "events": [{kind: v} for kind, v in span.events]} for span in entry.ranges],
        "versions": list(entry.versions),
    }


class _Requests(BaseHTTPRequestHandler):
    answers: _Answers
    timeout = _SECONDS
    # Head and body are two small writes: without this each answer waits for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a look-up by id."""
        name = self.path.removeprefix("/v1/vulns/")
        self._answer(lambda: self.answers.vulnerability(name))

    def do_POST(self) -> None:
        """Answer a query."""
        asked = {"/v1/query": self.answers.query, "/v1/querybatch": self.answers.querybatch}.get(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        if asked is None or not 0 < length <= _LONGEST_QUESTION:
            self.close_connection = True
            # Who still writes would see a broken connection instead of the answer.
            self.rfile.read(min(max(length, 0), 2 * _LONGEST_QUESTION))
            self._send(HTTPStatus.NOT_FOUND, {"message": "not an OSV query"})
            return
        body = self.rfile.read(length)
        self._answer(lambda: asked(json.loads(body)))

    def _answer(self, answer: Callable[[], Mapping[str, object]]) -> None:
        try:
            self._send(HTTPStatus.OK, answer())
        except _RefusedError as error:
            self._send(error.status, {"message": str(error)})
        except (ValueError, TypeError, LookupError) as error:
            self._send(HTTPStatus.BAD_REQUEST, {"message": f"not an OSV query: {error!r}"})

    def _send(self, status: HTTPStatus, body: Mapping[str, object]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: standard error is for the user."""
