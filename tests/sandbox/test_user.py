"""Who the caller is, and what a missing or wrong token gets."""

from __future__ import annotations

from bot.sandbox.server import Sandbox
from tests.sandbox.client import Api


def test_the_token_belongs_to_the_administrator(api: Api) -> None:
    assert api.get("/user")["username"] == "root"


def test_without_a_token_there_is_no_current_user(anonymous: Api) -> None:
    assert anonymous.get("/user", 401) == {"message": "401 Unauthorized"}


def test_an_unknown_route_is_not_found(api: Api) -> None:
    assert api.get("/nothing", 404) == {"error": "404 Not Found"}


def test_requests_are_logged(sandbox: Sandbox, api: Api) -> None:
    api.get("/user")
    assert [(e.method, e.path, e.status) for e in sandbox.requests] == [("GET", "/api/v4/user", 200)]
