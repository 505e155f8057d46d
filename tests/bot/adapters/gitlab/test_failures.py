import logging
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses

from bot.errors import ForgeError
from tests.bot.adapters.gitlab.records import API, PROJECT, TOKEN, URL, Client
from tests.bot.adapters.http_server import Asked, Reply, running

USER = f"{API}/user"
FOUND = {"id": 1, "username": "bot"}


@pytest.fixture
def gitlab() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            {"status": 401, "json": {"message": "401 Unauthorized"}},
            r"401 to GET /user \(401 Unauthorized\): the token is invalid, expired or revoked",
        ),
        (
            {"status": 401, "json": {"error": "invalid_token", "error_description": "Token was revoked."}},
            r"\(Token was revoked\.\): the token is invalid",
        ),
        (
            {"status": 403, "json": {"error": "insufficient_scope", "scope": "api"}},
            r"\(insufficient_scope\): the token may not do this; it needs the Developer role",
        ),
        ({"status": 404, "json": {"message": "404 Not found"}}, "it does not exist, or the token may not see it"),
        ({"status": 400, "json": {"message": {"title": ["is too long"]}}}, r"\(title is too long\)"),
        ({"status": 400, "json": {"message": {"base": ["a", "b"], "x": ["c"]}}}, r"\(base a, b, x c\)"),
        ({"status": 400, "json": {"errors": [{"message": "No"}]}}, r"\(No\)"),
        ({"status": 400, "json": ["a", "b"]}, r"\(\['a', 'b'\]\)"),
        ({"status": 400, "body": "plain words"}, r"\(plain words\)"),
        ({"status": 422, "body": "<html>" + "x" * 5000}, r"\(Unprocessable Entity\)"),
    ],
    ids=[
        *(
            "401",
            "401 of OAuth",
            "403 scope",
            "404",
            "by field",
            "by fields",
            "GraphQL",
            "a list",
            "plain text",
            "HTML",
        ),
    ],
)
def test_a_refusal_says_the_call_gitlabs_words_and_the_remedy(
    gitlab: responses.RequestsMock, answer: dict[str, Any], message: str
) -> None:
    gitlab.get(USER, **answer)
    with pytest.raises(ForgeError, match=message) as failed:
        Client().user()
    assert failed.value.status == answer["status"]
    assert len(str(failed.value)) < 600


@pytest.mark.parametrize(
    ("failures", "waited"),
    [
        ([{"status": 503}], [0.5]),
        ([{"status": 500}, {"status": 502}, {"status": 504}], [0.5, 1.0, 2.0]),
        ([{"status": 429, "headers": {"Retry-After": "30"}}], [30.0]),
        ([{"status": 429}], [0.5]),
        ([{"body": requests.ConnectionError("reset")}], [0.5]),
        ([{"body": requests.Timeout("read")}], [0.5]),
        ([{"body": requests.exceptions.ChunkedEncodingError("cut")}], [0.5]),
        ([{"status": 409, "json": {"message": "Resource lock"}}], [0.5]),
    ],
    ids=["503", "three in a row", "429", "429 without a header", "connection", "timeout", "cut short", "locked"],
)
def test_a_read_is_tried_again(
    gitlab: responses.RequestsMock, failures: list[dict[str, Any]], waited: list[float]
) -> None:
    for failure in failures:
        gitlab.get(USER, **failure)
    gitlab.get(USER, json=FOUND)
    client = Client()
    assert client.user().username == "bot"
    assert client.waited == waited
    assert client.usage.reads == len(failures) + 1


def test_a_read_is_given_up_after_a_while(gitlab: responses.RequestsMock) -> None:
    gitlab.get(USER, status=503)
    client = Client()
    with pytest.raises(ForgeError, match="GitLab is in trouble; run again later"):
        client.user()
    assert client.waited == [0.5, 1.0, 2.0, 4.0]


def test_a_wait_over_the_budget_is_not_begun(gitlab: responses.RequestsMock) -> None:
    gitlab.get(USER, status=429, body="Retry later", headers={"Retry-After": "3600"})
    client = Client()
    with pytest.raises(ForgeError, match=r"\(Retry later\): GitLab limits our requests"):
        client.user()
    assert client.waited == []


def test_a_graphql_query_is_a_read_and_tried_again(gitlab: responses.RequestsMock) -> None:
    empty = {"data": {"projects": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}}
    gitlab.post(f"{URL}/api/graphql", status=502)
    gitlab.post(f"{URL}/api/graphql", json=empty)
    assert list(Client().sweep()) == []


@pytest.mark.parametrize(
    ("method", "location"),
    [
        ("GET", "https://elsewhere.example/api/v4/user"),
        ("GET", "http://gitlab.example/api/v4/user"),
        ("GET", "https://gitlab.example:8443/api/v4/user"),
        ("POST", f"{API}/projects/7/issues/1/notes"),
    ],
    ids=["another host", "not encrypted", "another port", "a write"],
)
def test_the_token_does_not_follow_a_redirect(gitlab: responses.RequestsMock, method: str, location: str) -> None:
    client = Client()
    gitlab.get(USER if method == "GET" else f"{API}/projects/7/issues/3/notes", json=[])
    if method == "GET":
        gitlab.replace("GET", USER, status=302, headers={"Location": location})
    else:
        gitlab.post(f"{API}/projects/7/issues/3/notes", status=301, headers={"Location": location})
    with pytest.raises(ForgeError, match=f"it redirects to {location}; set the GitLab URL to that address"):
        client.user() if method == "GET" else client.comment_issue(PROJECT, 3, "x", "m")


@pytest.mark.parametrize("body", ["<html>Sign in</html>", "", "{"], ids=["login page", "nothing", "cut"])
def test_what_is_not_a_gitlab_is_said_to_be_none(gitlab: responses.RequestsMock, body: str) -> None:
    gitlab.get(USER, body=body)
    with pytest.raises(ForgeError, match="did not answer with JSON: check that the URL is that of a GitLab"):
        Client().user()


def test_a_record_that_lacks_something_names_it(gitlab: responses.RequestsMock) -> None:
    gitlab.get(USER, json={"id": 1})
    with pytest.raises(ForgeError, match=r"not as expected \(user: KeyError\('username'\)\): update the bot"):
        Client().user()


def test_a_certificate_that_is_not_trusted_needs_its_authority(gitlab: responses.RequestsMock) -> None:
    words = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"
    gitlab.get(USER, body=requests.exceptions.SSLError(words))
    client = Client()
    with pytest.raises(ForgeError, match="pass the authority that signed it with --ca-bundle"):
        client.user()
    assert client.waited == []


def test_a_gitlab_that_is_not_there_is_named_with_the_reason() -> None:
    with pytest.raises(
        ForgeError, match=r"http://127\.0\.0\.1:9 cannot be reached for GET /user \(.*refused\): check its"
    ):
        Client(url="http://127.0.0.1:9").user()


def test_the_token_is_in_no_message_log_or_traceback(caplog: pytest.LogCaptureFixture) -> None:
    def echo(asked: Asked) -> Reply:
        return Reply(400, f'{{"message": "bad header {asked.headers["private-token"]}"}}'.encode())

    with caplog.at_level(logging.DEBUG), running(echo) as server:
        client = Client(url=server.url)
        with pytest.raises(ForgeError, match=r"bad header \[redacted\]") as failed:
            client.user()
        client.close()
    written = "".join(traceback.format_exception(failed.value)) + caplog.text + repr(client)
    assert TOKEN not in written
