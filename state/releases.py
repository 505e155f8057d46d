"""What registries publish, as last heard: one compact row per (ecosystem, package, index)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from state.encoding import utc
from state.model import CachedListing, Listing, Release
from state.rows import about, upsert
from state.tables import listings

Key = tuple[str, str, str]


def save(connection: Connection, found: Mapping[Key, CachedListing]) -> None:
    """Insert or overwrite listings."""
    rows = [
        {
            "ecosystem": ecosystem,
            "package": package,
            "index": index,
            "releases": _packed(cached.listing.releases),
            "etag": cached.listing.etag,
            "checked_at": cached.checked_at,
        }
        for (ecosystem, package, index), cached in sorted(found.items(), key=lambda item: item[0])
    ]
    upsert(connection, listings, rows)


def read(connection: Connection, keys: Collection[Key]) -> dict[Key, CachedListing]:
    """The listings under `keys`; one that was never saved is absent."""
    found = {}
    for index in {index for _, _, index in keys}:
        there = [(ecosystem, package) for ecosystem, package, at in keys if at == index]
        for condition in about(listings, there):
            for row in connection.execute(select(listings).where(condition, listings.c.index == index)):
                listing = Listing(_unpacked(row.releases), row.etag)
                found[row.ecosystem, row.package, index] = CachedListing(listing, row.checked_at)
    return found


def _packed(releases: tuple[Release, ...]) -> bytes:
    """Field by field: half the size of release by release, and read in half the time."""
    stored = (
        [release.version for release in releases],
        [_stamp(release.published) for release in releases],
        [int(release.yanked) for release in releases],
        [release.requires for release in releases],
        [release.deprecated for release in releases],
        [_stamp(release.first_seen) for release in releases],
    )
    return json.dumps(stored, separators=(",", ":")).encode()


def _unpacked(stored: bytes) -> tuple[Release, ...]:
    versions, published, yanked, requires, deprecated, *seen = json.loads(stored)
    # What an earlier version of the bot stored has no times of first sight.
    first_seen = seen[0] if seen else [None] * len(versions)
    return tuple(
        [
            Release(version, _moment(at), bool(gone), needs, words, _moment(first))
            for version, at, gone, needs, words, first in zip(
                versions, published, yanked, requires, deprecated, first_seen, strict=True
            )
        ]
    )


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else utc(at).isoformat()


def _moment(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored)
