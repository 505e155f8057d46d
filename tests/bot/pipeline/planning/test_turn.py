"""Whose turn it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.pipeline.planning.turn import opened_lately, turns
from bot.policy.model import Policy
from bot.policy.window import Schedule
from state.model import Event, Kind, RemediationState
from tests.bot.pipeline.builders import NOW, remediation, tracked

FIX = remediation()
ONE, TWO = (remediation(key=f"major/PyPI/{name}", kind=Kind.OUTDATED) for name in ("one", "two"))
CLOSED = Policy(schedule=Schedule(hours="00:00-00:01"))


def waiting(policy: Policy, opened: int = 0, standing: RemediationState | None = None) -> list[str]:
    """The keys of those that wait, when the first update stands in GitLab in this state."""
    known = {} if standing is None else {ONE.key: tracked(standing, remediation=ONE)}
    go, rest = turns((FIX, ONE, TWO), known, policy, opened, NOW)
    assert len(go) + len(rest) == 3
    return [each.remediation.key for each in rest]


@pytest.mark.parametrize(
    ("policy", "opened", "standing", "keys"),
    [
        pytest.param(Policy(), 99, None, [], id="no limits"),
        pytest.param(CLOSED, 0, None, [ONE.key, TWO.key], id="outside of the window"),
        pytest.param(CLOSED, 0, RemediationState.MR_OPEN, [TWO.key], id="what is open is kept up to date"),
        pytest.param(CLOSED, 0, RemediationState.FAILED, [ONE.key, TWO.key], id="what failed is not open"),
        pytest.param(Policy(merge_requests_per_day=1), 0, None, [TWO.key], id="one a day"),
        pytest.param(Policy(merge_requests_per_day=1), 1, None, [ONE.key, TWO.key], id="the day is used up"),
        pytest.param(
            Policy(merge_requests_per_day=1), 0, RemediationState.MR_OPEN, [], id="what is open costs no place"
        ),
        pytest.param(Policy(merge_requests_per_day=0), 0, None, [ONE.key, TWO.key], id="none"),
    ],
)
def test_fixes_never_wait_and_updates_wait_for_their_turn(
    policy: Policy, opened: int, standing: RemediationState | None, keys: list[str]
) -> None:
    assert waiting(policy, opened, standing) == keys


@pytest.mark.parametrize(("minutes", "waits"), [(1, []), (-1, [TWO.key])], ids=["rests", "is tried again"])
def test_what_failed_takes_a_place_when_it_is_tried_again(minutes: int, waits: list[str]) -> None:
    failed = replace(tracked(RemediationState.FAILED, remediation=ONE), retry_at=NOW + timedelta(minutes=minutes))
    _, rest = turns((ONE, TWO), {ONE.key: failed}, Policy(merge_requests_per_day=1), 0, NOW)
    assert [each.remediation.key for each in rest] == waits


def test_a_day_counts_routine_merge_requests_that_were_opened_in_it() -> None:
    def event(subject: str, before: str, after: str, hours: int) -> Event:
        return Event(1, NOW - timedelta(hours=hours), subject, before, after, "")

    history = (
        event("remediation:major/PyPI/one", "proven", "mr_open", 1),
        event("remediation:major/PyPI/two", "proven", "mr_open", 25),
        event("remediation:vulnerable/PyPI/x", "proven", "mr_open", 1),
        event("remediation:major/PyPI/one", "mr_open", "merged", 1),
        event("finding:PyPI:x:outdated", "planned", "mr_open", 1),
    )
    assert opened_lately(history, NOW) == 1
