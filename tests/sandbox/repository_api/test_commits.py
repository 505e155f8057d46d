"""Reading commits, and repeating or undoing them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("team/shop", {"a.txt": "1\n2\n3\n"})


def change(api: Api, base: str, content: str, branch: str = "main", message: str = "Change", **more: Any) -> str:
    action = {"action": "update", "file_path": "a.txt", "content": content}
    sha = api.post(f"{base}/commits", branch=branch, commit_message=message, actions=[action], **more)["id"]
    assert isinstance(sha, str)
    return sha


def test_the_list_counts_no_totals(api: Api, base: str) -> None:
    shas = [change(api, base, str(n), message=f"Change {n}\n\nX: {n}") for n in range(3)]
    page = api.answer("GET", f"{base}/commits?ref_name=main&per_page=2")
    assert [c["id"] for c in page.json()] == shas[:0:-1]
    assert page.json()[0]["trailers"] == {}
    assert (page.headers["X-Next-Page"], page.headers["X-Page"]) == ("2", "1")
    assert "X-Total" not in page.headers
    assert [c["title"] for c in api.get(page.links["next"]["url"])] == ["Change 0", "Initial commit"]
    assert api.get(f"{base}/commits", trailers="true")[0]["trailers"] == {"X": "2"}
    assert api.get(f"{base}/commits", with_stats="true")[0]["stats"] == {"additions": 1, "deletions": 1, "total": 2}


def test_the_list_filters(api: Api, base: str) -> None:
    first = api.get(f"{base}/commits")[0]["id"]
    sha = change(api, base, "x", branch="side", start_branch="main")
    assert [c["id"] for c in api.get(f"{base}/commits")] == [first]
    assert {c["id"] for c in api.get(f"{base}/commits", all="true")} == {first, sha}
    assert [c["id"] for c in api.get(f"{base}/commits", ref_name="main..side")] == [sha]
    assert [c["id"] for c in api.get(f"{base}/commits", ref_name="side", path="a.txt")] == [sha, first]
    assert api.get(f"{base}/commits", ref_name="nope") == []
    assert api.get(f"{base}/commits", since="2090-01-01T00:00:00Z") == []
    assert api.get(f"{base}/commits", 400, ref_name="--all") == {"message": "ref_name is invalid"}
    assert api.get(f"{base}/commits", 400, since="x") == {"error": "since is invalid"}


def test_one_commit(api: Api, sandbox: Sandbox, base: str) -> None:
    sha = change(api, base, "1\n2\n", message="Title\n\nBody.")
    for name in ("main", sha, sha[:8]):
        shown = api.get(f"{base}/commits/{name}")
        assert (shown["id"], shown["short_id"], shown["message"]) == (sha, sha[:8], "Title\n\nBody.")
    assert shown["stats"] == {"additions": 0, "deletions": 1, "total": 1}
    assert "stats" not in api.get(f"{base}/commits/main", stats="false")
    assert api.get(f"{base}/commits/nope", 404) == {"message": "404 Commit Not Found"}
    assert api.get(f"{base}/commits/main/signature", 404) == {"message": "404 Signature Not Found"}
    assert api.get(f"{base}/commits/main/sequence") == {"count": 2}
    assert api.get(f"{base}/commits/main/refs") == [{"type": "branch", "name": "main"}]


def test_a_diff(api: Api, base: str) -> None:
    change(api, base, "1\n2\n")
    [diff] = api.get(f"{base}/commits/main/diff")
    assert diff == {
        "diff": "@@ -1,3 +1,2 @@\n 1\n 2\n-3\n",
        "collapsed": False,
        "too_large": False,
        "new_path": "a.txt",
        "old_path": "a.txt",
        "a_mode": "100644",
        "b_mode": "100644",
        "new_file": False,
        "renamed_file": False,
        "deleted_file": False,
        "generated_file": False,
    }
    assert api.get(f"{base}/commits/main/diff", unidiff="true")[0]["diff"].startswith("--- a/a.txt\n+++ b/a.txt\n@@")


def test_cherry_pick_and_revert(api: Api, base: str) -> None:
    sha = change(api, base, "1\n2\n3\n4\n", branch="side", message="Add four\n", start_branch="main")
    picked = api.post(f"{base}/commits/{sha}/cherry_pick", branch="main")
    assert picked["message"] == f"Add four\n\n\n(cherry picked from commit {sha})"
    assert api.answer("GET", f"{base}/files/a.txt/raw").text == "1\n2\n3\n4\n"

    refused = api.post(f"{base}/commits/{sha}/cherry_pick", 400, branch="main")
    assert refused["error_code"] == "empty"
    assert refused["message"].startswith("Commit cherry-pick failed: Can't perform this action automatically.")

    reverted = api.post(f"{base}/commits/{picked['id']}/revert", branch="main")
    assert reverted["message"] == f'Revert "Add four"\n\nThis reverts commit {picked["id"]}'
    change(api, base, "other")
    conflict = api.post(f"{base}/commits/{sha}/revert", 400, branch="main", dry_run=True)
    assert (conflict["error_code"], conflict["dry_run"]) == ("conflict", "error")
    assert api.post(f"{base}/commits/{sha}/revert", 404, branch="nope") == {"message": "404 Branch Not Found"}
