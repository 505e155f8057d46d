"""Pushes of real git clients that GitLab takes, and what git itself refuses."""

from __future__ import annotations

import os

from bot.sandbox import repositories
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.git_client import Git


def test_a_push_moves_the_branch_and_the_head(sandbox: Sandbox, project: Project, clone: Git) -> None:
    sha = clone.commit({"new.txt": "x"})
    clone("push", "-q")
    assert sandbox.world.loop.run(lambda: repositories.head(sandbox.world, project)) == ("main", sha)


def test_a_new_branch_is_invited_to_become_a_merge_request(sandbox: Sandbox, clone: Git) -> None:
    clone("switch", "-q", "-c", "feature/x")
    clone.commit({"new.txt": "x"})
    heard = clone.run("push", "origin", "feature/x").stderr
    assert "remote: To create a merge request for feature/x, visit:" in heard
    assert f"{sandbox.url}/team/shop/-/merge_requests/new?merge_request%5Bsource_branch%5D=feature%2Fx" in heard


def test_the_first_push_makes_the_default_branch(sandbox: Sandbox, git: Git) -> None:
    empty = sandbox.add_project("team/empty")
    git("init", "-q", "-b", "trunk", "work")
    work = git.at("work")
    sha = work.commit({"a": "1"})
    work("push", "-q", f"{sandbox.url}/team/empty.git", "trunk")
    assert (empty.default_branch, empty.head) == ("trunk", sha)
    assert sandbox.world.protected_branches.one(project_id=empty.id, name="trunk") is not None


def test_a_stale_lease_is_refused(clone: Git, git: Git, url: str) -> None:
    clone("switch", "-q", "-c", "topic")
    clone.commit({"a": "1"})
    clone("push", "-q", "origin", "topic")
    git("clone", "-q", "-b", "topic", url, "other")
    git.at("other").commit({"a": "2"})
    git.at("other")("push", "-q")
    clone.commit({"a": "3"})

    assert "stale info" in clone.refused("push", "--force-with-lease", "origin", "topic")
    clone("fetch", "-q")
    clone("push", "-q", "--force-with-lease", "origin", "topic")


def test_an_atomic_push_is_all_or_nothing(clone: Git, git: Git, url: str) -> None:
    git("clone", "-q", url, "other")
    git.at("other").commit({"a": "2"})
    git.at("other")("push", "-q")
    clone.commit({"a": "1"})
    clone("branch", "side")
    clone.refused("push", "--atomic", "origin", "main", "side")
    assert clone("ls-remote", "origin", "side") == ""


def test_a_big_push_comes_in_chunks(clone: Git) -> None:
    clone("config", "http.postBuffer", "65536")
    (clone.folder / "noise").write_bytes(os.urandom(1024 * 1024))
    sha = clone.commit({})
    clone("push", "-q")
    assert sha in clone("ls-remote", "origin", "main")


def test_branches_and_tags_go_too(clone: Git) -> None:
    clone("push", "-q", "origin", "HEAD:refs/heads/gone")
    clone("tag", "-a", "v1", "-m", "One")
    clone("push", "-q", "origin", "v1", ":gone")
    assert clone("ls-remote", "--heads", "origin").split()[1::2] == ["refs/heads/main"]
    assert "refs/tags/v1^{}" in clone("ls-remote", "--tags", "origin")


def test_a_shallow_clone_pushes(git: Git, url: str) -> None:
    git("clone", "-q", "--depth=1", url, "thin")
    git.at("thin").commit({"a": "1"})
    git.at("thin")("push", "-q", "origin", "HEAD:topic")


def test_a_push_to_nowhere_makes_a_private_project(sandbox: Sandbox, clone: Git) -> None:
    heard = clone.run("push", f"{sandbox.url}/team/new.git", "main").stderr
    made = sandbox.world.projects.one(full_path="team/new")
    assert made is not None
    assert (made.visibility, made.head) == ("private", clone("rev-parse", "HEAD").strip())
    assert "remote: The private project team/new was successfully created." in heard
    assert "remote: The private project" not in clone.run("push", f"{sandbox.url}/team/new.git", "main:x").stderr
