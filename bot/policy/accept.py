"""Which findings a policy accepts, and which of their places are left to act on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from bot.policy import patterns
from bot.policy.model import Ignore, Policy
from state.model import Finding, Obstacle, Occurrence, Reason, Rejected, Severity, Threat

ACCEPTED_BY = "accepted by the policy"


@dataclass(frozen=True, slots=True)
class Judged:
    """`active` are findings with the places that no exception covers; `accepted` those covered everywhere, by key.

    `ended` is what ended an exception before its day, in words, by the finding that it was for.
    """

    active: tuple[Finding, ...]
    accepted: Mapping[str, Reason]
    rejected: tuple[Rejected, ...]
    ended: Mapping[str, str]


def judge(findings: Sequence[Finding], policy: Policy, threats: Mapping[str, Threat], now: datetime) -> Judged:
    """Sort out what the exceptions cover, as long as they hold; `threats` are by CVE."""
    holding = [entry for entry in policy.ignore if entry.until is None or now.astimezone(UTC).date() <= entry.until]
    active: list[Finding] = []
    accepted: dict[str, Reason] = {}
    rejected: list[Rejected] = []
    ended: dict[str, str] = {}
    for finding in findings:
        over = {entry: why for entry in holding if (why := _over(entry, finding, threats))}
        lasting = [entry for entry in holding if entry not in over]
        covered = {o: entry for o in finding.occurrences if (entry := _first(lasting, finding, o)) is not None}
        for occurrence in (o for o in finding.occurrences if o not in covered):
            if (entry := _first(list(over), finding, occurrence)) is not None:
                ended[finding.key] = f"{finding.cluster} in {finding.package}: {over[entry]}"
        reasons = tuple(dict.fromkeys(map(_reason, covered.values())))
        rejected.extend(Rejected(finding.key, reason) for reason in reasons)
        left = tuple(o for o in finding.occurrences if o not in covered)
        if left:
            active.append(replace(finding, occurrences=left) if covered else finding)
        else:
            accepted[finding.key] = reasons[0]
    return Judged(tuple(active), accepted, tuple(rejected), ended)


def _over(entry: Ignore, finding: Finding, threats: Mapping[str, Threat]) -> str:
    """What ends an exception for a finding before its day, "" for nothing."""
    names = {name for advisory in finding.advisories for name in advisory.names}
    if "known_exploited" in entry.unless and any(threats[n].known_exploited for n in names if n in threats):
        return f"its exception ({entry.why}) does not hold, as it is known to be exploited"
    severities = list(Severity)
    limits = [severities.index(Severity(end)) for end in entry.unless if end != "known_exploited"]
    if finding.severity is not Severity.UNKNOWN and any(severities.index(finding.severity) <= at for at in limits):
        return f"its exception ({entry.why}) does not hold, as its severity is {finding.severity.value}"
    return ""


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
