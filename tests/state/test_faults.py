"""What goes wrong with a database: said with thing, place and remedy, nothing lost, and usable again afterwards."""

from __future__ import annotations

import socket
import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from state.database import Database
from state.errors import AddressError, StoreError
from state.model import AdvisoryRecord, AdvisorySource
from state.store import Store
from tests.state.samples import DIRECT, NOW, PROJECT, SCAN, VULNERABLE, record


@contextmanager
def _refused(*words: str) -> Iterator[None]:
    """A StoreError with all of these words."""
    with pytest.raises(StoreError) as caught:
        yield
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, str(caught.value)


def _file(url: str) -> str:
    return url.removeprefix("sqlite:///")


class TestLocked:
    def test_a_sqlite_writer_is_waited_for_only_so_long(self, sqlite_url: str) -> None:
        with Store.open(sqlite_url, busy_timeout=0.05) as store:
            store.save_projects([PROJECT], NOW)
            with closing(sqlite3.connect(_file(sqlite_url), isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                with _refused("bot.db is locked by another process", "Nothing was written", "run again"):
                    store.record_scan(SCAN, [DIRECT], [], [])
                assert store.projects() == (PROJECT,)  # readers do not wait
            store.record_scan(SCAN, [DIRECT], [], [])
            assert store.dependencies(7) == (DIRECT,)

    def test_a_postgresql_writer_is_waited_for_only_so_long(self, postgresql_url: str) -> None:
        with Store.open(postgresql_url, busy_timeout=0.05) as store:
            store.save_projects([PROJECT], NOW)
            with psycopg.connect(postgresql_url) as other:
                other.execute("SELECT * FROM projects FOR UPDATE")
                with _refused("is locked by another process", "Nothing was written"):
                    store.record_scan(SCAN, [DIRECT], [], [])
                assert store.projects() == (PROJECT,)
            store.record_scan(SCAN, [DIRECT], [], [])
            assert store.dependencies(7) == (DIRECT,)

    def test_a_store_in_memory_has_one_connection(self) -> None:
        def reads_while_it_writes(store: Store) -> Iterator[AdvisoryRecord]:
            yield record("A-1", f"{len(store.projects())}")

        with Store.open("sqlite://", busy_timeout=0.05) as store:
            with _refused("The database :memory: has no connection left", "fewer workers"):
                store.replace_advisories(AdvisorySource("dump", NOW, 0), reads_while_it_writes(store))
            assert store.advisory_sources() == ()


class TestReadOnly:
    def test_sqlite_can_be_read_but_not_written(self, sqlite_url: str) -> None:
        with Store.open(sqlite_url) as store:
            store.save_projects([PROJECT], NOW)
        with Store.open(f"sqlite:///file:{_file(sqlite_url)}?mode=ro&uri=true") as store:
            assert store.projects() == (PROJECT,)
            with _refused("bot.db is read-only", "write access"):
                store.set_mark("a", "b")

    def test_an_empty_sqlite_file_cannot_be_prepared(self, tmp_path: Path) -> None:
        (tmp_path / "bot.db").touch()
        with _refused(f"{tmp_path}/bot.db is read-only", "write access"):
            Store.open(f"sqlite:///file:{tmp_path}/bot.db?mode=ro&uri=true")

    def test_postgresql_can_be_read_but_not_written(self, postgresql_url: str) -> None:
        with Store.open(postgresql_url) as store:
            store.save_projects([PROJECT], NOW)
        with Store.open(f"{postgresql_url}%20-cdefault_transaction_read_only%3Don") as store:
            assert store.projects() == (PROJECT,)
            with _refused("is read-only", "primary server"):
                store.set_mark("a", "b")


class TestNoFile:
    def test_a_folder_is_in_its_place(self, tmp_path: Path) -> None:
        with _refused(f"{tmp_path} cannot be opened (Is a directory)", "Name a file"):
            Store.open(f"sqlite:///{tmp_path}")

    def test_a_file_is_in_its_folders_place(self, tmp_path: Path) -> None:
        (tmp_path / "bot").touch()
        with _refused(f"{tmp_path}/bot/bot.db cannot be opened", "Name a file in a folder"):
            Store.open(f"sqlite:///{tmp_path}/bot/bot.db")


class TestFull:
    def test_a_full_disk_leaves_what_was_there(self, sqlite_url: str) -> None:
        with closing(Database.open(sqlite_url, busy_timeout=1)) as database:
            store = Store(database)
            store.save_projects([PROJECT], NOW)
            store.record_scan(SCAN, [DIRECT], [VULNERABLE], [])
            before = store.counts()
            self._limit_pages(database, "1")  # SQLite raises it to what is in use
            with _refused("bot.db has no room left", "Nothing was written", "disk space"):
                store.record_scan(SCAN, [DIRECT] * 5_000, [], [])
            assert store.counts() == before
            assert store.dependencies(7) == (DIRECT,)
            self._limit_pages(database, "1000000")
            store.record_scan(SCAN, [DIRECT] * 5_000, [], [])
            assert store.counts()["dependencies"] == 5_000

    @staticmethod
    def _limit_pages(database: Database, pages: str) -> None:
        with database.reading() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


class TestDamaged:
    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "bot.db").write_text("Dear diary, " * 100)
        with _refused("bot.db is not a whole database", "Restore a backup", "move the file away"):
            Store.open(f"sqlite:///{tmp_path}/bot.db")
        assert (tmp_path / "bot.db").read_text().startswith("Dear diary")

    def test_a_file_with_a_hole(self, sqlite_url: str) -> None:
        with Store.open(sqlite_url) as store:
            store.save_projects([replace(PROJECT, id=number) for number in range(2_000)], NOW)
        path = Path(_file(sqlite_url))
        whole = path.read_bytes()
        path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
        with _refused("bot.db is not a whole database", "Restore a backup"), Store.open(sqlite_url) as store:
            store.projects()

    def test_a_stored_value_that_does_not_unpack(self, url: str, store: Store) -> None:
        store.put_advisories("server", [record("S-1", "django")])
        with closing(Database.open(url, busy_timeout=1)) as database, database.writing() as connection:
            connection.exec_driver_sql("UPDATE advisories SET record = digest")
        with _refused("A stored value in the database is damaged", "Restore a backup"):
            store.advisory_records(["server"], [("PyPI", "django")])


class TestUnstorable:
    def test_half_a_character_is_refused_whole(self, store: Store) -> None:
        before = store.counts()
        with _refused("cannot hold a value", "look at the file that it comes from"):
            store.record_scan(SCAN, [DIRECT, replace(DIRECT, requirement="\ud800")], [VULNERABLE], [])
        assert store.counts() == before

    def test_postgresql_holds_no_nul(self, postgresql_url: str) -> None:
        with Store.open(postgresql_url) as store:
            store.save_projects([PROJECT], NOW)
            with _refused("cannot hold a value"):
                store.record_scan(SCAN, [replace(DIRECT, requirement="\0")], [], [])
            assert store.last_scan(7) is None

    def test_postgresql_holds_no_endless_key(self, postgresql_url: str) -> None:
        noise = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(20_000))  # does not compress
        with Store.open(postgresql_url) as store:
            store.save_projects([PROJECT], NOW)
            with _refused("cannot hold a value"):
                store.record_scan(SCAN, [], [replace(VULNERABLE, package=noise)], [])
            assert store.findings(7) == ()


