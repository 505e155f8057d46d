"""What `bot run` tells at its end: a table for people, a documented document for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import bot
from bot.pipeline.outcome import Did, ProjectOutcome, Status
from bot.ports import Calls
from bot.reports import records
from bot.reports.text import plural, table

# Worth a line of its own; the rest is counted.
SILENT = frozenset({Did.WAITING})


def as_json(outcomes: Sequence[ProjectOutcome], calls: Calls, started: datetime, ended: datetime) -> dict[str, Any]:
    """The report of a run, as in docs/commands.md."""
    return {
        "version": bot.__version__,
        "started_at": records.stamp(started),
        "ended_at": records.stamp(ended),
        "calls": {"reads": calls.reads, "writes": calls.writes, "pushes": calls.pushes},
        "projects": [records.project(o) for o in outcomes],
    }


def as_text(outcomes: Sequence[ProjectOutcome], calls: Calls) -> str:
    """A table of remediations with their links, then what failed, then one line that sums up."""
    rows = list(_rows(outcomes))
    parts: list[str] = []
    if rows:
        parts.append(table(("project", "", "change", "merge request", "issue"), rows))
    parts.extend(_troubles(outcomes))
    parts.append(_summary(outcomes, calls))
    return "\n".join(parts)


def _rows(outcomes: Sequence[ProjectOutcome]) -> Iterator[tuple[str, ...]]:
    for outcome in outcomes:
        for r in outcome.remediations:
            if r.did not in SILENT:
                links = (r.merge_request_url or "", r.issue_url or "")
                yield (outcome.path, r.did.value, r.remediation.title, *links)


def _troubles(outcomes: Sequence[ProjectOutcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.reason:
            yield f"{outcome.status.value}: {outcome.path}: {outcome.reason}"
        for failure in outcome.failed:
            yield f"{'error' if failure.fault else 'not handled'}: {outcome.path}: {failure.reason}"
        for r in outcome.remediations:
            if r.reason and r.did in (Did.BLOCKED, Did.FAILED, Did.REFUSED, Did.WAITING):
                yield f"{r.did.value}: {outcome.path}: {r.remediation.title}: {r.reason}"
        for no in outcome.rejected:
            yield f"no fix: {outcome.path}: {no.key}: {no.reason}"


def _summary(outcomes: Sequence[ProjectOutcome], calls: Calls) -> str:
    did = Counter(r.did for o in outcomes for r in o.remediations)
    failed = sum(1 for o in outcomes if o.status is Status.FAILED)
    counted = ", ".join(f"{count} {what.value}" for what, count in sorted(did.items())) or "no remediations"
    written = calls.writes + calls.pushes
    wrote = f"{plural(written, 'write')} to GitLab" if written else "nothing to change: no write call to GitLab"
    troubled = f"; {plural(failed, 'project')} failed" if failed else ""
    return f"{plural(len(outcomes), 'project')}: {counted}; {wrote}, {plural(calls.reads, 'read')}{troubled}"
