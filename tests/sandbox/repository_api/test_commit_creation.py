"""Commits made over REST."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access, Project
from tests.sandbox.client import Api

FILES = {"README.md": "# Shop\n", "lib/a.py": "a = 1\n"}


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("team/shop", FILES)


def update(path: str, content: str = "new\n", **more: Any) -> dict[str, Any]:
    return {"action": "update", "file_path": path, "content": content, **more}


def test_a_commit_of_several_actions(api: Api, project: Project, head: str, base: str) -> None:
    made = api.post(
        f"{base}/commits",
        branch="main",
        commit_message="Change things\n\nSigned-off-by: A <a@example.com>",
        author_name="Grace",
        author_email="grace@example.com",
        actions=[
            update("README.md", base64.b64encode(b"\x00bin").decode(), encoding="base64"),
            {"action": "create", "file_path": "new/b.py", "content": "b\n"},
            {"action": "move", "file_path": "lib/c.py", "previous_path": "lib/a.py"},
            {"action": "chmod", "file_path": "lib/c.py", "execute_filemode": True},
        ],
    )
    assert made["title"] == "Change things"
    assert (made["author_name"], made["committer_name"]) == ("Grace", "Administrator")
    assert made["trailers"] == {"Signed-off-by": "A <a@example.com>"}
    assert made["stats"] == {"additions": 1, "deletions": 0, "total": 1}
    assert (made["status"], made["last_pipeline"], made["project_id"]) == (None, None, project.id)
    assert made["parent_ids"] == [head]
    assert project.head == made["id"], "the head is known at once"
    tree = api.get(f"{base}/tree", recursive="true")
    assert {e["path"]: e["mode"] for e in tree if e["type"] == "blob"} == {
        "README.md": "100644", "new/b.py": "100644", "lib/c.py": "100755",
    }  # fmt: skip
    assert api.answer("GET", f"{base}/files/README.md/raw").content == b"\x00bin"


def test_a_new_branch_from_another_or_from_a_commit(api: Api, base: str) -> None:
    sha = api.get(f"{base}/branches/main")["commit"]["id"]
    for branch, start in (("one", {"start_branch": "main"}), ("two", {"start_sha": sha})):
        made = api.post(f"{base}/commits", branch=branch, commit_message="m", actions=[update("README.md")], **start)
        assert made["parent_ids"] == [sha]
    again = api.post(
        f"{base}/commits",
        branch="one",
        start_branch="main",
        force=True,
        commit_message="m",
        actions=[update("lib/a.py")],
    )
    assert again["parent_ids"] == [sha], "force begins anew"
    assert api.get(f"{base}/branches/one")["commit"]["id"] == again["id"]


def test_the_first_commit_of_an_empty_project(api: Api, sandbox: Sandbox) -> None:
    empty = sandbox.add_project("team/empty")
    action = {"action": "create", "file_path": "a", "content": "1"}
    made = api.post(f"/projects/{empty.id}/repository/commits", branch="trunk", commit_message="m", actions=[action])
    assert (empty.default_branch, empty.head) == ("trunk", made["id"])
    assert api.get(f"/projects/{empty.id}/repository/branches/trunk")["protected"] is True


@pytest.mark.parametrize(
    ("values", "body"),
    [
        ({}, {"error": "branch is missing, commit_message is missing, actions is missing"}),
        ({"actions": [{"action": "create"}]}, {"error": "actions[0][file_path] is missing"}),
        ({"actions": [{"action": "x", "file_path": "a"}]}, {"error": "actions[0][action] does not have a valid value"}),
        ({"actions": [{"action": "update", "file_path": "a"}]}, {"error": "actions[0][content] is missing"}),
        ({"actions": "x"}, {"error": "actions is invalid"}),
        ({"start_branch": "a", "start_sha": "b"}, {"error": "start_branch, start_sha are mutually exclusive"}),
        ({"branch": "new"}, {"message": "You can only create or edit files when you are on a branch"}),
        ({"start_branch": "nope"}, {"message": "You can only create or edit files when you are on a branch"}),
        ({"start_sha": "zz", "branch": "new"}, {"message": "Invalid start_sha 'zz'"}),
        ({"start_sha": "f" * 40, "branch": "new"}, {"message": f"Cannot find start_sha '{'f' * 40}'"}),
        (
            {"start_branch": "main", "branch": "other"},
            {"message": "A branch called 'other' already exists. Switch to that branch in order to make changes"},
        ),
        (
            {"start_branch": "main", "branch": "a..b"},
            {"message": "Something went wrong when we tried to create 'a..b' for you: Branch name is invalid"},
        ),
        ({"actions": [update("nope")]}, {"message": "A file with this name doesn't exist"}),
        (
            {"actions": [update("README.md", last_commit_id="f" * 40)]},
            {"message": "The file has changed since you started editing it: README.md"},
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_refused(api: Api, base: str, values: dict[str, Any], body: dict[str, str]) -> None:
    api.post(f"{base}/branches", branch="other", ref="main")
    whole = {"branch": "main", "commit_message": "m", "actions": [update("README.md")], **values} if values else {}
    assert api.post(f"{base}/commits", 400, **whole) == body


def test_who_may_not_push_there(member: Callable[[int], Api], base: str) -> None:
    developer = member(Access.DEVELOPER)
    refused = {"message": "403 Forbidden - You are not allowed to push into this branch"}
    wanted = {"commit_message": "m", "actions": [update("README.md")]}
    assert developer.post(f"{base}/commits", 403, branch="main", **wanted) == refused
    developer.post(f"{base}/commits", branch="topic", start_branch="main", **wanted)
    body = developer.put(f"{base}/files/README.md", 400, branch="main", commit_message="m", content="x")
    assert body == {"message": "You are not allowed to push into this branch"}


def test_a_commit_on_top_of_a_fork_s_parent(api: Api, project: Project) -> None:
    fork = api.post(f"/projects/{project.id}/fork", namespace_path="root")
    sha = api.post(
        f"/projects/{project.id}/repository/commits", branch="main", commit_message="m", actions=[update("README.md")]
    )["id"]
    made = api.post(
        f"/projects/{fork['id']}/repository/commits",
        branch="topic",
        start_project=project.id,
        start_branch="main",
        commit_message="m",
        actions=[update("lib/a.py")],
    )
    assert made["parent_ids"] == [sha]


def test_one_file(api: Api, base: str) -> None:
    where = {"branch": "main", "commit_message": "m"}
    file = f"{base}/files/dir%2Fx.txt"
    assert api.post(file, **where, content="1") == {"file_path": "dir/x.txt", "branch": "main"}
    assert api.post(file, 400, **where, content="1") == {"message": "A file with this name already exists"}
    assert api.put(file, **where, content="Mg==", encoding="base64") == {"file_path": "dir/x.txt", "branch": "main"}
    assert api.answer("GET", f"{file}/raw").text == "2"
    assert api.put(file, 400, **where, content="3", last_commit_id="f" * 40) == {
        "message": "You are attempting to update a file that has changed since you started editing it."
    }
    api.delete(file, **where)
    assert api.delete(file, 400, **where) == {"message": "A file with this name doesn't exist"}
    assert api.put(file, 400, branch="main") == {"error": "commit_message is missing, content is missing"}
