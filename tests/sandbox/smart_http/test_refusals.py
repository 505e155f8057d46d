"""What git clients are told when they may not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access, Project
from tests.sandbox.git_client import Git


@pytest.mark.parametrize(
    ("level", "scopes", "command", "message"),
    [
        (Access.REPORTER, ("api",), "push", "You are not allowed to push code to this project."),
        (Access.DEVELOPER, ("read_repository",), "push", "You are not allowed to upload code."),
        (Access.DEVELOPER, ("read_api",), "fetch", "You are not allowed to download code."),
        (Access.GUEST, ("api",), "fetch", "You are not allowed to download code from this project."),
    ],
    ids=["reporter pushes", "read_repository pushes", "read_api fetches", "guest fetches"],
)
def test_403(
    clone: Git,
    member: Callable[..., Git],
    url: str,
    level: int,
    scopes: tuple[str, ...],
    command: str,
    message: str,
) -> None:
    caller = Git(clone.folder, member(level, scopes).token)
    clone.commit({"a": "1"})
    heard = caller.refused(command, url, *(["HEAD:topic"] if command == "push" else []))
    assert f"remote: {message}" in heard
    assert "The requested URL returned error: 403" in heard


@pytest.mark.parametrize("path", ["team/shop", "team/none"])
def test_404_for_a_stranger_whether_it_exists_or_not(sandbox: Sandbox, member: Callable[..., Git], path: str) -> None:
    heard = member(0).refused("ls-remote", f"{sandbox.url}/{path}.git")
    assert "The project you were looking for could not be found or you don't have permission to view it." in heard
    assert "not found" in heard


@pytest.mark.parametrize("token", [None, "glpat-wrong"])
def test_401_without_a_good_token(tmp_path: Path, url: str, token: str | None) -> None:
    Git(tmp_path, token).refused("ls-remote", url)
    answer = requests.get(f"{url}/info/refs?service=git-upload-pack", timeout=10)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="GitLab"'
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text.startswith("HTTP Basic: Access denied.")


def test_an_archived_project_is_read_only(sandbox: Sandbox, project: Project, clone: Git) -> None:
    sandbox.world.loop.run(lambda: setattr(project, "archived", True))
    clone.commit({"a": "1"})
    assert "remote: You can't push code to an archived project." in clone.refused("push")
    clone("fetch", "-q")


def test_a_public_project_is_open_to_read(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_project("team/open", {"a": "1"}, visibility="public")
    anyone = Git(tmp_path)
    anyone("clone", "-q", f"{sandbox.url}/team/open.git", "work")
    assert "could not read Username" in anyone.at("work").refused("push", "origin", "HEAD:x")


def test_a_service_that_is_none(url: str, sandbox: Sandbox) -> None:
    answer = requests.get(f"{url}/info/refs?service=git-x", auth=("x", sandbox.token), timeout=10)
    assert (answer.status_code, answer.text) == (403, "The command you're trying to execute is not allowed.")
