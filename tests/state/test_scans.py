"""Recording a scan: the scan, the inventory, the findings and the transitions, all or nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state.errors import StoreError
from state.model import FindingState, FindingTransition, TrackedFinding
from state.store import Store
from tests.state.samples import DIRECT, EMPTY_PROJECT, LATER, NOW, OUTDATED, SCAN, TRANSITIVE, VULNERABLE


def test_scan_and_inventory_come_back_whole(store: Store) -> None:
    store.record_scan(SCAN, [TRANSITIVE, DIRECT, DIRECT], [], [])
    assert store.last_scan(7) == SCAN
    assert store.dependencies(7) == (TRANSITIVE, DIRECT, DIRECT)


def test_the_next_scan_replaces_them(store: Store) -> None:
    store.record_scan(SCAN, [TRANSITIVE, DIRECT], [], [])
    whole = replace(SCAN, at=LATER, complete=True, failed=())
    store.record_scan(whole, [DIRECT], [], [])
    assert store.last_scan(7) == whole
    assert store.dependencies(7) == (DIRECT,)


def test_projects_do_not_mix(store: Store) -> None:
    store.save_projects([EMPTY_PROJECT], NOW)
    other = replace(SCAN, project_id=8)
    store.record_scan(SCAN, [DIRECT], [VULNERABLE], [])
    store.record_scan(other, [TRANSITIVE], [OUTDATED], [])
    assert store.last_scans() == {7: SCAN, 8: other}
    assert store.dependencies(8) == (TRANSITIVE,)
    assert {project: [seen.finding for seen in found] for project, found in store.all_findings().items()} == {
        7: [VULNERABLE],
        8: [OUTDATED],
    }


def test_nothing_is_known_before_the_first(store: Store) -> None:
    assert store.last_scan(7) is None
    assert store.last_scans() == {}
    assert store.dependencies(7) == ()
    assert store.findings(7) == ()
    assert store.all_findings() == {}


def test_a_new_finding_is_open_from_the_time_of_the_scan(store: Store) -> None:
    store.record_scan(SCAN, [], [VULNERABLE, OUTDATED], [])
    assert store.findings(7) == (
        TrackedFinding(VULNERABLE, FindingState.OPEN, NOW, NOW, 0, "first seen"),
        TrackedFinding(OUTDATED, FindingState.OPEN, NOW, NOW, 0, "first seen"),
    )
    assert [(event.subject, event.before, event.after) for event in store.events(7)] == [
        (f"finding:{OUTDATED.key}", "", "open"),
        (f"finding:{VULNERABLE.key}", "", "open"),
    ]


def test_a_new_finding_that_a_transition_names_starts_there(store: Store) -> None:
    store.record_scan(
        SCAN, [], [VULNERABLE], [FindingTransition(VULNERABLE.key, FindingState.ACCEPTED, "until 2027-01-01")]
    )
    (found,) = store.findings(7)
    assert (found.state, found.reason) == (FindingState.ACCEPTED, "until 2027-01-01")
    assert [(event.before, event.after, event.reason) for event in store.events(7)] == [
        ("", "accepted", "until 2027-01-01")
    ]


def test_seen_again_only_the_finding_and_last_seen_change(store: Store) -> None:
    planned = FindingTransition(VULNERABLE.key, FindingState.PLANNED, "2.32.0 fixes it")
    store.record_scan(SCAN, [], [VULNERABLE], [planned])
    moved = replace(VULNERABLE, advisories=VULNERABLE.advisories[:1], occurrences=VULNERABLE.occurrences[1:])
    store.record_scan(replace(SCAN, at=LATER), [], [moved], [])
    assert store.findings(7) == (TrackedFinding(moved, FindingState.PLANNED, NOW, LATER, 0, "2.32.0 fixes it"),)
    assert len(store.events(7)) == 1


def test_not_seen_a_finding_stays_as_it_was(store: Store) -> None:
    store.record_scan(SCAN, [], [VULNERABLE], [])
    store.record_scan(replace(SCAN, at=LATER), [], [], [])
    assert store.findings(7) == (TrackedFinding(VULNERABLE, FindingState.OPEN, NOW, NOW, 0, "first seen"),)


def test_many_findings_at_once(store: Store) -> None:
    many = [replace(VULNERABLE, package=f"package-{number:04}") for number in range(1_200)]
    store.record_scan(SCAN, [DIRECT] * 3_000, many, [])
    store.record_scan(replace(SCAN, at=LATER), [DIRECT] * 3_000, many, [])
    assert [found.finding for found in store.findings(7)] == many
    assert store.counts()["cited_advisories"] == 2


def test_a_failure_midway_leaves_nothing(store: Store) -> None:
    before = store.counts()
    with pytest.raises(StoreError, match="npm:gone:outdated cannot become resolved: the database does not have it"):
        store.record_scan(
            SCAN,
            [DIRECT],
            [VULNERABLE],
            [FindingTransition("npm:gone:outdated", FindingState.RESOLVED, "proven")],
        )
    assert store.counts() == before


def test_a_project_that_was_never_saved_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match=r"Project 99 is not in the database\. Save the project"):
        store.record_scan(replace(SCAN, project_id=99), [], [], [])
