"""The schema: from nothing to the newest, by one process at a time, and never from a newer one back."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

import state
from state.database import Database
from state.engines import address
from state.errors import StoreError
from state.model import AdvisorySource
from state.schema import NEWEST, migrate
from state.store import Store
from state.tables import events, metadata
from tests.state.samples import NOW, PROJECT, record

MIGRATIONS = Path(state.__path__[0]) / "migrations"
ROOT = MIGRATIONS.parent.parent


def _execute(url: str, statement: str) -> None:
    with closing(Database.open(url, busy_timeout=1)) as database, database.writing() as connection:
        connection.exec_driver_sql(statement)


def _differences(database: Database) -> list[object]:
    with database.reading() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def test_a_new_database_has_the_tables(url: str, store: Store) -> None:
    with closing(Database.open(url, busy_timeout=1)) as database:
        assert _differences(database) == []


def test_the_migrations_lead_to_what_a_new_database_has(url: str) -> None:
    with closing(Database(address(url, 1))) as migrated:
        with migrated.writing() as connection:
            migrate(connection)
        assert _differences(migrated) == []
    with Store.open(url) as store, closing(Database.open(url, busy_timeout=1)) as database:
        store.save_projects([PROJECT], NOW)
        event = {"project_id": PROJECT.id, "at": NOW, "subject": "", "before": "", "after": "", "reason": ""}
        with database.writing() as connection:
            connection.execute(events.insert().values(event))
        with pytest.raises(DBAPIError, match="events are append-only"), database.writing() as connection:
            connection.execute(events.delete())


def test_who_only_reads_makes_no_database(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no database of the bot at .*, and none was made"):
        Store.open(url, create=False)
    assert list(tmp_path.iterdir()) == []
    Store.open(url).close()
    with Store.open(url, create=False) as store:
        assert store.projects() == ()


@pytest.mark.parametrize("content", [None, b""])
@pytest.mark.parametrize("spelt", ["sqlite:///{}/bot.db", "sqlite:///file:{}/bot.db?uri=true"])
def test_an_empty_file_is_no_database_and_stays_empty(tmp_path: Path, spelt: str, content: bytes | None) -> None:
    file = tmp_path / "bot.db"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(StoreError, match=r"bot\.db"):
        Store.open(spelt.format(tmp_path), create=False)
    assert file.exists() == (content is not None)


def test_a_new_database_needs_no_migrations(url: str) -> None:
    assert _loads_alembic(url) == "False\n"


def test_the_newest_revision_is_the_last_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [NEWEST]


def test_revisions_are_numbered_in_order() -> None:
    walked = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    assert walked[::-1] == [f"{number:04}" for number in range(1, len(walked) + 1)]


def test_opening_again_keeps_what_is_there(url: str, store: Store) -> None:
    with Store.open(url) as again:
        assert again.projects() == (PROJECT,)


def test_an_up_to_date_database_opens_without_alembic(url: str, store: Store) -> None:
    assert _loads_alembic(url) == "False\n"


def _loads_alembic(url: str) -> str:
    program = (
        "import sys; from state.store import Store; Store.open(sys.argv[1]).close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, url], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("revision", ["0006", "9999", "a1b2c3d4", ""])
def test_a_newer_or_foreign_schema_is_refused_untouched(url: str, store: Store, revision: str) -> None:
    _execute(url, f"UPDATE alembic_version SET version_num = '{revision}'")
    with pytest.raises(StoreError, match=rf"has schema {revision}.*knows up to {NEWEST}.*install that one, or name"):
        Store.open(url)
    assert store.projects() == (PROJECT,)


def test_another_programs_tables_are_not_touched(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.executescript("CREATE TABLE projects (name TEXT); CREATE TABLE events (name TEXT)")
        with pytest.raises(StoreError, match="belongs to another program: it has tables named events, projects"):
            Store.open(sqlite_url)
        assert other.execute("SELECT count(*) FROM sqlite_master").fetchone() == (2,)


def test_a_new_file_is_closed_to_other_users(sqlite_url: str, tmp_path: Path) -> None:
    with Store.open(sqlite_url) as store:
        store.set_mark("a", "b")
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "bot", *(tmp_path / "bot").iterdir()]
        }
    assert modes == {"bot": 0o700, "bot.db": 0o600, "bot.db-wal": 0o600, "bot.db-shm": 0o600}


def test_processes_that_open_a_new_database_at_once_all_succeed(url: str) -> None:
    program = (
        "import sys, psycopg; from state.store import Store; print('ready', flush=True);"
        "sys.stdin.read();"
        "store = Store.open(sys.argv[1]); store.set_mark(sys.argv[2], 'done'); print(store.describe())"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, url, str(number)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:  # all are waiting at the start line
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    told = [process.communicate(timeout=60) for process in running]
    assert [(process.returncode, error) for process, (_, error) in zip(running, told, strict=True)] == [(0, "")] * 4
    assert all(out.endswith(f"schema {NEWEST}\n") for out, _ in told)
    with Store.open(url) as store:
        assert [store.mark(str(number)) for number in range(4)] == ["done"] * 4


def test_threads_that_open_new_databases_at_once_all_succeed(tmp_path: Path) -> None:
    def opened(number: int) -> str:
        with Store.open(f"sqlite:///{tmp_path}/{number % 4}.db") as store:
            return store.describe()

    with ThreadPoolExecutor(8) as threads:
        assert all(told.endswith(f"schema {NEWEST}") for told in threads.map(opened, range(16)))


def test_a_process_killed_while_it_writes_leaves_nothing(url: str, store: Store) -> None:
    program = (
        "import sys\n"
        "from state.store import Store\n"
        "from state.model import AdvisorySource\n"
        "from tests.state.samples import NOW, record\n"
        "def records():\n"
        "    yield from (record(f'N-{number}', 'django') for number in range(1_000))\n"
        "    print('halfway', flush=True)\n"
        "    sys.stdin.read()\n"
        "Store.open(sys.argv[1]).replace_advisories(AdvisorySource('dump', NOW, 0, 'new'), records())\n"
    )
    held = store.replace_advisories(AdvisorySource("dump", NOW, 0, "old"), [record("A-1", "django")])
    with subprocess.Popen(
        [sys.executable, "-c", program, url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "halfway\n"
        process.kill()
    assert store.advisory_sources() == (held,)
    assert store.advisory_records(["dump"], [("PyPI", "django")]) == {("PyPI", "django"): (record("A-1").raw,)}
    store.set_mark("the lock", "is free")
