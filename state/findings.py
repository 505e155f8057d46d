"""Findings with their occurrences and their clock."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from state import citations, events
from state.model import Finding, FindingState, FindingTransition, Occurrence, TrackedFinding
from state.rows import Shape, batches, of_project, upsert
from state.tables import findings, occurrences
from state.transitions import Step, steps

_FINDING = Shape(Finding, findings, without=("advisories", "occurrences"))
_HISTORY = Shape(TrackedFinding, findings, without=("finding",))
_OCCURRENCE = Shape(Occurrence, occurrences)

# Set when a finding is new, and from then on only by transitions; `first_seen` never changes.
_SET_ONCE = frozenset({"state", "first_seen", "regressions", "reason"})


def record(
    connection: Connection,
    project_id: int,
    seen: Sequence[Finding],
    transitions: Sequence[FindingTransition],
    at: datetime,
    since: Mapping[str, datetime],
) -> None:
    """Store what a scan saw at `at`, then move what its transitions say. What is new and not moved becomes open.

    The clock of what is new starts at `since` by its key, else at `at`.
    """
    before = _states(connection, project_id)
    _save(connection, project_id, seen, at, since)
    moving = {transition.key for transition in transitions}
    new = [finding.key for finding in seen if finding.key not in before]
    opened = [FindingTransition(key, FindingState.OPEN, "first seen") for key in new if key not in moving]
    _move(connection, project_id, steps(before | dict.fromkeys(new), [*opened, *transitions]), at)


def move(connection: Connection, project_id: int, transitions: Iterable[FindingTransition], now: datetime) -> None:
    """Move findings that are there. Raises StoreError for one that is not."""
    _move(connection, project_id, steps(_states(connection, project_id), transitions), now)


def read(connection: Connection, project_id: int | None = None) -> dict[int, tuple[TrackedFinding, ...]]:
    """The findings of one project, or of all, by project; each project's by key."""
    query = select(findings.c.project_id, findings.c.key, findings.c.advisories, *_HISTORY.columns, *_FINDING.columns)
    query = query.where(of_project(findings, project_id))
    rows = connection.execute(query.order_by(findings.c.project_id, findings.c.key)).all()
    places = _occurrences(connection, project_id)
    cited = citations.load(connection, (digest for row in rows for digest in row.advisories))
    found = defaultdict(list)
    for owner, key, digests, *values in rows:
        finding = _FINDING.noun(
            values[len(_HISTORY.columns) :],
            advisories=tuple(cited[digest] for digest in digests),
            occurrences=tuple(places[owner, key]),
        )
        found[owner].append(_HISTORY.noun(values, finding=finding))
    return {owner: tuple(tracked) for owner, tracked in found.items()}


def _states(connection: Connection, project_id: int) -> dict[str, FindingState | None]:
    query = select(findings.c.key, findings.c.state).where(findings.c.project_id == project_id)
    return dict(connection.execute(query).all())


def _save(
    connection: Connection, project_id: int, seen: Sequence[Finding], at: datetime, since: Mapping[str, datetime]
) -> None:
    digests = citations.save(connection, (advisory for finding in seen for advisory in finding.advisories))
    new = {"state": FindingState.OPEN, "regressions": 0, "reason": ""}
    rows = [
        _FINDING.row(finding)
        | new
        | {
            "project_id": project_id,
            "key": finding.key,
            "advisories": tuple(digests[advisory] for advisory in finding.advisories),
            "first_seen": since.get(finding.key, at),
            "last_seen": at,
        }
        for finding in seen
    ]
    upsert(connection, findings, rows, keep=_SET_ONCE)
    _save_occurrences(connection, project_id, seen)


def _save_occurrences(connection: Connection, project_id: int, seen: Sequence[Finding]) -> None:
    mine = occurrences.c.project_id == project_id
    for batch in batches(finding.key for finding in seen):
        connection.execute(delete(occurrences).where(mine, occurrences.c.finding.in_(batch)))
    rows = [
        {"project_id": project_id, "finding": finding.key, "position": n} | _OCCURRENCE.row(occurrence)
        for finding in seen
        for n, occurrence in enumerate(finding.occurrences)
    ]
    if rows:
        connection.execute(insert(occurrences), rows)


def _move(connection: Connection, project_id: int, taken: Sequence[Step], at: datetime) -> None:
    events.append(connection, project_id, at, "finding", taken)
    reopened = Counter(
        step.key for step in taken if (step.before, step.after) == (FindingState.RESOLVED, FindingState.OPEN)
    )
    last = {step.key: step for step in taken}
    rows = [
        {"moved_key": key, "moved_to": step.after, "because": step.reason, "again": reopened[key]}
        for key, step in last.items()
    ]
    if rows:
        connection.execute(_MOVE.where(findings.c.project_id == project_id), rows)


_MOVE = (
    update(findings)
    .where(findings.c.key == bindparam("moved_key"))
    .values(
        state=bindparam("moved_to"),
        reason=bindparam("because"),
        regressions=findings.c.regressions + bindparam("again"),
    )
)


def _occurrences(connection: Connection, project_id: int | None) -> defaultdict[tuple[int, str], list[Occurrence]]:
    key = (occurrences.c.project_id, occurrences.c.finding)
    query = (
        select(*key, *_OCCURRENCE.columns)
        .where(of_project(occurrences, project_id))
        .order_by(*key, occurrences.c.position)
    )
    found = defaultdict(list)
    for owner, finding, *values in connection.execute(query):
        found[owner, finding].append(_OCCURRENCE.noun(values))
    return found
