"""What a finding was rated when it was accepted: the first word stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state.model import Acceptance, Severity
from state.store import Store
from tests.state.samples import EMPTY_PROJECT, LATER, NOW, OUTDATED, SCAN, VULNERABLE

MADE = Acceptance(VULNERABLE.key, "e1", Severity.MEDIUM, NOW)


@pytest.fixture(autouse=True)
def _seen(store: Store) -> None:
    store.save_projects([EMPTY_PROJECT], NOW)
    store.record_scan(SCAN, [], [VULNERABLE, OUTDATED], [])


def test_come_back_whole_and_only_for_their_project(store: Store) -> None:
    store.save_acceptances(7, [MADE])
    assert (store.acceptances(7), store.acceptances(EMPTY_PROJECT.id)) == ((MADE,), ())


def test_the_first_of_a_finding_and_an_exception_stays(store: Store) -> None:
    again = replace(MADE, severity=Severity.CRITICAL, at=LATER)
    other = replace(again, exception="e2")
    store.save_acceptances(7, [MADE])
    store.save_acceptances(7, [other, again])
    assert store.acceptances(7) == (MADE, other)


def test_a_later_scan_keeps_them(store: Store) -> None:
    store.save_acceptances(7, [MADE])
    store.record_scan(replace(SCAN, at=LATER), [], [VULNERABLE], [])
    assert store.acceptances(7) == (MADE,)
