"""What single releases tell of themselves, kept for the next merge request about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from state.encoding import decode, encode
from state.model import ReleaseDetails
from state.rows import about, upsert
from state.tables import release_details

Key = tuple[str, str, str, str]
"""Ecosystem, package, version and index ("" for the ecosystem's own)."""

KEPT_FOR = timedelta(days=90)


def save(connection: Connection, found: Mapping[Key, ReleaseDetails], now: datetime) -> None:
    """Insert or overwrite, and drop what was kept for long enough."""
    connection.execute(delete(release_details).where(release_details.c.kept_at < now - KEPT_FOR))
    rows = [
        {
            **dict(zip(("ecosystem", "package", "version", "index"), key, strict=True)),
            "details": encode(details).encode(),
            "kept_at": now,
        }
        for key, details in sorted(found.items(), key=lambda item: item[0])
    ]
    upsert(connection, release_details, rows)


def read(connection: Connection, keys: Collection[Key]) -> dict[Key, ReleaseDetails]:
    """The details under `keys`; one that was never saved is absent."""
    found: dict[Key, ReleaseDetails] = {}
    for condition in about(release_details, {(ecosystem, package) for ecosystem, package, _, _ in keys}):
        for row in connection.execute(select(release_details).where(condition)):
            # A row is a tuple as well, with an `index` of its own.
            key = (row.ecosystem, row.package, row.version, str(row._mapping["index"]))
            if key in keys:
                found[key] = decode(ReleaseDetails, row.details)
    return found
