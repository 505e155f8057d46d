"""What people read and may do stays true while a merge request is open, though its changes and files are the same."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.advisories import record
from tests.end_to_end.world import FIXES_ONLY, Fleet

PATH = "group/app"
MANIFEST = "requirements.txt"
POLICY = ".remediation.yml"
CRITICAL = {"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]}
TITLE = "Update acme to 1.5 against CVE-2026-1"
APPROVAL = "needs-approval"


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """A vulnerable package with a fix, not looked at yet."""
    fleet.environ |= {"BOT_POLICY__SECOND_OPINION": "false", "BOT_POLICY__UPDATES": FIXES_ONLY}
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    return fleet


def look(app: Fleet, policy: str) -> Any:
    """Have the bot look at the project with this policy, twice: the merge request after a second look changed nothing.

    The same policy again is no commit.
    """
    if not app.api.get("/projects", search="app"):
        app.project(PATH, {MANIFEST: "acme==1.0\n", POLICY: policy})
    elif app.file(PATH, POLICY, "main") != policy:
        app.commit(PATH, "main", POLICY, policy)
    app.run(PATH)
    app.sandbox.requests.clear()
    app.run(PATH)
    assert app.writes() == []
    (merge_request,) = app.merge_requests(PATH)
    return merge_request


def test_a_severity_that_is_known_later_is_told_and_asks_for_approval_where_the_policy_does(app: Fleet) -> None:
    policy = "approval: {critical: manual}\n"
    before = look(app, policy)
    assert (before["title"], APPROVAL in before["labels"]) == (TITLE, False)
    app.advise(record("CVE-2026-1", "acme", "1.5") | CRITICAL)
    after = look(app, policy)
    assert (after["title"], APPROVAL in after["labels"]) == (f"Draft: {TITLE}", True)
    assert "| critical (9.8) |" in after["description"]
    assert "| critical (9.8) |" in app.issues(PATH)[0]["description"]
    assert after["sha"] == before["sha"]


def test_approval_that_is_asked_for_since_makes_a_draft_and_none_when_it_is_not_any_more(app: Fleet) -> None:
    assert look(app, "approval: auto\n")["title"] == TITLE
    asked = look(app, "approval: manual\n")
    assert (asked["title"], APPROVAL in asked["labels"]) == (f"Draft: {TITLE}", True)
    assert "**Please approve**" in asked["description"]
    free = look(app, "approval: auto\n")
    assert (free["title"], APPROVAL in free["labels"]) == (TITLE, False)
    assert "**Please approve**" not in free["description"]


def test_what_was_approved_stays_ready_when_more_becomes_known(app: Fleet) -> None:
    policy = "approval: manual\n"
    look(app, policy)
    app.api.put("/projects/group%2Fapp/merge_requests/1", title=TITLE)
    app.advise(record("CVE-2026-1", "acme", "1.5") | CRITICAL)
    after = look(app, policy)
    assert (after["title"], "| critical (9.8) |" in after["description"]) == (TITLE, True)


def test_an_issue_that_is_wanted_since_is_made_and_linked(app: Fleet) -> None:
    look(app, "issues: never\n")
    assert app.issues(PATH) == []
    assert "Closes #1" in look(app, "issues: always\n")["description"]
    assert len(app.issues(PATH)) == 1


def test_the_issue_of_what_has_no_fix_tells_the_severity_that_is_known_later(app: Fleet) -> None:
    app.project(PATH, {MANIFEST: "acme==1.0\n"})
    app.advise(record("CVE-2026-1", "acme", None))
    app.run(PATH)
    app.advise(record("CVE-2026-1", "acme", None) | CRITICAL)
    app.run(PATH)
    assert "| critical (9.8) |" in app.issues(PATH)[0]["description"]
