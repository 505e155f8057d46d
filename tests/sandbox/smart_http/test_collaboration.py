"""A fork's author lets those who may merge push to the merge request's branch (`allow_collaboration`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api
from tests.sandbox.git_client import Git

Propose = Callable[..., dict[str, Any]]


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    sandbox.add_user("maintainer")
    return sandbox.add_project("team/shop", {"README.md": "# Shop\n"}, visibility="public", members={"maintainer": 40})


@pytest.fixture
def propose(project: Project, login: Callable[..., Api]) -> Propose:
    """A merge request from a stranger's fork."""
    stranger = login("stranger")

    def make(**settings: object) -> dict[str, Any]:
        fork = stranger.post(f"/projects/{project.id}/fork")
        path = f"/projects/{fork['id']}"
        actions = [{"action": "create", "file_path": "a.txt", "content": "a\n"}]
        start = {"branch": "feature", "start_branch": "main"}
        stranger.post(f"{path}/repository/commits", commit_message="A", actions=actions, **start)
        wanted = {"source_branch": "feature", "target_branch": "main", "title": "A", "target_project_id": project.id}
        made: dict[str, Any] = stranger.post(f"{path}/merge_requests", **wanted, **settings)
        return made

    return make


@pytest.fixture
def maintainer(sandbox: Sandbox, tmp_path: Path, propose: Propose) -> Git:
    user = sandbox.world.users.one(username="maintainer")
    assert user is not None
    return Git(tmp_path, sandbox.add_token(user))


def clone_of_fork(sandbox: Sandbox, git: Git) -> Git:
    git("clone", "-q", "-b", "feature", f"{sandbox.url}/stranger/shop.git", "fork")
    work = git.at("fork")
    work.commit({"b.txt": "b\n"})
    return work


def test_who_may_merge_pushes_to_the_branch_and_to_no_other(
    sandbox: Sandbox, maintainer: Git, propose: Propose
) -> None:
    assert propose(allow_collaboration=True)["allow_collaboration"] is True
    work = clone_of_fork(sandbox, maintainer)
    work("push", "-q")
    assert "not allowed to push code" in work.refused("push", "origin", "HEAD:refs/heads/other")
    assert "not allowed to push code" in work.refused("push", "origin", "HEAD:refs/tags/v1")


def test_the_api_commits_and_rebases_there_too(login: Callable[..., Api], project: Project, propose: Propose) -> None:
    made, maintainer = propose(allow_collaboration=True), login("maintainer")
    fork = f"/projects/{made['source_project_id']}/repository"
    actions = [{"action": "create", "file_path": "c.txt", "content": "c\n"}]
    maintainer.post(f"{fork}/commits", branch="feature", commit_message="C", actions=actions)
    assert maintainer.get(f"{fork}/branches/feature")["can_push"] is True
    maintainer.put(f"/projects/{project.id}/merge_requests/{made['iid']}/rebase", 202)


@pytest.mark.parametrize("settings", [{}, {"allow_collaboration": False}], ids=["unsaid", "denied"])
def test_without_leave_nobody_else_pushes(
    sandbox: Sandbox, maintainer: Git, propose: Propose, settings: dict[str, bool]
) -> None:
    propose(**settings)
    work = clone_of_fork(sandbox, maintainer)
    assert "You are not allowed to push code to this project." in work.refused("push")


def test_leave_ends_with_the_merge_request(
    sandbox: Sandbox, maintainer: Git, login: Callable[..., Api], project: Project, propose: Propose
) -> None:
    iid = propose(allow_collaboration=True)["iid"]
    work = clone_of_fork(sandbox, maintainer)
    login("maintainer").put(f"/projects/{project.id}/merge_requests/{iid}", state_event="close")
    work.refused("push")


def test_a_private_fork_cannot_give_leave(login: Callable[..., Api], propose: Propose, project: Project) -> None:
    made = propose(allow_collaboration=True)
    login("stranger").put(f"/projects/{made['source_project_id']}", visibility="private")
    seen = login("stranger").get(f"/projects/{project.id}/merge_requests/{made['iid']}")
    assert seen["allow_collaboration"] is False
