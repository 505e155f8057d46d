"""What a person reads after `bot run`."""

from __future__ import annotations

import json

import pytest

from bot.pipeline.outcome import Did, ProjectOutcome, RemediationOutcome, Status
from bot.ports import Calls
from bot.reports import run
from state.model import Failure, Obstacle, Reason, Rejected
from tests.bot.pipeline.builders import NOW, finding, no_fix, remediation

MERGE_REQUEST, ISSUE = "https://gitlab.example/a/-/merge_requests/1", "https://gitlab.example/a/-/issues/2"
WROTE = Calls(reads=5, writes=2, pushes=1)
ONLY_READ = Calls(reads=3, writes=0, pushes=0)


def outcome(did: Did, reason: str = "", path: str = "group/app", merge_request: str | None = None) -> ProjectOutcome:
    made = RemediationOutcome(remediation(), did, reason, ISSUE, merge_request)
    return ProjectOutcome(path, Status.OK, findings=(finding(),), remediations=(made,))


def test_each_change_is_a_line_with_its_link_and_the_last_line_sums_up() -> None:
    said = run.as_text((outcome(Did.OPENED, merge_request=MERGE_REQUEST),), WROTE)
    assert said.splitlines() == [
        "project    outcome  change                                 merge request or issue",
        f"group/app  opened   Update acme to 1.5 against CVE-2026-1  {MERGE_REQUEST}",
        "1 project: 1 opened; 3 writes to GitLab, 5 reads",
    ]


def test_without_a_merge_request_the_link_is_the_issue_and_the_reason_is_said_once() -> None:
    held = outcome(Did.BLOCKED, "no release newer than 1.0 exists")
    rejected = (
        Rejected("PyPI:acme:CVE-2026-1", no_fix("no release newer than 1.0 exists")),
        Rejected("PyPI:b:X", Reason(Obstacle.COOLDOWN, "too young")),
    )
    known = ProjectOutcome("group/app", Status.OK, remediations=held.remediations, rejected=rejected)
    lines = run.as_text((known,), ONLY_READ).splitlines()
    assert lines[1].endswith(ISSUE)
    assert lines[2:-1] == [
        "blocked: group/app: Update acme to 1.5 against CVE-2026-1: no release newer than 1.0 exists",
        "no fix: group/app: PyPI:b:X: too young",
    ]


def test_findings_of_a_package_with_the_same_reason_are_one_line_and_accepted_ones_are_called_so() -> None:
    young = Reason(Obstacle.COOLDOWN, "too young")
    accepted = Reason(Obstacle.HELD_BY_POLICY, "accepted by the policy: not reachable")
    keys = (("npm:@s/b:X", young), ("npm:@s/b:Y", young), ("npm:@s/b:Z", accepted), ("npm:c:X", young))
    known = ProjectOutcome("group/app", Status.OK, rejected=tuple(Rejected(key, why) for key, why in keys))
    assert run.as_text((known,), ONLY_READ).splitlines()[:-1] == [
        "no fix: group/app: npm:@s/b:X, Y: too young",
        "accepted: group/app: npm:@s/b:Z: accepted by the policy: not reachable",
        "no fix: group/app: npm:c:X: too young",
    ]


def test_projects_are_in_the_order_of_their_paths() -> None:
    lines = run.as_text((outcome(Did.OPENED, path="z"), outcome(Did.OPENED, path="a")), WROTE).splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["a", "z"]


def test_what_failed_is_told_apart_from_what_is_left_out_by_design() -> None:
    failed = (Failure("advisories", "PyPI.zip is 9 days old"), Failure("dev.txt", "an editable", fault=False))
    outcomes = (
        ProjectOutcome("group/app", Status.FAILED, failed=failed),
        ProjectOutcome("group/ro", Status.SKIPPED, "the token's role is Reporter (20)"),
    )
    assert run.as_text(outcomes, ONLY_READ).splitlines() == [
        "error: group/app: PyPI.zip is 9 days old",
        "not handled: group/app: an editable",
        "skipped: group/ro: the token's role is Reporter (20)",
        "2 projects: no remediations; no write call to GitLab, 3 reads; 1 project failed",
    ]


def test_a_reason_that_begins_with_the_project_names_it_once() -> None:
    failed = ProjectOutcome("group/app", Status.FAILED, "group/app: git fetch failed: no such repository")
    assert (
        run.as_text((failed,), ONLY_READ).splitlines()[0] == "failed: group/app: git fetch failed: no such repository"
    )


def test_what_waits_for_its_turn_is_explained_and_not_listed() -> None:
    lines = run.as_text((outcome(Did.WAITING, "10 merge requests are open, the limit"),), ONLY_READ).splitlines()
    assert lines[0].startswith("waiting: group/app: Update acme")


@pytest.mark.parametrize(
    ("calls", "dry", "status", "said"),
    [
        pytest.param(ONLY_READ, False, Status.OK, "; nothing to change: no write call to GitLab, 3 reads", id="idle"),
        pytest.param(ONLY_READ, True, Status.OK, "; dry run: no write call to GitLab, 3 reads", id="dry run"),
        pytest.param(ONLY_READ, False, Status.FAILED, "; no write call to GitLab, 3 reads; 1 project failed", id="bad"),
    ],
)
def test_a_run_without_a_write_says_so_and_why(calls: Calls, dry: bool, status: Status, said: str) -> None:
    assert run.as_text((ProjectOutcome("a", status),), calls, dry).endswith(said)


def test_a_token_that_reaches_nothing_says_what_to_do() -> None:
    assert run.as_text((), ONLY_READ) == run.NO_PROJECT


def test_foreign_words_stay_on_their_line_and_command_nothing() -> None:
    rude = ProjectOutcome("group/\x1b[2J", Status.FAILED, "said\n\x1b]0;x\x07", failed=(Failure("x", "a\rb"),))
    text = run.as_text((rude, outcome(Did.OPENED, path="\x9b31m")), WROTE)
    assert len(text.splitlines()) == 5
    assert not {c for c in text if ord(c) < 32 or 127 <= ord(c) < 160} - {"\n"}


def test_the_document_can_be_read_by_any_parser() -> None:
    document = run.as_json((outcome(Did.OPENED),), WROTE, NOW, NOW)
    assert json.loads(json.dumps(document)) == document
    assert (document["started_at"], document["calls"]["pushes"]) == ("2026-11-20T12:00:00Z", 1)
