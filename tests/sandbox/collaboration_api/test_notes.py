"""Notes: comments, who may change them, and what they set off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.client import Api

People = Callable[[str], Api]


@pytest.fixture
def issue(developer: Api, path: str) -> str:
    """The path of an open issue."""
    developer.post(f"{path}/labels", name="bug", color="#ff0000")
    developer.post(f"{path}/issues", title="x")
    return f"{path}/issues/1"


def test_a_comment(developer: Api, issue: str) -> None:
    note = developer.post(f"{issue}/notes", body="Hello")
    assert (note["body"], note["system"], note["noteable_type"], note["noteable_iid"]) == ("Hello", False, "Issue", 1)
    assert developer.get(f"{issue}/notes/{note['id']}") == note
    assert developer.get(issue)["user_notes_count"] == 1


def test_a_comment_on_a_merge_request(developer: Api, path: str, open_request: Callable[..., dict[str, Any]]) -> None:
    open_request()
    note = developer.post(f"{path}/merge_requests/1/notes", body="Hello")
    assert (note["noteable_type"], note["resolvable"]) == ("MergeRequest", False)


def test_comments_are_listed_newest_first(developer: Api, issue: str) -> None:
    for body in ("one", "two"):
        developer.post(f"{issue}/notes", body=body)
    assert [n["body"] for n in developer.get(f"{issue}/notes")] == ["two", "one"]
    assert [n["body"] for n in developer.get(f"{issue}/notes", sort="asc")] == ["one", "two"]


def test_only_comments_or_only_activity(developer: Api, issue: str) -> None:
    developer.post(f"{issue}/notes", body="said")
    developer.put(issue, title="y")
    assert [n["body"] for n in developer.get(f"{issue}/notes", activity_filter="only_comments")] == ["said"]
    assert [n["system"] for n in developer.get(f"{issue}/notes", activity_filter="only_activity")] == [True]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param({}, {"error": "body is missing"}, id="no body"),
        pytest.param({"body": " "}, {"message": '400 Bad request - Note {:note=>["can\'t be blank"]}'}, id="blank"),
    ],
)
def test_what_cannot_be_said(developer: Api, issue: str, body: dict[str, str], answer: dict[str, str]) -> None:
    assert developer.post(f"{issue}/notes", 400, **body) == answer


def test_a_note_is_changed_by_its_author_and_maintainers(people: People, issue: str) -> None:
    note = people("guest").post(f"{issue}/notes", body="one")["id"]
    people("developer").put(f"{issue}/notes/{note}", 403, body="two")
    assert people("guest").put(f"{issue}/notes/{note}", body="two")["body"] == "two"
    people("maintainer").delete(f"{issue}/notes/{note}")
    assert people("guest").get(f"{issue}/notes/{note}", 404) == {"message": "404 Not found"}


def test_internal_notes_are_hidden_from_guests(people: People, issue: str) -> None:
    people("developer").post(f"{issue}/notes", body="psst", internal=True)
    assert people("guest").get(f"{issue}/notes") == []
    assert [n["internal"] for n in people("reporter").get(f"{issue}/notes")] == [True]


def test_a_locked_discussion_is_for_members(
    people: People, login: Callable[..., Api], api: Api, issue: str, path: str
) -> None:
    api.put(path, visibility="public")
    people("developer").put(issue, discussion_locked=True)
    login("stranger").post(f"{issue}/notes", 403, body="hello")
    people("guest").post(f"{issue}/notes", body="hello")


def test_a_note_of_commands_only_is_no_note(developer: Api, issue: str) -> None:
    answer = developer.post(f"{issue}/notes", 202, body="/close\n/label ~bug")
    assert answer["summary"] == ["Closed this item.", "Added ~bug label."]
    assert answer["commands_changes"]["state"] == "closed"
    assert developer.get(issue)["labels"] == ["bug"]
    assert developer.get(f"{issue}/notes", activity_filter="only_comments") == []


def test_commands_are_taken_out_of_a_note(developer: Api, issue: str) -> None:
    note = developer.post(f"{issue}/notes", body="Enough of this.\n/close")
    assert note["body"] == "Enough of this."
    assert developer.get(issue)["state"] == "closed"


def test_commands_that_one_may_not_give_stay_text(people: People, issue: str) -> None:
    note = people("guest").post(f"{issue}/notes", body="/label ~bug\n/close")
    assert note["body"] == "/label ~bug\n/close"
    assert people("guest").get(issue)["state"] == "opened"


def test_mentions_become_to_dos(people: People, issue: str) -> None:
    people("developer").post(f"{issue}/notes", body="@reporter look, and @nobody too")
    found = people("reporter").get("/todos")
    assert [(one["action_name"], one["target_type"]) for one in found] == [("directly_addressed", "Issue")]


def test_a_reply_finishes_ones_to_do(people: People, issue: str) -> None:
    people("developer").post(f"{issue}/notes", body="@reporter look")
    people("reporter").post(f"{issue}/notes", body="seen")
    assert people("reporter").get("/todos") == []


def test_a_mention_of_another_issue_is_remarked_there_once(developer: Api, issue: str, path: str) -> None:
    developer.post(f"{path}/issues", title="other")
    for _ in range(2):
        developer.post(f"{issue}/notes", body="like #2")
    assert [n["body"] for n in developer.get(f"{path}/issues/2/notes")] == ["mentioned in issue #1"]
