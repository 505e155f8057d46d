"""What `bot scan` tells: findings and plan for people, a documented document for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import bot
from bot.pipeline.planning.plan import targets_of
from bot.pipeline.scan import ScanReport
from bot.reports import records
from bot.reports.text import plural, refusals, table, told_once
from bot.terminal import safe
from state.model import Kind, Remediation

HEADINGS = ("kind", "severity", "package", "current", "target", "where", "advisory")


def as_json(report: ScanReport, fixing: bool = False) -> dict[str, Any]:
    """The report of a scan, as in docs/commands.md; `fixing` is whether it was asked to fix."""
    return {
        "version": bot.__version__,
        "audited": report.audited,
        "advisory_data": records.snapshot(report.facts.snapshot),
        "errors": [records.failure(f) for f in report.faults],
        "not_handled": [records.failure(f) for f in report.failed if not f.fault],
        "dependencies": [records.dependency(d) for d in report.facts.dependencies],
        "findings": _findings(report, fixing),
        "fixed": [r.title for r in report.fixed],
        "proof": records.proof(report.proof),
    }


def as_text(report: ScanReport, now: datetime, fixing: bool = False) -> str:
    """The same in words: what was found, why some of it stays, and what was done about the rest."""
    lines = [*_refusals(report, fixing), *_failures(report), _summary(report, now), *_done(report, fixing)]
    found = [table(HEADINGS, rows)] if (rows := [_row(f) for f in _findings(report, fixing)]) else []
    return "\n".join((*found, *(safe(line) for line in lines)))


def undone(report: ScanReport, fixing: bool) -> tuple[Remediation, ...]:
    """The change sets that were tried and not made."""
    refused = {no.key for no in report.rejected}
    return tuple(r for r in report.planned if fixing and r not in report.fixed and not refused.isdisjoint(r.findings))


def _findings(report: ScanReport, fixing: bool) -> list[records.Json]:
    tried = {key for r in undone(report, fixing) for key in r.findings}
    return records.findings(report.findings, {**targets_of(report.planned), **report.newest}, report.rejected, tried)


def _row(finding: records.Json) -> tuple[str, ...]:
    vulnerable = finding["kind"] == Kind.VULNERABLE.value
    file = finding["manifest"] if finding["direct"] else finding["lockfile"] or finding["manifest"]
    return (
        finding["kind"],
        finding["severity"] if vulnerable else "",
        finding["package"],
        finding["current"],
        finding["target"] or "-",
        f"{file}:{finding['line']}",
        finding["cluster"] if vulnerable else "",
    )


def _refusals(report: ScanReport, fixing: bool) -> Iterator[str]:
    tried = {key for r in undone(report, fixing) for key in r.findings}
    yield from (f"{became}: {why}" for became, why in refusals(report.rejected, tried))


def _failures(report: ScanReport) -> Iterator[str]:
    yield from (f"{kind}: {reason}" for kind, reason in told_once(report.failed))


def _done(report: ScanReport, fixing: bool) -> Iterator[str]:
    for done in report.fixed:
        yield f"done: {done.title}"
    if report.proof is not None:
        p = report.proof
        yield f"proof: {len(p.fixed)} fixed, {len(p.introduced)} introduced, {len(p.remaining)} remaining"
        yield from (f"proof: {check}" for check in p.checks)
    elif fixing:
        yield "nothing was changed"


def _summary(report: ScanReport, now: datetime) -> str:
    dependencies = report.facts.dependencies
    if not dependencies:
        return "no dependencies were found: there is nothing to audit"
    if not report.audited:
        known = sum(1 for d in dependencies if (d.ecosystem, d.package) in report.facts.advisories)
        if not known:
            return "nothing was audited: there is no usable advisory data"
        return f"only {known} of {len(dependencies)} dependencies were audited: nothing counts as clean"
    data = report.facts.snapshot
    age = f"; advisory data {plural((now - data.as_of).days, 'day')} old ({data.source})" if data is not None else ""
    vulnerable = sum(1 for f in report.findings if f.kind is Kind.VULNERABLE)
    counted = f"{vulnerable} vulnerable, {len(report.findings) - vulnerable} outdated"
    return f"{plural(len(dependencies), 'dependency', 'dependencies')} audited: {counted}{age}"
