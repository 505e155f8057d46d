"""Lists of issues: GitLab's filters, on a project, on a group, and everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.rules import issues
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api


@pytest.fixture
def fleet(sandbox: Sandbox, project: Project) -> Project:
    """Five issues: two authors, labels, states and ages."""
    world = sandbox.world
    developer, reporter = (world.users.one(username=name) for name in ("developer", "reporter"))
    assert developer and reporter

    def fill() -> None:
        for number in range(1, 6):
            author = developer if number % 2 else reporter
            made = issues.create(
                world, author, project, {"title": f"Issue {number}", "description": f"<!-- key:{number} -->"}
            )
            made.created_at = made.updated_at = world.now() - timedelta(days=10 - number)
        issues.close(world, developer, world.issues[2])

    world.loop.run(fill)
    return project


@pytest.mark.parametrize(
    ("asked", "iids"),
    [
        pytest.param({}, [5, 4, 3, 2, 1], id="newest first"),
        pytest.param({"sort": "asc"}, [1, 2, 3, 4, 5], id="oldest first"),
        pytest.param({"state": "opened"}, [5, 4, 3, 1], id="open"),
        pytest.param({"state": "closed"}, [2], id="closed"),
        pytest.param({"author_username": "developer"}, [5, 3, 1], id="an author"),
        pytest.param({"author_username": "nobody"}, [], id="an unknown author"),
        pytest.param({"iids[]": [2, 4]}, [4, 2], id="numbers"),
        pytest.param({"search": "key:3"}, [3], id="text in a comment of the description"),
        pytest.param({"search": "key:3", "in": "title"}, [], id="text in the title only"),
        pytest.param({"order_by": "updated_at", "sort": "asc"}, [1, 3, 4, 5, 2], id="by update"),
        pytest.param({"not[author_username]": "developer"}, [4, 2], id="not an author"),
        pytest.param({"scope": "created_by_me"}, [], id="the caller's own"),
        pytest.param({"per_page": 2, "page": 2}, [3, 2], id="the second page"),
    ],
)
def test_filters(api: Api, fleet: Project, path: str, asked: dict[str, Any], iids: list[int]) -> None:
    assert [one["iid"] for one in api.get(f"{path}/issues", **asked)] == iids


@pytest.mark.parametrize(
    ("asked", "iids"),
    [
        pytest.param({"labels": "a"}, [3, 1], id="one label"),
        pytest.param({"labels": "a,b"}, [3], id="all of several labels"),
        pytest.param({"labels": "None"}, [5, 4], id="none"),
        pytest.param({"labels": "Any"}, [3, 2, 1], id="any"),
        pytest.param({"not[labels]": "a"}, [5, 4, 2], id="not a label"),
    ],
)
def test_label_filters(api: Api, fleet: Project, path: str, asked: dict[str, Any], iids: list[int]) -> None:
    for iid, labels in ((1, "a"), (2, "b"), (3, "a,b")):
        api.put(f"{path}/issues/{iid}", labels=labels)
    assert [one["iid"] for one in api.get(f"{path}/issues", **asked)] == iids


def test_updated_after_finds_what_changed(api: Api, sandbox: Sandbox, fleet: Project, path: str) -> None:
    since = (sandbox.world.now() - timedelta(days=1)).isoformat()
    assert [one["iid"] for one in api.get(f"{path}/issues", updated_after=since)] == [2]


def test_the_global_list_is_the_callers_own(login: Callable[..., Api], fleet: Project) -> None:
    developer = login("developer")
    assert {one["author"]["username"] for one in developer.get("/issues")} == {"developer"}
    assert len(developer.get("/issues", scope="all")) == 5


def test_the_global_list_shows_what_the_caller_sees(login: Callable[..., Api], fleet: Project) -> None:
    assert login("stranger").get("/issues", scope="all") == []


def test_a_group_has_the_issues_of_all_below_it(api: Api, sandbox: Sandbox, fleet: Project) -> None:
    below = sandbox.add_project("group/deeper/lib")
    api.post(f"/projects/{below.id}/issues", title="deep")
    found = api.get("/groups/group/issues", search="deep")
    assert [one["references"]["full"] for one in found] == ["group/deeper/lib#1"]
    assert len(api.get("/groups/group/issues")) == 6


def test_totals_and_links(api: Api, fleet: Project, path: str) -> None:
    answer = api.answer("GET", f"{path}/issues", params={"per_page": 2})
    assert (answer.headers["X-Total"], answer.headers["X-Next-Page"]) == ("5", "2")
    assert 'rel="next"' in answer.headers["Link"]


def test_statistics(api: Api, fleet: Project, path: str) -> None:
    counts = api.get(f"{path}/issues_statistics")["statistics"]["counts"]
    assert counts == {"all": 5, "closed": 1, "opened": 4}


@pytest.mark.parametrize("asked", [{"state": "merged?"}, {"order_by": "color"}, {"updated_after": "yesterday"}])
def test_bad_values_are_refused(api: Api, fleet: Project, path: str, asked: dict[str, str]) -> None:
    assert api.answer("GET", f"{path}/issues", params=asked).status_code == 400
