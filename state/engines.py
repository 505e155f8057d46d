"""How a database URL becomes an engine, set up the same way for everyone who opens it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from state.errors import AddressError, StoreError

_EXPECTED = "Use sqlite:///PATH or postgresql://USER@HOST/NAME."
_OF_THE_DRIVER = frozenset(("timeout", "isolation_level", "detect_types", "check_same_thread", "cached_statements"))
_CONNECTIONS = 8
_MORE_CONNECTIONS = 24
_CONNECT_SECONDS = 10
_RETRY_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Address:
    """A database: its engine, its name for people, and what must not show in a message."""

    engine: Engine
    place: str
    secrets: tuple[str, ...] = ()


def address(url: str, busy_timeout: float, create: bool = True) -> Address:
    """The database at `url`, not yet connected to. A statement waits `busy_timeout` seconds for a lock.

    `create` makes the file of SQLite where there is none. Raises AddressError for an address that is none, StoreError
    for a file that cannot be made, or is not there.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise AddressError(f"The database URL cannot be read. {_EXPECTED}") from None
    build = _ENGINES.get(parsed.get_backend_name())
    if build is None:
        raise AddressError(f"The database URL names {parsed.drivername!r}, which is not supported. {_EXPECTED}")
    return build(parsed, busy_timeout, create)


def _sqlite(url: URL, busy_timeout: float, create: bool) -> Address:
    _check_file(url)
    if not url.database or url.database == ":memory:":
        # One connection for all threads: each further one would be a database of its own.
        return Address(_sqlite_engine(url, busy_timeout, pool_size=1, max_overflow=0), ":memory:")
    if url.database.startswith("file:"):
        there = url if create or "mode" in url.query else url.update_query_dict({"mode": "rw"})
        return Address(_sqlite_engine(there, busy_timeout), url.database)
    path = Path(url.database).expanduser().absolute()
    if create:
        _create(path)
    elif not _holds_something(path):
        raise no_database(_short(path))
    return Address(_sqlite_engine(url.set(database=str(path)), busy_timeout), _short(path))


def _check_file(url: URL) -> None:
    """Refuse what would otherwise show as an error of the driver, with the URL in it, or be ignored."""
    if url.host or url.username:
        raise AddressError(f"The database URL is none: a file of SQLite has no host, only a path. {_EXPECTED}")
    is_uri = (url.database or "").startswith("file:") and url.query.get("uri") == "true"
    if url.query.keys() & _OF_THE_DRIVER if is_uri else url.query:
        raise AddressError(f"The database URL is none: a file of SQLite takes no options. {_EXPECTED}")


def _create(path: Path) -> None:
    """The file and its folder, closed to other users. SQLite gives its side files the mode of the main one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreError(
            f"The database {_short(path)} cannot be opened ({error.strerror}). Name a file in a folder that this user "
            "can write to."
        ) from error


def _holds_something(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # SQLite says why it cannot be opened


def no_database(place: str) -> StoreError:
    """What is said where a database is only to be read, and there is none."""
    return StoreError(
        f"There is no database of the bot at {place}, and none was made, as this only reads. Name the one that the bot "
        "runs with (--database, BOT_DATABASE or `database` in bot.toml), or run `bot run` first."
    )


def _short(path: Path) -> str:
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)


def _sqlite_engine(
    url: URL, busy_timeout: float, pool_size: int = _CONNECTIONS, max_overflow: int = _MORE_CONNECTIONS
) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=busy_timeout,
        hide_parameters=True,
        # isolation_level None: the driver's own transaction control begins late, and never immediately.
        connect_args={"timeout": busy_timeout, "isolation_level": None, "check_same_thread": False},
    )

    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        _log_ahead(connection, time.monotonic() + busy_timeout)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")  # with WAL a power cut costs the last writes, never the file

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _log_ahead(connection: sqlite3.Connection, deadline: float) -> None:
    """Switch to WAL, where readers and the writer do not wait for each other; nothing to do for all but the first."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # Two processes that switch at once both hold what the other needs: SQLite fails them without waiting.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another one wrote in between.
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL, busy_timeout: float, _create: bool) -> Address:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_CONNECTIONS,
        pool_timeout=busy_timeout,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS},
    )

    def limit_waiting(connection: Any, _record: object) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = {int(busy_timeout * 1000)}")
        connection.autocommit = False

    event.listen(engine, "connect", limit_waiting)
    given = (url.password, url.query.get("password"))
    return Address(engine, _server(url), tuple(secret for secret in given if isinstance(secret, str) and secret))


def _server(url: URL) -> str:
    """Where a PostgreSQL database is, without the query: libpq takes passwords there, too."""
    host = url.host or url.query.get("host")
    masked = URL.create("postgresql", url.username, url.password, str(host) if host else None, url.port, url.database)
    return masked.render_as_string(hide_password=True)


_ENGINES: dict[str, Callable[[URL, float, bool], Address]] = {
    "sqlite": _sqlite,
    "postgres": _postgresql,
    "postgresql": _postgresql,
}
