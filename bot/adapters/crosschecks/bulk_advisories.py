"""Serves advisories on loopback the way an npm registry does for `npm audit`; the ranges are npm's to judge by."""

from __future__ import annotations

import functools
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from bot.adapters.crosschecks import loopback
from remediators.api import Versions
from state.model import Advisory, Affected, VersionRange

# npm's client: lib/audit-report.js of @npmcli/arborist posts {name: [versions]}, compressed.
BULK = "/-/npm/v1/security/advisories/bulk"
SITE = "https://advisories.invalid/"
EVERYTHING = ">=0.0.0-0"
_LONGEST_QUESTION = 4_000_000
_SECONDS = 30

Known = Mapping[str, tuple[Advisory, ...]]
"""The advisories of each package, by its name."""


def question(raw: bytes, encoding: str) -> Mapping[str, list[str]]:
    """What an audit asks: versions by package. Raises ValueError, TypeError or zlib.error for what is no audit."""
    if encoding == "gzip":
        unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
        raw = unpack.decompress(raw, _LONGEST_QUESTION)
    return {str(name): [str(version) for version in versions] for name, versions in dict(json.loads(raw)).items()}


def entry(number: int, name: str, vulnerable: str) -> Mapping[str, object]:
    """One advisory as npm reads it. It keeps what it made of one by the number: no two may share it."""
    return {
        "id": number,
        "url": f"{SITE}{name}",
        "title": name,
        "severity": "high",
        "vulnerable_versions": vulnerable,
        "cwe": [],
        "cvss": {"score": 7.5, "vectorString": None},
    }


def vulnerable(advisory: Advisory, package: str, versions: Versions) -> str:
    """The versions of a package that an advisory is about, as a range of npm; "" for none that npm can read."""
    parts: list[str] = []
    for affected in advisory.affected:
        if (affected.ecosystem, affected.package) == ("npm", package):
            parts += _listed(affected, versions)
            for span in affected.ranges:
                parts += _spans(span, versions) if span.type != "GIT" else ()
            if advisory.malicious and not (affected.ranges or affected.versions):
                parts.append(EVERYTHING)
    return " || ".join(dict.fromkeys(parts))


def _listed(affected: Affected, versions: Versions) -> Iterable[str]:
    return (f"={version}" for version in affected.versions if versions.valid(version))


def _spans(span: VersionRange, versions: Versions) -> Iterator[str]:
    # npm knows no limits, and what stands for an unreadable bound is for our own matcher to say.
    if any(kind == "limit" or not (at == "0" or versions.valid(at)) for kind, at in span.events):
        return

    def compare(left: tuple[str, str], right: tuple[str, str]) -> int:
        if "0" in (left[1], right[1]):
            return (right[1] == "0") - (left[1] == "0")
        return versions.compare(left[1], right[1])

    since = ""
    for kind, at in sorted(span.events, key=functools.cmp_to_key(compare)):
        if kind == "introduced":
            since = since or (EVERYTHING if at == "0" else f">={at}")
        elif since:
            yield f"{since} {'<' if kind == 'fixed' else '<='}{at}"
            since = ""
    if since:
        yield since


@contextmanager
def serving(known: Known, versions: Versions) -> Iterator[str]:
    """The address of a registry that answers audits from `known`, and has no package."""

    class Requests(_Requests):
        answers = known
        order = versions

    with loopback.serving(Requests) as url:
        yield url


class _Requests(BaseHTTPRequestHandler):
    answers: Known
    order: Versions
    timeout = _SECONDS
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """npm looks for better releases of what is hit; it takes a missing package for one without any."""
        self._send(404, {})

    def do_POST(self) -> None:
        """Answer an audit."""
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(min(max(length, 0), _LONGEST_QUESTION))
        if self.path != BULK or length > _LONGEST_QUESTION:
            self.close_connection = True
            self._send(404, {})
            return
        try:
            asked = question(raw, self.headers.get("Content-Encoding", ""))
        except (ValueError, TypeError, zlib.error):
            self._send(400, {})
            return
        self._send(200, self._report(asked))

    def _report(self, asked: Iterable[str]) -> Mapping[str, object]:
        told: dict[str, list[object]] = {}
        number = 0
        # The numbers are the same for each question: they go by the whole of what is known.
        for name, advisories in sorted(self.answers.items()):
            for advisory in advisories:
                number += 1
                if name in asked and (spans := vulnerable(advisory, name, self.order)):
                    told.setdefault(name, []).append(entry(number, advisory.id, spans))
        return told

    def _send(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: standard error is for the user."""
