"""Advisories from the local store, kept up to date from any number of sources; never from half of the data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from bot.adapters.advisories.records import ANY_PACKAGE, Package, read
from bot.errors import AdvisoryError
from bot.ports import AdvisoryAnswer
from state.model import Advisory, Failure, Snapshot
from state.store import Store

Clock = Callable[[], datetime]
"""The time now, in UTC."""

DATA = "advisories"
"""The subject of a failure that is not about one package."""

_NO_SOURCE = "no advisory data: name a server or a dump under [advisories] in bot.toml"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Holding:
    """Records in the store: the source name that they stand under, and what they are."""

    name: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Update:
    """How a source stands after it was brought up to date; each package is in one of the first three.

    `held` says where the records of a package are; `lacking` is what the source does not carry, `failed`
    what it could not be asked, both with the reason. `remarks` are for people; the answer is whole without.
    """

    held: Mapping[Package, Holding] = field(default_factory=dict)
    lacking: Mapping[Package, str] = field(default_factory=dict)
    failed: Mapping[Package, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


class Source(Protocol):
    """Where advisory records come from."""

    @property
    def location(self) -> str:
        """The server, site or folder, for people and for the store."""

    def update(self, packages: Collection[Package], force: bool = False) -> Update:
        """Bring the store up to date about these packages: now with `force`, else when it is time."""

    def snapshots(self) -> tuple[Snapshot, ...]:
        """What the store holds of this source, without a call to the outside."""


class LocalAdvisories:
    """`Advisories` over the store.

    A package is answered when every source that carries it could be asked and is no older than `max_age`
    (None: no limit). A broken record is a failure of its packages but hides no other record.
    """

    def __init__(self, store: Store, sources: Sequence[Source], clock: Clock, max_age: timedelta | None) -> None:
        self._store = store
        self._sources = tuple(sources)
        self._clock = clock
        self._max_age = max_age

    def lookup(self, packages: Collection[Package]) -> AdvisoryAnswer:
        """Everything known about these (ecosystem, normalised package) pairs, over any version."""
        updates = [source.update(packages) for source in self._sources]
        held = {package: [u.held[package] for u in updates if package in u.held] for package in sorted(packages)}
        refused = {package: self._refusal(package, holdings, updates) for package, holdings in held.items()}
        found, failed = self._read({p: holdings for p, holdings in held.items() if not refused[p]})
        failed += [Failure(_subject(package), reason) for package, reason in refused.items() if reason]
        failed += [Failure(DATA, remark, fault=False) for update in updates for remark in update.remarks]
        used = {holding.name: holding.snapshot for holdings in held.values() for holding in holdings}
        return AdvisoryAnswer(found, _combined(used.values()) or self.snapshot(), tuple(failed))

    def snapshot(self) -> Snapshot | None:
        """What an answer would rest on now, without a call to the outside; None when there is no data."""
        return _combined(snapshot for source in self._sources for snapshot in source.snapshots())

    def refresh(self) -> Snapshot:
        """Bring everything about every package in use up to date. Raises AdvisoryError.

        While nothing is in use (no project was scanned yet), there is nothing to bring.
        """
        if not self._sources:
            raise AdvisoryError(_NO_SOURCE)
        updates = [source.update(self._in_use(), force=True) for source in self._sources]
        held = {package for update in updates for package in update.held}
        failed = [reason for update in updates for reason in (*update.failed.values(), *update.remarks)]
        failed += [reason for update in updates for p, reason in update.lacking.items() if p not in held]
        reasons = list(dict.fromkeys(failed))
        if reasons:
            more = f"; and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
            raise AdvisoryError("; ".join(reasons[:_SHOWN]) + more)
        return self.snapshot() or Snapshot(", ".join(source.location for source in self._sources), self._clock(), 0)

    def _in_use(self) -> frozenset[Package]:
        scanned = self._store.last_scans()
        return frozenset((d.ecosystem, d.package) for id_ in scanned for d in self._store.dependencies(id_))

    def _refusal(self, package: Package, holdings: Sequence[Holding], updates: Iterable[Update]) -> str:
        """Why a package is not answered; "" when it is."""
        reasons = [update.failed[package] for update in updates if package in update.failed]
        reasons += [reason for holding in holdings if (reason := self._too_old(holding))]
        if not holdings and not reasons:
            reasons = [update.lacking[package] for update in updates if package in update.lacking] or [_NO_SOURCE]
        return "; ".join(reasons)

    def _too_old(self, holding: Holding) -> str:
        age = self._clock() - holding.snapshot.as_of
        if self._max_age is None or age <= self._max_age:
            return ""
        return (
            f"advisory data from {holding.name} is {_words(age)} old (as of {holding.snapshot.as_of:%Y-%m-%d}); "
            f"the limit is {_words(self._max_age)}: refresh it or set advisories.max_age_days"
        )

    def _read(
        self, answered: Mapping[Package, Sequence[Holding]]
    ) -> tuple[dict[Package, tuple[Advisory, ...]], list[Failure]]:
        found: dict[Package, tuple[Advisory, ...]] = {}
        failed: set[Failure] = set()
        for names, packages in _by_names(answered).items():
            unplaced = {(ecosystem, ANY_PACKAGE) for ecosystem, _ in packages}
            for package, raw in self._store.advisory_records(names, packages | unplaced).items():
                advisories, problems = read(raw)
                subject = DATA if package in unplaced else _subject(package)
                failed |= {Failure(subject, problem) for problem in problems}
                if package in packages:
                    found[package] = advisories
        return found, sorted(failed, key=lambda failure: (failure.subject, failure.reason))


def without_user(url: str) -> str:
    """A URL as it may be stored and shown: without a user name and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _by_names(answered: Mapping[Package, Sequence[Holding]]) -> Mapping[frozenset[str], set[Package]]:
    """Packages by the set of source names that their records stand under."""
    grouped: dict[frozenset[str], set[Package]] = {}
    for package, holdings in answered.items():
        grouped.setdefault(frozenset(holding.name for holding in holdings), set()).add(package)
    return grouped


def _combined(snapshots: Iterable[Snapshot]) -> Snapshot | None:
    """Several as one: as old as the oldest of them."""
    found = list(snapshots)
    if not found:
        return None
    source = ", ".join(sorted({snapshot.source for snapshot in found}))
    return Snapshot(source, min(s.as_of for s in found), sum(s.records for s in found))


def _subject(package: Package) -> str:
    return ":".join(package)


def _words(age: timedelta) -> str:
    amount, unit = (age.days, "day") if age >= timedelta(days=1) else (int(age.total_seconds() // 3600), "hour")
    return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"
