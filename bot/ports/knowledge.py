"""What is known of packages: advisories, attacks, releases and their notes. A failed look-up is said in each answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from state.model import Advisory, Failure, Release, ReleaseDetails, Snapshot, Threat


@dataclass(frozen=True, slots=True)
class AdvisoryAnswer:
    """Advisories per (ecosystem, package). A package that is absent was not looked up, and `failed` says why."""

    advisories: Mapping[tuple[str, str], tuple[Advisory, ...]]
    snapshot: Snapshot | None
    failed: tuple[Failure, ...]


class Advisories(Protocol):
    """The advisory data. Withdrawn records are dropped; no data, or data over the age limit, is a failure."""

    def lookup(self, packages: Collection[tuple[str, str]]) -> AdvisoryAnswer:
        """Everything known about these (ecosystem, package) pairs, over any version."""

    def snapshot(self) -> Snapshot | None:
        """What an answer would rest on now, without a call to the outside; None when there is no data."""

    def refresh(self) -> Snapshot:
        """Bring the data up to date. Raises AdvisoryError."""


@dataclass(frozen=True, slots=True)
class ThreatAnswer:
    """What is known of attacks, by CVE. `failed` says which list could not be had."""

    threats: Mapping[str, Threat]
    failed: tuple[Failure, ...]


class Threats(Protocol):
    """How likely, and how known, attacks are: what decides the order of fixes."""

    def lookup(self, names: Collection[str]) -> ThreatAnswer:
        """What the lists say of these CVEs; one that none tells of is absent."""


@dataclass(frozen=True, slots=True)
class ReleaseAnswer:
    """Releases per (ecosystem, package); a package that is absent failed, and `failed` says why."""

    releases: Mapping[tuple[str, str], tuple[Release, ...]]
    failed: tuple[Failure, ...]


class Releases(Protocol):
    """What registries publish, looked up once for the fleet."""

    def lookup(self, packages: Collection[tuple[str, str, str | None]]) -> ReleaseAnswer:
        """Releases of these (ecosystem, package, index); from the cache while fresh, else revalidated in parallel."""


@dataclass(frozen=True, slots=True)
class Published:
    """One release of a package. `index` is the registry URL that a project names, None for the configured one."""

    ecosystem: str
    package: str
    version: str
    index: str | None = None


class ReleaseNotes(Protocol):
    """What releases tell of themselves, for people to read: nothing is decided by it."""

    def lookup(
        self, releases: Collection[Published], told: Collection[Published]
    ) -> Mapping[Published, ReleaseDetails]:
        """Details of these releases, for those among `told` with their changelog.

        Never raises, and takes a bounded time: what cannot be had in it is absent.
        """
