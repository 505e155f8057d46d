"""How tracked findings move with the scans and with their change sets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.pipeline import progress
from bot.pipeline.coverage import Coverage
from state.model import FindingState, RemediationState, TrackedFinding
from tests.bot.pipeline.builders import NOW, advisory, dependency, finding, remediation, tracked

HEAD = "d" * 40
KEY = "PyPI:acme:CVE-2026-1"
WHOLE = Coverage(True, frozenset())


def known_finding(state: FindingState) -> TrackedFinding:
    return TrackedFinding(finding(), state, NOW, NOW, 0)


@pytest.mark.parametrize(
    ("state", "found", "stands", "whole", "after"),
    [
        pytest.param(FindingState.OPEN, False, False, True, FindingState.RESOLVED, id="gone"),
        pytest.param(FindingState.OPEN, False, True, True, FindingState.WITHDRAWN, id="the advisory is gone"),
        pytest.param(FindingState.OPEN, False, False, False, None, id="an outage is no answer"),
        pytest.param(FindingState.RESOLVED, True, True, True, FindingState.OPEN, id="a regression"),
        pytest.param(FindingState.IN_REVIEW, True, True, True, None, id="still there"),
        pytest.param(FindingState.RESOLVED, False, False, True, None, id="resolved stays"),
    ],
)
def test_findings_after_a_scan(
    state: FindingState, found: bool, stands: bool, whole: bool, after: FindingState | None
) -> None:
    there = (finding(),) if found else ()
    inventory = (dependency(version="1.0" if stands else "1.5"),)
    moved = progress.seen(there, (known_finding(state),), inventory, Coverage(whole, frozenset()), HEAD)
    assert [t.after for t in moved] == ([] if after is None else [after])


@pytest.mark.parametrize(
    ("before", "remediations", "after"),
    [
        pytest.param(FindingState.OPEN, [RemediationState.MR_OPEN], FindingState.IN_REVIEW, id="in review"),
        pytest.param(FindingState.IN_REVIEW, [RemediationState.MR_OPEN], None, id="stands so already"),
        pytest.param(
            FindingState.OPEN, [RemediationState.MR_OPEN, RemediationState.REJECTED], FindingState.IN_REVIEW, id="one"
        ),
        pytest.param(
            FindingState.OPEN, [RemediationState.REJECTED, RemediationState.MR_OPEN], FindingState.IN_REVIEW, id="other"
        ),
        pytest.param(FindingState.IN_REVIEW, [RemediationState.CONFIRMED], FindingState.OPEN, id="none speaks for it"),
        pytest.param(FindingState.OPEN, [], None, id="none ever did"),
        pytest.param(FindingState.ACCEPTED, [RemediationState.MR_OPEN], None, id="accepted stays"),
    ],
)
def test_a_finding_goes_as_far_as_its_remediations(
    before: FindingState, remediations: list[RemediationState], after: FindingState | None
) -> None:
    title = remediation().title
    known = replace(known_finding(before), reason="first seen" if before is FindingState.OPEN else title)
    moved = progress.progress((known,), [tracked(state) for state in remediations], {KEY})
    assert [t.after for t in moved] == ([] if after is None else [after])


def test_a_finding_that_gets_another_name_keeps_its_state_and_its_clock() -> None:
    ghsa = "GHSA-aaaa-bbbb-cccc"
    before = replace(known_finding(FindingState.IN_REVIEW), finding=finding(ghsa), first_seen=NOW - timedelta(days=9))
    named = replace(advisory(ghsa), aliases=("CVE-2026-1",))
    now = replace(finding("CVE-2026-1"), advisories=(named,))
    moved = {t.key: t.after for t in progress.seen((now,), (before,), (dependency(),), WHOLE, HEAD)}
    assert moved == {now.key: FindingState.IN_REVIEW, before.finding.key: FindingState.WITHDRAWN}
    assert progress.clocks((now,), (before,)) == {now.key: before.first_seen}
    settled = replace(before, state=FindingState.WITHDRAWN)
    assert progress.seen((now,), (settled,), (dependency(),), WHOLE, HEAD) == ()
