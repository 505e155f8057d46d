"""The world on disk: every noun as a JSON row, written through as it changes, read back on the next start."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bot.sandbox.world import Noun, Table, World

_SCHEMA = """
CREATE TABLE IF NOT EXISTS nouns (kind TEXT, id INTEGER, body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sequences (kind TEXT PRIMARY KEY, last_id INTEGER NOT NULL) WITHOUT ROWID;
"""


class Persistence:
    """The database of one data folder. Only one sandbox may have it open."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # Opened by the thread that makes the sandbox, used by the one that serves: never by both at once.
        self._connection = sqlite3.connect(folder / "world.sqlite3", check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)

    def load(self, world: World) -> None:
        """Fill an empty world with what was stored."""
        tables = dict(world.tables())
        for kind, body in self._connection.execute("SELECT kind, body FROM nouns ORDER BY kind, id"):
            table = tables[kind]
            table.add(table.kind(**{name: decoded(value) for name, value in json.loads(body).items()}))
        for kind, last_id in self._connection.execute("SELECT kind, last_id FROM sequences"):
            tables[kind].last_id = max(tables[kind].last_id, last_id)
        for table in tables.values():
            table.dirty.clear()

    def save(self, world: World) -> None:
        """Write what changed since the last time, all or nothing."""
        changed = [(kind, table) for kind, table in world.tables() if table.dirty]
        if not changed:
            return
        self._connection.execute("BEGIN")
        for kind, table in changed:
            self._save(kind, table)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _save(self, kind: str, table: Table[Any]) -> None:
        present = [id_ for id_ in table.dirty if id_ in table]
        gone = [id_ for id_ in table.dirty if id_ not in table]
        self._connection.executemany(
            "INSERT OR REPLACE INTO nouns VALUES (?, ?, ?)", ((kind, id_, _body(table[id_])) for id_ in present)
        )
        self._connection.executemany("DELETE FROM nouns WHERE kind = ? AND id = ?", ((kind, id_) for id_ in gone))
        self._connection.execute("INSERT OR REPLACE INTO sequences VALUES (?, ?)", (kind, table.last_id))
        table.dirty.clear()


def _body(noun: Noun) -> str:
    return json.dumps(dict(_values(noun)), separators=(",", ":"))


def _values(noun: Any) -> Iterator[tuple[str, Any]]:
    for field in fields(noun):
        yield field.name, encoded(getattr(noun, field.name))


def encoded(value: Any) -> Any:
    """A field's value as JSON; what JSON lacks is a mapping with one key that starts with "$"."""
    match value:
        case datetime():
            return {"$time": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case frozenset():
            return {"$set": sorted(value)}
        case Mapping():
            return {"$map": {key: encoded(inner) for key, inner in value.items()}}
        case list() | tuple():
            return [encoded(inner) for inner in value]
        case _:
            return value


def decoded(value: Any) -> Any:
    """What `encoded` was given; lists come back as tuples, as the nouns have them."""
    if isinstance(value, list):
        return tuple(decoded(inner) for inner in value)
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    match kind:
        case "$time":
            return datetime.fromisoformat(inner)
        case "$date":
            return date.fromisoformat(inner)
        case "$bytes":
            return base64.b64decode(inner)
        case "$set":
            return frozenset(inner)
        case _:
            return {key: decoded(deeper) for key, deeper in inner.items()}
