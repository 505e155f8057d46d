"""Push options and what a client hears of merge requests."""

from __future__ import annotations

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.git_client import Git


def test_a_push_creates_a_merge_request(sandbox: Sandbox, project: Project, clone: Git) -> None:
    clone("switch", "-q", "-c", "topic")
    clone.commit({"a": "1"}, "Add a")
    options = ["-o", "merge_request.create", "-o", "merge_request.title=From a push", "-o", "merge_request.target=main"]
    heard = clone.run("push", *options, "origin", "topic").stderr

    [request] = sandbox.world.merge_requests.where(project_id=project.id)
    assert (request.title, request.source_branch, request.target_branch) == ("From a push", "topic", "main")
    assert "remote: View merge request for topic:" in heard
    assert f"remote:   {sandbox.url}/team/shop/-/merge_requests/{request.iid}" in heard


def test_a_later_push_moves_it(sandbox: Sandbox, project: Project, clone: Git) -> None:
    clone("switch", "-q", "-c", "topic")
    clone.commit({"a": "1"})
    clone("push", "-q", "-o", "merge_request.create", "origin", "topic")
    sha = clone.commit({"a": "2"})
    clone("push", "-q", "origin", "topic")
    [request] = sandbox.world.merge_requests.where(project_id=project.id)
    assert request.sha == sha
    assert sha in clone("ls-remote", "origin", f"refs/merge-requests/{request.iid}/head")


def test_a_shallow_clone_has_options_too(sandbox: Sandbox, project: Project, git: Git, url: str) -> None:
    git("clone", "-q", "--depth=1", url, "thin")
    git.at("thin").commit({"a": "1"})
    git.at("thin")("push", "-q", "-o", "merge_request.create", "origin", "HEAD:topic")
    assert len(sandbox.world.merge_requests.where(project_id=project.id)) == 1


def test_the_refs_of_merge_requests_cannot_be_pushed(clone: Git) -> None:
    assert "deny updating a hidden ref" in clone.refused("push", "origin", "HEAD:refs/merge-requests/9/head")
