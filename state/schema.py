"""Brings a database to the newest schema. Forward only: an older program refuses a newer database."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from state.errors import StoreError
from state.faults import is_missing_table
from state.tables import metadata

NEWEST = "0001"
_MIGRATIONS = Path(__file__).with_name("migrations")
_POSTGRESQL_LOCK = 7463129  # any number that nobody else locks in this database

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
    # Alembic takes 0.2 s to import: only for databases that need it.
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext

    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_POSTGRESQL_LOCK})"))
    if MigrationContext.configure(connection).get_current_revision() is None:
        _refuse_foreign_tables(connection, place)
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