class TestServer:
    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://bot:hunter2@127.0.0.1:{port}/fleet",
            "postgres://bot@127.0.0.1:{port}/fleet?password=hunter2",
        ],
        ids=["password before the host", "password in the query"],
    )
    def test_that_does_not_answer(self, url: str) -> None:
        with closing(socket.socket()) as deaf, pytest.raises(StoreError) as caught:
            deaf.bind(("127.0.0.1", 0))
            port = deaf.getsockname()[1]
            Store.open(url.format(port=port))
        assert f"@127.0.0.1:{port}/fleet cannot be reached" in str(caught.value)
        assert "Check that the server runs" in str(caught.value)
        assert "hunter2" not in "".join(traceback.format_exception(caught.value))

    def test_that_lacks_the_database(self, postgresql: str) -> None:
        with _refused("/nowhere cannot be reached", 'database "nowhere" does not exist'):
            Store.open(postgresql.replace("/postgres?", "/nowhere?"))

    def test_that_dropped_the_connections_is_connected_to_again(self, postgresql_url: str) -> None:
        with Store.open(postgresql_url) as store:
            store.save_projects([PROJECT], NOW)
            with psycopg.connect(postgresql_url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
            assert store.projects() == (PROJECT,)


class TestAddress:
    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("", "cannot be read"),
            ("hunter2", "cannot be read"),
            ("postgresql://bot:hunter2@host:port/fleet", "cannot be read"),
            ("mysql://bot:hunter2@host/fleet", "'mysql'"),
            ("sqlite://hunter2/fleet.db", "a file of SQLite has no host"),
            ("sqlite:///fleet.db?timeout=hunter2", "a file of SQLite takes no options"),
            ("sqlite:///fleet.db?nonsense=hunter2", "a file of SQLite takes no options"),
            ("sqlite:///file:fleet.db?uri=true&timeout=hunter2", "a file of SQLite takes no options"),
        ],
    )
    def test_that_is_none_is_not_repeated(self, url: str, words: str) -> None:
        with pytest.raises(AddressError) as caught:
            Store.open(url)
        assert words in str(caught.value)
        assert "sqlite:///PATH or postgresql://USER@HOST/NAME" in str(caught.value)
        assert "hunter2" not in "".join(traceback.format_exception(caught.value))
