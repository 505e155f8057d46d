"""Issues over REST: what each deed does, and who may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.sandbox.world import Project
from tests.sandbox.client import Api

People = Callable[[str], Api]


def test_a_new_issue(developer: Api, path: str, project: Project) -> None:
    made = developer.post(
        f"{path}/issues", title="Broken", description="- [ ] fix", labels="bug,new one", due_date="2030-01-02"
    )
    assert made["iid"] == 1
    assert made["labels"] == ["bug", "new one"]
    assert made["due_date"] == "2030-01-02"
    assert made["references"] == {"short": "#1", "relative": "#1", "full": "group/app#1"}
    assert made["web_url"].endswith("/group/app/-/issues/1")
    assert made["task_completion_status"] == {"count": 1, "completed_count": 0}
    assert made["subscribed"]
    assert developer.get(f"{path}/issues/1") == made


def test_labels_that_do_not_exist_are_made(developer: Api, path: str) -> None:
    developer.post(f"{path}/issues", title="Broken", labels=["bug"])
    assert [label["name"] for label in developer.get(f"{path}/labels")] == ["bug"]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param({}, {"error": "title is missing"}, id="no title"),
        pytest.param({"title": ""}, {"message": {"title": ["can't be blank"]}}, id="blank title"),
        pytest.param(
            {"title": "x" * 256}, {"message": {"title": ["is too long (maximum is 255 characters)"]}}, id="long title"
        ),
        pytest.param({"title": "x", "due_date": "soon"}, {"error": "due_date is invalid"}, id="no date"),
    ],
)
def test_what_cannot_be_created(developer: Api, path: str, body: dict[str, str], answer: dict[str, object]) -> None:
    assert developer.post(f"{path}/issues", 400, **body) == answer


def test_disabled_issues_are_forbidden(api: Api, path: str) -> None:
    api.put(path, issues_access_level="disabled")
    assert api.post(f"{path}/issues", 403, title="x") == {"message": "403 Forbidden"}


def test_an_issue_that_does_not_exist(api: Api, path: str) -> None:
    assert api.get(f"{path}/issues/100000000000000000000", 404) == {"message": "404 Not found"}


def test_an_update_needs_something_to_update(api: Api, path: str) -> None:
    api.post(f"{path}/issues", title="x")
    error = api.put(f"{path}/issues/1", 400)["error"]
    assert error.endswith("are missing, at least one parameter must be provided")


def test_an_update_changes_what_it_names_only(developer: Api, path: str) -> None:
    developer.post(f"{path}/issues", title="Old", description="kept", labels="a,b")
    changed = developer.put(f"{path}/issues/1", title="New", add_labels="c", remove_labels="a")
    assert (changed["title"], changed["description"], changed["labels"]) == ("New", "kept", ["b", "c"])
    assert developer.put(f"{path}/issues/1", labels="")["labels"] == []


def test_closing_and_reopening(developer: Api, path: str) -> None:
    developer.post(f"{path}/issues", title="x")
    closed = developer.put(f"{path}/issues/1", state_event="close")
    assert (closed["state"], closed["closed_by"]["username"]) == ("closed", "developer")
    assert closed["closed_at"]
    reopened = developer.put(f"{path}/issues/1", state_event="reopen")
    assert (reopened["state"], reopened["closed_by"], reopened["closed_at"]) == ("opened", None, None)


def test_guests_open_issues_but_set_no_labels(people: People, path: str) -> None:
    made = people("guest").post(f"{path}/issues", title="x", labels="bug")
    assert made["labels"] == []


def test_authors_edit_their_own_issue_and_no_other(people: People, path: str) -> None:
    guest = people("guest")
    guest.post(f"{path}/issues", title="mine")
    people("developer").post(f"{path}/issues", title="theirs")
    assert guest.put(f"{path}/issues/1", title="still mine")["title"] == "still mine"
    assert guest.put(f"{path}/issues/2", 403, title="mine now") == {"message": "403 Forbidden"}


def test_only_owners_delete(people: People, path: str) -> None:
    people("maintainer").post(f"{path}/issues", title="x")
    people("maintainer").delete(f"{path}/issues/1", 403)
    people("owner").delete(f"{path}/issues/1")
    people("owner").get(f"{path}/issues/1", 404)


def test_confidential_issues_are_hidden_from_guests(people: People, path: str) -> None:
    people("developer").post(f"{path}/issues", title="secret", confidential=True)
    assert people("guest").get(f"{path}/issues/1", 404) == {"message": "404 Not found"}
    assert people("guest").get(f"{path}/issues") == []
    assert people("reporter").get(f"{path}/issues/1")["confidential"]


def test_strangers_do_not_see_the_project(login: Callable[..., Api], path: str) -> None:
    assert login("stranger").get(f"{path}/issues", 404) == {"message": "404 Project Not Found"}


def test_the_free_tier_keeps_one_assignee(developer: Api, path: str) -> None:
    ids = [developer.get("/users", username=name)[0]["id"] for name in ("guest", "reporter")]
    made = developer.post(f"{path}/issues", title="x", assignee_ids=ids)
    assert [one["username"] for one in made["assignees"]] == ["guest"]


def test_quick_actions_in_a_description_run(developer: Api, path: str) -> None:
    developer.post(f"{path}/labels", name="bug", color="#ff0000")
    made = developer.post(f"{path}/issues", title="x", description="Text\n/label ~bug\n/close")
    assert (made["description"], made["labels"], made["state"]) == ("Text", ["bug"], "closed")


def test_edits_leave_remarks(developer: Api, path: str) -> None:
    developer.post(f"{path}/issues", title="Old name")
    developer.put(f"{path}/issues/1", title="New name", description="more")
    remarks = [note["body"] for note in developer.get(f"{path}/issues/1/notes", sort="asc")]
    assert remarks == ["changed title from **{-Old-} name** to **{+New+} name**", "changed the description"]


def test_links(developer: Api, path: str) -> None:
    for title in ("one", "two"):
        developer.post(f"{path}/issues", title=title)
    developer.put(f"{path}/issues/1", description="like #2")
    assert [n["body"] for n in developer.get(f"{path}/issues/2/notes")] == ["mentioned in issue #1"]
