"""A merge request is open, and what it offers cannot be proven any more: nobody is invited to merge it."""

from __future__ import annotations

import pytest

from tests.end_to_end.advisories import record
from tests.end_to_end.world import FIXES_ONLY, Fleet, quote

PATH = "group/app"
WHERE = f"/projects/{quote(PATH)}"
MANIFEST = "requirements.txt"
FIX = "vulnerable/PyPI/acme"
BRANCH = f"remediation/{FIX}"
FLAW = "PyPI:acme:CVE-2026-1"
PINS = "acme==1.0\nbeta==1.0\n"


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """A fix in review, beside a package that has nothing against it yet."""
    fleet.environ |= {"BOT_POLICY__SECOND_OPINION": "false", "BOT_POLICY__UPDATES": FIXES_ONLY}
    fleet.index.add("acme", "1.0", "1.5")
    fleet.index.add("beta", "1.0")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project(PATH, {MANIFEST: PINS})
    fleet.run(PATH)
    return fleet


def bar(app: Fleet) -> None:
    """Have the fix find no place, and the bot look again."""
    app.index.needs["beta", "1.0"] = ["acme<1.5"]
    app.commit(PATH, "main", MANIFEST, f"# barred\n{PINS}")
    app.run(PATH)


def merge_requests(app: Fleet) -> list[str]:
    return [merge_request["state"] for merge_request in app.merge_requests(PATH)]


def settled(app: Fleet) -> bool:
    """Whether another cycle changes nothing."""
    app.sandbox.requests.clear()
    app.run(PATH)
    return app.writes() == []


def test_it_is_taken_back_with_the_reason_and_the_issue_says_what_stands_in_the_way(app: Fleet) -> None:
    bar(app)
    assert merge_requests(app) == ["closed"]
    (said,) = app.notes(PATH, "merge_requests", 1)
    assert said.startswith("This change is not offered any more: requirements.txt cannot be installed with acme 1.5: ")
    (issue,) = app.issues(PATH)
    assert issue["state"] == "opened"
    assert "## What would be done" in issue["description"]
    assert "## What stands in the way\n\nrequirements.txt cannot be installed" in issue["description"]
    assert "Closing the merge request" not in issue["description"]
    assert app.states(PATH) == {FIX: "blocked", FLAW: "open"}
    assert settled(app)


def test_it_is_offered_again_once_it_can_be_proven_as_taking_it_back_was_no_refusal(app: Fleet) -> None:
    bar(app)
    app.index.needs.clear()
    app.commit(PATH, "main", MANIFEST, f"# free\n{PINS}")
    app.run(PATH)
    assert merge_requests(app) == ["closed", "opened"]
    assert app.file(PATH, MANIFEST, BRANCH) == "# free\nacme==1.5\nbeta==1.0\n"
    (issue,) = app.issues(PATH)
    assert "What stands in the way" not in issue["description"]
    assert app.states(PATH) == {FIX: "mr_open", FLAW: "in_review"}
    assert settled(app)


def test_it_moves_to_another_version_where_there_is_one(app: Fleet) -> None:
    app.index.add("acme", "1.6")
    app.index.yanked.add(("acme", "1.5"))
    app.run(PATH)
    assert [(m["state"], m["title"]) for m in app.merge_requests(PATH)] == [
        ("opened", "Update acme to 1.6 against CVE-2026-1")
    ]


def test_someone_else_s_work_stays_open_and_is_told_once(app: Fleet) -> None:
    app.commit(PATH, BRANCH, MANIFEST, "acme==1.5  # and more\nbeta==1.0\n")
    bar(app)
    assert merge_requests(app) == ["opened"]
    (said,) = app.notes(PATH, "merge_requests", 1)
    assert "Someone else committed to its branch, so it stays open." in said
    app.commit(PATH, "main", MANIFEST, f"# still barred\n{PINS}")
    app.run(PATH)
    assert len(app.notes(PATH, "merge_requests", 1)) == 1
    assert settled(app)


def test_it_is_taken_back_although_the_database_was_lost(app: Fleet) -> None:
    for file in app.folder.glob("bot.db*"):
        file.unlink()
    bar(app)
    assert merge_requests(app) == ["closed"]
    assert app.states(PATH) == {FIX: "blocked", FLAW: "open"}
    assert settled(app)


def test_an_update_is_taken_back_as_well_and_its_issue_says_why(app: Fleet) -> None:
    del app.environ["BOT_POLICY__UPDATES"]
    app.index.add("zeta", "1.0", "1.2")
    app.project("group/two", {MANIFEST: "beta==1.0\nzeta==1.0\n"})
    app.run("group/two")
    app.index.needs["beta", "1.0"] = ["zeta<1.2"]
    app.commit("group/two", "main", MANIFEST, "# barred\nbeta==1.0\nzeta==1.0\n")
    app.run("group/two")
    assert [m["state"] for m in app.merge_requests("group/two")] == ["closed"]
    (issue,) = app.issues("group/two")
    assert "requirements.txt cannot be installed with zeta 1.2" in issue["description"]


def test_what_only_failed_stays_open(app: Fleet) -> None:
    app.api.post(f"{WHERE}/protected_branches", name=BRANCH, push_access_level=0)
    app.commit(PATH, "main", MANIFEST, f"# moved\n{PINS}")
    assert app.bot("run", PATH).status == 1
    assert merge_requests(app) == ["opened"]
    assert app.states(PATH)[FIX] == "failed"
