"""Protected branches and tags, as a push meets them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access, Project, ProtectedBranch, ProtectedTag
from tests.sandbox.git_client import Git


def test_a_developer_may_not_push_to_a_protected_branch(clone: Git, member: Callable[..., Git]) -> None:
    clone.commit({"a": "1"})
    developer = Git(clone.folder, member(Access.DEVELOPER).token)
    heard = developer.refused("push", "origin", "main", "HEAD:topic")
    assert "remote: GitLab: You are not allowed to push code to protected branches on this project." in heard
    assert "! [remote rejected] main -> main (pre-receive hook declined)" in heard
    assert clone("ls-remote", "origin", "topic") == "", "one refusal declines the whole push"
    developer("push", "-q", "origin", "HEAD:topic")


def test_not_even_an_owner_rewrites_a_protected_branch(sandbox: Sandbox, project: Project, clone: Git) -> None:
    clone("commit", "-q", "--amend", "-m", "Other")
    heard = clone.refused("push", "--force")
    assert "GitLab: You are not allowed to force push code to a protected branch on this project." in heard

    rule = sandbox.world.protected_branches.one(project_id=project.id, name="main")
    sandbox.world.loop.run(lambda: setattr(rule, "allow_force_push", True))
    clone("push", "-q", "--force")


@pytest.mark.parametrize(
    ("refspec", "message"),
    [
        (":main", "The default branch of a project cannot be deleted."),
        (":release/1", "You can only delete protected branches using the web interface."),
        ("HEAD:release/2", None),
        ("HEAD:refs/tags/main", "You cannot use default branch name to create a tag"),
        (f"HEAD:{'a' * 40}", "You cannot create a branch with a 40-character hexadecimal branch name."),
        ("HEAD:refs/tags/v1", None),
        ("+HEAD:refs/tags/v0", "Protected tags cannot be updated."),
    ],
)
def test_what_a_maintainer_may(
    sandbox: Sandbox, project: Project, clone: Git, refspec: str, message: str | None
) -> None:
    clone("push", "-q", "origin", "HEAD:release/1", "HEAD:refs/tags/v0")
    clone.commit({"a": "1"})
    world = sandbox.world
    world.loop.run(lambda: world.protected_branches.add(ProtectedBranch(project_id=project.id, name="release/*")))
    world.loop.run(lambda: world.protected_tags.add(ProtectedTag(project_id=project.id, name="v*")))
    if message is None:
        clone("push", "-q", "origin", refspec)
    else:
        assert f"GitLab: {message}" in clone.refused("push", "origin", refspec)


def test_an_empty_project_waits_for_a_maintainer(sandbox: Sandbox, git: Git) -> None:
    developer = sandbox.add_user("dev")
    sandbox.add_project("team/empty", members={"dev": Access.DEVELOPER})
    git("init", "-q", "work")
    git.at("work").commit({"a": "1"})
    as_developer = Git(git.at("work").folder, sandbox.add_token(developer))
    heard = as_developer.refused("push", f"{sandbox.url}/team/empty.git", "main")
    assert "A default branch (e.g. main) does not yet exist for team/empty" in heard
