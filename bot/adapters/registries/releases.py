"""What registries publish, remembered for the fleet: a listing is asked for again when it is no longer fresh."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.ports import ReleaseAnswer
from remediators.api import Registry, Tools
from remediators.errors import RemediationError
from state.model import CachedListing, Failure, Listing, Release
from state.store import Store

THREADS = 16

# How long a failure is that of every project: one package of a thousand projects is asked for once in a sweep.
FAILED_FOR = timedelta(minutes=5)

Key = tuple[str, str, str]
"""Ecosystem, package and index; "" where the ecosystem's own client knows the index."""


class Registries(Protocol):
    """Where to look up the registry protocol of an ecosystem."""

    def registry(self, ecosystem: str) -> Registry:
        """The registry protocol of an ecosystem."""


class CachedReleases:
    """`Releases` over the store. `indexes` are the configured registry URLs by ecosystem.

    A registry that fails makes a failure of its package: a stale listing is not passed off as an answer.
    """

    def __init__(
        self,
        store: Store,
        registries: Registries,
        tools: Tools,
        indexes: Mapping[str, str],
        fresh_for: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._registries = registries
        self._tools = tools
        self._indexes = indexes
        self._fresh_for = fresh_for
        self._now = now
        self._failed: dict[Key, tuple[Failure, datetime]] = {}

    def lookup(self, packages: Collection[tuple[str, str, str | None]]) -> ReleaseAnswer:
        """Releases of these (ecosystem, package, index). A package from two indexes has the releases of both."""
        keys = {
            (ecosystem, package, index or self._indexes.get(ecosystem, "")) for ecosystem, package, index in packages
        }
        known = self._store.listings(keys)
        now = self._now()
        fresh = {key: cached for key, cached in known.items() if now - cached.checked_at < self._fresh_for}
        failed = self._failed_lately(keys - fresh.keys(), now)
        asked = self._ask(sorted(keys - fresh.keys() - failed.keys()), known)
        self._failed.update((key, (answer, now)) for key, answer in asked.items() if isinstance(answer, Failure))
        confirmed = {
            key: CachedListing(answer, now) for key, answer in asked.items() if not isinstance(answer, Failure)
        }
        if confirmed:
            self._store.save_listings(confirmed)
        failed |= {key: answer for key, answer in asked.items() if isinstance(answer, Failure)}
        return _answer({**fresh, **confirmed}, failed.values())

    def _failed_lately(self, keys: Collection[Key], now: datetime) -> dict[Key, Failure]:
        known = ((key, self._failed.get(key)) for key in keys)
        patience = min(FAILED_FOR, self._fresh_for)
        return {key: said[0] for key, said in known if said is not None and now - said[1] < patience}

    def _ask(self, keys: Collection[Key], known: Mapping[Key, CachedListing]) -> Mapping[Key, Listing | Failure]:
        if not keys:
            return {}
        with ThreadPoolExecutor(min(THREADS, len(keys)), thread_name_prefix="releases") as pool:
            return dict(zip(keys, pool.map(partial(self._one, known), keys), strict=True))

    def _one(self, known: Mapping[Key, CachedListing], key: Key) -> Listing | Failure:
        ecosystem, package, index = key
        cached = known.get(key)
        registry = self._registries.registry(ecosystem)
        try:
            listing = registry.releases(package, index or None, self._tools, cached.listing if cached else None)
        except RemediationError as error:
            return Failure(f"{ecosystem}:{package}", str(error))
        return _with_first_sight(listing, cached, self._now())


def _with_first_sight(listing: Listing, cached: CachedListing | None, now: datetime) -> Listing:
    """When each release without a date appeared here; what stood in the first listing may be of any age."""
    if cached is None or listing is cached.listing or all(release.published for release in listing.releases):
        return listing
    before = {release.version: release.first_seen for release in cached.listing.releases}
    releases = (r if r.published else replace(r, first_seen=before.get(r.version, now)) for r in listing.releases)
    return Listing(tuple(releases), listing.etag)


def _answer(found: Mapping[Key, CachedListing], failed: Iterable[Failure]) -> ReleaseAnswer:
    failed = tuple(failed)
    broken = {failure.subject for failure in failed}
    merged: dict[tuple[str, str], dict[str, Release]] = {}
    for (ecosystem, package, _), cached in sorted(found.items(), key=lambda item: item[0]):
        if f"{ecosystem}:{package}" not in broken:
            versions = merged.setdefault((ecosystem, package), {})
            for release in cached.listing.releases:
                versions.setdefault(release.version, release)
    return ReleaseAnswer({key: tuple(versions.values()) for key, versions in merged.items()}, failed)
