"""What a person reads after `bot scan`, and the reasons in its document."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.pipeline.scan import ScanReport
from bot.reports import scan
from state.model import Audited, Failure, Finding, Kind, Obstacle, Occurrence, Proof, Reason, Rejected, Scope
from tests.bot.pipeline.builders import NOW, SNAPSHOT, change, dependency, facts, finding, no_fix, remediation

FOUND = ScanReport(True, facts([dependency()]), (finding(),), (), (remediation(),), ())
NO_TOOL = Rejected("PyPI:acme:CVE-2026-1", Reason(Obstacle.TOOL_FAILED, "uv is not installed"))


def outdated(direct: bool, lockfile: str | None) -> Finding:
    where = Occurrence("pyproject.toml", lockfile, "1.0", ">=1", direct, Scope.RUNTIME, 7)
    return Finding(Kind.OUTDATED, "PyPI", "acme", "outdated", (), (where,))


def test_findings_come_first_and_the_last_line_sums_up_with_the_age_of_the_data() -> None:
    assert scan.as_text(FOUND, NOW + timedelta(days=1)).splitlines() == [
        "kind        severity  package  current  target  where               advisory",
        "vulnerable  high      acme     1.0      1.5     requirements.txt:1  CVE-2026-1",
        "1 dependency audited: 1 vulnerable, 0 outdated; advisory data 1 day old (test)",
    ]


@pytest.mark.parametrize(
    ("direct", "lockfile", "where"),
    [
        pytest.param(True, "uv.lock", "pyproject.toml:7", id="direct: the line a person edits"),
        pytest.param(False, "uv.lock", "uv.lock:7", id="transitive: the line of the lock"),
        pytest.param(False, None, "pyproject.toml:7", id="transitive without a lock"),
    ],
)
def test_where_names_the_file_that_the_line_counts_in(direct: bool, lockfile: str | None, where: str) -> None:
    report = replace(FOUND, findings=(outdated(direct, lockfile),))
    assert where in scan.as_text(report, NOW).splitlines()[1].split()


def test_a_finding_without_a_fix_says_why() -> None:
    report = replace(
        FOUND, planned=(), rejected=(Rejected("PyPI:acme:CVE-2026-1", no_fix("no release newer than 1.0")),)
    )
    assert "no fix: PyPI:acme:CVE-2026-1: no release newer than 1.0" in scan.as_text(report, NOW).splitlines()
    (row,) = scan.as_json(report)["findings"]
    assert (row["target"], row["fixable"], row["reason"]) == (None, False, "no release newer than 1.0")


def test_a_fix_is_no_target_for_a_vulnerability_that_it_leaves_open() -> None:
    report = replace(FOUND, findings=(finding(), finding("CVE-2026-2")))
    fixed, left = scan.as_json(report)["findings"]
    assert (fixed["target"], left["target"], left["fixable"]) == ("1.5", None, False)


def test_a_fix_that_could_not_be_made_says_why_although_it_has_a_target() -> None:
    report = replace(FOUND, rejected=(NO_TOOL,))
    lines = scan.as_text(report, NOW, fixing=True).splitlines()
    assert "not done: PyPI:acme:CVE-2026-1: uv is not installed" in lines
    assert lines[-1] == "nothing was changed"
    (row,) = scan.as_json(report, fixing=True)["findings"]
    assert (row["target"], row["reason"]) == ("1.5", "uv is not installed")
    assert scan.undone(report, fixing=True) == (remediation(),)


def test_a_fix_that_was_not_asked_for_is_not_undone() -> None:
    assert scan.undone(replace(FOUND, rejected=(NO_TOOL,)), fixing=False) == ()
    assert scan.undone(FOUND, fixing=True) == ()


def test_what_was_done_follows_with_its_proof() -> None:
    cve = Audited("PyPI", "acme", "1.0", "CVE-2026-1")
    proof = Proof("t", "b", SNAPSHOT, (cve,), (), (), (change(),), {}, ("pip-audit 2.10.1: nothing",))
    lines = scan.as_text(replace(FOUND, fixed=(remediation(),), proof=proof), NOW, fixing=True).splitlines()
    assert lines[-3:] == [
        "done: Update acme to 1.5 against CVE-2026-1",
        "proof: 1 fixed, 0 introduced, 0 remaining",
        "proof: pip-audit 2.10.1: nothing",
    ]


@pytest.mark.parametrize(
    ("known", "said"),
    [
        pytest.param(0, "nothing was audited: there is no usable advisory data", id="none"),
        pytest.param(1, "only 1 of 2 dependencies were audited: nothing counts as clean", id="half"),
    ],
)
def test_data_that_is_missing_is_never_called_clean(known: int, said: str) -> None:
    both = facts([dependency(), dependency("zeta")])
    half = replace(both, advisories=dict(list(both.advisories.items())[:known]), snapshot=None)
    assert scan.as_text(replace(FOUND, audited=False, facts=half, findings=()), NOW) == said


def test_a_folder_without_dependencies_is_no_missing_data() -> None:
    nothing = ScanReport(True, facts(), (), (), (), ())
    assert scan.as_text(nothing, NOW) == "no dependencies were found: there is nothing to audit"


def test_foreign_words_stay_on_their_line_and_command_nothing() -> None:
    rude = replace(FOUND, failed=(Failure("x", "a\nb\x1b[2J"),), rejected=(Rejected("k", no_fix("\x9b31m\r")),))
    text = scan.as_text(rude, NOW)
    assert len(text.splitlines()) == 5
    assert not {c for c in text if ord(c) < 32 or 127 <= ord(c) < 160} - {"\n"}
