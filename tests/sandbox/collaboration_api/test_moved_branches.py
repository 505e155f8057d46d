"""What becomes of open merge requests when their branches move, go, or are merged by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api
from tests.sandbox.git_client import Git
from tests.sandbox.waiting import until

Commit = Callable[..., str]
Open = Callable[..., dict[str, Any]]


@pytest.fixture
def work(sandbox: Sandbox, project: Project, tmp_path: Path) -> Git:
    """A clone of the project."""
    git = Git(tmp_path, sandbox.token)
    git("clone", "-q", f"{sandbox.url}/{project.full_path}.git", "work")
    return git.at("work")


def test_a_deleted_source_branch_closes_it(developer: Api, path: str, open_request: Open) -> None:
    open_request()
    developer.delete(f"{path}/repository/branches/feature")
    seen = developer.get(f"{path}/merge_requests/1")
    assert (seen["state"], seen["closed_by"]["username"]) == ("closed", "developer")
    notes = [note["body"] for note in developer.get(f"{path}/merge_requests/1/notes")]
    assert "deleted source branch `feature`" in notes


def test_a_fast_forward_by_hand_names_its_head(work: Git, api: Api, path: str, open_request: Open) -> None:
    sha = open_request()["sha"]
    work("fetch", "-q")
    work("push", "-q", "origin", "origin/feature:main")
    seen = api.get(f"{path}/merge_requests/1")
    assert (seen["state"], seen["merge_commit_sha"]) == ("merged", sha)


def test_a_merge_by_hand_names_the_merge(work: Git, api: Api, path: str, open_request: Open) -> None:
    open_request()
    work("fetch", "-q")
    work("merge", "-q", "--no-ff", "-m", "Bring it", "origin/feature")
    merge = work("rev-parse", "HEAD").strip()
    work.commit({"later.txt": "x\n"})
    work("push", "-q")
    seen = api.get(f"{path}/merge_requests/1")
    assert (seen["state"], seen["merge_commit_sha"]) == ("merged", merge)


def test_a_push_to_the_source_forgets_the_last_error(
    developer: Api, path: str, commit: Commit, open_request: Open
) -> None:
    open_request()
    commit("feature", {"README.md": "theirs\n"})
    commit("main", {"README.md": "ours\n"})
    request = f"{path}/merge_requests/1"
    developer.put(f"{request}/rebase", 202)
    until(lambda: developer.get(request)["merge_error"])
    commit("main", {"other.txt": "x\n"})
    assert developer.get(request)["merge_error"] is not None
    commit("feature", {"README.md": "one\ntwo\nthree\n"})
    assert developer.get(request)["merge_error"] is None


def test_where_only_fast_forwards_are_made_a_moved_target_ends_auto_merge(
    sandbox: Sandbox,
    project: Project,
    developer: Api,
    maintainer: Api,
    path: str,
    commit: Commit,
    open_request: Open,
) -> None:
    sandbox.set_pipelines(project, "running")
    maintainer.put(path, merge_method="ff")
    open_request()
    request = f"{path}/merge_requests/1"
    assert maintainer.put(f"{request}/merge", auto_merge=True)["merge_when_pipeline_succeeds"]
    commit("main", {"other.txt": "x\n"})
    assert not maintainer.get(request)["merge_when_pipeline_succeeds"]
    assert "aborted the automatic merge because target branch was updated" in [
        note["body"] for note in maintainer.get(f"{request}/notes")
    ]
    assert [todo["action_name"] for todo in developer.get("/todos")] == ["unmergeable"]


def test_a_conflict_is_a_todo_of_the_author(developer: Api, path: str, commit: Commit, open_request: Open) -> None:
    open_request()
    commit("feature", {"README.md": "theirs\n"})
    commit("main", {"README.md": "ours\n"})
    assert developer.get(f"{path}/merge_requests/1")["detailed_merge_status"] == "conflict"
    assert [todo["action_name"] for todo in developer.get("/todos")] == ["unmergeable"]
