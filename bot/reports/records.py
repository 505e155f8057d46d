"""The documented JSON of reports: nouns as plain dictionaries, field by field, so that a rename never leaks out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.pipeline.outcome import ProjectOutcome, RemediationOutcome
from state.model import (
    Advisory,
    Audited,
    Change,
    Dependency,
    Failure,
    Finding,
    Occurrence,
    Proof,
    Reason,
    Rejected,
    Snapshot,
)

Json = dict[str, Any]


def stamp(value: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%SZ")


def dependency(d: Dependency) -> Json:
    """One entry of `dependencies[]`."""
    return {
        "ecosystem": d.ecosystem,
        "package": d.package,
        "requirement": d.requirement,
        "version": d.version,
        "manifest": d.manifest,
        "lockfile": d.lockfile,
        "direct": d.direct,
        "scope": d.scope.value,
        "line": d.line,
    }


def advisory(a: Advisory) -> Json:
    """One entry of `advisories[]`."""
    return {
        "id": a.id,
        "aliases": list(a.aliases),
        "severity": a.severity.value,
        "score": a.score,
        "summary": a.summary,
        "url": a.url,
    }


def findings(
    found: Iterable[Finding],
    targets: Mapping[tuple[str, str], str],
    rejected: Iterable[Rejected],
    undone: Collection[str] = (),
) -> list[Json]:
    """`findings[]`: one per occurrence, as a reader of a manifest sees them.

    `targets` are by the key of a finding and the version before. `undone` are the keys of findings whose change was
    tried in vain: they have a target and a reason.
    """
    reasons: dict[str, list[Reason]] = {}
    for no in rejected:
        reasons.setdefault(no.key, []).append(no.why)
    return [
        _finding(
            finding,
            occurrence,
            targets.get((finding.key, occurrence.version)),
            reasons.get(finding.key, []),
            finding.key in undone,
        )
        for finding in found
        for occurrence in finding.occurrences
    ]


def _finding(finding: Finding, o: Occurrence, target: str | None, refused: Sequence[Reason], undone: bool) -> Json:
    words = "; ".join(why.words for why in refused) or "no change is planned for it"
    told = target is None or undone
    return {
        "kind": finding.kind.value,
        "ecosystem": finding.ecosystem,
        "package": finding.package,
        "cluster": finding.cluster,
        "current": o.version,
        "target": target,
        "severity": finding.severity.value,
        "advisories": [advisory(a) for a in finding.advisories],
        "manifest": o.manifest,
        "lockfile": o.lockfile,
        "line": o.line,
        "direct": o.direct,
        "scope": o.scope.value,
        "fixable": target is not None,
        "reason": words if told else None,
        **reason(refused[0] if told and refused else None),
    }


def reason(why: Reason | None) -> Json:
    """What a program can read of a reason: its kind, when it passes by itself, and who is in the way."""
    return {
        "reason_kind": why.kind.value if why is not None else None,
        "until": stamp(why.until) if why is not None else None,
        "blocked_by": [
            {"package": b.package, "version": b.version, "requirement": b.requirement}
            for b in (why.blockers if why is not None else ())
        ],
    }


def failure(f: Failure) -> Json:
    """One entry of `errors[]` or `not_handled[]`."""
    return {"subject": f.subject, "reason": f.reason}


def change(c: Change) -> Json:
    """One entry of `changes[]`."""
    return {
        "ecosystem": c.ecosystem,
        "package": c.package,
        "from": c.before,
        "to": c.after,
        "manifest": c.manifest,
        "lockfile": c.lockfile,
        "direct": c.direct,
    }


def audited(a: Audited) -> Json:
    """One entry of a proof's `fixed[]`, `introduced[]` or `remaining[]`."""
    return {"ecosystem": a.ecosystem, "package": a.package, "version": a.version, "advisory": a.cluster}


def snapshot(s: Snapshot | None) -> Json | None:
    """`advisory_data`."""
    return None if s is None else {"source": s.source, "as_of": stamp(s.as_of), "records": s.records}


def proof(p: Proof | None) -> Json | None:
    """`proof`."""
    if p is None:
        return None
    return {
        "tree": p.tree,
        "base": p.base,
        "advisory_data": snapshot(p.snapshot),
        "fixed": [audited(a) for a in p.fixed],
        "introduced": [audited(a) for a in p.introduced],
        "remaining": [audited(a) for a in p.remaining],
        "changes": [change(c) for c in p.changes],
        "tools": dict(p.tools),
        "checks": list(p.checks),
    }


def remediation(r: RemediationOutcome) -> Json:
    """One entry of `remediations[]`."""
    return {
        "key": r.remediation.key,
        "kind": r.remediation.kind.value,
        "title": r.remediation.title,
        "outcome": r.did.value,
        "reason": r.reason or None,
        "branch": r.remediation.branch,
        "target_branch": r.remediation.target_branch,
        "changes": [change(c) for c in r.remediation.changes],
        "issue": r.issue_url,
        "merge_request": r.merge_request_url,
        "proof": proof(r.proof),
    }


def project(o: ProjectOutcome) -> Json:
    """One entry of `projects[]`."""
    return {
        "path": o.path,
        "status": o.status.value,
        "reason": o.reason or None,
        "dependencies": o.dependencies,
        "vulnerable": sum(1 for f in o.findings if f.advisories),
        "outdated": sum(1 for f in o.findings if not f.advisories),
        "cloned": o.cloned,
        "remediations": [remediation(r) for r in o.remediations],
        "rejected": [{"finding": no.key, "reason": no.reason, **reason(no.why)} for no in o.rejected],
        "errors": [failure(f) for f in o.failed if f.fault],
        "not_handled": [failure(f) for f in o.failed if not f.fault],
    }
