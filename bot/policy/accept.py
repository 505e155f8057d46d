"""Which findings a policy accepts, and which of their places are left to act on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from bot.policy import patterns
from bot.policy.model import Ignore, Policy
from state.model import Acceptance, Finding, Obstacle, Occurrence, Reason, Rejected, Severity, Threat

ACCEPTED_BY = "accepted by the policy"
_Earlier = Mapping[tuple[str, str], Severity]
"""What findings were rated when accepted, by finding and exception."""
_SEVERITIES = frozenset(severity.value for severity in Severity)


@dataclass(frozen=True, slots=True)
class Judged:
    """`active` are findings with the places that no exception covers; `accepted` those covered everywhere, by key.

    `ended` is what ended an exception before its day, in words, by the finding that it was for. `acceptances` are
    those that were not known yet.
    """

    active: tuple[Finding, ...]
    accepted: Mapping[str, Reason]
    rejected: tuple[Rejected, ...]
    ended: Mapping[str, str]
    acceptances: tuple[Acceptance, ...] = ()


def judge(
    findings: Sequence[Finding],
    policy: Policy,
    threats: Mapping[str, Threat],
    now: datetime,
    known: Iterable[Acceptance] = (),
) -> Judged:
    """Sort out what the exceptions cover, as long as they hold; `threats` are by CVE, `known` what was accepted before.

    Without the acceptance of a finding in `known`, an exception accepts it as it is rated now.
    """
    earlier = {(each.finding, each.exception): each.severity for each in known}
    holding = [entry for entry in policy.ignore if entry.until is None or now.astimezone(UTC).date() <= entry.until]
    verdicts = [_verdict(finding, holding, threats, now, earlier) for finding in findings]
    return Judged(
        tuple(v.left for v in verdicts if v.left is not None),
        {v.finding.key: v.reasons[0] for v in verdicts if v.left is None},
        tuple(Rejected(v.finding.key, reason) for v in verdicts for reason in v.reasons),
        {v.finding.key: v.ended for v in verdicts if v.ended},
        tuple(acceptance for v in verdicts for acceptance in v.acceptances),
    )


@dataclass(frozen=True, slots=True)
class _Verdict:
    """`left` is the finding with the places that no exception covers, None when none is left."""

    finding: Finding
    left: Finding | None
    reasons: tuple[Reason, ...] = ()
    ended: str = ""
    acceptances: tuple[Acceptance, ...] = ()


def _verdict(
    finding: Finding, holding: Sequence[Ignore], threats: Mapping[str, Threat], now: datetime, earlier: _Earlier
) -> _Verdict:
    about = [entry for entry in holding if _first([entry], finding, *finding.occurrences)]
    if not about:
        return _Verdict(finding, finding)
    rated = {entry: _rated(entry, finding, earlier) for entry in about}
    over = {entry: why for entry in about if (why := _over(entry, finding, threats, rated[entry]))}
    lasting = [entry for entry in about if entry not in over]
    covered = {o: entry for o in finding.occurrences if (entry := _first(lasting, finding, o)) is not None}
    left = tuple(o for o in finding.occurrences if o not in covered)
    ends = [entry for o in left if (entry := _first(list(over), finding, o)) is not None]
    return _Verdict(
        finding,
        (replace(finding, occurrences=left) if covered else finding) if left else None,
        tuple(dict.fromkeys(map(_reason, covered.values()))),
        f"{finding.cluster} in {finding.package}: {over[ends[-1]]}" if ends else "",
        tuple(
            Acceptance(finding.key, entry.digest, rated[entry], now)
            for entry in lasting
            if (finding.key, entry.digest) not in earlier
        ),
    )


def _rated(entry: Ignore, finding: Finding, earlier: _Earlier) -> Severity:
    """What a finding was rated when the exception first covered it, under any of its names: the worst of these."""
    names = {finding.cluster, *(name for advisory in finding.advisories for name in advisory.names)}
    keys = ((f"{finding.ecosystem}:{finding.package}:{name}", entry.digest) for name in names)
    return max((earlier[key] for key in keys if key in earlier), key=_badness, default=finding.severity)


def _badness(severity: Severity) -> int:
    """The worse the higher; what is not rated counts as medium."""
    known = Severity.MEDIUM if severity is Severity.UNKNOWN else severity
    return -list(Severity).index(known)


def _over(entry: Ignore, finding: Finding, threats: Mapping[str, Threat], accepted_as: Severity) -> str:
    """What ends an exception for a finding before its day, "" for nothing."""
    names = {name for advisory in finding.advisories for name in advisory.names}
    if "known_exploited" in entry.unless and any(threats[n].known_exploited for n in names if n in threats):
        return f"its exception ({entry.why}) does not hold, as it is known to be exploited"
    rated, now = finding.severity, _badness(finding.severity)
    if rated is Severity.UNKNOWN:
        return ""
    if any(now >= _badness(Severity(end)) for end in entry.unless if end in _SEVERITIES):
        return f"its exception ({entry.why}) does not hold, as its severity is {rated.value}"
    if "worse" in entry.unless and now > _badness(accepted_as):
        return (
            f"its exception ({entry.why}) does not hold, as its severity is {rated.value} now and was "
            f"{accepted_as.value} when it was accepted; to accept it as it is, change why or until when"
        )
    return ""


def _first(entries: Sequence[Ignore], finding: Finding, *places: Occurrence) -> Ignore | None:
    """The first exception that covers any of these places."""
    return next((entry for entry in entries if any(_covers(entry, finding, place) for place in places)), None)


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
