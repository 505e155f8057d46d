"""Protected branches and tags over REST."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access, Project
from tests.sandbox.client import Api


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("team/shop", {"README.md": "# Shop\n"})


@pytest.fixture
def rules(project: Project) -> str:
    return f"/projects/{project.id}/protected_branches"


def test_the_default_branch_is_protected_from_the_start(api: Api, rules: str) -> None:
    [rule] = api.get(rules)
    assert (rule["name"], rule["allow_force_push"], rule["inherited"]) == ("main", False, False)
    [push] = rule["push_access_levels"]
    assert (push["access_level"], push["access_level_description"]) == (40, "Maintainers")
    assert set(push) == {"id", "access_level", "access_level_description", "deploy_key_id", "user_id", "group_id"}


def test_a_rule_over_a_wildcard(api: Api, project: Project, rules: str) -> None:
    made = api.post(rules, name="release/*", push_access_level=0, merge_access_level=30, allow_force_push=True)
    assert [made[k][0]["access_level"] for k in ("push_access_levels", "merge_access_levels")] == [0, 30]
    assert made["push_access_levels"][0]["access_level_description"] == "No one"
    assert api.get(f"{rules}/release%2F%2A") == made
    api.post(f"/projects/{project.id}/repository/branches", 400, branch="release/1", ref="main")
    assert api.get(rules, search="lease") == [made]
    api.delete(f"{rules}/release%2F%2A")
    assert api.get(f"{rules}/release%2F%2A", 404) == {"message": "404 Not found"}


def test_changing_a_rule(api: Api, sandbox: Sandbox, rules: str) -> None:
    user = sandbox.add_user("ada", "Ada")
    added = api.answer("PATCH", f"{rules}/main", json={"allowed_to_push": [{"user_id": user.id}]}).json()
    assert [e["user_id"] for e in added["push_access_levels"]] == [None, user.id]
    assert added["push_access_levels"][1]["access_level_description"] == "Ada"
    gone = {"id": added["push_access_levels"][0]["id"], "_destroy": True}
    changed = api.answer("PATCH", f"{rules}/main", json={"allowed_to_push": [gone], "allow_force_push": True}).json()
    assert [e["user_id"] for e in changed["push_access_levels"]] == [user.id]
    assert changed["allow_force_push"] is True


def test_refusals(api: Api, member: Callable[[int], Api], rules: str) -> None:
    assert api.post(rules, 409, name="main") == {"message": "Protected branch 'main' already exists"}
    assert api.post(rules, 400) == {"error": "name is missing"}
    assert api.post(rules, 400, name="x", push_access_level=7) == {
        "error": "push_access_level does not have a valid value"
    }
    developer = member(Access.DEVELOPER)
    assert [rule["name"] for rule in developer.get(rules)] == ["main"]
    assert developer.post(rules, 403, name="x") == {"message": "403 Forbidden"}


def test_protected_tags(api: Api, project: Project) -> None:
    rules = f"/projects/{project.id}/protected_tags"
    made = api.post(rules, name="v*", create_access_level=30)
    assert (made["name"], made["create_access_levels"][0]["access_level"]) == ("v*", 30)
    assert api.get(rules) == [made]
    assert api.post(rules, 422, name="v*") == {"message": ["Name has already been taken"]}
    assert api.post(f"/projects/{project.id}/repository/tags", tag_name="v1", ref="main")["protected"] is True
    api.delete(f"{rules}/v%2A")
    assert api.get(f"{rules}/v%2A", 404) == {"message": "404 Not found"}
