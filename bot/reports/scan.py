"""What `bot scan` tells: findings and plan for people, a documented document for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import bot
from bot.pipeline.plan import targets_of
from bot.pipeline.scan import ScanReport
from bot.reports import records
from bot.reports.text import safe, table
from state.model import Kind


def as_json(report: ScanReport) -> dict[str, Any]:
    """The report of a scan, as in docs/commands.md."""
    return {
        "version": bot.__version__,
        "audited": report.audited,
        "advisory_data": records.snapshot(report.facts.snapshot),
        "errors": [records.failure(f) for f in report.faults],
        "not_handled": [records.failure(f) for f in report.failed if not f.fault],
        "dependencies": [records.dependency(d) for d in report.facts.dependencies],
        "findings": records.findings(report.findings, dict(targets_of(report.planned)), report.rejected),
        "fixed": [r.title for r in report.fixed],
        "proof": records.proof(report.proof),
    }


def as_text(report: ScanReport, now: datetime) -> str:
    """The same in words."""
    lines = [*_findings(report), *_failures(report), *_proof(report), _summary(report, now)]
    return "\n".join(safe(line) if "\n" not in line else line for line in lines)


def _findings(report: ScanReport) -> Iterator[str]:
    rows = records.findings(report.findings, dict(targets_of(report.planned)), report.rejected)
    if rows:
        yield table(
            ("kind", "severity", "package", "current", "target", "where", "what"),
            [
                (
                    row["kind"],
                    row["severity"] if row["kind"] == Kind.VULNERABLE.value else "",
                    row["package"],
                    row["current"],
                    row["target"] or "-",
                    f"{row['manifest'] if row['direct'] else row['lockfile']}:{row['line']}",
                    row["cluster"] if row["fixable"] else f"{row['cluster']} ({row['reason']})",
                )
                for row in rows
            ],
        )


def _failures(report: ScanReport) -> Iterator[str]:
    for failure in report.failed:
        yield f"{'error' if failure.fault else 'not handled'}: {failure.reason}"


def _proof(report: ScanReport) -> Iterator[str]:
    for done in report.fixed:
        yield f"done: {done.title}"
    if report.proof is not None:
        p = report.proof
        yield f"proof: {len(p.fixed)} fixed, {len(p.introduced)} introduced, {len(p.remaining)} remaining"
        yield from (f"proof: {check}" for check in p.checks)


def _summary(report: ScanReport, now: datetime) -> str:
    if not report.audited:
        known = sum(1 for d in report.facts.dependencies if (d.ecosystem, d.package) in report.facts.advisories)
        if not known:
            return "nothing was audited: there is no usable advisory data"
        return f"only {known} of {len(report.facts.dependencies)} dependencies were audited: nothing counts as clean"
    data = report.facts.snapshot
    age = f"; advisory data {(now - data.as_of).days} days old ({data.source})" if data is not None else ""
    vulnerable = sum(1 for f in report.findings if f.kind is Kind.VULNERABLE)
    counted = f"{vulnerable} vulnerable, {len(report.findings) - vulnerable} outdated"
    return f"{len(report.facts.dependencies)} dependencies audited: {counted}{age}"
