"""Users, groups, namespaces, members and variables."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access
from tests.sandbox.client import Api

NEW = {"email": "bob@x.example", "name": "Bob", "username": "bob", "password": "correct horse"}


def test_an_administrator_creates_users(api: Api) -> None:
    made = api.post("/users", **NEW)
    assert (made["username"], made["state"], made["is_admin"]) == ("bob", "active", False)
    assert api.get(f"/users/{made['id']}")["email"] == "bob@x.example"
    assert api.get("/namespaces/bob")["kind"] == "user"


@pytest.mark.parametrize(
    ("values", "status", "answer"),
    [
        pytest.param({"email": None}, 400, {"error": "email is missing"}, id="no email"),
        pytest.param({"username": "root"}, 409, {"message": "Username has already been taken"}, id="username taken"),
        pytest.param(
            {"email": "root@gitlab.example"}, 409, {"message": "Email has already been taken"}, id="email taken"
        ),
    ],
)
def test_a_user_that_cannot_be(api: Api, values: dict[str, str | None], status: int, answer: dict[str, str]) -> None:
    body = {name: value for name, value in {**NEW, **values}.items() if value is not None}
    assert api.post("/users", status, **body) == answer


def test_only_administrators_create_users(login: Callable[..., Api]) -> None:
    login("alice").post("/users", 403, **NEW)


def test_users_are_found_by_name(api: Api, login: Callable[..., Api], anonymous: Api) -> None:
    alice = login("alice")
    assert [u["username"] for u in alice.get("/users", search="ali")] == ["alice"]
    assert [u["username"] for u in anonymous.get("/users", username="ALICE")] == ["alice"]
    assert anonymous.get("/users", 403) == {"message": "403 Forbidden - Not authorized to access /api/v4/users"}
    assert [u["username"] for u in api.get("/users")] == ["alice", "root"]


def test_others_see_less_of_a_user(api: Api, login: Callable[..., Api]) -> None:
    alice = login("alice")
    assert "email" not in alice.get("/users/1")
    assert api.get("/users/1")["is_admin"] is True
    assert api.get("/users/999", 404) == {"message": "404 User Not Found"}


def test_a_deleted_user_frees_the_name(api: Api, login: Callable[..., Api]) -> None:
    alice = login("alice")
    api.delete(f"/users/{alice.get('/user')['id']}")
    alice.get("/user", 401)
    api.post("/users", **{**NEW, "username": "alice"})


def test_a_group_belongs_to_whoever_makes_it(login: Callable[..., Api]) -> None:
    alice = login("alice")
    group = alice.post("/groups", name="Team", path="team", description="ours")
    assert (group["full_path"], group["visibility"], group["description"]) == ("team", "private", "ours")
    assert [(m["username"], m["access_level"]) for m in alice.get("/groups/team/members")] == [("alice", 50)]


def test_subgroups_have_full_paths_and_names(api: Api) -> None:
    team = api.post("/groups", name="Team", path="team")
    sub = api.post("/groups", name="Sub", path="sub", parent_id=team["id"])
    assert (sub["full_path"], sub["full_name"], sub["parent_id"]) == ("team/sub", "Team / Sub", team["id"])
    assert [g["id"] for g in api.get("/groups/team/subgroups")] == [sub["id"]]
    assert [g["id"] for g in api.get("/groups", top_level_only=True)] == [team["id"]]


def test_a_taken_or_bad_path_is_refused(api: Api) -> None:
    api.post("/groups", name="Team", path="team")
    taken = 'Failed to save group {:path=>["has already been taken"]}'
    assert api.post("/groups", 400, name="X", path="team") == {"message": taken}
    assert "can contain only letters" in api.post("/groups", 400, name="X", path="-x")["message"]


def test_a_renamed_group_takes_everything_along(sandbox: Sandbox, api: Api) -> None:
    sandbox.add_project("team/sub/app")
    api.put("/groups/team", path="crew")
    assert api.get("/projects/crew%2Fsub%2Fapp")["name"] == "app"
    api.get("/groups/team", 404)


def test_a_group_shows_the_projects_that_the_caller_sees(sandbox: Sandbox, anonymous: Api) -> None:
    sandbox.add_project("team/open", visibility="public")
    sandbox.add_project("team/secret")
    assert [p["path"] for p in anonymous.get("/groups/team")["projects"]] == ["open"]


def test_group_deletion_is_delayed(sandbox: Sandbox, api: Api) -> None:
    sandbox.add_project("team/app")
    api.delete("/groups/team", 202)
    assert api.get("/groups/team")["marked_for_deletion_on"] is not None
    api.delete("/groups/team", 202, permanently_remove=True, full_path="team")
    api.get("/groups/team", 404)
    assert api.get("/projects") == []


def test_strangers_do_not_see_a_private_group(sandbox: Sandbox, login: Callable[..., Api]) -> None:
    sandbox.add_group("team")
    assert login("eve").get("/groups/team", 404) == {"message": "404 Group Not Found"}


def test_members_come_and_go(sandbox: Sandbox, api: Api) -> None:
    sandbox.add_project("team/app")
    bob = sandbox.add_user("bob")
    path = "/projects/team%2Fapp/members"
    added = api.post(path, user_id=bob.id, access_level=30)
    assert (added["username"], added["access_level"], added["created_by"]["username"]) == ("bob", 30, "root")
    assert api.post(path, 409, user_id=bob.id, access_level=30) == {"message": "Member already exists"}
    assert api.put(f"{path}/{bob.id}", access_level=40)["access_level"] == 40
    api.delete(f"{path}/{bob.id}")
    assert api.get(f"{path}/{bob.id}", 404) == {"message": "404 Not found"}


@pytest.mark.parametrize(
    ("values", "status", "answer"),
    [
        pytest.param({"user_id": 1}, 400, {"error": "access_level is missing"}, id="no level"),
        pytest.param(
            {"user_id": 1, "access_level": 31}, 400, {"error": "access_level does not have a valid value"}, id="level"
        ),
        pytest.param({"user_id": 99, "access_level": 30}, 404, {"message": "404 User Not Found"}, id="no such user"),
    ],
)
def test_a_membership_that_cannot_be(
    sandbox: Sandbox, api: Api, values: dict[str, int], status: int, answer: dict[str, str]
) -> None:
    sandbox.add_project("team/app")
    assert api.post("/projects/1/members", status, **values) == answer


def test_inherited_members_are_listed_apart(sandbox: Sandbox, api: Api) -> None:
    sandbox.add_user("bob")
    sandbox.add_group("team", members={"bob": Access.REPORTER})
    sandbox.add_project("team/app", members={"bob": Access.DEVELOPER})
    assert [m["username"] for m in api.get("/projects/1/members")] == ["bob"]
    both = {m["username"]: m["access_level"] for m in api.get("/projects/1/members/all")}
    assert both == {"bob": 30, "root": 50}


def test_a_membership_ends_on_its_last_day(sandbox: Sandbox, api: Api, login: Callable[..., Api]) -> None:
    alice = login("alice")
    sandbox.add_project("team/app", members={"alice": Access.DEVELOPER})
    me = alice.get("/user")["id"]
    api.put(f"/projects/1/members/{me}", access_level=30, expires_at=str(sandbox.world.now().date()))
    alice.get("/projects/1", 404)


@pytest.mark.parametrize("source", ["projects/1", "groups/team"])
def test_variables(sandbox: Sandbox, api: Api, source: str) -> None:
    sandbox.add_project("team/app")
    made = api.post(f"/{source}/variables", key="TOKEN", value="s3cret", masked=True)
    assert (made["key"], made["masked"], made["environment_scope"]) == ("TOKEN", True, "*")
    taken = api.post(f"/{source}/variables", 400, key="TOKEN", value="x")
    assert taken == {"message": {"key": ["(TOKEN) has already been taken"]}}
    assert api.put(f"/{source}/variables/TOKEN", value="new")["value"] == "new"
    api.delete(f"/{source}/variables/TOKEN")
    assert api.get(f"/{source}/variables/TOKEN", 404) == {"message": "404 Variable Not Found"}


def test_namespaces_are_ones_own_and_ones_groups(sandbox: Sandbox, login: Callable[..., Api]) -> None:
    alice = login("alice")
    sandbox.add_group("team", members={"alice": Access.DEVELOPER})
    sandbox.add_group("other")
    assert [n["full_path"] for n in alice.get("/namespaces")] == ["alice", "team"]
    assert alice.get("/namespaces/team/exists") == {"exists": True, "suggests": ["team1"]}
