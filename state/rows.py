"""Nouns to rows and back, and the one statement whose spelling differs between databases: the upsert."""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, true

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Item = TypeVar("Item")
Noun = TypeVar("Noun", bound="DataclassInstance")

# Far below the limits on bound values (SQLite 32,766, PostgreSQL 65,535), and few enough plans to cache.
BATCH = 500


class Shape(Generic[Noun]):
    """How a noun lies in a table: each field, but for those in `without`, is the column of the same name."""

    def __init__(self, noun: type[Noun], table: Table, without: tuple[str, ...] = ()) -> None:
        self._noun = noun
        self._names = tuple(field.name for field in fields(noun) if field.name not in without)
        self.columns: tuple[Column[Any], ...] = tuple(table.columns[name] for name in self._names)

    def row(self, noun: Noun) -> dict[str, Any]:
        """The columns' values by name."""
        return {name: getattr(noun, name) for name in self._names}

    def noun(self, values: Iterable[Any], **rest: Any) -> Noun:
        """The noun whose columns, in the order of `columns`, begin `values`; `rest` are the fields left out."""
        return self._noun(**dict(zip(self._names, values, strict=False)), **rest)


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """`items` in lists of at most BATCH, without holding more than one of them."""
    rest = iter(items)
    while batch := list(itertools.islice(rest, BATCH)):
        yield batch


def of_project(table: Table, project_id: int | None) -> ColumnElement[bool]:
    """The condition that selects the rows of one project, or, for None, of all."""
    return true() if project_id is None else table.columns["project_id"] == project_id


def about(table: Table, packages: Iterable[tuple[str, str]]) -> Iterator[ColumnElement[bool]]:
    """Conditions that together select the rows of `table` about these (ecosystem, package) pairs."""
    names = defaultdict(set)
    for ecosystem, package in packages:
        names[ecosystem].add(package)
    for ecosystem, wanted in names.items():
        for batch in batches(sorted(wanted)):
            yield and_(table.columns["ecosystem"] == ecosystem, table.columns["package"].in_(batch))


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], keep: frozenset[str] = frozenset()
) -> None:
    """Insert `rows`; where the primary key is there already, overwrite all columns but `keep`.

    PostgreSQL locks rows in this order: give them sorted by key, or two writers can deadlock.
    """
    if rows:
        connection.execute(_upsert(connection.dialect.name, table, keep), rows)


@functools.cache
def _upsert(dialect: str, table: Table, keep: frozenset[str]) -> Any:
    statement = _insert(dialect)(table)
    key = list(table.primary_key.columns)
    changed = {column.name: statement.excluded[column.name] for column in table.columns if column not in key}
    kept = {name: value for name, value in changed.items() if name not in keep}
    if kept:
        return statement.on_conflict_do_update(index_elements=key, set_=kept)
    return statement.on_conflict_do_nothing(index_elements=key)


def _insert(dialect: str) -> Any:
    """Each database's own insert, imported only for the database in use."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert
