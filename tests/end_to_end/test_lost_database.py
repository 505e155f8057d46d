"""A new database: what is still asked for is found again, what no database knows and nothing asks for is closed."""

from __future__ import annotations

import re

import pytest

from bot.sandbox.faults import Fault
from tests.end_to_end.advisories import record
from tests.end_to_end.test_endings import MANIFEST, PATH, WHERE, issues, mend, merge_requests
from tests.end_to_end.world import FIXES_ONLY, Fleet

BRANCH = "remediation/vulnerable/PyPI/acme"


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """A project whose fix was offered, and whose database is gone."""
    fleet.environ |= {"BOT_POLICY__SECOND_OPINION": "false", "BOT_POLICY__UPDATES": FIXES_ONLY}
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project(PATH, {MANIFEST: "acme==1.0\n"})
    fleet.run(PATH)
    lose_database(fleet)
    return fleet


def lose_database(app: Fleet) -> None:
    for file in app.folder.glob("bot.db*"):
        file.unlink()


def test_what_is_still_asked_for_is_found_again(app: Fleet) -> None:
    app.sandbox.requests.clear()
    app.run(PATH)
    assert (merge_requests(app), issues(app), app.writes()) == (["opened"], ["opened"], [])


@pytest.mark.parametrize("scope", [PATH, "--all"])
def test_what_nothing_asks_for_any_more_is_closed_with_a_word_and_once(app: Fleet, scope: str) -> None:
    mend(app)
    (outcome,) = app.run(scope)["projects"][0]["remediations"]
    assert (merge_requests(app), issues(app)) == (["closed"], ["closed"])
    assert (outcome["outcome"], outcome["merge_request"][-2:]) == ("closed", "/1")
    for kind in ("merge_requests", "issues"):
        (said,) = app.notes(PATH, kind, 1)
        assert re.match("Gone from [0-9a-f]{12} without this change", said)
    app.sandbox.requests.clear()
    lose_database(app)
    assert app.run(scope)["projects"][0]["remediations"] == []
    assert app.writes() == []


def test_closing_it_was_no_refusal(app: Fleet) -> None:
    mend(app)
    app.run(PATH)
    app.commit(PATH, "main", MANIFEST, "acme==1.0\n")
    app.run(PATH)
    assert (merge_requests(app), issues(app)) == (["closed", "opened"], ["opened"])


def test_an_issue_whose_merge_request_was_merged_is_closed(app: Fleet) -> None:
    app.api.put(WHERE, autoclose_referenced_issues=False)
    # GitLab notes what a merge request closes when that is written.
    app.api.put(f"{WHERE}/merge_requests/1", title="Ours, by another name")
    app.merge(PATH, 1)
    assert issues(app) == ["opened"]
    app.run(PATH)
    assert issues(app) == ["closed"]


def test_someone_elses_work_on_the_branch_stays_open(app: Fleet) -> None:
    app.commit(PATH, BRANCH, MANIFEST, "acme==1.5  # by hand\n")
    mend(app)
    app.run(PATH)
    (said,) = app.notes(PATH, "merge_requests", 1)
    assert "Someone else committed to its branch, so it stays open." in said
    assert (merge_requests(app), issues(app)) == (["opened"], ["closed"])


def test_nothing_is_closed_by_a_scan_that_could_not_see_everything(app: Fleet) -> None:
    mend(app)
    app.commit(PATH, "main", MANIFEST, "acme==1.5\n-r nowhere.txt\n")
    assert app.bot("run", PATH).status == 1
    assert (merge_requests(app), issues(app)) == (["opened"], ["opened"])
    mend(app)
    app.run(PATH)
    assert (merge_requests(app), issues(app)) == (["closed"], ["closed"])


def test_what_somebody_else_wrote_is_none_of_ours(app: Fleet) -> None:
    ours = app.issues(PATH)[0]["description"]
    app.api.post(f"{WHERE}/issues", title="A copy", description=ours)
    mend(app)
    app.run(PATH)
    assert issues(app) == ["closed", "opened"]


def test_what_gitlab_does_not_let_it_close_fails_and_is_closed_the_next_time(app: Fleet) -> None:
    mend(app)
    app.sandbox.faults.add(Fault(method="PUT", path="*/merge_requests/1", status=403))
    assert app.bot("run", PATH).status == 1
    assert (merge_requests(app), issues(app)) == (["opened"], ["opened"])
    app.run(PATH)
    assert (merge_requests(app), issues(app)) == (["closed"], ["closed"])
