import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import responses

from bot.errors import ForgeError
from bot.ports import IssueDraft, MergeRequestDraft
from tests.bot.adapters.gitlab.records import API, PROJECT, Client, issue, merge_request

ISSUES = f"{API}/projects/7/issues"
MERGE_REQUESTS = f"{API}/projects/7/merge_requests"
DRAFT = IssueDraft("Update requests", "Words.\n<!-- remediation-bot-key-1 -->\n", ("dependencies", "security"))
CHANGE = MergeRequestDraft("Update requests", "Closes #3", ("dependencies",), "bot/requests", "main")

Failure = requests.ConnectionError | tuple[int, str]

CUT = requests.ConnectionError("Connection aborted.")
UNKNOWN = [pytest.param(CUT, id="cut off"), pytest.param((502, "Bad Gateway"), id="gateway timed out")]


@pytest.fixture(autouse=True)
def gitlab() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def sent(gitlab: responses.RequestsMock, method: str = "POST") -> list[Any]:
    """The bodies of all writes so far."""
    return [json.loads(call.request.body or "{}") for call in gitlab.calls if call.request.method == method]


def fail(gitlab: responses.RequestsMock, method: str, url: str, failure: Failure) -> None:
    if isinstance(failure, requests.ConnectionError):
        gitlab.add(method, url, body=failure)
    else:
        gitlab.add(method, url, status=failure[0], body=failure[1])


def test_an_issue_is_created_with_its_labels(gitlab: responses.RequestsMock) -> None:
    gitlab.post(ISSUES, status=201, json=issue())
    client = Client()
    assert client.create_issue(PROJECT, DRAFT).iid == 3
    assert sent(gitlab) == [{"title": DRAFT.title, "description": DRAFT.description, "labels": "dependencies,security"}]
    assert (client.usage.reads, client.usage.writes) == (0, 1)


class TestAnUnknownOutcome:
    @pytest.mark.parametrize("failure", UNKNOWN)
    def test_an_issue_that_was_created_is_not_created_again(
        self, gitlab: responses.RequestsMock, failure: Failure
    ) -> None:
        fail(gitlab, "POST", ISSUES, failure)
        gitlab.get(ISSUES, json=[issue(8, title="Another"), issue(3)])
        client = Client()
        assert client.create_issue(PROJECT, DRAFT).iid == 3
        assert len(sent(gitlab)) == 1
        assert client.waited == [1.0]

    @pytest.mark.parametrize("failure", UNKNOWN)
    def test_an_issue_that_was_not_created_is_created_then(
        self, gitlab: responses.RequestsMock, failure: Failure
    ) -> None:
        fail(gitlab, "POST", ISSUES, failure)
        gitlab.get(ISSUES, json=[issue(2, description="something else")])
        gitlab.post(ISSUES, status=201, json=issue(3))
        assert Client().create_issue(PROJECT, DRAFT).iid == 3
        assert len(sent(gitlab)) == 2

    @pytest.mark.parametrize("failure", UNKNOWN)
    def test_a_merge_request_that_was_created_is_found_by_its_branch(
        self, gitlab: responses.RequestsMock, failure: Failure
    ) -> None:
        fail(gitlab, "POST", MERGE_REQUESTS, failure)
        gitlab.get(MERGE_REQUESTS, json=[merge_request(4, state="closed"), merge_request(5)])
        assert Client().create_merge_request(PROJECT, CHANGE).iid == 5
        assert len(sent(gitlab)) == 1

    @pytest.mark.parametrize("failure", UNKNOWN)
    def test_a_note_that_was_added_is_found_by_its_marker(
        self, gitlab: responses.RequestsMock, failure: Failure
    ) -> None:
        gitlab.get(f"{ISSUES}/3/notes", json=[])
        fail(gitlab, "POST", f"{ISSUES}/3/notes", failure)
        gitlab.get(f"{ISSUES}/3/notes", json=[{"body": "Still there.\n<!-- remediation-bot-mark-1 -->"}])
        assert Client().comment_issue(
            PROJECT, 3, "Still there.\n<!-- remediation-bot-mark-1 -->", "remediation-bot-mark-1"
        )
        assert len(sent(gitlab)) == 1

    @pytest.mark.parametrize("failure", UNKNOWN)
    @pytest.mark.parametrize(("changed", "writes"), [(True, 1), (False, 2)], ids=["it happened", "it did not"])
    def test_an_update_is_looked_at(
        self, gitlab: responses.RequestsMock, failure: Failure, changed: bool, writes: int
    ) -> None:
        done = issue(labels=["dependencies", "security", "theirs"])
        fail(gitlab, "PUT", f"{ISSUES}/3", failure)
        gitlab.get(f"{ISSUES}/3", json=done if changed else issue(title="Before"))
        if not changed:
            gitlab.put(f"{ISSUES}/3", json=done)
        assert Client().update_issue(PROJECT, 3, DRAFT).labels == ("dependencies", "security", "theirs")
        assert len(sent(gitlab, "PUT")) == writes

    @pytest.mark.parametrize("failure", UNKNOWN)
    def test_a_change_of_state_is_looked_at(self, gitlab: responses.RequestsMock, failure: Failure) -> None:
        fail(gitlab, "PUT", f"{MERGE_REQUESTS}/5", failure)
        gitlab.get(f"{MERGE_REQUESTS}/5", json=merge_request(state="closed"))
        assert Client().close_merge_request(PROJECT, 5).state == "closed"
        assert len(sent(gitlab, "PUT")) == 1

    def test_a_gitlab_that_stays_away_is_an_error_in_the_end(self, gitlab: responses.RequestsMock) -> None:
        gitlab.post(ISSUES, body=CUT)
        gitlab.get(ISSUES, json=[])
        client = Client()
        with pytest.raises(ForgeError, match="cannot be reached for POST /projects/7/issues"):
            client.create_issue(PROJECT, DRAFT)
        assert len(sent(gitlab)) == 4
        assert client.waited == [1.0, 2.0, 4.0]

    def test_an_issue_made_by_the_last_try_is_found(self, gitlab: responses.RequestsMock) -> None:
        gitlab.post(ISSUES, body=CUT)
        for _ in range(3):
            gitlab.get(ISSUES, json=[])
        gitlab.get(ISSUES, json=[issue(3)])
        assert Client().create_issue(PROJECT, DRAFT).iid == 3
        assert len(sent(gitlab)) == 4


