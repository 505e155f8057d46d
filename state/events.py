"""The append-only history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert, select

from state.model import Event
from state.rows import Shape
from state.tables import events
from state.transitions import Step

_EVENT = Shape(Event, events)


def append(connection: Connection, project_id: int, at: datetime, kind: str, steps: Iterable[Step]) -> None:
    """One event for each step that changed a state. `kind` is "finding" or "remediation"."""
    happened = [
        Event(project_id, at, f"{kind}:{step.key}", step.before, step.after.value, step.reason)
        for step in steps
        if step.moved
    ]
    if happened:
        connection.execute(insert(events), [_EVENT.row(event) for event in happened])


def newest(connection: Connection, project_id: int, limit: int) -> tuple[Event, ...]:
    """The last `limit` events of a project, newest first."""
    query = select(*_EVENT.columns).where(events.c.project_id == project_id).order_by(events.c.id.desc()).limit(limit)
    return tuple(_EVENT.noun(row) for row in connection.execute(query))
