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
from bot.reports.text import plural, refusals, table, told_once
from bot.terminal import safe

# Not worth a line in the table: the reason follows below it.
SILENT = frozenset({Did.WAITING})
EXPLAINED = frozenset({Did.BLOCKED, Did.FAILED, Did.REFUSED, Did.WAITING})
NO_PROJECT = "no project: the token's user is a member of none; add it to a project with the role Developer"


def as_json(outcomes: Sequence[ProjectOutcome], calls: Calls, started: datetime, ended: datetime) -> dict[str, Any]:
    """The report of a run, as in docs/commands.md."""
    return {
        "version": bot.__version__,
        "started_at": records.stamp(started),
        "ended_at": records.stamp(ended),
        "calls": {"reads": calls.reads, "writes": calls.writes, "pushes": calls.pushes},
        "projects": [records.project(o) for o in outcomes],
    }


def as_text(outcomes: Sequence[ProjectOutcome], calls: Calls, dry: bool = False) -> str:
    """A table of remediations with their links, then what failed, then one line that sums up; projects by path."""
    by_path = sorted(outcomes, key=lambda o: o.path)
    parts: list[str] = []
    if rows := list(_rows(by_path)):
        parts.append(table(("project", "outcome", "change", "merge request or issue"), rows))
    parts.extend(safe(line) for line in _troubles(by_path))
    parts.append(_summary(outcomes, calls, dry) if outcomes else NO_PROJECT)
    return "\n".join(parts)


def _rows(outcomes: Sequence[ProjectOutcome]) -> Iterator[tuple[str, ...]]:
    for outcome in outcomes:
        for r in outcome.remediations:
            if r.did not in SILENT:
                # The merge request leads to the issue.
                link = r.merge_request_url or r.issue_url or ""
                yield (outcome.path, r.did.value, r.remediation.title, link)


def _troubles(outcomes: Sequence[ProjectOutcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.reason:
            # git's own errors begin with the project.
            yield f"{outcome.status.value}: {outcome.path}: {outcome.reason.removeprefix(f'{outcome.path}: ')}"
        for kind, reason in told_once(outcome.failed):
            yield f"{kind}: {outcome.path}: {reason}"
        explained = [r for r in outcome.remediations if r.reason and r.did in EXPLAINED]
        for r in explained:
            yield f"{r.did.value}: {outcome.path}: {r.remediation.title}: {r.reason}"
        said = {key for r in explained for key in r.remediation.findings}
        for became, why in refusals(no for no in outcome.rejected if no.key not in said):
            yield f"{became}: {outcome.path}: {why}"


def _summary(outcomes: Sequence[ProjectOutcome], calls: Calls, dry: bool) -> str:
    did = Counter(r.did for o in outcomes for r in o.remediations)
    failed = sum(1 for o in outcomes if o.status is Status.FAILED)
    counted = ", ".join(f"{did[what]} {what.value}" for what in Did if did[what]) or "no remediations"
    troubled = f"; {plural(failed, 'project')} failed" if failed else ""
    wrote = _wrote(calls.writes + calls.pushes, dry, bool(failed))
    return f"{plural(len(outcomes), 'project')}: {counted}; {wrote}, {plural(calls.reads, 'read')}{troubled}"


def _wrote(count: int, dry: bool, failed: bool) -> str:
    if count:
        return f"{plural(count, 'write')} to GitLab"
    if dry:
        return "dry run: no write call to GitLab"
    return "no write call to GitLab" if failed else "nothing to change: no write call to GitLab"
