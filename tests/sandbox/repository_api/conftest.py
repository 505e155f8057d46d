"""Clients of people with different rights, and where a project's repository is in the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.sandbox import repositories
from bot.sandbox.rules import accounts
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api


@pytest.fixture
def base(project: Project) -> str:
    return f"/projects/{project.id}/repository"


@pytest.fixture
def head(sandbox: Sandbox, project: Project) -> str:
    """The commit of the default branch at the start of the test."""
    found = sandbox.world.loop.run(lambda: repositories.head(sandbox.world, project))
    assert found is not None
    return found[1]


@pytest.fixture
def member(sandbox: Sandbox, project: Project, clients: list[Api]) -> Callable[[int], Api]:
    """The client of a new member with that access level."""

    def make(level: int) -> Api:
        user = sandbox.add_user(f"user{level}")
        join = (sandbox.world, "Project", project.id, user, level, sandbox.root)
        sandbox.world.loop.run(lambda: accounts.set_member(*join))
        clients.append(Api(sandbox.url, sandbox.add_token(user)))
        return clients[-1]

    return make
