"""How tracked findings move: gone, there again, under a new name, or as far as their change sets got. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from bot.pipeline.coverage import Coverage
from bot.pipeline.follow import SETTLED
from bot.policy.accept import ACCEPTED_BY, Judged
from state.model import (
    Dependency,
    Finding,
    FindingState,
    FindingTransition,
    RemediationState,
    TrackedFinding,
    TrackedRemediation,
)

NO_CHANGE = "no change is planned for it any more"


NO_NEWER = "no newer release of {package} is to be taken any more: by the policy, or as it was withdrawn"
NOT_ACCEPTED = "the policy does not accept it any more"


def accepted(
    known: Iterable[TrackedFinding], judged: Judged, present: Collection[str]
) -> tuple[FindingTransition, ...]:
    """What the policy's exceptions say of the findings that are there, and what their end does."""
    transitions: list[FindingTransition] = []
    for tracked in known:
        key, state = tracked.finding.key, tracked.state
        reason = judged.accepted.get(key)
        if key not in present:
            continue
        if reason is not None and (state, tracked.reason) != (FindingState.ACCEPTED, reason.words):
            transitions.append(FindingTransition(key, FindingState.ACCEPTED, reason.words))
        elif reason is None and state is FindingState.ACCEPTED and tracked.reason.startswith(ACCEPTED_BY):
            transitions.append(FindingTransition(key, FindingState.OPEN, judged.ended.get(key, NOT_ACCEPTED)))
    return tuple(transitions)


def by_any_name(findings: Iterable[Finding]) -> Mapping[str, Finding]:
    """Findings by every key that they may be tracked under: an advisory that gets its CVE later is the same one."""
    found = tuple(findings)
    names = {f"{f.ecosystem}:{f.package}:{name}": f for f in found for a in f.advisories for name in sorted(a.names)}
    return {**names, **{f.key: f for f in found}}


def seen(
    findings: Iterable[Finding],
    known: Iterable[TrackedFinding],
    dependencies: Iterable[Dependency],
    coverage: Coverage,
    head: str,
) -> tuple[FindingTransition, ...]:
    """What a scan says of findings that were known and are not there any more, or are there again."""
    present = by_any_name(findings)
    standing_versions = {(d.ecosystem, d.package, d.version) for d in dependencies}
    known = tuple(known)
    keys = {tracked.finding.key for tracked in known}
    transitions: list[FindingTransition] = []
    for tracked in known:
        key = tracked.finding.key
        if key in present and present[key].key != key:
            if tracked.state not in SETTLED:
                transitions += _renamed(tracked, present[key], present[key].key in keys)
        elif key in present:
            if tracked.state in SETTLED:
                transitions.append(FindingTransition(key, FindingState.OPEN, f"seen again at {head[:12]}"))
        elif coverage.judges([key]) and tracked.state not in SETTLED:
            transitions.append(_gone(tracked, standing_versions, head))
    return tuple(transitions)


def withdrawn(known: Iterable[TrackedFinding], moves: Iterable[FindingTransition]) -> Mapping[str, str]:
    """Why findings are there no more though nothing has moved, by their key; `moves` are those of this scan."""
    before = {t.finding.key: t.reason for t in known if t.state is FindingState.WITHDRAWN}
    return before | {move.key: move.reason for move in moves if move.after is FindingState.WITHDRAWN}


def clocks(findings: Iterable[Finding], known: Iterable[TrackedFinding]) -> Mapping[str, datetime]:
    """Since when findings are there that were tracked under another name: a new name does not reset the clock."""
    present = by_any_name(findings)
    since: dict[str, datetime] = {}
    for tracked in known:
        finding = present.get(tracked.finding.key)
        if finding is not None and finding.key != tracked.finding.key and tracked.state not in SETTLED:
            since[finding.key] = min(tracked.first_seen, since.get(finding.key, tracked.first_seen))
    return since


def _renamed(tracked: TrackedFinding, finding: Finding, known: bool) -> Iterable[FindingTransition]:
    if not known:
        yield FindingTransition(finding.key, tracked.state, tracked.reason)
    yield FindingTransition(tracked.finding.key, FindingState.WITHDRAWN, f"goes by {finding.cluster} now")


def _gone(
    tracked: TrackedFinding, standing_versions: Collection[tuple[str, str, str | None]], head: str
) -> FindingTransition:
    finding = tracked.finding
    unmoved = all((finding.ecosystem, finding.package, o.version) in standing_versions for o in finding.occurrences)
    if unmoved:
        named = f"no advisory names {finding.package} at this version any more"
        reason = named if finding.advisories else NO_NEWER.format(package=finding.package)
        return FindingTransition(finding.key, FindingState.WITHDRAWN, reason)
    return FindingTransition(finding.key, FindingState.RESOLVED, f"not there at {head[:12]}")


# What a remediation's state means for the findings that it fixes.
FINDING_STATE: Mapping[RemediationState, FindingState] = {
    RemediationState.PROPOSED: FindingState.PLANNED,
    RemediationState.PROVEN: FindingState.PLANNED,
    RemediationState.MR_OPEN: FindingState.IN_REVIEW,
    RemediationState.MERGED: FindingState.MERGED_UNVERIFIED,
    RemediationState.BLOCKED: FindingState.OPEN,
    RemediationState.FAILED: FindingState.OPEN,
    RemediationState.REJECTED: FindingState.OPEN,
}
PROGRESS = (FindingState.OPEN, FindingState.PLANNED, FindingState.IN_REVIEW, FindingState.MERGED_UNVERIFIED)


def progress(
    known: Iterable[TrackedFinding], remediations: Iterable[TrackedRemediation], present: Collection[str]
) -> tuple[FindingTransition, ...]:
    """What the remediations say of the findings that are there; nothing of one that stands so already.

    A finding may be in several, as a minor and a major update: the one that got furthest speaks for it.
    """
    said: dict[str, FindingTransition] = {}
    for tracked in remediations:
        if (after := FINDING_STATE.get(tracked.state)) is None:
            continue
        for key in tracked.remediation.findings:
            if key not in said or PROGRESS.index(after) > PROGRESS.index(said[key].after):
                said[key] = FindingTransition(key, after, tracked.reason or tracked.remediation.title)
    transitions: list[FindingTransition] = []
    for finding in known:
        key, state = finding.finding.key, finding.state
        if key not in present or state not in PROGRESS:
            continue
        untold = FindingTransition(key, FindingState.OPEN, finding.reason if state is FindingState.OPEN else NO_CHANGE)
        news = said.get(key, untold)
        if (news.after, news.reason) != (state, finding.reason):
            transitions.append(news)
    return tuple(transitions)
