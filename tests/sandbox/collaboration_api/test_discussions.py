"""Discussions: threads, replies, and resolving them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.client import Api

People = Callable[[str], Api]
Open = Callable[..., dict[str, Any]]


@pytest.fixture
def request_path(path: str, open_request: Open) -> str:
    """The path of an open merge request."""
    open_request()
    return f"{path}/merge_requests/1"


def test_a_thread_is_opened_answered_and_resolved(developer: Api, maintainer: Api, request_path: str) -> None:
    thread = maintainer.post(f"{request_path}/discussions", body="Why?")
    assert (thread["individual_note"], thread["notes"][0]["type"]) == (False, "DiscussionNote")
    own = f"{request_path}/discussions/{thread['id']}"
    developer.post(f"{own}/notes", body="Because.")
    assert [n["body"] for n in developer.get(own)["notes"]] == ["Why?", "Because."]
    resolved = developer.put(own, resolved=True)
    assert [(n["resolved"], n["resolved_by"]["username"]) for n in resolved["notes"]] == [(True, "developer")] * 2
    assert developer.put(own, resolved=False)["notes"][0]["resolved"] is False


def test_a_single_comment_becomes_a_thread_by_a_reply(developer: Api, request_path: str) -> None:
    developer.post(f"{request_path}/notes", body="One")
    listed = developer.get(f"{request_path}/discussions")
    assert [one["individual_note"] for one in listed] == [True]
    developer.post(f"{request_path}/discussions/{listed[0]['id']}/notes", body="Two")
    assert [one["individual_note"] for one in developer.get(f"{request_path}/discussions")] == [False]


def test_a_comment_on_a_line(developer: Api, request_path: str) -> None:
    refs = developer.get(request_path)["diff_refs"]
    position = {**refs, "position_type": "text", "new_path": "feature.txt", "new_line": 1}
    thread = developer.post(f"{request_path}/discussions", body="Here", position=position)
    note = thread["notes"][0]
    assert (note["type"], note["position"]["new_path"], note["position"]["new_line"]) == ("DiffNote", "feature.txt", 1)


def test_a_position_has_to_be_whole(developer: Api, request_path: str) -> None:
    refused = developer.post(f"{request_path}/discussions", 400, body="Here", position={"position_type": "text"})
    assert refused["error"].startswith("position[base_sha] is missing")


def test_open_threads_can_hold_a_merge_up(api: Api, maintainer: Api, path: str, request_path: str) -> None:
    api.put(path, only_allow_merge_if_all_discussions_are_resolved=True)
    thread = maintainer.post(f"{request_path}/discussions", body="Wait")
    seen = maintainer.get(request_path)
    assert (seen["detailed_merge_status"], seen["blocking_discussions_resolved"]) == ("discussions_not_resolved", False)
    maintainer.put(f"{request_path}/merge", 405)
    maintainer.put(f"{request_path}/discussions/{thread['id']}", resolved=True)
    assert maintainer.put(f"{request_path}/merge")["state"] == "merged"


def test_reporters_do_not_resolve(people: People, request_path: str) -> None:
    thread = people("developer").post(f"{request_path}/discussions", body="Why?")
    people("reporter").put(f"{request_path}/discussions/{thread['id']}", 403, resolved=True)


def test_a_thread_that_does_not_exist(developer: Api, request_path: str) -> None:
    assert developer.get(f"{request_path}/discussions/{'0' * 40}", 404) == {"message": "404 Discussion Not Found"}


@pytest.mark.parametrize("plural", ["issues", "merge_requests"])
def test_reactions(developer: Api, people: People, path: str, request_path: str, plural: str) -> None:
    developer.post(f"{path}/issues", title="x")
    own = f"{path}/{plural}/1"
    given = developer.post(f"{own}/award_emoji", name="thumbsup")
    assert (given["name"], given["awardable_type"]) == ("thumbsup", "Issue" if plural == "issues" else "MergeRequest")
    assert developer.get(own)["upvotes"] == 1
    taken = developer.post(f"{own}/award_emoji", 404, name="thumbsup")
    assert taken == {"message": "404 Award Emoji Name has already been taken Not Found"}
    people("reporter").delete(f"{own}/award_emoji/{given['id']}", 401)
    developer.delete(f"{own}/award_emoji/{given['id']}")
    assert developer.get(f"{own}/award_emoji") == []


def test_reactions_to_a_note(developer: Api, request_path: str) -> None:
    note = developer.post(f"{request_path}/notes", body="One")["id"]
    given = developer.post(f"{request_path}/notes/{note}/award_emoji", name="tractor")
    assert (given["awardable_type"], given["awardable_id"]) == ("Note", note)
    assert [one["name"] for one in developer.get(f"{request_path}/notes/{note}/award_emoji")] == ["tractor"]
