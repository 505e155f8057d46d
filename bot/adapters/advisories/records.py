"""How OSV records stand in the store: as they came, found by package; a broken one as a note of what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from bot.osv import record
from bot.osv.record import RecordError
from state.model import Advisory, AdvisoryRecord

Package = tuple[str, str]
"""(ecosystem, normalised package)."""

ANY_PACKAGE = "*"
"""Stands for the package of a record that does not tell which one it is about."""

NEVER = datetime.fromtimestamp(0, UTC)

_BROKEN = "broken"


def indexed(raw: bytes, name: str, otherwise: tuple[Package, ...], modified: datetime | None = None) -> AdvisoryRecord:
    """A record as the store takes it. `name` is what its source calls it; `modified` outranks its own word.

    A broken one becomes a note under `name`, so that everyone whom it may concern is told: whoever uses
    its packages or, where it names none, the packages in `otherwise`.
    """
    try:
        own, said, packages = record.identity(record.load(raw, name))
        return AdvisoryRecord(own, modified or said, packages, raw)
    except RecordError as error:
        note = json.dumps({"id": name, _BROKEN: str(error)}).encode()
        return AdvisoryRecord(name, modified or NEVER, error.packages or otherwise, note)


def read(raw: Iterable[bytes]) -> tuple[tuple[Advisory, ...], tuple[str, ...]]:
    """Stored records as advisories in force, by id, the newest of each; and what is wrong with the broken ones."""
    newest: dict[str, Advisory] = {}
    problems = []
    for outcome in _outcomes(raw):
        if isinstance(outcome, str):
            problems.append(outcome)
        elif outcome.id not in newest or newest[outcome.id].modified < outcome.modified:
            newest[outcome.id] = outcome
    return tuple(newest[id_] for id_ in sorted(newest) if not newest[id_].withdrawn), tuple(problems)


def _outcomes(raw: Iterable[bytes]) -> Iterator[Advisory | str]:
    for each in raw:
        try:
            loaded = record.load(each, "in the store")
            yield str(loaded[_BROKEN]) if _BROKEN in loaded else record.advisory(loaded)
        except RecordError as error:
            yield str(error)
