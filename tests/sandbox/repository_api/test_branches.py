"""Branches over REST."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access, Project
from tests.sandbox.client import Api


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("team/shop", {"README.md": "# Shop\n"}, members={})


def test_a_branch_as_the_recordings_show_it(api: Api, sandbox: Sandbox, project: Project, base: str) -> None:
    branch = api.get(f"{base}/branches/main")
    commit = branch.pop("commit")
    assert branch == {
        "name": "main",
        "merged": False,
        "protected": True,
        "developers_can_push": False,
        "developers_can_merge": False,
        "can_push": True,
        "default": True,
        "web_url": f"{sandbox.url}/team/shop/-/tree/main",
    }
    assert (commit["title"], commit["parent_ids"], commit["trailers"]) == ("Initial commit", [], {})
    assert commit["committed_date"].endswith("+00:00")
    assert commit["web_url"] == f"{sandbox.url}/team/shop/-/commit/{commit['id']}"


def test_the_path_may_be_the_project_and_the_name_has_slashes(api: Api, base: str) -> None:
    api.post(f"{base}/branches", branch="deps/a", ref="main")
    assert api.get("/projects/team%2Fshop/repository/branches/deps%2Fa")["name"] == "deps/a"
    assert api.answer("HEAD", f"{base}/branches/deps%2Fa").status_code == 204
    assert api.answer("HEAD", f"{base}/branches/nope").status_code == 404


def test_creating_and_deleting(api: Api, base: str) -> None:
    made = api.post(f"{base}/branches", branch="topic", ref="main")
    assert (made["name"], made["protected"], made["merged"]) == ("topic", False, False)
    api.delete(f"{base}/branches/topic")
    assert api.get(f"{base}/branches/topic", 404) == {"message": "404 Branch Not Found"}


@pytest.mark.parametrize(
    ("values", "body"),
    [
        ({"branch": "x"}, {"error": "ref is missing"}),
        ({}, {"error": "branch is missing, ref is missing"}),
        ({"branch": "main", "ref": "main"}, {"message": "Branch already exists"}),
        ({"branch": "a b", "ref": "main"}, {"message": "Branch name is invalid"}),
        (
            {"branch": "x", "ref": "nope"},
            {"message": "Failed to create branch 'x': invalid reference name 'nope'"},
        ),
        (
            {"branch": "main/x", "ref": "main"},
            {"message": "Failed to create branch 'main/x': Branch name conflicts with existing branch hierarchy."},
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_new_branch(api: Api, base: str, values: dict[str, str], body: dict[str, str]) -> None:
    assert api.post(f"{base}/branches", 400, **values) == body


def test_the_default_branch_stays(api: Api, base: str) -> None:
    body = api.delete(f"{base}/branches/main", 400)
    assert body == {"message": "The default branch of a project cannot be deleted."}


def test_lists_search_sort_and_page(api: Api, sandbox: Sandbox, base: str) -> None:
    minutes = itertools.count()
    sandbox.world.clock = lambda: datetime(2090, 1, 1, tzinfo=UTC) + timedelta(minutes=next(minutes))
    for name in ("deps/a", "deps/b", "topic"):
        api.post(f"{base}/branches", branch=name, ref="main")
    api.post(
        f"{base}/commits", branch="topic", commit_message="Later", actions=[{"action": "create", "file_path": "x"}]
    )

    def names(**params: str) -> list[str]:
        return [branch["name"] for branch in api.get(f"{base}/branches", **params)]

    assert names() == ["deps/a", "deps/b", "main", "topic"]
    assert names(search="^deps") == ["deps/a", "deps/b"]
    assert names(search="c$") == ["topic"]
    assert names(search="EPS/B") == ["deps/b"]
    assert names(regex="^(main|topic)$") == ["main", "topic"]
    assert names(sort="updated_desc")[0] == "topic"
    assert api.get(f"{base}/branches", 400, sort="x") == {"error": "sort does not have a valid value"}
    assert api.get(f"{base}/branches", 400, regex="(") == {"message": "Regex is invalid"}

    page = api.answer("GET", f"{base}/branches?per_page=3&page=2")
    assert ([b["name"] for b in page.json()], page.headers["X-Total"]) == (["topic"], "4")
    first = api.answer("GET", f"{base}/branches?pagination=keyset&per_page=3")
    assert "page_token=main" in first.headers["Link"]
    assert [b["name"] for b in api.get(first.links["next"]["url"])] == ["topic"]


def test_a_merged_branch_is_told_and_swept_away(api: Api, base: str) -> None:
    api.post(f"{base}/branches", branch="old", ref="main")
    api.post(f"{base}/branches", branch="open", ref="main")
    for branch in ("main", "open"):
        action = {"action": "create", "file_path": branch, "content": ""}
        api.post(f"{base}/commits", branch=branch, commit_message="On", actions=[action])
    assert api.get(f"{base}/branches/old")["merged"] is True
    assert {b["name"]: b["merged"] for b in api.get(f"{base}/branches")} == {"main": False, "old": True, "open": False}

    assert api.delete(f"{base}/merged_branches", 202) == {"message": "202 Accepted"}
    assert [b["name"] for b in api.get(f"{base}/branches")] == ["main", "open"]


def test_a_developer_has_the_rights_of_one(api: Api, member: Callable[[int], Api], base: str) -> None:
    developer = member(Access.DEVELOPER)
    assert developer.get(f"{base}/branches/main")["can_push"] is False
    developer.post(f"{base}/branches", branch="topic", ref="main")
    assert developer.get(f"{base}/branches/topic")["can_push"] is True
    assert developer.put(f"{base}/branches/topic/protect", 403) == {"message": "403 Forbidden"}

    shown = api.put(f"{base}/branches/main/protect", developers_can_push=True)
    assert (shown["protected"], shown["developers_can_push"], shown["developers_can_merge"]) == (True, True, False)
    assert developer.get(f"{base}/branches/main")["can_push"] is True
    assert api.put(f"{base}/branches/main/unprotect")["protected"] is False


def test_strangers_and_guests(anonymous: Api, member: Callable[[int], Api], base: str) -> None:
    assert anonymous.get(f"{base}/branches", 404) == {"message": "404 Project Not Found"}
    assert member(Access.GUEST).get(f"{base}/branches", 403) == {"message": "403 Forbidden"}


def test_an_empty_repository_has_none(api: Api, sandbox: Sandbox) -> None:
    empty = sandbox.add_project("team/empty")
    assert api.get(f"/projects/{empty.id}/repository/branches") == []
    assert api.get(f"/projects/{empty.id}/repository/branches/main", 404) == {"message": "404 Branch Not Found"}
