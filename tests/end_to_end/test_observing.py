"""What people do in GitLab is noticed, whenever they do it and whatever fails meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from bot.sandbox.faults import Fault
from tests.end_to_end.advisories import record
from tests.end_to_end.inside import Inside, inside
from tests.end_to_end.world import BOT, DEVELOPER, FIXES_ONLY, Fleet, quote

PATH = "group/app"
WHERE = f"/projects/{quote(PATH)}"
OTHER = "group/other"
MANIFEST = "requirements.txt"
FIX = "vulnerable/PyPI/acme"
FLAW = "PyPI:acme:CVE-2026-1"
CONFIRMED = {FIX: "confirmed", FLAW: "resolved"}
IN_REVIEW = {FIX: "mr_open", FLAW: "in_review"}
NEXT_DAY = timedelta(hours=25)


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """Two projects with a vulnerable package each."""
    fleet.environ |= {"BOT_POLICY__SECOND_OPINION": "false", "BOT_POLICY__UPDATES": FIXES_ONLY}
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project(PATH, {MANIFEST: "acme==1.0\n"})
    fleet.project(OTHER, {MANIFEST: "acme==1.0\n"})
    return fleet


@pytest.fixture
def bot(app: Fleet) -> Iterator[Inside]:
    """After a first sweep."""
    with inside(app) as made:
        made.sweep()
        yield made


def merge_requests(app: Fleet, path: str = PATH) -> list[str]:
    return [merge_request["state"] for merge_request in app.merge_requests(path)]


@pytest.mark.parametrize("moment", ["sweep", "own_merge_requests", "own_issues"])
def test_a_merge_in_the_middle_of_a_sweep(app: Fleet, bot: Inside, moment: str) -> None:
    bot.interrupt(moment, lambda: app.merge(PATH, 1))
    bot.sweep()
    bot.sweep()
    assert merge_requests(app) == ["merged"]
    assert app.states(PATH) == CONFIRMED
    # Neither reopened nor closed by the bot: the merge closed it.
    assert app.notes(PATH, "issues", 1) == []


def test_a_merge_during_a_run_of_that_project_alone(app: Fleet) -> None:
    app.run(PATH)
    with inside(app) as bot:
        bot.interrupt("own_issues", lambda: app.merge(PATH, 1))
        bot.run(PATH)
        bot.run(PATH)
    assert merge_requests(app) == ["merged"]
    assert app.states(PATH) == CONFIRMED


def test_a_close_while_the_project_cannot_be_read(app: Fleet, bot: Inside) -> None:
    app.api.put(f"{WHERE}/merge_requests/1", state_event="close")
    app.commit(PATH, "main", MANIFEST, "acme==1.0\n# new\n")
    app.sandbox.faults.add(Fault(path=f"/{PATH}.git/*", count=None, status=404))
    assert "failed" in {outcome.status for outcome in bot.sweep()}
    app.sandbox.faults.clear()
    app.sandbox.requests.clear()
    bot.sweep()
    assert app.states(PATH) == {FIX: "rejected", FLAW: "open"}
    # However long it failed: its own lists are read again, and those of no other project.
    read = {r.path for r in app.sandbox.requests if r.path.endswith("/merge_requests") and r.path.count("/") > 3}
    assert read == {f"/api/v4/projects/{app.api.get(WHERE)['id']}/merge_requests"}


def test_a_project_that_fails_for_ever_does_not_have_the_others_read_again(app: Fleet, bot: Inside) -> None:
    bot.sweep()
    app.api.put(f"{WHERE}/merge_requests/1", state_event="close")
    app.commit(PATH, "main", MANIFEST, "acme==1.0\n# new\n")
    app.sandbox.faults.add(Fault(path=f"/{PATH}.git/*", count=None, status=404))

    def read_since() -> str:
        app.sandbox.requests.clear()
        bot.sweep()
        (asked,) = [r for r in app.sandbox.requests if r.path == "/api/v4/merge_requests"]
        return parse_qs(asked.query)["updated_after"][0]

    before = read_since()
    assert before < read_since()


def test_a_close_while_the_project_is_archived(app: Fleet, bot: Inside) -> None:
    app.api.put(f"{WHERE}/merge_requests/1", state_event="close")
    app.api.post(f"{WHERE}/archive")
    bot.sweep()
    app.api.post(f"{WHERE}/unarchive")
    bot.sweep()
    assert app.states(PATH) == {FIX: "rejected", FLAW: "open"}


def test_a_deleted_merge_request_is_made_anew_the_next_day(app: Fleet, bot: Inside) -> None:
    app.api.delete(f"{WHERE}/merge_requests/1")
    bot.sweep(later=NEXT_DAY)
    assert [m["iid"] for m in app.merge_requests(PATH)] == [2]
    assert app.states(PATH) == IN_REVIEW


def test_a_deleted_issue_is_made_anew_the_next_day(app: Fleet, bot: Inside) -> None:
    app.api.delete(f"{WHERE}/issues/1")
    bot.sweep(later=NEXT_DAY)
    assert [i["iid"] for i in app.issues(PATH)] == [2]
    assert "Closes #2" in app.merge_requests(PATH)[0]["description"]


def test_a_day_later_an_unchanged_fleet_is_still_three_requests(app: Fleet, bot: Inside) -> None:
    app.sandbox.requests.clear()
    bot.sweep(later=NEXT_DAY)
    asked = sorted(r.path.rsplit("/", 1)[-1] for r in app.sandbox.requests)
    assert asked == ["graphql", "issues", "merge_requests"]


def test_a_close_of_what_the_token_before_this_one_opened(app: Fleet, bot: Inside) -> None:
    successor = app.sandbox.add_user("successor")
    for path in (PATH, OTHER):
        app.api.post(f"/projects/{quote(path)}/members", user_id=successor.id, access_level=DEVELOPER)
        found = app.api.get(f"/projects/{quote(path)}/members")
        (before,) = [m["id"] for m in found if m["username"] == BOT]
        app.api.delete(f"/projects/{quote(path)}/members/{before}")
    app.environ["BOT_TOKEN"] = app.sandbox.add_token(successor)
    app.api.put(f"{WHERE}/merge_requests/1", state_event="close")
    with inside(app) as after:
        after.sweep(later=NEXT_DAY)
    assert app.states(PATH) == {FIX: "rejected", FLAW: "open"}
    assert app.states(OTHER) == IN_REVIEW
