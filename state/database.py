"""One open database: transactions that read, transactions that write, and errors that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from state import schema
from state.claims import Claims
from state.engines import Address, address, no_database
from state.errors import StoreError
from state.faults import explain

# Several queries of one transaction see the same moment; SQLite does this by itself.
_READING = {"postgresql": {"isolation_level": "REPEATABLE READ"}}
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Database:
    """SQLite or PostgreSQL behind two kinds of transactions. Safe to share between threads."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._claims = Claims(address.engine, address.place)
        self._writer = address.engine.execution_options(writes=True)
        self._reader = address.engine.execution_options(writes=False, **_READING.get(address.engine.dialect.name, {}))

    @classmethod
    def open(cls, url: str, busy_timeout: float, create: bool = True) -> Database:
        """The database at `url`, at the newest schema. Raises StoreError, without `create` also where there is none."""
        database = cls(address(url, busy_timeout, create))
        try:
            database._prepare(create)
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment of the database and waits for nobody."""
        with self._explained(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that leaves all of its changes, or, after any exception, none.

        On SQLite there is one at a time. On PostgreSQL lock what you read before you write (`projects.lock`).
        """
        with self._explained(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def claim(self, project_id: int) -> Iterator[bool]:
        """As `Claims.claim`."""
        with ExitStack() as stack:
            with self._explained():
                free = stack.enter_context(self._claims.claim(project_id))
            yield free

    def close(self) -> None:
        """Give up all connections."""
        self._claims.close()
        self._address.engine.dispose()

    def describe(self) -> str:
        """Which database, of which version, where, at which schema; without a password."""
        with self.reading() as connection:
            found = schema.revision(connection)
        dialect = self._address.engine.dialect
        version = ".".join(str(part) for part in (dialect.server_version_info or ())[:2])
        return f"{_NAMES[dialect.name]} {version} at {self._address.place}, schema {found}"

    def _prepare(self, create: bool) -> None:
        with self.reading() as connection:
            found = schema.revision(connection)
        if found == schema.NEWEST:
            return
        if found is None and not create:
            raise no_database(self._address.place)
        if found is not None and not schema.is_known(found):
            raise StoreError(
                f"The database {self._address.place} has schema {found}; this program knows up to {schema.NEWEST}. "
                "A newer version of the program wrote it: install that one, or name another database."
            )
        with self.writing() as connection:
            schema.upgrade(connection, self._address.place)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, NoConnectionLeft, UnicodeEncodeError) as error:
            explained = explain(error, self._address.place, self._address.secrets)
            if explained is None:
                raise
            raise explained from error
