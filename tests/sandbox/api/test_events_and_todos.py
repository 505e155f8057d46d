"""What the feed tells, and what waits for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.sandbox.rules import activity
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access
from tests.sandbox.client import Api


def test_the_feed_tells_who_did_what(sandbox: Sandbox, api: Api) -> None:
    sandbox.add_project("team/app")
    issue = api.post("/projects/1/issues", title="Broken")
    api.post(f"/projects/1/issues/{issue['iid']}/notes", body="Yes")
    told = [(e["action_name"], e["target_type"], e["target_title"]) for e in api.get("/projects/1/events")]
    assert told == [("commented on", "Note", "Broken"), ("opened", "Issue", "Broken"), ("created", None, None)]
    (comment,) = api.get("/events", action="commented")
    assert (comment["note"]["body"], comment["author_username"]) == ("Yes", "root")
    assert [e["action_name"] for e in api.get("/projects/1/events", target_type="issue")] == ["opened"]
    assert [e["action_name"] for e in api.get("/users/root/events", sort="asc")] == [
        "created",
        "opened",
        "commented on",
    ]


def test_strangers_do_not_hear_of_private_projects(sandbox: Sandbox, login: Callable[..., Api]) -> None:
    sandbox.add_project("team/app")
    assert login("eve").get("/users/root/events") == []


def test_activity_moves_at_most_once_an_hour(sandbox: Sandbox) -> None:
    project = sandbox.add_project("team/app")
    start = datetime(2026, 11, 20, 8, tzinfo=UTC)
    clock = [start]
    sandbox.world.clock = lambda: clock[-1]
    project.last_activity_at = start
    moments = []
    for minutes in (59, 60, 119, 120):
        clock.append(start + timedelta(minutes=minutes))
        activity.record(sandbox.world, sandbox.root, project, "opened")
        moments.append((project.last_activity_at - start).seconds // 60)
    assert moments == [0, 60, 60, 120]


def test_an_assignment_waits_until_it_is_done(sandbox: Sandbox, api: Api, login: Callable[..., Api]) -> None:
    alice = login("alice")
    sandbox.add_project("team/app", members={"alice": Access.DEVELOPER})
    me = alice.get("/user")["id"]
    for title in ("One", "Two"):
        api.post("/projects/1/issues", title=title, assignee_ids=[me])
    two, one = alice.get("/todos")
    assert (two["action_name"], two["target_type"], two["target"]["title"]) == ("assigned", "Issue", "Two")
    assert two["target_url"] == two["target"]["web_url"]
    assert alice.post(f"/todos/{one['id']}/mark_as_done")["state"] == "done"
    assert api.post(f"/todos/{two['id']}/mark_as_done", 404) == {"message": "404 Not found"}
    alice.post("/todos/mark_as_done", 204)
    assert (alice.get("/todos"), len(alice.get("/todos", state="done"))) == ([], 2)
