"""A registry with npm's bulk advisory endpoint in front of it; verdaccio has none of its own."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from benchmarks.fix.universe import Flaw
from bot.adapters.crosschecks import loopback
from bot.adapters.crosschecks.bulk_advisories import BULK, entry, question

_HANDED_ON = ("Accept", "Accept-Encoding", "If-None-Match", "Host")
_RETURNED = ("Content-Type", "Content-Encoding", "ETag", "Cache-Control")


@contextmanager
def fronting(url: str, flaws: Iterable[Flaw]) -> Iterator[str]:
    """The address of a server that answers audits from `flaws` and hands every GET on to the registry at `url`."""
    by_package: dict[str, list[Flaw]] = {}
    for flaw in flaws:
        by_package.setdefault(flaw.package, []).append(flaw)

    class Handler(_Requests):
        behind = urlsplit(url).netloc
        known = by_package

    with loopback.serving(Handler) as address:
        yield address


def report(asked: Mapping[str, list[str]], known: Mapping[str, list[Flaw]]) -> Mapping[str, list[object]]:
    """The advisories of the packages that are asked about, each with the range of versions that it hits."""
    return {
        name: [_advisory(number, flaw) for number, flaw in enumerate(known[name], 1)]
        for name, versions in asked.items()
        if any(flaw.hits(version) for flaw in known.get(name, ()) for version in versions)
    }


def _advisory(number: int, flaw: Flaw) -> object:
    # The client keeps what it computed of an advisory by the number: no two may share one.
    unique = int(flaw.id.partition("-")[0][1:]) * 10 + number
    return entry(unique, flaw.id, f">={flaw.introduced}" + (f" <{flaw.fixed}" if flaw.fixed else ""))


class _Requests(BaseHTTPRequestHandler):
    behind: str
    known: Mapping[str, list[Flaw]]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Hand the request on."""
        registry = http.client.HTTPConnection(self.behind, timeout=60)
        try:
            headers = {name: value for name in _HANDED_ON if (value := self.headers.get(name))}
            registry.request("GET", self.path, headers=headers)
            answer = registry.getresponse()
            body = answer.read()
        finally:
            registry.close()
        self.send_response(answer.status)
        for name in _RETURNED:
            if value := answer.headers.get(name):
                self.send_header(name, value)
        self._end(body)

    def do_POST(self) -> None:
        """Answer an audit; anything else is not there."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path != BULK:
            self.send_response(404)
            self._end(b"{}")
            return
        asked = question(raw, self.headers.get("Content-Encoding", ""))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self._end(json.dumps(report(asked, self.known)).encode())

    def _end(self, body: bytes) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
