"""When which package was looked up at an OSV server."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from state.advisories import Package, link, modified
from state.errors import StoreError
from state.rows import about, upsert
from state.tables import advisory_checks


def save(connection: Connection, source: str, found: Mapping[Package, tuple[str, ...]], now: datetime) -> None:
    """Note that at `now` the records `found` were all that the source had about its packages.

    Raises StoreError for a record that is not stored: without it a vulnerable package would look clean.
    """
    ids = {id_ for named in found.values() for id_ in named}
    if missing := sorted(ids - modified(connection, source, ids).keys()):
        raise StoreError(
            f"Advisory {missing[0]} of {source} is not in the database. Put the records before the check that names "
            "them."
        )
    link(connection, source, found)
    rows = [
        {"source": source, "ecosystem": ecosystem, "package": package, "checked_at": now}
        for ecosystem, package in sorted(found)
    ]
    upsert(connection, advisory_checks, rows)


def read(connection: Connection, source: str, packages: Collection[Package]) -> dict[Package, datetime]:
    """When each package was last looked up at the source; one that never was is absent."""
    found: dict[Package, datetime] = {}
    for condition in about(advisory_checks, packages):
        query = select(advisory_checks).where(condition, advisory_checks.c.source == source)
        found |= {(row.ecosystem, row.package): row.checked_at for row in connection.execute(query)}
    return found
