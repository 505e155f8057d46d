"""The newest scan of each project and the inventory that it found."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from state.model import Dependency, Scan
from state.rows import Shape, upsert
from state.tables import dependencies, scans

_SCAN = Shape(Scan, scans)
_DEPENDENCY = Shape(Dependency, dependencies)


def save(connection: Connection, scan: Scan, inventory: Iterable[Dependency]) -> None:
    """Replace the scan and the inventory of its project."""
    upsert(connection, scans, [_SCAN.row(scan)])
    connection.execute(delete(dependencies).where(dependencies.c.project_id == scan.project_id))
    place = {"project_id": scan.project_id}
    rows = [place | {"position": n} | _DEPENDENCY.row(dependency) for n, dependency in enumerate(inventory)]
    if rows:
        connection.execute(insert(dependencies), rows)


def last(connection: Connection, project_id: int) -> Scan | None:
    """The newest scan of a project."""
    row = connection.execute(select(*_SCAN.columns).where(scans.c.project_id == project_id)).first()
    return None if row is None else _SCAN.noun(row)


def last_of_all(connection: Connection) -> dict[int, Scan]:
    """The newest scan of every project that has one."""
    found = (_SCAN.noun(row) for row in connection.execute(select(*_SCAN.columns)))
    return {scan.project_id: scan for scan in found}


def inventory(connection: Connection, project_id: int) -> tuple[Dependency, ...]:
    """The dependencies that the newest scan found, in its order."""
    query = select(*_DEPENDENCY.columns).where(dependencies.c.project_id == project_id)
    return tuple(_DEPENDENCY.noun(row) for row in connection.execute(query.order_by(dependencies.c.position)))
