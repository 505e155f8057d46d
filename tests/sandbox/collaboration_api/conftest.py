"""A project with one file, people of every level, and how they commit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api

LEVELS = {"guest": 10, "reporter": 20, "developer": 30, "maintainer": 40, "owner": 50}

Commit = Callable[..., str]


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    """`group/app` with a README on main; a member of each level, named by it."""
    for name in LEVELS:
        sandbox.add_user(name)
    return sandbox.add_project("group/app", {"README.md": "one\ntwo\nthree\n"}, members=LEVELS)


@pytest.fixture
def path(project: Project) -> str:
    """The project's REST path."""
    return f"/projects/{project.id}"


@pytest.fixture
def people(project: Project, login: Callable[..., Api]) -> Callable[[str], Api]:
    """`people("guest")` is the client of that member."""
    return lambda name: login(name)


@pytest.fixture
def developer(people: Callable[[str], Api]) -> Api:
    return people("developer")


@pytest.fixture
def maintainer(people: Callable[[str], Api]) -> Api:
    return people("maintainer")


@pytest.fixture
def commit(api: Api, path: str) -> Commit:
    """`commit("feature", {"a.txt": "x"})` commits to a branch, made from main when new; returns the SHA."""

    def make(branch: str, files: dict[str, str], message: str = "Change") -> str:
        branches = {one["name"] for one in api.get(f"{path}/repository/branches")}
        known = {
            one["path"] for one in api.get(f"{path}/repository/tree", ref=branch if branch in branches else "main")
        }
        actions = [
            {"action": "update" if name in known else "create", "file_path": name, "content": content}
            for name, content in files.items()
        ]
        start = {} if branch in branches else {"start_branch": "main"}
        body: dict[str, Any] = {"branch": branch, "commit_message": message, "actions": actions, **start}
        return str(api.post(f"{path}/repository/commits", **body)["id"])

    return make


@pytest.fixture
def open_request(developer: Api, path: str, commit: Commit) -> Callable[..., dict[str, Any]]:
    """`open_request(description="…")` is a new merge request of a branch with one new file."""

    def make(branch: str = "feature", title: str = "Change", **more: Any) -> dict[str, Any]:
        commit(branch, {f"{branch}.txt": "x\n"})
        body = {"source_branch": branch, "target_branch": "main", "title": title, **more}
        made: dict[str, Any] = developer.post(f"{path}/merge_requests", **body)
        return made

    return make
