"""A real git server with one project and the checkouts of it; workshops that confine their tools."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.adapters.git.checkout import GitCheckout
from bot.adapters.git.checkouts import GitCheckouts
from tests.bot.adapters.confinement.places import Places
from tests.bot.adapters.git.server import FILES, GitServer, Upstream, checkouts_in, serving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with serving(tmp_path / "gitlab") as running:
        yield running


@pytest.fixture
def upstream(server: GitServer) -> Upstream:
    return server.upstream()


@pytest.fixture
def head(upstream: Upstream) -> str:
    """The tip of the default branch, which holds FILES."""
    return upstream.commit(FILES)


@pytest.fixture
def checkouts(tmp_path: Path, server: GitServer) -> GitCheckouts:
    return checkouts_in(tmp_path, server)


@pytest.fixture
def checkout(checkouts: GitCheckouts, upstream: Upstream, head: str, server: GitServer) -> Iterator[GitCheckout]:
    """The project opened at `head`; what that cost is not counted."""
    with checkouts.open(upstream.project(head)) as opened:
        server.calls()
        yield opened


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    with closing(Places(tmp_path)) as made:
        yield made
