"""Which planned change sets have their turn now, and which wait for a window or for the next day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.policy.model import Policy
from state.model import Event, Kind, Remediation, RemediationState, TrackedRemediation

DAY = timedelta(days=1)

# Nothing is opened anew for a change set in these states: it costs neither a window nor a place in the day.
STANDING = frozenset(
    {RemediationState.MR_OPEN, RemediationState.REJECTED, RemediationState.BLOCKED, RemediationState.MERGED}
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change set whose turn has not come, and why."""

    remediation: Remediation
    reason: str


def turns(
    planned: Iterable[Remediation],
    tracked: Mapping[str, TrackedRemediation],
    policy: Policy,
    opened: int,
    now: datetime,
) -> tuple[tuple[Remediation, ...], tuple[Waiting, ...]]:
    """(those to make now, those that wait), in the order of the plan. Fixes never wait; `opened` is `opened_lately`."""
    limit = policy.merge_requests_per_day
    left = None if limit is None else max(0, limit - opened)
    closed = policy.schedule is not None and not policy.schedule.open_at(now)
    go: list[Remediation] = []
    waiting: list[Waiting] = []
    for remediation in planned:
        known = tracked.get(remediation.key)
        if remediation.kind is Kind.VULNERABLE or (known is not None and _costs_nothing(known, now)):
            go.append(remediation)
        elif closed:
            waiting.append(Waiting(remediation, f"outside of its schedule ({policy.schedule})"))
        elif left == 0:
            waiting.append(Waiting(remediation, f"{limit} merge requests were opened within a day, the limit"))
        else:
            left = None if left is None else left - 1
            go.append(remediation)
    return tuple(go), tuple(waiting)


def _costs_nothing(known: TrackedRemediation, now: datetime) -> bool:
    """Whether nothing is opened now: it stands, or it failed and is not tried again yet."""
    rests = known.state is RemediationState.FAILED and known.retry_at is not None and now < known.retry_at
    return rests or known.state in STANDING


def opened_lately(events: Iterable[Event], now: datetime) -> int:
    """How many routine merge requests were opened within the last day, by the history."""
    opened = RemediationState.MR_OPEN.value
    return sum(
        1
        for event in events
        if event.after == opened
        and event.before != opened
        and event.subject.startswith("remediation:")
        and not event.subject.startswith("remediation:vulnerable/")
        and now - event.at < DAY
    )
