"""Tokens in every place that GitLab looks, and what a wrong, old or narrow one gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access
from tests.sandbox.client import Api


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"PRIVATE-TOKEN": "{}"}, id="private token"),
        pytest.param({"Authorization": "Bearer {}"}, id="bearer"),
        pytest.param({"authorization": "bearer {}"}, id="bearer in lower case"),
    ],
)
def test_a_token_in_a_header(sandbox: Sandbox, anonymous: Api, headers: dict[str, str]) -> None:
    filled = {name: value.format(sandbox.token) for name, value in headers.items()}
    assert anonymous.answer("GET", "/user", headers=filled).json()["username"] == "root"


@pytest.mark.parametrize("name", ["private_token", "access_token"])
def test_a_token_in_the_query(sandbox: Sandbox, anonymous: Api, name: str) -> None:
    assert anonymous.get(f"/user?{name}={sandbox.token}")["username"] == "root"


def test_an_unknown_token_is_refused_even_for_what_is_public(anonymous: Api) -> None:
    answer = anonymous.answer("GET", "/projects", headers={"PRIVATE-TOKEN": "glpat-unknown"})
    assert (answer.status_code, answer.json()) == (401, {"message": "401 Unauthorized"})


def test_a_revoked_token_says_so(login: Callable[..., Api]) -> None:
    alice = login("alice")
    alice.delete("/personal_access_tokens/self")
    assert alice.get("/user", 401) == {
        "error": "invalid_token",
        "error_description": "Token was revoked. You have to re-authorize from the user.",
    }


def test_a_token_ends_at_the_start_of_its_last_day(sandbox: Sandbox, anonymous: Api) -> None:
    today = sandbox.world.now().date()
    user = sandbox.add_user("alice")
    ended, alive = sandbox.add_token(user, expires=today), sandbox.add_token(user, expires=today + timedelta(days=1))
    assert anonymous.answer("GET", "/user", headers={"PRIVATE-TOKEN": alive}).status_code == 200
    answer = anonymous.answer("GET", "/user", headers={"PRIVATE-TOKEN": ended})
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_token"


def test_a_blocked_user_is_forbidden(api: Api, login: Callable[..., Api]) -> None:
    alice = login("alice")
    api.post(f"/users/{alice.get('/user')['id']}/block")
    assert alice.get("/user", 403)["message"].startswith("403 Forbidden")


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        pytest.param(("read_api",), "GET", "/projects", 200, id="read_api reads"),
        pytest.param(("read_api",), "POST", "/projects", 403, id="read_api does not write"),
        pytest.param(("read_user",), "GET", "/user", 200, id="read_user reads the user"),
        pytest.param(("read_user",), "GET", "/projects", 403, id="read_user reads nothing else"),
        pytest.param(("write_repository",), "GET", "/personal_access_tokens/self", 200, id="any scope sees itself"),
        pytest.param(("self_rotate",), "POST", "/personal_access_tokens/self/rotate", 200, id="self_rotate rotates"),
        pytest.param(("read_api",), "POST", "/personal_access_tokens/self/rotate", 403, id="read_api does not rotate"),
    ],
)
def test_scopes(login: Callable[..., Api], scopes: tuple[str, ...], method: str, path: str, status: int) -> None:
    assert login("alice", scopes).answer(method, path).status_code == status


def test_too_narrow_a_token_is_told_what_it_lacks(login: Callable[..., Api]) -> None:
    assert login("alice", ("read_user",)).get("/projects", 403) == {
        "error": "insufficient_scope",
        "error_description": "The request requires higher privileges than provided by the access token.",
        "scope": "api read_api",
    }


def test_a_private_project_does_not_exist_for_strangers(
    sandbox: Sandbox, login: Callable[..., Api], anonymous: Api
) -> None:
    sandbox.add_project("team/secret")
    for stranger in (login("eve"), anonymous):
        assert stranger.get("/projects/team%2Fsecret", 404) == {"message": "404 Project Not Found"}


def test_too_low_a_level_is_forbidden(sandbox: Sandbox, login: Callable[..., Api]) -> None:
    alice = login("alice")
    sandbox.add_project("team/app", members={"alice": Access.DEVELOPER})
    assert alice.put("/projects/team%2Fapp", 403, description="mine") == {"message": "403 Forbidden"}


def test_answers_carry_gitlabs_headers(api: Api) -> None:
    headers = api.answer("GET", "/user").headers
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-Id"])
    assert float(headers["X-Runtime"]) >= 0
    assert headers["Content-Type"] == "application/json"
    assert (headers["Vary"], headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == (
        "Origin",
        "nosniff",
        "SAMEORIGIN",
    )


def test_an_unchanged_answer_is_not_sent_again(api: Api) -> None:
    etag = api.answer("GET", "/user").headers["ETag"]
    again = api.answer("GET", "/user", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_head_has_the_headers_of_get_and_no_body(api: Api) -> None:
    head, get = api.answer("HEAD", "/user"), api.answer("GET", "/user")
    assert (head.content, head.headers["Content-Length"]) == (b"", get.headers["Content-Length"])


def test_a_wrong_method_is_not_allowed(api: Api) -> None:
    answer = api.answer("PATCH", "/user")
    assert (answer.status_code, answer.json()) == (405, {"error": "405 Not Allowed"})
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_broken_json_is_a_bad_request(api: Api) -> None:
    answer = api.answer("POST", "/projects", data="{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_an_administrator_acts_as_someone_else(sandbox: Sandbox, api: Api, login: Callable[..., Api]) -> None:
    alice = login("alice")
    assert api.answer("GET", "/user", headers={"Sudo": "alice"}).json()["username"] == "alice"
    assert api.answer("GET", "/user?sudo=2").json()["username"] == "alice"
    assert api.answer("GET", "/user", headers={"Sudo": "nobody"}).status_code == 404
    refused = alice.answer("GET", "/user", headers={"Sudo": "root"})
    assert (refused.status_code, refused.json()) == (403, {"message": "403 Forbidden - Must be admin to use sudo"})
