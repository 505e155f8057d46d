"""Raw advisory records per source, found by package."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, and_, delete, func, select

from state.model import AdvisoryRecord, AdvisorySource
from state.rows import Shape, about, batches, upsert
from state.tables import advisories, advisory_packages, advisory_sources

Package = tuple[str, str]

_SOURCE = Shape(AdvisorySource, advisory_sources)


def sources(connection: Connection) -> tuple[AdvisorySource, ...]:
    """Every source that was loaded as a whole, by name."""
    rows = connection.execute(select(*_SOURCE.columns).order_by(advisory_sources.c.name))
    return tuple(_SOURCE.noun(row) for row in rows)


def replace(connection: Connection, source: AdvisorySource, records: Iterable[AdvisoryRecord]) -> AdvisorySource:
    """Make `records` all that the source has; what is there already, word for word, is not written again.

    Returns the source with the number of records that it has now.
    """
    # Written first: on PostgreSQL the lock on this row keeps a second replacement of this source waiting.
    upsert(connection, advisory_sources, [_SOURCE.row(source)])
    query = select(advisories.c.id, advisories.c.digest).where(advisories.c.source == source.name)
    stored = dict(connection.execute(query).all())
    gone = set(stored)
    for batch in batches(records):
        fresh = {record.id: (record, _digest(record)) for record in batch}
        gone -= fresh.keys()
        _write(connection, source.name, {id_: new for id_, new in fresh.items() if stored.get(id_) != new[1]})
    for ids in batches(sorted(gone)):
        connection.execute(delete(advisories).where(_among(source.name, advisories.c.id, ids)))
    held = select(func.count()).select_from(advisories).where(advisories.c.source == source.name)
    counted = dataclasses.replace(source, records=connection.execute(held).scalar_one())
    upsert(connection, advisory_sources, [_SOURCE.row(counted)])
    return counted


def put(connection: Connection, source: str, records: Iterable[AdvisoryRecord]) -> None:
    """Insert or overwrite records, each with the packages it is about."""
    for batch in batches(records):
        _write(connection, source, {record.id: (record, _digest(record)) for record in batch})


def link(connection: Connection, source: str, found: Mapping[Package, Iterable[str]]) -> None:
    """Make `found` all that the index has about its packages: the ids of stored records."""
    for condition in about(advisory_packages, found):
        connection.execute(delete(advisory_packages).where(advisory_packages.c.source == source, condition))
    _index(connection, source, {(*package, id_) for package, ids in found.items() for id_ in ids})


def records(
    connection: Connection, names: Collection[str], packages: Collection[Package]
) -> dict[Package, tuple[bytes, ...]]:
    """The raw records of the sources `names` about each of `packages`, by id; () where there are none."""
    found: dict[Package, list[bytes]] = {package: [] for package in packages}
    here = advisory_packages.c
    same = and_(advisories.c.source == here.source, advisories.c.id == here.advisory)
    query = select(here.ecosystem, here.package, advisories.c.record).join_from(advisory_packages, advisories, same)
    query = query.where(here.source.in_(list(names))).order_by(here.advisory, here.source)
    for condition in about(advisory_packages, packages):
        for ecosystem, package, record in connection.execute(query.where(condition)):
            found[ecosystem, package].append(record)
    return {package: tuple(raw) for package, raw in found.items()}


def modified(connection: Connection, source: str, ids: Collection[str]) -> dict[str, datetime]:
    """When each record was modified, by id; one that is not there is absent."""
    query = select(advisories.c.id, advisories.c.modified)
    found: dict[str, datetime] = {}
    for batch in batches(sorted(set(ids))):
        among = query.where(_among(source, advisories.c.id, batch))
        found.update(connection.execute(among).all())
    return found


def _among(source: str, column: Column[str], ids: Iterable[str]) -> ColumnElement[bool]:
    return and_(column.table.c.source == source, column.in_(list(ids)))


def _digest(record: AdvisoryRecord) -> bytes:
    """Of all that is stored of a record, so that a change goes unseen nowhere, not even under an old `modified`."""
    rest = repr((record.modified, record.packages)).encode()
    return hashlib.blake2b(rest + record.raw, digest_size=16).digest()


def _write(connection: Connection, source: str, fresh: Mapping[str, tuple[AdvisoryRecord, bytes]]) -> None:
    """Insert or overwrite at most a batch of records, given with their digests."""
    rows = [
        {"source": source, "id": id_, "modified": record.modified, "digest": digest, "record": record.raw}
        for id_, (record, digest) in sorted(fresh.items(), key=lambda item: item[0])
    ]
    upsert(connection, advisories, rows)
    connection.execute(delete(advisory_packages).where(_among(source, advisory_packages.c.advisory, fresh)))
    _index(connection, source, {(*package, id_) for id_, (record, _) in fresh.items() for package in record.packages})


def _index(connection: Connection, source: str, links: set[tuple[str, str, str]]) -> None:
    rows = [
        {"source": source, "ecosystem": ecosystem, "package": package, "advisory": id_}
        for ecosystem, package, id_ in sorted(links)
    ]
    upsert(connection, advisory_packages, rows)
