"""What the tables are made of: their common collection, and the columns that recur."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, Text

metadata = MetaData()

# SQLite hands out row numbers only for a column declared exactly INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")


def text(name: str, *, optional: bool = False, key: bool = False) -> Column[Any]:
    """A text, never null unless `optional`."""
    return Column(name, Text, nullable=optional, primary_key=key)


def required(name: str, kind: Any) -> Column[Any]:
    """A column of any kind, never null."""
    return Column(name, kind, nullable=False)


def project(*, key: bool = True) -> Column[Any]:
    """The project of a row; `key` says whether it is part of the row's key."""
    return Column("project_id", Number, ForeignKey("projects.id"), nullable=False, primary_key=key, autoincrement=False)


def part_of_project() -> Column[Any]:
    """The project of a row whose parent row has the foreign key."""
    return Column("project_id", Number, primary_key=True, autoincrement=False)


def position() -> Column[Any]:
    """The place of a row among those of its parent."""
    return Column("position", Integer, primary_key=True, autoincrement=False)