class TestARefusalForTheMoment:
    @pytest.mark.parametrize(
        ("answer", "waited"),
        [
            ({"status": 409, "json": {"message": "Resource lock"}}, [1.0]),
            ({"status": 409, "json": {"message": "409 Conflict: Resource lock"}}, [1.0]),
            ({"status": 429, "body": "Retry later", "headers": {"Retry-After": "9"}}, [9.0]),
            ({"status": 429, "body": "Retry later"}, [1.0]),
            ({"status": 400, "json": {"message": ["Source branch does not exist"]}}, [1.0]),
            ({"status": 400, "json": {"message": {"source_branch": ["does not exist"]}}}, [1.0]),
        ],
        ids=[
            "locked",
            "locked, in words",
            "limited",
            "limited, no header",
            "branch unknown",
            "branch unknown, by field",
        ],
    )
    def test_it_is_tried_again_without_a_look(
        self, gitlab: responses.RequestsMock, answer: dict[str, Any], waited: list[float]
    ) -> None:
        gitlab.post(MERGE_REQUESTS, **answer)
        gitlab.post(MERGE_REQUESTS, status=201, json=merge_request())
        client = Client()
        assert client.create_merge_request(PROJECT, CHANGE).iid == 5
        assert client.waited == waited
        assert client.usage.reads == 0

    def test_a_branch_that_never_comes_is_an_error(self, gitlab: responses.RequestsMock) -> None:
        gitlab.post(MERGE_REQUESTS, status=400, json={"message": {"source_branch": ["does not exist"]}})
        client = Client()
        with pytest.raises(ForgeError, match="source_branch does not exist"):
            client.create_merge_request(PROJECT, CHANGE)
        assert client.waited == [1.0, 2.0, 4.0]

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
    def test_a_refusal_for_good_is_not_tried_again(self, gitlab: responses.RequestsMock, status: int) -> None:
        gitlab.post(ISSUES, status=status, json={"message": "no"})
        client = Client()
        with pytest.raises(ForgeError, match=f"answered {status} to POST /projects/7/issues"):
            client.create_issue(PROJECT, DRAFT)
        assert client.waited == []


