"""A started sandbox and clients for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.client import Api


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
    assert running.errors == []


@pytest.fixture
def clients(sandbox: Sandbox) -> Iterator[list[Api]]:
    made: list[Api] = []
    yield made
    for client in made:
        client.close()


@pytest.fixture
def api(sandbox: Sandbox, clients: list[Api]) -> Api:
    """The administrator's client."""
    clients.append(Api(sandbox.url, sandbox.token))
    return clients[-1]


@pytest.fixture
def anonymous(sandbox: Sandbox, clients: list[Api]) -> Api:
    clients.append(Api(sandbox.url, None))
    return clients[-1]


@pytest.fixture
def login(sandbox: Sandbox, clients: list[Api]) -> Callable[..., Api]:
    """`login("alice")` is a client of that user, who is made on first use; `scopes` are its token's."""

    def client(username: str, scopes: tuple[str, ...] = ("api",)) -> Api:
        user = sandbox.world.users.one(username=username) or sandbox.add_user(username)
        clients.append(Api(sandbox.url, sandbox.add_token(user, scopes)))
        return clients[-1]

    return client
