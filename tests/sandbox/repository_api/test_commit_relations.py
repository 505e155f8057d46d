"""What belongs to a commit: merge requests, comments."""

from __future__ import annotations

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("team/shop", {"a.txt": "1\n"})


def test_the_merge_requests_that_brought_a_commit(api: Api, project: Project, base: str, head: str) -> None:
    shas: list[str] = []
    for number in range(2):
        action = {"action": "update", "file_path": "a.txt", "content": str(number)}
        start = {} if shas else {"start_branch": "main"}
        made = api.post(f"{base}/commits", branch="topic", commit_message="m", actions=[action], **start)
        shas.append(made["id"])
    request = api.post(f"/projects/{project.id}/merge_requests", title="T", source_branch="topic", target_branch="main")

    for sha in shas:
        assert [r["iid"] for r in api.get(f"{base}/commits/{sha}/merge_requests")] == [request["iid"]]
    assert api.get(f"{base}/commits/{shas[0]}/merge_requests", state="merged") == []
    assert api.get(f"{base}/commits/{head}/merge_requests") == []
    assert api.get(f"{base}/commits/nope/merge_requests", 404) == {"message": "404 Commit Not Found"}


def test_comments(api: Api, base: str) -> None:
    made = api.post(f"{base}/commits/main/comments", note="Nice", path="a.txt", line=1, line_type="new")
    assert (made["note"], made["path"], made["line"], made["line_type"]) == ("Nice", "a.txt", 1, "new")
    assert made["author"]["username"] == "root"
    assert api.get(f"{base}/commits/main/comments") == [made]
    assert api.post(f"{base}/commits/main/comments", 400) == {"error": "note is missing"}
