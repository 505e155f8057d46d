"""Remediations: change sets with their state and their links into GitLab."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, delete, insert, select

from state import events
from state.model import Change, Remediation, RemediationState, RemediationTransition, TrackedRemediation
from state.rows import Shape, of_project, upsert
from state.tables import changes, remediations
from state.transitions import steps

_REMEDIATION = Shape(Remediation, remediations, without=("changes",))
_TRACKED = Shape(TrackedRemediation, remediations, without=("remediation",))
_CHANGE = Shape(Change, changes)


def save(connection: Connection, project_id: int, tracked: TrackedRemediation) -> None:
    """Insert or overwrite one; the history notes its state when that is new."""
    remediation = tracked.remediation
    states = {remediation.key: None} | _states(connection, project_id)
    taken = steps(states, [RemediationTransition(remediation.key, tracked.state, tracked.reason)])
    row = {"project_id": project_id} | _REMEDIATION.row(remediation) | _TRACKED.row(tracked)
    upsert(connection, remediations, [row])
    _save_changes(connection, project_id, remediation)
    events.append(connection, project_id, tracked.updated_at, "remediation", taken)


def read(connection: Connection, project_id: int | None = None) -> dict[int, tuple[TrackedRemediation, ...]]:
    """The remediations of one project, or of all, by project; each project's by key."""
    query = select(remediations.c.project_id, *_TRACKED.columns, *_REMEDIATION.columns)
    query = query.where(of_project(remediations, project_id)).order_by(remediations.c.project_id, remediations.c.key)
    moved = _changes(connection, project_id)
    found = defaultdict(list)
    for owner, *values in connection.execute(query):
        stored = values[len(_TRACKED.columns) :]
        key = stored[0]
        remediation = _REMEDIATION.noun(stored, changes=tuple(moved[owner, key]))
        found[owner].append(_TRACKED.noun(values, remediation=remediation))
    return {owner: tuple(tracked) for owner, tracked in found.items()}


def _states(connection: Connection, project_id: int) -> dict[str, RemediationState | None]:
    query = select(remediations.c.key, remediations.c.state).where(remediations.c.project_id == project_id)
    return dict(connection.execute(query).all())


def _save_changes(connection: Connection, project_id: int, remediation: Remediation) -> None:
    place = {"project_id": project_id, "remediation": remediation.key}
    connection.execute(delete(changes).filter_by(**place))
    rows = [place | {"position": n} | _CHANGE.row(change) for n, change in enumerate(remediation.changes)]
    if rows:
        connection.execute(insert(changes), rows)


def _changes(connection: Connection, project_id: int | None) -> defaultdict[tuple[int, str], list[Change]]:
    key = (changes.c.project_id, changes.c.remediation)
    query = select(*key, *_CHANGE.columns).where(of_project(changes, project_id)).order_by(*key, changes.c.position)
    found = defaultdict(list)
    for owner, remediation, *values in connection.execute(query):
        found[owner, remediation].append(_CHANGE.noun(values))
    return found
