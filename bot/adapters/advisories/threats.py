"""What is known of attacks: EPSS scores (CSV) and known exploited vulnerabilities (CISA's JSON), by file or URL."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import threading
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from bot.adapters.http import Http
from bot.adapters.http_client import HttpError
from bot.errors import AdvisoryError
from bot.ports import ThreatAnswer
from remediators.bounds import Bounds
from state.model import Failure, Threat

# The lists of 2026 have 10 MB and 330,000 lines, 1.4 MB and 70,000 values and separators.
SCORES = Bounds(32 * 2**20, 600_000, b"\n")
EXPLOITED = Bounds(16 * 2**20, 600_000, b",:[{")
_GZIP = b"\x1f\x8b"
_HEADER = b"cve,epss"

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Scores:
    """EPSS scores, found by bisection: a tenth of the memory that a dictionary of them takes."""

    names: list[bytes]
    values: array[float]

    def of(self, name: str) -> float:
        """The probability for a CVE; 0.0 for one that the list does not tell of."""
        wanted = name.encode()
        at = bisect_left(self.names, wanted)
        return self.values[at] if at < len(self.names) and self.names[at] == wanted else 0.0


def scores(data: bytes) -> Scores:
    """EPSS as published by FIRST: comment lines, a header `cve,epss,percentile`, one line for each CVE.

    Raises ValueError for anything else. Source: https://www.first.org/epss/data_stats
    """
    lines = (line for line in data.split(b"\n") if line.strip() and not line.startswith(b"#"))
    if not next(lines, b"").lower().startswith(_HEADER):
        raise ValueError("it has no header cve,epss")
    found = sorted((fields[0], float(fields[1])) for fields in (line.split(b",") for line in lines))
    return Scores([name for name, _ in found], array("f", (score for _, score in found)))


def known_exploited(data: bytes) -> frozenset[str]:
    """The CVEs of a catalogue of known exploited vulnerabilities, in the form of CISA's.

    Raises ValueError for anything else.
    """
    entries = json.loads(data)["vulnerabilities"]
    return frozenset(str(entry["cveID"]) for entry in entries)


@dataclass(slots=True)
class Feed:
    """One list, at a path or URL; one from a URL is kept in `folder`, and asked for again when it is not fresh."""

    location: str
    http: Http
    folder: Path
    fresh_for: timedelta
    now: Callable[[], datetime]

    def data(self, bound: Bounds) -> tuple[bytes, str]:
        """(the list unpacked, what is wrong with its age; "" for nothing).

        Raises AdvisoryError without any list, and for one of more than `bound`.
        """
        if not self.location.startswith(("https://", "http://")):
            return _unpacked(_read(Path(self.location).expanduser()), self.location, bound), ""
        kept = self.folder / hashlib.sha256(self.location.encode()).hexdigest()
        trouble = "" if self._fresh(kept) else self._refresh(kept)
        if not kept.is_file():
            raise AdvisoryError(trouble)
        return _unpacked(_read(kept), self.location, bound), trouble

    def _fresh(self, kept: Path) -> bool:
        return kept.is_file() and self.now() - datetime.fromtimestamp(kept.stat().st_mtime, UTC) < self.fresh_for

    def _refresh(self, kept: Path) -> str:
        etag = kept.with_suffix(".etag")
        known = etag.read_text("utf-8") if etag.is_file() and kept.is_file() else ""
        try:
            answer = self.http.get(self.location, etag=known)
        except HttpError as error:
            return str(error)
        if answer.status == 404:
            return f"there is nothing at {answer.url}: check the address"
        if answer.status == 200:
            self.folder.mkdir(parents=True, exist_ok=True)
            # Whoever reads meanwhile has the old list or the new one, never a part.
            part = kept.with_suffix(f".{os.getpid()}")
            part.write_bytes(answer.body)
            part.replace(kept)
            etag.write_text(answer.etag, "utf-8")
        os.utime(kept, (self.now().timestamp(),) * 2)
        return ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AdvisoryError(f"{path} cannot be read: {error.strerror}") from error


def _unpacked(data: bytes, location: str, bound: Bounds) -> bytes:
    if data.startswith(_GZIP):
        try:
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(bound.largest + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise AdvisoryError(f"{location} is not whole: {error}") from error
    if excess := bound.excess(data):
        raise AdvisoryError(f"{location} {excess}: check that it is such a list")
    return data


@dataclass(slots=True)
class LocalThreats:
    """`Threats` over the configured lists, each read once in this process until it is no longer fresh."""

    epss: Feed | None
    exploited: Feed | None
    fresh_for: timedelta
    now: Callable[[], datetime]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _read_at: datetime | None = None
    _scores: Scores = field(default_factory=lambda: Scores([], array("f")))
    _known: frozenset[str] = frozenset()
    _failed: tuple[Failure, ...] = ()

    @classmethod
    def over(
        cls,
        epss: str | None,
        exploited: str | None,
        http: Http,
        folder: Path,
        fresh_for: timedelta,
        now: Callable[[], datetime],
    ) -> Self:
        """Over the lists at these locations, None for one that is not configured."""

        def feed(location: str | None) -> Feed | None:
            return None if location is None else Feed(location, http, folder, fresh_for, now)

        return cls(feed(epss), feed(exploited), fresh_for, now)

    def lookup(self, names: Collection[str]) -> ThreatAnswer:
        """What the lists say of these vulnerabilities; one that none tells of is absent."""
        if self.epss is None and self.exploited is None:
            return ThreatAnswer({}, ())
        with self._lock:
            if self._read_at is None or self.now() - self._read_at >= self.fresh_for:
                self._read_all()
            found = {name: Threat(self._scores.of(name), name in self._known) for name in names}
            return ThreatAnswer({name: threat for name, threat in found.items() if threat != Threat()}, self._failed)

    def _read_all(self) -> None:
        self._read_at = self.now()
        failed: list[Failure] = []
        if (made := _taken(self.epss, scores, SCORES, "advisories.epss", failed)) is not None:
            self._scores = made
        known = _taken(self.exploited, known_exploited, EXPLOITED, "advisories.known_exploited", failed)
        self._known = self._known if known is None else known
        self._failed = tuple(failed)


def _taken(
    feed: Feed | None, parse: Callable[[bytes], Parsed], bound: Bounds, setting: str, failed: list[Failure]
) -> Parsed | None:
    """A list, None where there is none; without it the order of fixes is a worse one, and nothing else is."""
    if feed is None:
        return None
    try:
        data, trouble = feed.data(bound)
        if trouble:
            failed.append(Failure(setting, f"{setting}: {trouble}; the list of an earlier day is used", fault=False))
        return parse(data)
    except AdvisoryError as error:
        failed.append(Failure(setting, f"{setting}: {error}", fault=False))
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        failed.append(Failure(setting, f"{setting}: {feed.location} is not such a list: {error}", fault=False))
    return None
