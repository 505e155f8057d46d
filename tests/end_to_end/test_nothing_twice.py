"""What was said or noted once is not said or noted again."""

from __future__ import annotations

import pytest

from bot.sandbox.faults import Fault
from tests.end_to_end.advisories import record
from tests.end_to_end.world import Fleet

PATH = "group/app"
MANIFEST = "requirements.txt"


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """A vulnerable package, with its merge request and issue."""
    fleet.environ["BOT_POLICY__SECOND_OPINION"] = "false"
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project(PATH, {MANIFEST: "acme==1.0\n"})
    fleet.run(PATH)
    return fleet


@pytest.mark.parametrize("kind", ["issues", "merge_requests"])
def test_a_failure_right_after_a_note_does_not_repeat_the_note(app: Fleet, kind: str) -> None:
    app.commit(PATH, "main", MANIFEST, "acme==1.5\n")
    app.sandbox.faults.add(Fault(method="PUT", path=f"*/{kind}/1", status=403))
    assert app.bot("run", PATH).status == 1
    app.run(PATH)
    assert len(app.notes(PATH, kind, 1)) == 1


def test_an_issue_that_someone_else_made_to_look_like_ours_is_left_alone(app: Fleet) -> None:
    (ours,) = app.issues(PATH)
    app.project("group/two", {MANIFEST: "acme==1.0\n"})
    # Opened by the administrator, with everything in it that the bot knows its own issues by.
    app.api.post("/projects/group%2Ftwo/issues", title="Read me", description=ours["description"])
    app.run("group/two")
    theirs, made = app.issues("group/two")
    assert (theirs["title"], theirs["description"], made["title"]) == ("Read me", ours["description"], ours["title"])
    assert f"Closes #{made['iid']}" in app.merge_requests("group/two")[0]["description"]


def test_a_history_does_not_grow_while_nothing_happens(app: Fleet) -> None:
    app.index.add("zeta", "1.0", "1.2", "2.0")
    app.project("group/two", {MANIFEST: "zeta==1.0\n"})
    app.run("group/two")
    # One of the two changes for zeta is refused, the other one stays in review.
    app.api.put("/projects/group%2Ftwo/merge_requests/1", state_event="close")
    app.run("group/two")
    before = app.bot("status", "group/two", "--json").report["events"]
    app.run("group/two")
    assert app.bot("status", "group/two", "--json").report["events"] == before
    assert app.states("group/two")["PyPI:zeta:outdated"] == "in_review"
