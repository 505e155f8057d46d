"""Remediations and their proofs: links, changes, and one event per change of state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state.errors import StoreError
from state.model import Event, TrackedRemediation
from state.store import Store
from tests.state.samples import ELSEWHERE, EMPTY_PROJECT, LATER, NOW, PLANNED, PROOF, REMEDIATION, TRACKED

KEY = REMEDIATION.key


@pytest.mark.parametrize("tracked", [TRACKED, PLANNED], ids=["every field", "no field beyond the plan"])
def test_come_back_whole(store: Store, tracked: TrackedRemediation) -> None:
    store.save_remediation(7, tracked)
    assert store.remediations(7) == (tracked,)


def test_saving_again_overwrites_changes_and_links(store: Store) -> None:
    store.save_remediation(7, TRACKED)
    newer = replace(
        TRACKED, remediation=replace(REMEDIATION, title="Update requests to 2.33.0", changes=REMEDIATION.changes[1:])
    )
    store.save_remediation(7, newer)
    store.save_remediation(7, replace(newer, issue=None, issue_url=None))
    assert store.remediations(7) == (replace(newer, issue=None, issue_url=None),)


def test_saving_notes_only_a_new_state(store: Store) -> None:
    store.save_remediation(7, PLANNED)
    store.save_remediation(7, replace(PLANNED, reason="still", updated_at=LATER))
    store.save_remediation(7, replace(TRACKED, updated_at=LATER))
    subject = f"remediation:{KEY}"
    assert store.events(7) == (
        Event(7, LATER, subject, "proposed", "mr_open", "opened !3"),
        Event(7, NOW, subject, "", "proposed", "a fix is out"),
    )


def test_each_project_has_its_own(store: Store) -> None:
    store.save_projects([EMPTY_PROJECT], NOW)
    second = replace(TRACKED, remediation=replace(REMEDIATION, key="outdated/npm/x"))
    for project, tracked in [(7, TRACKED), (8, PLANNED), (7, second)]:
        store.save_remediation(project, tracked)
    assert store.all_remediations() == {7: (second, TRACKED), 8: (PLANNED,)}
    assert store.remediations(8) == (PLANNED,)


def test_there_are_none_at_first(store: Store) -> None:
    assert store.remediations(7) == ()
    assert store.all_remediations() == {}
    assert store.proof(7, KEY) is None


def test_the_newest_proof_is_the_one_saved_last(store: Store) -> None:
    store.save_proof(7, KEY, replace(PROOF, tree="0" * 40), LATER)
    store.save_proof(7, KEY, PROOF, NOW)
    store.save_proof(7, "outdated/npm/x", replace(PROOF, tree="1" * 40), NOW)
    assert store.proof(7, KEY) == PROOF
    assert store.counts()["proofs"] == 3


def test_times_come_back_in_utc(store: Store) -> None:
    store.save_remediation(7, replace(TRACKED, updated_at=ELSEWHERE))
    store.save_proof(7, KEY, replace(PROOF, snapshot=replace(PROOF.snapshot, as_of=ELSEWHERE)), NOW)
    proof = store.proof(7, KEY)
    assert proof is not None
    for time in (store.remediations(7)[0].updated_at, store.events(7)[0].at, proof.snapshot.as_of):
        assert (time, time.tzname()) == (NOW, "UTC")


@pytest.mark.parametrize("write", ["remediation", "proof"])
def test_a_project_that_was_never_saved_is_refused(store: Store, write: str) -> None:
    writes = {
        "remediation": lambda: store.save_remediation(99, TRACKED),
        "proof": lambda: store.save_proof(99, KEY, PROOF, NOW),
    }
    with pytest.raises(StoreError, match="Project 99 is not in the database"):
        writes[write]()
