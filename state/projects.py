"""Projects as discovery last saw them, and the lock that orders all writes about one project."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from state.errors import StoreError
from state.model import Project
from state.rows import Shape, upsert
from state.tables import projects

_PROJECT = Shape(Project, projects)


def save(connection: Connection, found: Iterable[Project], now: datetime) -> None:
    """Insert or overwrite `found`, as seen at `now`."""
    rows = [_PROJECT.row(project) | {"seen_at": now} for project in sorted(found, key=lambda project: project.id)]
    upsert(connection, projects, rows)


def read(connection: Connection) -> tuple[Project, ...]:
    """Every project ever saved, by path."""
    rows = connection.execute(select(*_PROJECT.columns).order_by(projects.c.path, projects.c.id))
    return tuple(_PROJECT.noun(row) for row in rows)


def find(connection: Connection, ref: str | int) -> Project | None:
    """By id, numeric string or full path. A path that was reused is the project that was seen there last."""
    by_id = isinstance(ref, int) or (ref.isascii() and ref.isdigit())
    wanted = projects.c.id == int(ref) if by_id else projects.c.path == ref
    query = select(*_PROJECT.columns).where(wanted).order_by(projects.c.seen_at.desc(), projects.c.id.desc())
    row = connection.execute(query.limit(1)).first()
    return None if row is None else _PROJECT.noun(row)


def lock(connection: Connection, project_id: int) -> None:
    """Let no other transaction write about this project until this one ends. StoreError when it is not there."""
    query = select(projects.c.id).where(projects.c.id == project_id).with_for_update(key_share=True)
    if connection.execute(query).first() is None:
        raise StoreError(f"Project {project_id} is not in the database. Save the project before what is known of it.")
