"""Reads one OSV record (schema 1.x, JSON): into an Advisory, or into the few facts that an index needs of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from remediators.bounds import Bounds
from state.model import Advisory, Affected, Severity, VersionRange

Record = Mapping[str, object]

EVENTS = ("introduced", "fixed", "last_affected", "limit")
RANGES = frozenset({"SEMVER", "ECOSYSTEM", "GIT"})
WORDS = {
    "LOW": Severity.LOW,
    "MODERATE": Severity.MEDIUM,
    "MEDIUM": Severity.MEDIUM,
    "HIGH": Severity.HIGH,
    "CRITICAL": Severity.CRITICAL,
}
# The qualitative scale of CVSS 3 and 4: the lowest score of each rating.
RATINGS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.0, Severity.LOW))

# The largest of 20,000 real ones (TensorFlow's) has 45 KB and 2,900 values and separators.
LARGEST = Bounds(4 * 2**20, 100_000, b",:[{")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_LINK = re.compile(r"https://[^\s<>\"'`()\[\]\\]{1,500}")
_PEP_503 = re.compile(r"[-_.]+")
_SUMMARY = 300


class RecordError(ValueError):
    """An OSV record that cannot be used. The message names the record and what is wrong with it.

    `packages` are the (ecosystem, package) pairs that it speaks of, as far as they could be read.
    """

    def __init__(self, name: str, problem: str, packages: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(f"advisory {name} is broken: {problem}")
        self.name = name
        self.packages = packages


def load(raw: bytes, name: str) -> Record:
    """The JSON object in `raw`; `name` stands for the record (a file name or an id) until its own id is known.

    Raises RecordError when `raw` is not a JSON object, and for more than is read.
    """
    if excess := LARGEST.excess(raw):
        raise RecordError(name, f"it {excess}")
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise RecordError(name, f"it is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise RecordError(name, "it is not a JSON object")
    return value


def identity(record: Record) -> tuple[str, datetime, tuple[tuple[str, str], ...]]:
    """Id, `modified` (UTC) and the sorted (ecosystem, package) pairs of a record. Raises RecordError."""
    name, pairs = str(record.get("id")), packages(record)
    try:
        return checked_id(record.get("id")), moment(record, "modified"), pairs
    except ValueError as error:
        raise RecordError(name, str(error), pairs) from error


def packages(record: Record) -> tuple[tuple[str, str], ...]:
    """The (ecosystem, package) pairs that a record speaks of, as far as they are readable; normalised and sorted."""
    found = set()
    affected = record.get("affected")
    for entry in affected if isinstance(affected, list) else ():
        package = entry.get("package") if isinstance(entry, dict) else None
        if isinstance(package, dict) and isinstance(package.get("name"), str):
            ecosystem = _ecosystem(str(package.get("ecosystem")))
            found.add((ecosystem, normalised(ecosystem, package["name"])))
    return tuple(sorted(found))


def normalised(ecosystem: str, package: str) -> str:
    """A package's name as its ecosystem compares it: PEP 503 for PyPI, as written elsewhere."""
    return _PEP_503.sub("-", package).lower() if ecosystem == "PyPI" else package


def advisory(record: Record) -> Advisory:
    """The record as a noun. A vector that cannot be scored counts as none: the rating word is used.

    A malicious package without any rating is critical. The URL is the record's own ADVISORY reference,
    else its page at osv.dev. Raises RecordError, naming the id.
    Source: https://ossf.github.io/osv-schema/
    """
    try:
        return _advisory(record)
    except ValueError as error:
        raise RecordError(str(record.get("id")), str(error), packages(record)) from error


def _advisory(record: Record) -> Advisory:
    schema = record.get("schema_version", "1.0.0")
    if not str(schema).startswith("1."):
        raise ValueError(f"schema_version {schema} is not 1.x")
    name = checked_id(record.get("id"))
    aliases = tuple(checked_id(alias) for alias in _list(record, "aliases"))
    malicious = any(known.startswith("MAL-") for known in (name, *aliases))
    score = _score(record)
    return Advisory(
        id=name,
        aliases=aliases,
        summary=_summary(record),
        severity=_severity(record, score, malicious),
        score=score,
        url=_url(record, name),
        modified=moment(record, "modified"),
        published=moment(record, "published") if record.get("published") else None,
        withdrawn=bool(record.get("withdrawn")),
        malicious=malicious,
        affected=tuple(_affected(entry) for entry in _objects(record, "affected") if "package" in entry),
    )


