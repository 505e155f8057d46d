"""Brings a database to the newest schema. Forward only: an older program refuses a newer database.

An empty database gets the tables as they are now; the migrations are for those that hold something.
"""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from state.append_only import close_events
from state.errors import StoreError
from state.faults import is_missing_table
from state.tables import metadata

NEWEST = "0005"
_MIGRATIONS = Path(__file__).with_name("migrations")
_POSTGRESQL_LOCK = 7463129  # any number that nobody else locks in this database

# As Alembic makes it.
_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

# Alembic keeps the migration that runs in a module, so threads with different databases would meet there.
_ALEMBIC = threading.Lock()


def revision(connection: Connection) -> str | None:
    """The revision that the database is at, None for one without a schema. Ends the transaction when there is none."""
    try:
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (OperationalError, ProgrammingError) as error:
        if is_missing_table(error):
            return None
        raise
    return found


def is_known(found: str) -> bool:
    """Whether this program can read or upgrade a database at that revision."""
    return len(found) == len(NEWEST) and found.isdigit() and found <= NEWEST


def upgrade(connection: Connection, place: str) -> None:
    """Bring the database to NEWEST within the transaction of `connection`; nothing to do when another process did.

    Raises StoreError when there are tables of another program in the way.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_POSTGRESQL_LOCK})"))
    found = _revision_under_lock(connection)
    if found is None:
        _refuse_foreign_tables(connection, place)
        _create(connection)
    elif found != NEWEST:
        migrate(connection)


def _revision_under_lock(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(_VERSION.select()).scalar()


def _create(connection: Connection) -> None:
    metadata.create_all(connection)
    close_events(connection)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert().values(version_num=NEWEST))


def migrate(connection: Connection) -> None:
    """Take each step from the revision of the database, or from nothing, to NEWEST."""
    # Alembic takes 0.2 s to import: only for databases that need it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    with _ALEMBIC:
        command.upgrade(config, "head")


def _refuse_foreign_tables(connection: Connection, place: str) -> None:
    if taken := sorted(metadata.tables.keys() & set(inspect(connection).get_table_names())):
        raise StoreError(
            f"The database {place} belongs to another program: it has tables named {', '.join(taken)}. "
            "Name an empty or a new database."
        )
