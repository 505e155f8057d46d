"""A project with files, and git clients of people with different rights on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.sandbox.rules import accounts
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.git_client import Git

FILES = {"README.md": "# Shop\n", "app/main.py": "print('hi')\n", "docs/a.md": "a\n"}


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("team/shop", FILES)


@pytest.fixture
def url(sandbox: Sandbox, project: Project) -> str:
    return f"{sandbox.url}/{project.full_path}.git"


@pytest.fixture
def member(sandbox: Sandbox, project: Project, tmp_path: Path) -> Callable[..., Git]:
    """A git client of a new member with that access level."""

    def make(level: int, scopes: tuple[str, ...] = ("api",)) -> Git:
        user = sandbox.add_user(f"user{level}{len(scopes)}{scopes[0]}")
        if level:
            join = (sandbox.world, "Project", project.id, user, level, sandbox.root)
            sandbox.world.loop.run(lambda: accounts.set_member(*join))
        return Git(tmp_path, sandbox.add_token(user, scopes))

    return make


@pytest.fixture
def git(sandbox: Sandbox, tmp_path: Path) -> Git:
    return Git(tmp_path, sandbox.token)


@pytest.fixture
def clone(git: Git, url: str) -> Git:
    git("clone", "-q", url, "work")
    return git.at("work")
