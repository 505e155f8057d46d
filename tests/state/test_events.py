"""The history: newest first, per project, and closed to any change, even by hand."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from state.database import Database
from state.model import RemediationState
from state.store import Store
from tests.state.samples import EMPTY_PROJECT, LATER, NOW, PLANNED

STATES = [RemediationState.PROVEN, RemediationState.MR_OPEN, RemediationState.MERGED, RemediationState.CONFIRMED]


@pytest.fixture(autouse=True)
def _history(store: Store) -> None:
    store.save_remediation(7, PLANNED)
    for number, state in enumerate(STATES):
        store.save_remediation(7, replace(PLANNED, state=state, reason=f"step {number}", updated_at=LATER))


def test_is_told_newest_first(store: Store) -> None:
    assert [event.after for event in store.events(7)] == ["confirmed", "merged", "mr_open", "proven", "proposed"]


def test_is_cut_at_the_limit(store: Store) -> None:
    assert [event.after for event in store.events(7, limit=2)] == ["confirmed", "merged"]


def test_is_of_one_project(store: Store) -> None:
    store.save_projects([EMPTY_PROJECT], NOW)
    assert store.events(8) == ()


@pytest.mark.parametrize("statement", ["UPDATE events SET reason = 'none'", "DELETE FROM events"])
def test_cannot_be_changed(url: str, store: Store, statement: str) -> None:
    before = store.events(7)
    refused = pytest.raises(DBAPIError, match="events are append-only")
    with closing(Database.open(url, busy_timeout=1)) as database, refused, database.writing() as connection:
        connection.execute(text(statement))
    assert store.events(7) == before
