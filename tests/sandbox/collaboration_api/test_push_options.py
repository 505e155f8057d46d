"""Merge requests made and changed by push options."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api
from tests.sandbox.git_client import Git


@pytest.fixture
def git(sandbox: Sandbox, project: Project, tmp_path: Path) -> Git:
    """A clone on a new branch "feature" with one commit, "Add a file"."""
    work = Git(tmp_path, sandbox.token)
    work("clone", "-q", f"{sandbox.url}/{project.full_path}.git", "work")
    work = work.at("work")
    work("switch", "-q", "-c", "feature")
    (work.folder / "a.txt").write_text("x\n")
    work("add", "a.txt")
    work("commit", "-q", "-m", "Add a file")
    return work


def push(git: Git, *options: str) -> str:
    """Push with options; what the remote said."""
    flags = [flag for option in options for flag in ("-o", option)]
    return git.run("push", *flags, "origin", "feature").stderr


def test_one_is_made(git: Git, api: Api, path: str) -> None:
    said = push(git, "merge_request.create", "merge_request.label=deps", "merge_request.remove_source_branch")
    made = api.get(f"{path}/merge_requests/1")
    assert (made["title"], made["source_branch"], made["target_branch"]) == ("Add a file", "feature", "main")
    assert (made["labels"], made["force_remove_source_branch"]) == (["deps"], True)
    assert "View merge request for feature:" in said
    assert "/group/app/-/merge_requests/1" in said


def test_the_options_say_how(git: Git, api: Api, path: str) -> None:
    push(
        git,
        "merge_request.create",
        "merge_request.title=Mine",
        "merge_request.description=One\\nTwo",
        "merge_request.draft",
        "merge_request.assign=developer",
        "merge_request.squash",
    )
    made = api.get(f"{path}/merge_requests/1")
    assert (made["title"], made["description"], made["squash"]) == ("Draft: Mine", "One\nTwo", True)
    assert made["assignee"]["username"] == "developer"


def test_an_open_one_is_changed(git: Git, api: Api, path: str) -> None:
    push(git, "merge_request.create", "merge_request.label=a")
    git("commit", "-q", "--allow-empty", "-m", "Second")
    push(git, "merge_request.create", "merge_request.unlabel=a", "merge_request.title=New")
    assert [(one["iid"], one["title"], one["labels"]) for one in api.get(f"{path}/merge_requests")] == [(1, "New", [])]


def test_without_create_nothing_is_made(git: Git, api: Api, path: str) -> None:
    said = push(git, "merge_request.title=Mine")
    assert "use merge_request.create" in said
    assert api.get(f"{path}/merge_requests") == []


def test_a_mistake_is_said_and_the_push_stays(git: Git, api: Api, path: str) -> None:
    said = push(git, "merge_request.create", "merge_request.target_project=no/such")
    assert "404 Project Not Found" in said
    api.get(f"{path}/repository/branches/feature")


def test_a_pipeline_can_be_skipped(git: Git, sandbox: Sandbox, project: Project, api: Api, path: str) -> None:
    sandbox.set_pipelines(project, "running")
    push(git, "ci.skip")
    assert api.get(f"{path}/pipelines") == []


def test_a_push_of_the_merged_branch_lands_the_request(git: Git, api: Api, path: str) -> None:
    api.post(f"{path}/issues", title="one")
    push(git, "merge_request.create", "merge_request.description=Closes #1")
    git("push", "-q", "origin", "feature:main")
    seen = api.get(f"{path}/merge_requests/1")
    assert (seen["state"], seen["merge_commit_sha"]) == ("merged", seen["sha"])
    assert api.get(f"{path}/issues/1")["state"] == "closed"


def test_a_force_push_replaces_its_commits(git: Git, api: Api, path: str) -> None:
    push(git, "merge_request.create")
    git("commit", "-q", "--amend", "-m", "Another")
    git("push", "-q", "--force-with-lease", "origin", "feature")
    assert [one["title"] for one in api.get(f"{path}/merge_requests/1/commits")] == ["Another"]
    head = git("rev-parse", "HEAD").strip()
    assert api.get(f"{path}/merge_requests/1")["sha"] == head
    git("fetch", "-q", "origin", "refs/merge-requests/1/head")
    assert git("rev-parse", "FETCH_HEAD").strip() == head
