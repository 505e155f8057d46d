"""How pressing a finding is: known exploited first, then by severity, likelihood, exposure and due date. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.policy.model import DueDays
from state.model import Finding, Scope, Severity, Threat

# What a rating stands for where an advisory has no score: the middle of its CVSS 3 span.
MIDDLE: Mapping[Severity, float] = {
    Severity.CRITICAL: 9.5,
    Severity.HIGH: 7.9,
    Severity.MEDIUM: 5.4,
    Severity.LOW: 2.0,
    Severity.UNKNOWN: 5.0,
}
# Only runtime dependencies reach production.
EXPOSURE: Mapping[Scope, float] = {Scope.RUNTIME: 1.0, Scope.OPTIONAL: 1.0, Scope.PEER: 1.0, Scope.DEV: 0.3}
# What the due date weighs when it is reached: as much as the worst score.
URGENCY = 10.0


@dataclass(frozen=True, slots=True)
class Priority:
    """A finding's place in the queue: all that are known to be exploited before all others, then the higher score."""

    known_exploited: bool
    score: float
    due: datetime


def of(
    finding: Finding, threats: Mapping[str, Threat], first_seen: datetime, due_days: DueDays, now: datetime
) -> Priority:
    """CVSS x (1 + EPSS) x exposure, plus what is used up of the time until it is due, as a share of URGENCY."""
    named = [threats[name] for a in finding.advisories for name in sorted(a.names) if name in threats]
    scores = [a.score for a in finding.advisories if a.score is not None]
    severity = max(scores, default=MIDDLE[finding.severity])
    likelihood = max((threat.epss for threat in named), default=0.0)
    exposure = max((EXPOSURE[o.scope] for o in finding.occurrences), default=1.0)
    due = first_seen + due_days.of(finding.severity)
    used = min(1.0, (now - first_seen) / (due - first_seen)) if due > first_seen else 1.0
    score = severity * (1 + likelihood) * exposure + URGENCY * used
    return Priority(any(threat.known_exploited for threat in named), score, due)
