"""Advisories as OSV tells them, and what the store keeps of their sources."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class Severity(enum.StrEnum):
    """CVSS qualitative rating; UNKNOWN where an advisory carries no score."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class VersionRange:
    """One OSV range. `events` are (kind, version) in file order, kind one of introduced, fixed,
    last_affected, limit. `type` is SEMVER, ECOSYSTEM or GIT."""

    type: str
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """One affected package of an advisory: hit when in `versions` or inside any of `ranges`."""

    ecosystem: str
    package: str
    ranges: tuple[VersionRange, ...]
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advisory:
    """An OSV record. `score` is CVSS 0.0 to 10.0, None when the record has no vector."""

    id: str
    aliases: tuple[str, ...]
    summary: str
    severity: Severity
    score: float | None
    url: str
    modified: datetime
    published: datetime | None
    withdrawn: bool
    malicious: bool
    affected: tuple[Affected, ...]

    @property
    def names(self) -> frozenset[str]:
        """Every id that this advisory is known by."""
        return frozenset((self.id, *self.aliases))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which advisory data an answer rests on: where from, as of when (UTC), how many records."""

    source: str
    as_of: datetime
    records: int


@dataclass(frozen=True, slots=True)
class AdvisoryRecord:
    """An OSV record as its source gave it: `raw` is its JSON, `packages` the (ecosystem, package) pairs it is about."""

    id: str
    modified: datetime
    packages: tuple[tuple[str, str], ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class AdvisorySource:
    """A whole set of advisory records. `validator` tells a changed set from the same one (file digest, ETag)."""

    name: str
    as_of: datetime
    records: int
    validator: str = ""


@dataclass(frozen=True, slots=True)
class Threat:
    """What is known of attacks on a vulnerability, by its CVE. `epss` is the probability of one within 30 days."""

    epss: float = 0.0
    known_exploited: bool = False
