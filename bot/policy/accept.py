"""Which findings a policy accepts, and which of their places are left to act on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from bot.policy import patterns
from bot.policy.model import Ignore, Policy
from state.model import Finding, Obstacle, Occurrence, Reason, Rejected

ACCEPTED_BY = "accepted by the policy"


@dataclass(frozen=True, slots=True)
class Judged:
    """`active` are findings with the places that no exception covers; `accepted` those covered everywhere, by key."""

    active: tuple[Finding, ...]
    accepted: Mapping[str, Reason]
    rejected: tuple[Rejected, ...]


def judge(findings: Sequence[Finding], policy: Policy, now: datetime) -> Judged:
    """Sort out what the exceptions cover, as long as they hold."""
    holding = [entry for entry in policy.ignore if entry.until is None or now.astimezone(UTC).date() <= entry.until]
    active: list[Finding] = []
    accepted: dict[str, Reason] = {}
    rejected: list[Rejected] = []
    for finding in findings:
        covered = {o: entry for o in finding.occurrences if (entry := _first(holding, finding, o)) is not None}
        reasons = tuple(dict.fromkeys(map(_reason, covered.values())))
        rejected.extend(Rejected(finding.key, reason) for reason in reasons)
        left = tuple(o for o in finding.occurrences if o not in covered)
        if left:
            active.append(replace(finding, occurrences=left) if covered else finding)
        else:
            accepted[finding.key] = reasons[0]
    return Judged(tuple(active), accepted, tuple(rejected))


def _first(entries: Sequence[Ignore], finding: Finding, occurrence: Occurrence) -> Ignore | None:
    return next((entry for entry in entries if _covers(entry, finding, occurrence)), None)


def _covers(entry: Ignore, finding: Finding, occurrence: Occurrence) -> bool:
    if entry.package is not None and not patterns.package(entry.package, finding.ecosystem, finding.package):
        return False
    if entry.advisory is not None:
        names = {finding.cluster.upper(), *(n.upper() for a in finding.advisories for n in a.names)}
        if not finding.advisories or entry.advisory.upper() not in names:
            return False
    return entry.path is None or patterns.path(entry.path, occurrence.manifest)


def _reason(entry: Ignore) -> Reason:
    if entry.until is None:
        return Reason(Obstacle.HELD_BY_POLICY, f"{ACCEPTED_BY}: {entry.why}")
    ends = datetime.combine(entry.until + timedelta(days=1), time(), UTC)
    return Reason(Obstacle.HELD_BY_POLICY, f"{ACCEPTED_BY} until {entry.until}: {entry.why}", ends)
