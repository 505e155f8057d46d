"""What was observed in GitLab and on the default branch, turned into transitions and things to do. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.pipeline.writing.render import offers
from state.model import (
    FindingState,
    Issue,
    IssueState,
    MergeRequest,
    MergeRequestState,
    Remediation,
    RemediationState,
    TrackedRemediation,
)

# Nothing is in motion any more in these states: only a new plan starts over.
ENDED = frozenset({RemediationState.CONFIRMED, RemediationState.SUPERSEDED})
SETTLED = frozenset({FindingState.RESOLVED, FindingState.WITHDRAWN})
# What was offered before stays open in these states, where there is a merge request.
OPEN = frozenset({RemediationState.MR_OPEN, RemediationState.FAILED, RemediationState.BLOCKED})
# A refusal by resolver or proof holds as long as its inputs do; registries change, so look again after a day.
BLOCKED_RETRY = timedelta(days=1)
# What failed may do the next time: at first soon, then less and less often.
FAILED_RETRY = timedelta(minutes=15)
NOTES_RETRY = timedelta(hours=1)
NOTES_TRIES = 3
RETRY_AT_LEAST = timedelta(days=1)
REOPEN_ONCE = 1


class Action(StrEnum):
    """What a step asks to be done in GitLab."""

    REOPEN_ISSUE = "reopen the issue"
    CLOSE_ISSUE = "close the issue"
    CLOSE_BOTH = "close the merge request and the issue"


# What is to be done about a remediation that is given up because its findings are gone without it.
GIVEN_UP: Mapping[RemediationState, Action] = {
    RemediationState.PROPOSED: Action.CLOSE_BOTH,
    RemediationState.PROVEN: Action.CLOSE_BOTH,
    RemediationState.MR_OPEN: Action.CLOSE_BOTH,
    RemediationState.STALE: Action.CLOSE_BOTH,
    RemediationState.BLOCKED: Action.CLOSE_BOTH,
    RemediationState.FAILED: Action.CLOSE_BOTH,
    RemediationState.REJECTED: Action.CLOSE_ISSUE,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A remediation as it stands after what was seen, and what is to be done about it."""

    tracked: TrackedRemediation
    action: Action | None = None


def observe(tracked: TrackedRemediation, merge_request: MergeRequest | None, now: datetime) -> TrackedRemediation:
    """What its merge request, where it changed, says of a remediation. None: nothing new."""
    if merge_request is None or tracked.state in ENDED:
        return tracked
    name = f"!{merge_request.iid}"
    match tracked.state, merge_request.state:
        case state, MergeRequestState.MERGED if state is not RemediationState.MERGED:
            return _moved(tracked, RemediationState.MERGED, f"{name} was merged", now)
        case RemediationState.MR_OPEN, MergeRequestState.CLOSED if offers(merge_request, tracked.remediation):
            return _moved(tracked, RemediationState.REJECTED, f"{name} was closed without merging", now)
        case RemediationState.MR_OPEN, MergeRequestState.CLOSED:
            # A no to what it offered; what is wanted by now was never offered in it.
            return anew(
                _moved(tracked, RemediationState.PROPOSED, f"{name} was closed; it offered something else", now)
            )
        case RemediationState.FAILED | RemediationState.BLOCKED, MergeRequestState.CLOSED:
            # Whether that is a no to what is wanted by now shows when that is made.
            return replace(tracked, merge_request=None, merge_request_url=None)
        case RemediationState.REJECTED, MergeRequestState.OPENED:
            return _moved(tracked, RemediationState.MR_OPEN, f"{name} was reopened", now)
        case _:
            return tracked


def has_open(tracked: TrackedRemediation) -> bool:
    """Whether a remediation has an open merge request, as far as is known."""
    return tracked.state in OPEN and tracked.merge_request is not None


def without_merge_request(tracked: TrackedRemediation, now: datetime) -> TrackedRemediation:
    """A remediation whose merge request was deleted: nobody said no."""
    reason = f"!{tracked.merge_request} was deleted"
    return anew(_moved(tracked, RemediationState.PROPOSED, reason, now))


def parted(tracked: TrackedRemediation, now: datetime) -> TrackedRemediation:
    """A remediation that is not in its merge request any more; what was offered there only is offered no more."""
    shown = tracked.state is RemediationState.MR_OPEN
    reason = f"it is not in !{tracked.merge_request} any more"
    moved = _moved(tracked, RemediationState.PROPOSED, reason, now) if shown else tracked
    return replace(moved, merge_request=None, merge_request_url=None)


def without_issue(tracked: TrackedRemediation, now: datetime) -> TrackedRemediation:
    """A remediation whose issue was deleted; where it would stand still, it moves, so that the issue is made anew."""
    reason = f"#{tracked.issue} was deleted"
    again = tracked.state in (RemediationState.MR_OPEN, RemediationState.BLOCKED)
    moved = _moved(tracked, RemediationState.PROPOSED, reason, now) if again else tracked
    return replace(moved, issue=None, issue_url=None, issue_closes=0)


