"""`bot projects` and `bot status`: what the token reaches, and where it stands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.app import App
from bot.errors import BotError
from bot.pipeline import discover
from bot.pipeline.follow import SETTLED
from bot.reports import records
from bot.reports.text import plural, table
from state.model import Kind, Project, Scan, TrackedFinding, TrackedRemediation


def projects(app: App, as_json: bool) -> int:
    """Every project that the token is a member of, with its role and why it is left out."""
    rows: list[dict[str, Any]] = []
    for project in app.forge.projects():
        skipped = discover.skip_reason(project)
        rows.append(
            {
                "id": project.id,
                "path": project.path,
                "role": discover.role(project.access_level),
                "access_level": project.access_level,
                "web_url": project.web_url,
                "skipped": None if skipped is None else skipped.reason,
            }
        )
    if as_json:
        print(json.dumps(rows, indent=2))
        return 0
    cells = [(r["path"], r["role"], f"skipped: {r['skipped']}" if r["skipped"] else "") for r in rows]
    if cells:
        print(table(("project", "role", ""), cells))
    used = sum(1 for r in rows if r["skipped"] is None)
    print(f"{plural(len(rows), 'project')}, {used} that the bot can work on")
    return 0


def status(app: App, project: str | None, as_json: bool) -> int:
    """The fleet, or one project with its remediations and history. Reads the database only."""
    if project is None:
        return _fleet(app, as_json)
    known = app.store.project(project)
    if known is None:
        raise BotError(f"{project}: not in the database; run `bot run {project}` first")
    return _project(app, known, as_json)


def _fleet(app: App, as_json: bool) -> int:
    store = app.store
    scans, findings, remediations = store.last_scans(), store.all_findings(), store.all_remediations()
    rows = [_line(p, scans.get(p.id), findings.get(p.id, ()), remediations.get(p.id, ())) for p in store.projects()]
    if as_json:
        print(json.dumps(rows, indent=2))
        return 0
    heads = ("project", "scanned", "vulnerable", "outdated", "in review", "resolved", "blocked")
    keys = ("path", "scanned_at", "vulnerable", "outdated", "in_review", "resolved", "blocked")
    print(table(heads, [tuple(str(row[key] if row[key] is not None else "-") for key in keys) for row in rows]))
    open_ = sum(row["vulnerable"] for row in rows)
    print(f"{plural(len(rows), 'project')}: {open_} open vulnerable, {sum(r['in_review'] for r in rows)} in review")
    return 0


def _line(
    project: Project,
    scan: Scan | None,
    findings: Sequence[TrackedFinding],
    remediations: Sequence[TrackedRemediation],
) -> dict[str, Any]:
    active = Counter(f.finding.kind for f in findings if f.state not in SETTLED)
    states = Counter(f.state.value for f in findings)
    return {
        "path": project.path,
        "web_url": project.web_url,
        "scanned_at": None if scan is None else records.stamp(scan.at),
        "head": None if scan is None else scan.head,
        "complete": scan is not None and scan.complete,
        "vulnerable": active[Kind.VULNERABLE],
        "outdated": active[Kind.OUTDATED],
        "in_review": states["in_review"],
        "resolved": states["resolved"],
        "blocked": sum(1 for r in remediations if r.state.value in ("blocked", "failed")),
    }


def _project(app: App, project: Project, as_json: bool) -> int:
    store = app.store
    scan = store.last_scan(project.id)
    findings, remediations = store.findings(project.id), store.remediations(project.id)
    document = {
        **_line(project, scan, findings, remediations),
        "errors": [records.failure(f) for f in (scan.failed if scan else ()) if f.fault],
        "findings": [_finding(f) for f in findings],
        "remediations": [_remediation(r) for r in remediations],
        "events": [
            {"at": records.stamp(e.at), "subject": e.subject, "from": e.before, "to": e.after, "reason": e.reason}
            for e in store.events(project.id)
        ],
    }
    if as_json:
        print(json.dumps(document, indent=2))
        return 0
    print(f"{project.path}  {project.web_url}")
    print(f"scanned {document['scanned_at']} at {(document['head'] or '-')[:12]}")
    shown = [(f["state"], f["kind"], f["package"], f["cluster"], f["first_seen"]) for f in document["findings"]]
    if shown:
        print(table(("state", "kind", "package", "finding", "since"), shown))
    made = [(r["state"], r["title"], r["merge_request"] or "", r["reason"] or "") for r in document["remediations"]]
    if made:
        print(table(("state", "change", "merge request", ""), made))
    for error in document["errors"]:
        print(f"error: {error['reason']}")
    return 0


def _finding(f: TrackedFinding) -> dict[str, Any]:
    return {
        "key": f.finding.key,
        "state": f.state.value,
        "kind": f.finding.kind.value,
        "package": f.finding.package,
        "cluster": f.finding.cluster,
        "severity": f.finding.severity.value,
        "first_seen": records.stamp(f.first_seen),
        "last_seen": records.stamp(f.last_seen),
        "regressions": f.regressions,
        "reason": f.reason or None,
    }


def _remediation(r: TrackedRemediation) -> dict[str, Any]:
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
