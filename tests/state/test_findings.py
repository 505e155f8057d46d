"""Moving findings: one event per change of state, and a clock that never resets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state.errors import StoreError
from state.model import Event, FindingState, FindingTransition
from state.store import Store
from tests.state.samples import LATER, NOW, OUTDATED, SCAN, VULNERABLE

KEY = VULNERABLE.key


@pytest.fixture(autouse=True)
def _seen(store: Store) -> None:
    store.record_scan(SCAN, [], [VULNERABLE, OUTDATED], [])


def _to(after: FindingState, reason: str = "because", key: str = KEY) -> FindingTransition:
    return FindingTransition(key, after, reason)


def test_a_move_changes_the_row_and_adds_an_event(store: Store) -> None:
    store.move_findings(7, [_to(FindingState.IN_REVIEW, "opened !3")], LATER)
    moved, untouched = store.findings(7)
    assert (moved.state, moved.reason, moved.first_seen, moved.last_seen) == (
        FindingState.IN_REVIEW,
        "opened !3",
        NOW,
        NOW,
    )
    assert untouched.state is FindingState.OPEN
    assert store.events(7, limit=1) == (Event(7, LATER, f"finding:{KEY}", "open", "in_review", "opened !3"),)


def test_a_move_to_the_state_that_holds_changes_the_reason_only(store: Store) -> None:
    before = store.events(7)
    store.move_findings(7, [_to(FindingState.OPEN, "the fix is 1 day old; the cooldown is 3 days")], LATER)
    assert store.findings(7)[0].reason == "the fix is 1 day old; the cooldown is 3 days"
    assert store.events(7) == before


def test_several_moves_of_one_finding_are_told_in_order(store: Store) -> None:
    store.move_findings(7, [_to(FindingState.PLANNED), _to(FindingState.IN_REVIEW), _to(FindingState.IN_REVIEW)], LATER)
    assert store.findings(7)[0].state is FindingState.IN_REVIEW
    assert [(event.before, event.after) for event in store.events(7, limit=2)] == [
        ("planned", "in_review"),
        ("open", "planned"),
    ]


def test_reopening_what_was_resolved_counts_as_a_regression(store: Store) -> None:
    for number, after in enumerate([FindingState.RESOLVED, FindingState.OPEN] * 2):
        store.move_findings(7, [_to(after)], LATER)
        assert store.findings(7)[0].regressions == (number + 1) // 2
    assert store.findings(7)[0].first_seen == NOW


@pytest.mark.parametrize("state", [FindingState.ACCEPTED, FindingState.IN_REVIEW, FindingState.MERGED_UNVERIFIED])
def test_reopening_anything_else_does_not(store: Store, state: FindingState) -> None:
    store.move_findings(7, [_to(state), _to(FindingState.OPEN)], LATER)
    assert store.findings(7)[0].regressions == 0


def test_a_regression_seen_by_a_scan_counts_too(store: Store) -> None:
    store.move_findings(7, [_to(FindingState.RESOLVED)], NOW)
    store.record_scan(replace(SCAN, at=LATER), [], [VULNERABLE], [_to(FindingState.OPEN, "seen again")])
    found = store.findings(7)[0]
    assert (found.state, found.regressions, found.first_seen, found.last_seen) == (FindingState.OPEN, 1, NOW, LATER)


def test_an_unknown_key_moves_nothing(store: Store) -> None:
    before = store.findings(7), store.events(7)
    with pytest.raises(StoreError, match="npm:other:outdated cannot become planned"):
        store.move_findings(7, [_to(FindingState.PLANNED), _to(FindingState.PLANNED, key="npm:other:outdated")], LATER)
    assert (store.findings(7), store.events(7)) == before


def test_no_moves_are_no_change(store: Store) -> None:
    before = store.findings(7), store.events(7)
    store.move_findings(7, [], LATER)
    assert (store.findings(7), store.events(7)) == before


def test_findings_of_the_fleet_share_one_copy_of_an_advisory(store: Store) -> None:
    alike = replace(VULNERABLE, package="requests-oauthlib")
    store.record_scan(SCAN, [], [alike], [])
    assert store.counts()["cited_advisories"] == len(VULNERABLE.advisories)
    assert [found.finding for found in store.all_findings()[7]] == [alike, VULNERABLE, OUTDATED]


def test_a_finding_that_is_new_under_this_key_can_be_older_than_its_scan(store: Store) -> None:
    renamed = replace(VULNERABLE, cluster="CVE-2026-99")
    scan = replace(SCAN, at=LATER)
    store.record_scan(scan, [], [renamed, VULNERABLE], [], {renamed.key: NOW, VULNERABLE.key: LATER})
    known = {tracked.finding.key: tracked.first_seen for tracked in store.findings(7)}
    assert (known[renamed.key], known[VULNERABLE.key]) == (NOW, NOW)
