"""What `bot status` and `bot projects` tell: where the fleet, or one project, stands, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.pipeline import discover
from bot.pipeline.follow import SETTLED
from bot.reports import records
from bot.reports.records import Json
from bot.reports.text import plural, table
from bot.terminal import safe
from state.model import (
    Event,
    FindingState,
    Kind,
    Project,
    RemediationState,
    Scan,
    TrackedFinding,
    TrackedRemediation,
)

EVENTS_SHOWN = 10
NO_PROJECT = "no project is known yet: `bot run PROJECT` or `bot run --all` makes the first"
STUCK = frozenset({RemediationState.BLOCKED, RemediationState.FAILED})


@dataclass(frozen=True, slots=True)
class Standing:
    """One project as the database knows it; `events` are the newest, newest first."""

    project: Project
    scan: Scan | None
    findings: Sequence[TrackedFinding]
    remediations: Sequence[TrackedRemediation]
    events: Sequence[Event] = ()


def reached(project: Project) -> Json:
    """One entry of `bot projects`."""
    skipped = discover.skip_reason(project)
    return {
        "id": project.id,
        "path": project.path,
        "role": discover.role(project.access_level),
        "access_level": project.access_level,
        "web_url": project.web_url,
        "skipped": None if skipped is None else skipped.reason,
    }


def reached_text(rows: Sequence[Json]) -> str:
    """`bot projects` in words."""
    cells = [(r["path"], r["role"], f"skipped: {r['skipped']}" if r["skipped"] else "") for r in rows]
    used = sum(1 for r in rows if r["skipped"] is None)
    counted = f"{plural(len(rows), 'project')}, {used} that the bot can work on"
    remedy = "" if used else "; give the token's user the role Developer on a project"
    return "\n".join((*([table(("project", "role", ""), cells)] if cells else []), counted + remedy))


def line(standing: Standing) -> Json:
    """One entry of `bot status` without a project."""
    scan = standing.scan
    active = Counter(f.finding.kind for f in standing.findings if f.state not in SETTLED)
    states = Counter(f.state for f in standing.findings)
    return {
        "path": standing.project.path,
        "web_url": standing.project.web_url,
        "scanned_at": None if scan is None else records.stamp(scan.at),
        "head": None if scan is None else scan.head,
        "complete": scan is not None and scan.complete,
        "vulnerable": active[Kind.VULNERABLE],
        "outdated": active[Kind.OUTDATED],
        "in_review": states[FindingState.IN_REVIEW],
        "resolved": states[FindingState.RESOLVED],
        "blocked": sum(1 for r in standing.remediations if r.state in STUCK),
    }


def whole(standing: Standing) -> Json:
    """`bot status` with a project."""
    scan = standing.scan
    return {
        **line(standing),
        "errors": [records.failure(f) for f in (scan.failed if scan else ()) if f.fault],
        "findings": [_finding(f) for f in standing.findings],
        "remediations": [_remediation(r) for r in standing.remediations],
        "events": [_event(e) for e in standing.events],
    }


def fleet_text(standings: Sequence[Standing]) -> str:
    """A line for each project, and one that sums up."""
    if not standings:
        return NO_PROJECT
    rows = [line(standing) for standing in standings]
    keys = ("vulnerable", "outdated", "in_review", "resolved", "blocked")
    cells = [(row["path"], _scanned(row), *(str(row[key]) for key in keys)) for row in rows]
    total = Counter({key: sum(row[key] for row in rows) for key in keys})
    unjudged = sum(1 for row in rows if not row["complete"])
    return "\n".join(
        (
            table(("project", "scanned", "vulnerable", "outdated", "in review", "resolved", "blocked"), cells),
            f"{plural(len(rows), 'project')}: {total['vulnerable']} vulnerable, {total['outdated']} outdated, "
            f"{total['in_review']} in review" + (f"; {unjudged} could not be judged as a whole" if unjudged else ""),
        )
    )


def project_text(standing: Standing) -> str:
    """One project: its findings, its changes, what went wrong, and the latest of its history."""
    row = line(standing)
    lines = [f"{row['path']}  {row['web_url']}", _scan_line(standing)]
    parts = ["\n".join(map(safe, lines)), *_tables(standing)]
    errors = (failure for failure in (standing.scan.failed if standing.scan else ()) if failure.fault)
    parts.extend(safe(f"error: {failure.reason}") for failure in errors)
    return "\n\n".join(parts)


def _scanned(row: Json) -> str:
    return "never" if row["scanned_at"] is None else row["scanned_at"] + ("" if row["complete"] else " (incomplete)")


def _scan_line(standing: Standing) -> str:
    scan = standing.scan
    if scan is None:
        return "not scanned yet"
    said = f"scanned {records.stamp(scan.at)} at {scan.head[:12]}"
    lacking = f": not everything could be judged; `bot run {standing.project.path}` says why"
    return said if scan.complete else said + lacking


def _tables(standing: Standing) -> Iterator[str]:
    findings = sorted(standing.findings, key=_open_and_vulnerable_first)
    if findings:
        headings = ("state", "kind", "severity", "package", "advisory", "since", "")
        yield table(headings, [_finding_row(f) for f in findings])
    else:
        yield "no findings"
    if standing.remediations:
        rows = [_remediation_row(r) for r in sorted(standing.remediations, key=lambda r: r.remediation.key)]
        yield table(("state", "change", "merge request or issue", ""), rows)
    if standing.events:
        rows = [_event_row(e) for e in standing.events[:EVENTS_SHOWN]]
        more = "\nearlier ones: see --json" if len(standing.events) > EVENTS_SHOWN else ""
        yield table(("when", "what", "state", "why"), rows) + more


def _open_and_vulnerable_first(f: TrackedFinding) -> tuple[bool, bool, str]:
    return (f.state in SETTLED, f.finding.kind is not Kind.VULNERABLE, f.finding.key)


def _finding_row(f: TrackedFinding) -> tuple[str, ...]:
    vulnerable = f.finding.kind is Kind.VULNERABLE
    severity, advisory = (f.finding.severity.value, f.finding.cluster) if vulnerable else ("", "")
    since = records.stamp(f.first_seen) or ""
    return (_words(f.state), f.finding.kind.value, severity, f.finding.package, advisory, since, f.reason)


def _remediation_row(r: TrackedRemediation) -> tuple[str, ...]:
    return (_words(r.state), r.remediation.title, r.merge_request_url or r.issue_url or "", r.reason)


def _event_row(e: Event) -> tuple[str, ...]:
    return (records.stamp(e.at) or "", e.subject, f"{e.before or '-'} -> {e.after}", e.reason)


def _words(state: FindingState | RemediationState) -> str:
    return "merge request open" if state is RemediationState.MR_OPEN else state.value.replace("_", " ")


def _finding(f: TrackedFinding) -> Json:
    return {
        "key": f.finding.key,
        "state": f.state.value,
        "kind": f.finding.kind.value,
        "ecosystem": f.finding.ecosystem,
        "package": f.finding.package,
        "cluster": f.finding.cluster,
        "severity": f.finding.severity.value,
        "first_seen": records.stamp(f.first_seen),
        "last_seen": records.stamp(f.last_seen),
        "regressions": f.regressions,
        "reason": f.reason or None,
    }


def _remediation(r: TrackedRemediation) -> Json:
    return {
        "key": r.remediation.key,
        "state": r.state.value,
        "title": r.remediation.title,
        "reason": r.reason or None,
        "branch": r.remediation.branch,
        "issue": r.issue_url,
        "merge_request": r.merge_request_url,
        "updated_at": records.stamp(r.updated_at),
    }


def _event(e: Event) -> Json:
    return {"at": records.stamp(e.at), "subject": e.subject, "from": e.before, "to": e.after, "reason": e.reason}
