"""The store: everything the bot remembers. Each method is one short transaction, and none calls the outside."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from sqlalchemy import func, select

from state.database import Database
from state.sections.caches import CacheSection
from state.sections.fleet import FleetSection
from state.sections.history import HistorySection
from state.tables import metadata

BUSY_SECONDS = 30.0


class Store(FleetSection, HistorySection, CacheSection):
    """The database in the bot's own words. Every method raises StoreError; a failed write leaves nothing behind.

    Safe to share between threads and to open from several processes at once. What is written about one
    project is written by one transaction after the other, and only after `save_projects` made it known.
    """

    @classmethod
    def open(cls, url: str, busy_timeout: float = BUSY_SECONDS, create: bool = True) -> Self:
        """The store at `sqlite:///PATH`, `sqlite://` (in memory) or `postgresql://…`, brought to the newest schema.

        A statement waits at most `busy_timeout` seconds for another process. Without `create` nothing is made where
        there is none: StoreError.
        """
        return cls(Database.open(url, busy_timeout, create))

    def close(self) -> None:
        """Give up all connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def claim(self, project_id: int) -> AbstractContextManager[bool]:
        """Whether a project is ours to work on until the block ends; it is no longer when this process dies."""
        return self._database.claim(project_id)

    def counts(self) -> Mapping[str, int]:
        """The number of rows of every table, by name."""
        with self._database.reading() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }

    def describe(self) -> str:
        """Which database, such as "SQLite 3.40 at ~/bot.db, schema 0001"; without a password."""
        return self._database.describe()
