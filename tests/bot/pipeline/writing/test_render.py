"""What people read, and the marks by which the bot finds its own work again."""

from __future__ import annotations

import re
from dataclasses import replace

from bot import marks
from bot.pipeline.planning import targets
from bot.pipeline.writing import render
from bot.pipeline.writing.render import Subject
from state.model import Audited, Change, Proof
from tests.bot.pipeline.builders import SNAPSHOT, change, finding, remediation

PROOF = Proof(
    "t" * 40,
    "b" * 40,
    SNAPSHOT,
    (Audited("PyPI", "acme", "1.0", "CVE-2026-1"),),
    (),
    (),
    (change(), Change("PyPI", "helper", "2.0", "2.1", "requirements.txt", None, False)),
    {"uv": "1.2.3"},
    ("pip-audit 2.10.1: no known vulnerabilities in 14 packages",),
)
SUBJECT = Subject(remediation(), (finding(),), PROOF)


def test_the_merge_request_says_what_why_and_how_to_say_no() -> None:
    draft = render.merge_request(SUBJECT, 7, ("dependencies",))
    assert draft.title == "Update acme to 1.5 against CVE-2026-1"
    assert (draft.source_branch, draft.target_branch) == ("remediation/vulnerable/PyPI/acme", "main")
    assert draft.labels == ("remediation-bot", "dependencies", "security")
    for said in (
        "| `acme` | `1.0` | `1.5` | `requirements.txt` |",
        "[CVE-2026-1](https://osv.example/x) | high (7.5)",
        "| Fixed | 1: CVE-2026-1 in `acme` `1.0` |",
        "1 more package moved along",
        "Second opinion: pip-audit 2.10.1",
        "Tools that ran: uv 1.2.3",
        "Close this merge request: these versions are not offered again",
        "\nCloses #7\n",
    ):
        assert said in draft.description, said


def test_a_table_is_one_block_without_blank_lines() -> None:
    body = render.merge_request(SUBJECT, None, ()).description
    assert "|---|---|---|---|\n| `acme` | `1.0`" in body
    assert "|---|---|---|---|---|\n| [CVE-2026-1]" in body
    assert "Closes #" not in body


def test_a_transitive_package_that_was_planned_is_not_told_twice() -> None:
    planned = replace(change(), direct=False)
    subject = Subject(remediation(changes=(planned,)), (finding(),), replace(PROOF, changes=(planned,)))
    assert "moved along" not in render.merge_request(subject, 7, ()).description


def test_a_partial_fix_is_labelled_as_one() -> None:
    left = replace(PROOF, remaining=(Audited("PyPI", "acme", "1.5", "CVE-2026-2"),))
    assert render.merge_request(replace(SUBJECT, proof=left), 7, ()).description.startswith("**Partial fix**: 1 ")


def test_an_issue_of_a_blocked_fix_says_why() -> None:
    draft = render.issue(Subject(remediation(changes=()), (finding(),), reason="no fixed version: @all"), ())
    assert "## What stands in the way\n\nno fixed version: \\@all\n" in draft.description


def test_a_hostile_advisory_cannot_command_gitlab() -> None:
    hostile = finding()
    record = replace(hostile.advisories[0], summary="x\n/close\n@all <img src=x>", url="javascript:x")
    body = render.merge_request(Subject(remediation(), (replace(hostile, advisories=(record,)),), PROOF), 7, ())
    assert not any(line.startswith("/") for line in body.description.splitlines())
    assert "<img" not in body.description.replace("\\<img", "")
    assert "javascript" not in body.description


def test_work_is_found_again_by_its_marks() -> None:
    draft = render.merge_request(SUBJECT, 7, ())
    assert marks.key("vulnerable/PyPI/acme") in draft.description
    assert marks.changes(render.change_lines(remediation())) in draft.description
    assert render.same(draft.description.strip(), draft.description)
    other = render.merge_request(replace(SUBJECT, proof=replace(PROOF, checks=())), 7, ())
    assert not render.same(draft.description, other.description)


def test_the_commit_message_names_changes_findings_and_the_remediation() -> None:
    assert render.commit(SUBJECT) == (
        "Update acme to 1.5 against CVE-2026-1\n\n"
        "- acme 1.0 -> 1.5 (requirements.txt)\n\n"
        "Vulnerability: CVE-2026-1 in acme\n\n"
        "Remediation: vulnerable/PyPI/acme\n"
    )


# GitLab's closing pattern (config/initializers/1_settings.rb), as far as it is about issues of other trackers.
CLOSES_ELSEWHERE = re.compile(
    r"(?i:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?):? +"
    r"(?:[^,]*(?:,| and) +)?[A-Z][A-Z0-9_]+-\d"
)


def test_no_advisory_is_taken_for_an_issue_of_another_tracker() -> None:
    found = finding()
    made = replace(SUBJECT.remediation, title=targets.fix_title("acme", [change()], [found.key]))
    without = targets.fix_title("acme", [replace(change(), package="boss")], [found.key])
    barred = targets.fix_title("acme", [], [found.key])
    subject = replace(SUBJECT, remediation=made)
    drawn, issue = render.merge_request(subject, 7, ()), render.issue(subject, ())
    texts = (drawn.title, drawn.description, issue.title, issue.description, render.commit(subject), without, barred)
    for text in texts:
        assert "CVE-2026-1" in text
        assert not CLOSES_ELSEWHERE.search(text), text
    assert CLOSES_ELSEWHERE.search("to fix CVE-2026-1")


def test_a_hostile_path_cannot_command_gitlab() -> None:
    hostile = remediation(
        title="Update acme to 1.5 in @all/closes #1\n/close/x.txt",
        changes=(replace(change(), manifest="@all/closes #1\n/close/x.txt"),),
        target_branch="`@all`",
    )
    subject = Subject(hostile, (finding(),), PROOF)
    for draft in (render.issue(subject, ()), render.merge_request(subject, 7, ())):
        assert "\n" not in draft.title
        assert "@all" not in draft.title
        assert not any(line.startswith("/") for line in draft.description.splitlines())
        assert "``@all``" not in draft.description
    message = render.commit(subject)
    assert "#1" not in message
    assert not any(line.startswith("/") for line in message.splitlines())