class TestMergeRequests:
    def test_it_is_created_from_branch_to_target_and_its_branch_goes_with_it(
        self, gitlab: responses.RequestsMock
    ) -> None:
        gitlab.post(MERGE_REQUESTS, status=201, json=merge_request())
        Client().create_merge_request(PROJECT, CHANGE)
        assert sent(gitlab) == [
            {
                "title": CHANGE.title,
                "description": CHANGE.description,
                "labels": "dependencies",
                "source_branch": "bot/requests",
                "target_branch": "main",
                "remove_source_branch": True,
            }
        ]

    def test_the_one_that_is_open_already_is_taken(self, gitlab: responses.RequestsMock) -> None:
        words = ["Another open merge request already exists for this source branch: !5"]
        gitlab.post(MERGE_REQUESTS, status=409, json={"message": words})
        gitlab.get(MERGE_REQUESTS, json=[merge_request(5)])
        assert Client().create_merge_request(PROJECT, CHANGE).iid == 5

    def test_a_conflict_that_nothing_explains_is_an_error(self, gitlab: responses.RequestsMock) -> None:
        gitlab.post(MERGE_REQUESTS, status=409, json={"message": ["Something else"]})
        gitlab.get(MERGE_REQUESTS, json=[merge_request(4, state="closed")])
        with pytest.raises(ForgeError, match="Something else"):
            Client().create_merge_request(PROJECT, CHANGE)


class TestLabels:
    def test_labels_are_added_and_those_of_people_stay(self, gitlab: responses.RequestsMock) -> None:
        gitlab.put(f"{MERGE_REQUESTS}/5", json=merge_request(labels=["dependencies", "theirs"]))
        found = Client().update_merge_request(PROJECT, 5, CHANGE)
        assert sent(gitlab, "PUT") == [
            {
                "title": CHANGE.title,
                "description": CHANGE.description,
                "target_branch": CHANGE.target_branch,
                "add_labels": "dependencies",
            }
        ]
        assert found.labels == ("dependencies", "theirs")

    def test_a_scoped_label_takes_the_place_of_its_sibling(self, gitlab: responses.RequestsMock) -> None:
        draft = IssueDraft("t", "d", ("severity::low", "dependencies"))
        both = ["dependencies", "severity::high", "severity::low", "team::a"]
        gitlab.put(f"{ISSUES}/3", json=issue(labels=both))
        gitlab.put(f"{ISSUES}/3", json=issue(labels=["dependencies", "severity::low", "team::a"]))
        assert Client().update_issue(PROJECT, 3, draft).labels == ("dependencies", "severity::low", "team::a")
        assert sent(gitlab, "PUT")[1] == {"remove_labels": "severity::high"}


@pytest.mark.parametrize(("opened", "event"), [(True, "reopen"), (False, "close")])
def test_an_issue_is_closed_and_reopened(gitlab: responses.RequestsMock, opened: bool, event: str) -> None:
    gitlab.put(f"{ISSUES}/3", json=issue(state="opened" if opened else "closed"))
    Client().set_issue_open(PROJECT, 3, opened)
    assert sent(gitlab, "PUT") == [{"state_event": event}]


