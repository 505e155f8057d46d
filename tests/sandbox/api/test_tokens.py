"""The life of tokens: made, listed, rotated, revoked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access
from tests.sandbox.client import Api


@pytest.fixture
def alice(login: Callable[..., Api]) -> Api:
    return login("alice")


def _as(client: Api, secret: str) -> int:
    return client.answer("GET", "/user", headers={"PRIVATE-TOKEN": secret}).status_code


def test_an_administrator_makes_tokens_for_others(api: Api, anonymous: Api) -> None:
    user = api.post("/users", email="a@x.example", name="Alice", username="alice", force_random_password=True)
    made = api.post(f"/users/{user['id']}/personal_access_tokens", name="ci", scopes=["api"], description="for ci")
    assert (made["user_id"], made["scopes"], made["description"], made["active"]) == (
        user["id"],
        ["api"],
        "for ci",
        True,
    )
    assert _as(anonymous, made["token"]) == 200


def test_nobody_else_makes_tokens_for_others(alice: Api) -> None:
    me = alice.get("/user")["id"]
    assert alice.post(f"/users/{me}/personal_access_tokens", 403, name="x", scopes=["api"])


def test_a_token_without_a_last_day_lives_a_year(sandbox: Sandbox, api: Api, alice: Api) -> None:
    made = api.post(f"/users/{alice.get('/user')['id']}/personal_access_tokens", name="x", scopes=["api"])
    assert made["expires_at"] == str(sandbox.world.now().date() + timedelta(days=365))


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        pytest.param({"scopes": ["api"]}, {"error": "name is missing"}, id="no name"),
        pytest.param({"name": "x"}, {"error": "scopes is missing"}, id="no scopes"),
        pytest.param({"name": "x", "scopes": ["all"]}, {"error": "scopes does not have a valid value"}, id="bad scope"),
        pytest.param(
            {"name": "x", "scopes": ["api"], "expires_at": "2001-01-01"},
            {"message": "400 Bad request - Expiration date can't be in the past"},
            id="past",
        ),
    ],
)
def test_a_token_that_cannot_be(api: Api, values: dict[str, object], answer: dict[str, str]) -> None:
    assert api.post("/users/1/personal_access_tokens", 400, **values) == answer


def test_the_token_in_use_shows_itself(alice: Api) -> None:
    shown = alice.get("/personal_access_tokens/self")
    assert (shown["name"], shown["scopes"], shown["active"], shown["revoked"]) == ("token", ["api"], True, False)
    assert shown["last_used_at"] is not None
    assert "token" not in shown


def test_rotation_ends_the_old_token_and_gives_a_week(sandbox: Sandbox, alice: Api, anonymous: Api) -> None:
    rotated = alice.post("/personal_access_tokens/self/rotate", 200)
    assert rotated["expires_at"] == str(sandbox.world.now().date() + timedelta(days=7))
    alice.get("/user", 401)
    assert _as(anonymous, rotated["token"]) == 200


def test_rotation_takes_a_last_day(sandbox: Sandbox, alice: Api) -> None:
    day = str(sandbox.world.now().date() + timedelta(days=90))
    assert alice.post("/personal_access_tokens/self/rotate", 200, expires_at=day)["expires_at"] == day


def test_rotating_a_revoked_token_kills_its_whole_family(alice: Api, anonymous: Api) -> None:
    rotated = alice.post("/personal_access_tokens/self/rotate", 200)
    alice.post("/personal_access_tokens/self/rotate", 401)
    assert _as(anonymous, rotated["token"]) == 401


def test_users_list_their_own_tokens_and_root_lists_all(api: Api, alice: Api) -> None:
    assert {t["user_id"] for t in alice.get("/personal_access_tokens")} == {alice.get("/user")["id"]}
    assert len(api.get("/personal_access_tokens")) == 2
    assert alice.get("/personal_access_tokens", 401, user_id=1)
    assert alice.get("/personal_access_tokens/1", 401)


def test_associations_are_what_the_token_reaches(sandbox: Sandbox, alice: Api) -> None:
    sandbox.add_group("team", members={"alice": Access.REPORTER})
    sandbox.add_project("team/app")
    sandbox.add_project("other/lib", members={"alice": Access.DEVELOPER})
    sandbox.add_project("other/secret")
    found = alice.get("/personal_access_tokens/self/associations")
    assert [(g["name"], g["access_levels"]) for g in found["groups"]] == [("team", 20)]
    assert [(p["path_with_namespace"], p["access_levels"]) for p in found["projects"]] == [
        ("team/app", {"project_access_level": None, "group_access_level": 20}),
        ("other/lib", {"project_access_level": 30, "group_access_level": None}),
    ]
    wider = alice.get("/personal_access_tokens/self/associations", min_access_level=30)
    assert [p["path_with_namespace"] for p in wider["projects"]] == ["other/lib"]


@pytest.mark.parametrize("source", ["projects/team%2Fapp", "groups/team"])
def test_a_project_or_group_token_is_a_bot_user(sandbox: Sandbox, api: Api, anonymous: Api, source: str) -> None:
    sandbox.add_project("team/app")
    day = str(sandbox.world.now().date() + timedelta(days=30))
    made = api.post(f"/{source}/access_tokens", name="bot", scopes=["api"], expires_at=day, access_level=30)
    me = anonymous.answer("GET", "/user", headers={"PRIVATE-TOKEN": made["token"]}).json()
    assert (me["bot"], me["name"], made["access_level"]) == (True, "bot", 30)
    reached = anonymous.answer("GET", "/projects?membership=true", headers={"PRIVATE-TOKEN": made["token"]}).json()
    assert [p["path_with_namespace"] for p in reached] == ["team/app"]
    assert [t["id"] for t in api.get(f"/{source}/access_tokens")] == [made["id"]]
    rotated = api.post(f"/{source}/access_tokens/{made['id']}/rotate", 200)
    assert _as(anonymous, made["token"]) == 401
    api.delete(f"/{source}/access_tokens/{rotated['id']}")
    assert _as(anonymous, rotated["token"]) == 401


def test_a_project_token_lives_for_a_year_unless_told(sandbox: Sandbox, api: Api) -> None:
    sandbox.add_project("team/app")
    made = api.post("/projects/1/access_tokens", name="x", scopes=["api"])
    assert made["expires_at"] == str(sandbox.world.now().date() + timedelta(days=365))


def test_a_developer_makes_no_project_tokens(sandbox: Sandbox, alice: Api) -> None:
    sandbox.add_project("team/app", members={"alice": Access.DEVELOPER})
    refused = alice.post("/projects/1/access_tokens", 400, name="x", scopes=["api"], expires_at="2030-01-01")
    reason = "User does not have permission to create project access token"
    assert refused == {"message": f"400 Bad request - {reason}"}


def test_an_administrator_looks_at_an_impersonation_token(api: Api, login: Callable[..., Api]) -> None:
    login("alice")
    [alice] = api.get("/users", username="alice")
    path = f"/users/{alice['id']}/impersonation_tokens"
    made = api.post(path, name="as", scopes=["api"])
    assert api.get(f"{path}/{made['id']}") == {name: value for name, value in made.items() if name != "token"}
    login("alice").get(f"{path}/{made['id']}", 403)
    api.delete(f"{path}/{made['id']}")
    assert api.get(f"{path}/{made['id']}")["revoked"] is True
    api.get(f"{path}/0", 404)
