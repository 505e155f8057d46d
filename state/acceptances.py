"""What findings were rated when an exception of the policy first covered them: inserted once, never changed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from state.model import Acceptance
from state.rows import Shape, upsert
from state.tables import acceptances

_ACCEPTANCE = Shape(Acceptance, acceptances)
_FIRST = frozenset({"severity", "at"})


def save(connection: Connection, project_id: int, made: Iterable[Acceptance]) -> None:
    """Insert what is not there yet; what is there stays as it is."""
    rows = [_ACCEPTANCE.row(each) | {"project_id": project_id} for each in made]
    rows.sort(key=lambda row: (row["finding"], row["exception"]))
    upsert(connection, acceptances, rows, keep=_FIRST)


def read(connection: Connection, project_id: int) -> tuple[Acceptance, ...]:
    """Every acceptance in a project, by finding and exception."""
    query = select(*_ACCEPTANCE.columns).where(acceptances.c.project_id == project_id)
    rows = connection.execute(query.order_by(acceptances.c.finding, acceptances.c.exception))
    return tuple(_ACCEPTANCE.noun(row) for row in rows)