@pytest.mark.parametrize(
    ("comment", "url"),
    [
        (Client.comment_issue, f"{ISSUES}/3/notes"),
        (Client.comment_merge_request, f"{MERGE_REQUESTS}/3/notes"),
    ],
    ids=["issue", "merge request"],
)
class TestNotes:
    def test_one_is_added(self, gitlab: responses.RequestsMock, comment: Callable[..., bool], url: str) -> None:
        gitlab.get(url, json=[{"body": "hello"}])
        gitlab.post(url, status=201, json={"id": 1})
        assert comment(Client(), PROJECT, 3, "Gone.\n<!-- remediation-bot-mark-1 -->", "remediation-bot-mark-1")
        assert sent(gitlab) == [{"body": "Gone.\n<!-- remediation-bot-mark-1 -->"}]

    def test_one_with_the_marker_is_enough(
        self, gitlab: responses.RequestsMock, comment: Callable[..., bool], url: str
    ) -> None:
        link = {"Link": f'<{url}?page=2&per_page=100>; rel="next"'}
        gitlab.get(url, json=[{"body": "hello"}], headers=link)
        gitlab.get(url, json=[{"body": "Gone.\n<!-- remediation-bot-mark-1 -->"}])
        assert not comment(Client(), PROJECT, 3, "Gone.\n<!-- remediation-bot-mark-1 -->", "remediation-bot-mark-1")
        assert sent(gitlab) == []

    def test_one_that_quotes_it_is_another(
        self, gitlab: responses.RequestsMock, comment: Callable[..., bool], url: str
    ) -> None:
        gitlab.get(url, json=[{"body": "> Gone.\n> <!-- remediation-bot-mark-1 -->\n\nReally?"}])
        gitlab.post(url, json={"body": "x"})
        assert comment(Client(), PROJECT, 3, "x", "remediation-bot-mark-1")

    def test_the_look_for_the_marker_ends(
        self, gitlab: responses.RequestsMock, comment: Callable[..., bool], url: str
    ) -> None:
        gitlab.get(url, json=[{"body": "hello"}], headers={"Link": f'<{url}?page=2>; rel="next"'})
        gitlab.post(url, status=201, json={"id": 1})
        client = Client()
        assert comment(client, PROJECT, 3, "x", "remediation-bot-mark-1")
        assert client.usage.reads == 10


CANCEL = f"{MERGE_REQUESTS}/5/cancel_merge_when_pipeline_succeeds"
BOT, ALICE = {"id": 1}, {"id": 2}


class TestAnAutomaticMergeIsTakenBack:
    @pytest.mark.parametrize(
        "record",
        [
            pytest.param({"merge_when_pipeline_succeeds": False}, id="it is not asked for"),
            pytest.param({"state": "merged"}, id="it was merged"),
            pytest.param({"merge_user": ALICE}, id="somebody else asked for it"),
        ],
    )
    def test_where_it_is_not_ours_or_not_asked_for_nothing_is_done(
        self, gitlab: responses.RequestsMock, record: dict[str, Any]
    ) -> None:
        asked = merge_request(author=BOT, merge_user=BOT, merge_when_pipeline_succeeds=True)
        gitlab.get(f"{MERGE_REQUESTS}/5", json=asked | record)
        assert Client().leave_to_people(PROJECT, 5) == ""

    def test_a_refusal_after_it_was_merged_is_none(self, gitlab: responses.RequestsMock) -> None:
        asked = merge_request(author=BOT, merge_user=BOT, merge_when_pipeline_succeeds=True)
        gitlab.get(f"{MERGE_REQUESTS}/5", json=asked)
        gitlab.post(CANCEL, status=406, json={"message": "Can't cancel the automatic merge"})
        gitlab.get(f"{MERGE_REQUESTS}/5", json=asked | {"state": "merged"})
        assert Client().leave_to_people(PROJECT, 5) == ""

    def test_after_a_lost_answer_it_is_looked_at(self, gitlab: responses.RequestsMock) -> None:
        asked = merge_request(author=BOT, merge_user=BOT, merge_when_pipeline_succeeds=True)
        gitlab.get(f"{MERGE_REQUESTS}/5", json=asked)
        gitlab.post(CANCEL, status=502)
        gitlab.get(f"{MERGE_REQUESTS}/5", json=asked | {"merge_when_pipeline_succeeds": False})
        assert Client().leave_to_people(PROJECT, 5) == ""
        assert len(sent(gitlab, "POST")) == 1

    def test_a_refusal_says_what_to_do(self, gitlab: responses.RequestsMock) -> None:
        gitlab.get(f"{MERGE_REQUESTS}/5", json=merge_request(author=BOT, merge_when_pipeline_succeeds=True))
        gitlab.post(CANCEL, status=401, json={"message": "401 Unauthorized"})
        said = Client().leave_to_people(PROJECT, 5)
        assert said == "GitLab answered 401 (401 Unauthorized): take its auto-merge off by hand"
