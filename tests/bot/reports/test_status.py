"""What a person reads after `bot status` and `bot projects`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.reports import status
from bot.reports.status import Standing
from state.model import (
    Event,
    Failure,
    FindingState,
    Project,
    RemediationState,
    Scan,
    TrackedFinding,
)
from tests.bot.pipeline.builders import NOW, finding, tracked

PROJECT = Project(7, "group/app", "main", "a" * 40, "https://gitlab.example/group/app", "x", 30)
SCAN = Scan(7, "a" * 40, NOW, True, "1")
FINDING = TrackedFinding(finding(), FindingState.IN_REVIEW, NOW - timedelta(days=3), NOW, 0)
STANDING = Standing(PROJECT, SCAN, (FINDING,), (tracked(),))


def event(number: int) -> Event:
    return Event(
        7, NOW - timedelta(hours=number), "remediation:vulnerable/PyPI/acme", "proven", "mr_open", f"no {number}"
    )


def test_the_fleet_is_a_line_for_each_project_and_a_sum() -> None:
    other = replace(STANDING, project=replace(PROJECT, path="group/other"), scan=None, findings=(), remediations=())
    assert status.fleet_text((STANDING, other)).splitlines() == [
        "project      scanned               vulnerable  outdated  in review  resolved  blocked",
        "group/app    2026-11-20T12:00:00Z  1           0         1          0         0",
        "group/other  never                 0           0         0          0         0",
        "2 projects: 1 vulnerable, 0 outdated, 1 in review; 1 could not be judged as a whole",
    ]


def test_a_scan_that_was_not_whole_never_looks_clean() -> None:
    partly = replace(STANDING, scan=replace(SCAN, complete=False, failed=(Failure("x", "x: broken"),)), findings=())
    assert "2026-11-20T12:00:00Z (incomplete)" in status.fleet_text((partly,))
    said = status.project_text(partly)
    assert "not everything could be judged; `bot run group/app` says why" in said
    assert "error: x: broken" in said.splitlines()


def test_an_empty_database_says_what_fills_it() -> None:
    assert status.fleet_text(()) == status.NO_PROJECT


def test_a_project_is_its_findings_its_changes_and_its_history() -> None:
    settled = replace(FINDING, finding=finding("CVE-2026-0"), state=FindingState.RESOLVED, reason="merged")
    blocked = tracked(
        RemediationState.BLOCKED,
        issue_url="https://gitlab.example/i/7",
        merge_request_url=None,
        reason="no release newer than 1.0 exists",
    )
    full = replace(STANDING, findings=(settled, FINDING), remediations=(blocked,), events=(event(0),))
    assert status.project_text(full).splitlines() == [
        "group/app  https://gitlab.example/group/app",
        "scanned 2026-11-20T12:00:00Z at aaaaaaaaaaaa",
        "",
        "state      kind        severity  package  advisory    since",
        "in review  vulnerable  high      acme     CVE-2026-1  2026-11-17T12:00:00Z",
        "resolved   vulnerable  high      acme     CVE-2026-0  2026-11-17T12:00:00Z  merged",
        "",
        "state    change                                 merge request or issue",
        "blocked  Update acme to 1.5 against CVE-2026-1  https://gitlab.example/i/7  no release newer than 1.0 exists",
        "",
        "when                  what                              state              why",
        "2026-11-20T12:00:00Z  remediation:vulnerable/PyPI/acme  proven -> mr_open  no 0",
    ]


def test_only_the_latest_of_a_long_history_is_shown() -> None:
    lines = status.project_text(replace(STANDING, events=tuple(map(event, range(50))))).splitlines()
    assert [line.rsplit(" ", 1)[-1] for line in lines[-11:-1]] == [str(number) for number in range(10)]
    assert lines[-1] == "earlier ones: see --json"


def test_foreign_words_stay_on_their_line_and_command_nothing() -> None:
    rude = replace(
        STANDING,
        project=replace(PROJECT, path="group/\x1b[2J", web_url="https://x/\x9b31m"),
        scan=replace(SCAN, failed=(Failure("x", "a\nb\x07"),)),
        findings=(replace(FINDING, reason="\r\x1b]0;x"),),
        events=(replace(event(0), reason="\x1b[0m\n"),),
    )
    text = status.fleet_text((rude,)) + status.project_text(rude)
    assert not {c for c in text if ord(c) < 32 or 127 <= ord(c) < 160} - {"\n"}
    assert len(status.project_text(rude).splitlines()) == 13


def test_a_project_that_is_left_out_says_why() -> None:
    rows = [status.reached(PROJECT), status.reached(replace(PROJECT, path="group/ro", access_level=20))]
    assert status.reached_text(rows).splitlines() == [
        "project    role",
        "group/app  Developer",
        "group/ro   Reporter   skipped: the token's role is Reporter (20); Developer (30) is needed to push",
        "2 projects, 1 that the bot can work on",
    ]


def test_a_token_without_a_project_is_told_what_it_needs() -> None:
    assert status.reached_text([]) == (
        "0 projects, 0 that the bot can work on; give the token's user the role Developer on a project"
    )
