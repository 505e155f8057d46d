"""Closes the event table to change: the database itself refuses to update or delete a row of the history."""

from __future__ import annotations

from sqlalchemy import Connection

_SQLITE = """
CREATE TRIGGER events_no_{verb} BEFORE {verb} ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
"""
_POSTGRESQL = (
    """
CREATE FUNCTION refuse_to_change_events() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$
""",
    """
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_events()
""",
)


def close_events(connection: Connection) -> None:
    """Make the triggers that refuse."""
    on_sqlite = tuple(_SQLITE.format(verb=verb) for verb in ("UPDATE", "DELETE"))
    statements = _POSTGRESQL if connection.dialect.name == "postgresql" else on_sqlite
    for statement in statements:
        connection.exec_driver_sql(statement)
