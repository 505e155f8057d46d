"""What every section of the store rests on."""

from __future__ import annotations

from state.database import Database


class Section:
    """A part of the store, over the database that it shares with the others."""

    def __init__(self, database: Database) -> None:
        self._database = database