def given_up(tracked: TrackedRemediation, present: Collection[str], whole: bool) -> bool:
    """Whether what a remediation is for went away without it, unless its merge request was merged unnoticed."""
    return whole and tracked.state in GIVEN_UP and not _left(tracked, present)


def settle(
    tracked: TrackedRemediation,
    issue: Issue | None,
    present: Collection[str],
    whole: bool,
    head: str,
    now: datetime,
    unwanted: str = "",
    ended: str = "",
) -> Step:
    """Where a remediation stands after a scan of `head`. `present` are the finding keys found there.

    `whole` is whether the scan could judge all of its findings; without that nothing is confirmed or given up.
    `unwanted` is why neither the change nor another in its place is planned any more. `ended` is why its findings are
    not to be acted on, though nothing there has moved.
    """
    left = _left(tracked, present)
    if given_up(tracked, present, whole):
        reason = ended or f"gone from {head[:12]} without this change"
        return Step(_moved(tracked, RemediationState.SUPERSEDED, reason, now), GIVEN_UP[tracked.state])
    if whole and unwanted and tracked.state in OPEN:
        return Step(_moved(tracked, RemediationState.SUPERSEDED, unwanted, now), Action.CLOSE_BOTH)
    match tracked.state:
        case RemediationState.MERGED if not left and whole:
            reason = f"merged, and gone from {head[:12]}"
            return Step(_moved(tracked, RemediationState.CONFIRMED, reason, now), Action.CLOSE_ISSUE)
        case RemediationState.MERGED if left and head != tracked.base:
            reason = f"merged, but still there at {head[:12]}: {', '.join(left)}"
            return Step(anew(_moved(tracked, RemediationState.PROPOSED, reason, now)))
        case _:
            return _closed_by_hand(tracked, issue, left)


def taken_up(remediation: Remediation, tracked: TrackedRemediation | None, now: datetime) -> TrackedRemediation:
    """A planned remediation as it is known: as it stands, anew after its end, or for the first time."""
    if tracked is None:
        return TrackedRemediation(remediation, RemediationState.PROPOSED, "", now)
    return anew(tracked) if tracked.state in ENDED else tracked


def anew(tracked: TrackedRemediation) -> TrackedRemediation:
    """Without what belongs to a round that is over: its merge request, and how often people closed the issue."""
    return replace(tracked, merge_request=None, merge_request_url=None, issue_closes=0)


def _left(tracked: TrackedRemediation, present: Collection[str]) -> list[str]:
    return [key for key in tracked.remediation.findings if key in present]


def _closed_by_hand(tracked: TrackedRemediation, issue: Issue | None, left: Sequence[str]) -> Step:
    closed = issue is not None and issue.state is IssueState.CLOSED
    if not closed or not left or tracked.state in ENDED or tracked.state is RemediationState.MERGED:
        return Step(tracked)
    if tracked.issue_closes >= REOPEN_ONCE:
        return Step(replace(tracked, issue_closes=REOPEN_ONCE + 1))
    return Step(replace(tracked, issue_closes=tracked.issue_closes + 1), Action.REOPEN_ISSUE)


def standing(
    tracked: TrackedRemediation, remediation: Remediation, shown: str, inputs: str | None, now: datetime
) -> bool:
    """Whether nothing needs to be redone: the same offer, made from the same files, stands in GitLab or was refused.

    `shown` is what people are to be shown of it; `inputs` is None when the project's head is the one that the change
    set was made from.
    """
    if tracked.state is RemediationState.MERGED:
        return inputs is None  # what a scan saw before the merge says nothing about it
    if tracked.state is RemediationState.REJECTED:
        return tracked.remediation.changes == remediation.changes
    if tracked.remediation != remediation or (inputs is not None and inputs != tracked.inputs):
        return False
    if tracked.shown != shown:
        return False
    if tracked.state is RemediationState.BLOCKED:
        return now - tracked.updated_at < BLOCKED_RETRY
    if tracked.state is RemediationState.FAILED:
        return tracked.retry_at is not None and now < tracked.retry_at
    return tracked.state is RemediationState.MR_OPEN and (tracked.retry_at is None or now < tracked.retry_at)


def tried(tracked: TrackedRemediation, first: timedelta, now: datetime) -> TrackedRemediation:
    """With one try more, and the time of the next: after `first`, then twice as long each time, a day at most."""
    tries = tracked.tries + 1
    wait = min(first * 2 ** min(tries - 1, 10), RETRY_AT_LEAST)
    return replace(tracked, tries=tries, retry_at=now + wait)


def notes_later(tracked: TrackedRemediation, whole: bool, now: datetime) -> TrackedRemediation:
    """A published remediation that is taken up again where its merge request is not `whole`, a few times."""
    before = tracked if tracked.retry_at is not None else replace(tracked, tries=0)
    if whole or before.tries >= NOTES_TRIES:
        return replace(before, retry_at=None, tries=0 if whole else before.tries)
    return tried(before, NOTES_RETRY, now)


def _moved(tracked: TrackedRemediation, state: RemediationState, reason: str, now: datetime) -> TrackedRemediation:
    return replace(tracked, state=state, reason=reason, updated_at=now)