def _affected(entry: Record) -> Affected:
    package = _object(entry["package"], "package")
    ecosystem = _ecosystem(_text(package, "ecosystem"))
    return Affected(
        ecosystem=ecosystem,
        package=normalised(ecosystem, _text(package, "name")),
        ranges=tuple(_range(each) for each in _objects(entry, "ranges")),
        versions=tuple(_string(version, "affected.versions") for version in _list(entry, "versions")),
    )


def _range(entry: Record) -> VersionRange:
    kind = _text(entry, "type")
    if kind not in RANGES:
        raise ValueError(f"range type {kind[:40]!r} is unknown")
    events = tuple(pair for event in _objects(entry, "events") for pair in _events(event))
    # Such a range would hit nothing, whatever it was meant to say.
    if not any(word == "introduced" for word, _ in events):
        raise ValueError("a range has no `introduced` event")
    return VersionRange(kind, events)


def _events(event: Record) -> Iterator[tuple[str, str]]:
    known = [word for word in EVENTS if word in event]
    if not known:
        raise ValueError(f"a range event is none of {', '.join(EVENTS)}")
    for word in known:
        yield word, _text(event, word)


def _score(record: Record) -> float | None:
    entries = [*_objects(record, "severity")]
    for affected in _objects(record, "affected"):
        entries += _objects(affected, "severity")
    scores = (_scored(str(entry.get("type")), str(entry.get("score"))) for entry in entries)
    return max((score for score in scores if score is not None), default=None)


@lru_cache(maxsize=8192)
def _scored(kind: str, vector: str) -> float | None:
    from cvss import CVSS3, CVSS4, CVSSError  # late: most commands never read an advisory

    reader = {"CVSS_V3": CVSS3, "CVSS_V4": CVSS4}.get(kind)
    try:
        return None if reader is None else float(reader(vector).base_score)
    except CVSSError:
        return None


def _severity(record: Record, score: float | None, malicious: bool) -> Severity:
    if score is not None:
        return next(rating for least, rating in RATINGS if score >= least)
    specific = record.get("database_specific")
    word = specific.get("severity") if isinstance(specific, dict) else None
    unrated = Severity.CRITICAL if malicious else Severity.UNKNOWN
    return WORDS.get(str(word).upper(), unrated)


def _summary(record: Record) -> str:
    text = record.get("summary") or record.get("details") or ""
    lines = (" ".join(line.split()) for line in str(text).splitlines())
    return next((line for line in lines if line), "")[:_SUMMARY]


def _url(record: Record, name: str) -> str:
    for reference in _objects(record, "references"):
        url = str(reference.get("url"))
        if reference.get("type") == "ADVISORY" and _LINK.fullmatch(url):
            return url
    return f"https://osv.dev/vulnerability/{name}"


def _ecosystem(written: str) -> str:
    # A suffix narrows it to one repository ("Maven:https://…"): whoever uses another is warned too.
    return written.partition(":")[0]


def checked_id(value: object) -> str:
    """`value` when it can be an advisory's id; ids end up in URLs and in text. Raises ValueError."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError(f"{str(value)[:140]!r} is not an advisory id")
    return value


def moment(record: Record, key: str) -> datetime:
    """The time in a field, in UTC; one without a zone is UTC. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(_text(record, key))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{key} is not a time: {str(record.get(key))[:60]!r}") from error


def _text(record: Record, key: str) -> str:
    return _string(record.get(key), key)


def _string(value: object, place: str) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(f"{place} is not a string")


def _list(record: Record, key: str) -> list[object]:
    value = record.get(key)
    if isinstance(value, list):
        return value
    if value is None:
        return []
    raise ValueError(f"{key} is not a list")


def _objects(record: Record, key: str) -> list[dict[str, object]]:
    return [_object(entry, key) for entry in _list(record, key)]


def _object(value: object, place: str) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise ValueError(f"{place} is not an object")
