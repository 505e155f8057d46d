"""Merge requests over REST until they are merged: opened, looked at, edited, pushed to, closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api

People = Callable[[str], Api]
Commit = Callable[..., str]
Open = Callable[..., dict[str, Any]]


def test_a_new_one_is_being_prepared(developer: Api, path: str, commit: Commit) -> None:
    sha = commit("feature", {"a.txt": "x\n"})
    made = developer.post(f"{path}/merge_requests", title="Add", source_branch="feature", target_branch="main")
    assert (made["iid"], made["state"], made["sha"]) == (1, "opened", sha)
    assert (made["merge_status"], made["detailed_merge_status"]) == ("checking", "preparing")
    assert (made["prepared_at"], made["changes_count"]) == (None, None)
    assert made["references"] == {"short": "!1", "relative": "!1", "full": "group/app!1"}
    assert made["web_url"].endswith("/group/app/-/merge_requests/1")


def test_a_look_has_it_checked(developer: Api, path: str, open_request: Open) -> None:
    open_request()
    seen = developer.get(f"{path}/merge_requests/1")
    assert (seen["merge_status"], seen["detailed_merge_status"]) == ("can_be_merged", "mergeable")
    assert (seen["changes_count"], seen["has_conflicts"]) == ("1", False)
    assert seen["prepared_at"]
    assert seen["user"] == {"can_merge": False}


def test_it_stays_unchecked_for_as_long_as_the_world_says(
    sandbox: Sandbox, developer: Api, path: str, open_request: Open
) -> None:
    sandbox.world.mergeability_seconds = 3600
    open_request()
    seen = developer.get(f"{path}/merge_requests/1")
    assert (seen["detailed_merge_status"], seen["has_conflicts"]) == ("unchecked", False)


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        pytest.param(
            {"title": "x"}, 400, {"error": "source_branch is missing, target_branch is missing"}, id="no branches"
        ),
        pytest.param(
            {"title": "x", "source_branch": "main", "target_branch": "main"},
            422,
            {"message": ["You can't use same project/branch for source and target"]},
            id="the same branch",
        ),
        pytest.param(
            {"title": "x", "source_branch": "gone", "target_branch": "main"},
            400,
            {"message": {"source_branch": ["does not exist"]}},
            id="no such branch",
        ),
        pytest.param(
            {"title": "", "source_branch": "feature", "target_branch": "main"},
            400,
            {"message": {"title": ["can't be blank"]}},
            id="a blank title",
        ),
        pytest.param(
            {"title": "x", "source_branch": "feature", "target_branch": "main", "target_project_id": 999},
            404,
            {"message": "404 Not found"},
            id="no such target project",
        ),
    ],
)
def test_what_cannot_be_opened(
    developer: Api, path: str, commit: Commit, body: dict[str, str], status: int, answer: dict[str, Any]
) -> None:
    commit("feature", {"a.txt": "x\n"})
    assert developer.post(f"{path}/merge_requests", status, **body) == answer


def test_a_second_one_for_the_branch_is_a_conflict(developer: Api, path: str, open_request: Open) -> None:
    open_request()
    body = {"title": "Again", "source_branch": "feature", "target_branch": "main"}
    assert developer.post(f"{path}/merge_requests", 409, **body) == {
        "message": ["Another open merge request already exists for this source branch: !1"]
    }


def test_the_target_branch_need_not_exist(developer: Api, path: str, commit: Commit) -> None:
    commit("feature", {"a.txt": "x\n"})
    made = developer.post(f"{path}/merge_requests", title="x", source_branch="feature", target_branch="later")
    assert made["target_branch"] == "later"


def test_reporters_open_none(people: People, path: str, commit: Commit) -> None:
    commit("feature", {"a.txt": "x\n"})
    body = {"title": "x", "source_branch": "feature", "target_branch": "main"}
    assert people("reporter").post(f"{path}/merge_requests", 403, **body) == {"message": "403 Forbidden"}


def test_guests_of_a_private_project_see_none(people: People, path: str, open_request: Open) -> None:
    open_request()
    assert people("guest").get(f"{path}/merge_requests", 403) == {"message": "403 Forbidden"}


def test_one_that_does_not_exist(api: Api, path: str) -> None:
    assert api.get(f"{path}/merge_requests/100000000000000000000", 404) == {"message": "404 Not found"}


def test_an_update(developer: Api, path: str, open_request: Open) -> None:
    open_request()
    changed = developer.put(f"{path}/merge_requests/1", title="Draft: New", labels="a,b", remove_source_branch=True)
    assert (changed["title"], changed["draft"], changed["labels"]) == ("Draft: New", True, ["a", "b"])
    assert changed["force_remove_source_branch"] is True
    assert developer.get(f"{path}/merge_requests/1")["detailed_merge_status"] == "draft_status"
    remarks = [n["body"] for n in developer.get(f"{path}/merge_requests/1/notes", sort="asc")]
    assert remarks[0] == "marked this merge request as **draft**"


def test_closing_and_reopening(developer: Api, path: str, open_request: Open) -> None:
    open_request()
    closed = developer.put(f"{path}/merge_requests/1", state_event="close")
    assert (closed["state"], closed["closed_by"]["username"]) == ("closed", "developer")
    reopened = developer.put(f"{path}/merge_requests/1", state_event="reopen")
    assert (reopened["state"], reopened["closed_at"]) == ("opened", None)


def test_a_closed_one_makes_room_for_another(developer: Api, path: str, open_request: Open) -> None:
    open_request()
    developer.put(f"{path}/merge_requests/1", state_event="close")
    body = {"title": "Again", "source_branch": "feature", "target_branch": "main"}
    assert developer.post(f"{path}/merge_requests", **body)["iid"] > 1
    assert developer.put(f"{path}/merge_requests/1", 409, state_event="reopen")


def test_what_it_changes(developer: Api, path: str, commit: Commit, open_request: Open) -> None:
    open_request()
    sha = commit("feature", {"README.md": "one\n2\nthree\n"}, "Second")
    changed = developer.get(f"{path}/merge_requests/1/changes")
    assert [one["new_path"] for one in changed["changes"]] == ["README.md", "feature.txt"]
    assert changed["changes"][0]["diff"] == "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
    assert [one["new_path"] for one in developer.get(f"{path}/merge_requests/1/diffs")] == ["README.md", "feature.txt"]
    assert [one["title"] for one in developer.get(f"{path}/merge_requests/1/commits")] == ["Second", "Change"]
    versions = developer.get(f"{path}/merge_requests/1/versions")
    assert versions[0]["head_commit_sha"] == sha
    assert len(versions) == 2
    assert len(developer.get(f"{path}/merge_requests/1/versions/{versions[0]['id']}")["commits"]) == 2
    raw = developer.answer("GET", f"{path}/merge_requests/1/raw_diffs")
    assert raw.text.startswith("diff --git a/README.md b/README.md")


def test_a_push_updates_it(developer: Api, path: str, commit: Commit, open_request: Open) -> None:
    before = open_request()
    developer.get(f"{path}/merge_requests/1")
    sha = commit("feature", {"more.txt": "y\n"}, "More")
    listed = developer.get(f"{path}/merge_requests", state="opened")[0]
    assert (listed["sha"], listed["merge_status"]) == (sha, "unchecked")
    assert listed["updated_at"] > before["updated_at"]
    remark = developer.get(f"{path}/merge_requests/1/notes")[0]
    assert remark["system"]
    assert remark["body"].startswith(f"added 1 commit\n\n<ul><li>{sha[:8]} - More</li></ul>")


def test_a_conflict_is_found(developer: Api, path: str, commit: Commit) -> None:
    commit("feature", {"README.md": "1\ntwo\nthree\n"})
    commit("main", {"README.md": "I\ntwo\nthree\n"})
    developer.post(f"{path}/merge_requests", title="x", source_branch="feature", target_branch="main")
    seen = developer.get(f"{path}/merge_requests/1", include_diverged_commits_count=True)
    assert (seen["merge_status"], seen["detailed_merge_status"]) == ("cannot_be_merged", "conflict")
    assert (seen["has_conflicts"], seen["diverged_commits_count"]) == (True, 1)


def test_a_push_to_the_target_has_it_checked_again(developer: Api, path: str, commit: Commit) -> None:
    commit("feature", {"README.md": "1\ntwo\nthree\n"})
    developer.post(f"{path}/merge_requests", title="x", source_branch="feature", target_branch="main")
    assert developer.get(f"{path}/merge_requests/1")["detailed_merge_status"] == "mergeable"
    commit("main", {"README.md": "I\ntwo\nthree\n"})
    assert developer.get(f"{path}/merge_requests")[0]["detailed_merge_status"] == "unchecked"
    assert developer.get(f"{path}/merge_requests/1")["detailed_merge_status"] == "conflict"


def test_the_head_can_be_fetched_by_its_ref(sandbox: Sandbox, project: Project, path: str, open_request: Open) -> None:
    made = open_request()
    kept = sandbox.world.repositories / f"{project.id}.git" / "refs" / "merge-requests" / "1" / "head"
    assert kept.read_text().strip() == made["sha"]


def test_from_a_fork(developer: Api, api: Api, path: str, login: Callable[..., Api]) -> None:
    api.put(path, visibility="public")
    stranger = login("stranger")
    fork = stranger.post(f"{path}/fork")
    action = {"action": "create", "file_path": "a.txt", "content": "x\n"}
    commits = f"/projects/{fork['id']}/repository/commits"
    body = {"branch": "patch", "start_branch": "main", "commit_message": "Patch", "actions": [action]}
    sha = stranger.post(commits, **body)["id"]
    made = stranger.post(
        f"/projects/{fork['id']}/merge_requests",
        title="Patch",
        source_branch="patch",
        target_branch="main",
        target_project_id=int(path.rpartition("/")[2]),
        allow_collaboration=True,
    )
    assert (made["project_id"], made["source_project_id"]) == (int(path.rpartition("/")[2]), fork["id"])
    assert made["allow_collaboration"] is True
    seen = developer.get(f"{path}/merge_requests/1")
    assert (seen["sha"], seen["detailed_merge_status"]) == (sha, "mergeable")
    assert [one["id"] for one in developer.get(f"{path}/merge_requests/1/commits")] == [sha]
    more = stranger.post(commits, branch="patch", commit_message="More", actions=[{**action, "file_path": "b.txt"}])[
        "id"
    ]
    assert developer.get(f"{path}/merge_requests/1")["sha"] == more


def test_what_it_closes_can_be_read_back(developer: Api, path: str, commit: Commit, open_request: Open) -> None:
    for title in ("one", "two", "three"):
        developer.post(f"{path}/issues", title=title)
    open_request(description="Closes #1")
    commit("feature", {"more.txt": "y\n"}, "More\n\nFixes #2")
    closes = developer.get(f"{path}/merge_requests/1/closes_issues")
    assert [one["iid"] for one in closes] == [1, 2]
    assert developer.get(f"{path}/issues/1")["merge_requests_count"] == 1
    assert [one["iid"] for one in developer.get(f"{path}/issues/2/closed_by")] == [1]
    assert [one["iid"] for one in developer.get(f"{path}/issues/1/related_merge_requests")] == [1]
    developer.put(f"{path}/merge_requests/1", description="Related to #3")
    assert [one["iid"] for one in developer.get(f"{path}/merge_requests/1/closes_issues")] == [2]
    related = [one["iid"] for one in developer.get(f"{path}/merge_requests/1/related_issues")]
    assert sorted(related) == [2, 3]


def test_another_target_closes_nothing(developer: Api, path: str, commit: Commit) -> None:
    developer.post(f"{path}/issues", title="one")
    commit("stable", {"s.txt": "s\n"})
    commit("feature", {"a.txt": "x\n"})
    body = {"source_branch": "feature", "target_branch": "stable", "title": "x", "description": "Closes #1"}
    developer.post(f"{path}/merge_requests", **body)
    assert developer.get(f"{path}/merge_requests/1/closes_issues") == []
    developer.put(f"{path}/merge_requests/1", target_branch="main")
    assert [one["iid"] for one in developer.get(f"{path}/merge_requests/1/closes_issues")] == [1]


def test_a_project_can_switch_closing_off(api: Api, developer: Api, path: str, open_request: Open) -> None:
    developer.post(f"{path}/issues", title="one")
    api.put(path, autoclose_referenced_issues=False)
    open_request(description="Closes #1")
    assert developer.get(f"{path}/merge_requests/1/closes_issues") == []


@pytest.mark.parametrize(
    ("asked", "iids"),
    [
        pytest.param({}, [3, 2, 1], id="newest first"),
        pytest.param({"state": "closed"}, [2], id="closed"),
        pytest.param({"source_branch": "two"}, [2], id="a source branch"),
        pytest.param({"target_branch": "other"}, [], id="a target branch"),
        pytest.param({"search": "hre"}, [3], id="a piece of the title"),
        pytest.param({"wip": "yes"}, [1], id="drafts"),
        pytest.param({"labels": "deps"}, [3], id="a label"),
        pytest.param({"author_username": "developer", "state": "opened"}, [3, 1], id="an author"),
        pytest.param({"scope": "created_by_me"}, [], id="the caller's own"),
        pytest.param({"iids[]": [1]}, [1], id="numbers"),
    ],
)
def test_filters(
    api: Api, developer: Api, path: str, open_request: Open, asked: dict[str, Any], iids: list[int]
) -> None:
    for branch, title in (("one", "Draft: One"), ("two", "Two"), ("three", "Three")):
        open_request(branch, title)
    developer.put(f"{path}/merge_requests/2", state_event="close")
    developer.put(f"{path}/merge_requests/3", labels="deps")
    assert [one["iid"] for one in api.get(f"{path}/merge_requests", **asked)] == iids


def test_the_global_and_the_group_list(api: Api, developer: Api, open_request: Open) -> None:
    open_request()
    assert api.get("/merge_requests") == []
    assert [one["iid"] for one in developer.get("/merge_requests")] == [1]
    assert [one["iid"] for one in api.get("/merge_requests", scope="all")] == [1]
    found = api.get("/groups/group/merge_requests", view="simple")
    assert set(found[0]) == {
        "id", "iid", "project_id", "title", "description", "state", "created_at", "updated_at", "web_url",
    }  # fmt: skip
