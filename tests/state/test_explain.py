"""What each driver error is called, also those that nobody can provoke in a test."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from state.faults import explain


def _postgresql(sqlstate: str) -> DBAPIError:
    return OperationalError("INSERT", None, psycopg.errors.lookup(sqlstate)("the driver's\n  words"))


def _sqlite(code: int) -> DBAPIError:
    error = sqlite3.OperationalError("the driver's words")
    error.sqlite_errorcode = code
    return OperationalError("INSERT", None, error)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        pytest.param(_sqlite(5), "is locked by another process", id="SQLITE_BUSY"),
        pytest.param(_sqlite(5 | 1 << 8), "is locked by another process", id="SQLITE_BUSY_RECOVERY"),
        pytest.param(_sqlite(8 | 4 << 8), "is read-only", id="SQLITE_READONLY_DBMOVED"),
        pytest.param(_sqlite(10 | 3 << 8), "cannot be read or written", id="SQLITE_IOERR_WRITE"),
        pytest.param(_sqlite(11), "is not a whole database", id="SQLITE_CORRUPT"),
        pytest.param(_sqlite(13), "has no room left", id="SQLITE_FULL"),
        pytest.param(_sqlite(14), "cannot be opened", id="SQLITE_CANTOPEN"),
        pytest.param(_sqlite(18), "cannot hold a value", id="SQLITE_TOOBIG"),
        pytest.param(_postgresql("08006"), "cannot be reached", id="connection failure"),
        pytest.param(_postgresql("28P01"), "refuses this user", id="wrong password"),
        pytest.param(_postgresql("3D000"), "does not exist", id="no such database"),
        pytest.param(_postgresql("40P01"), "was changed by another process", id="deadlock"),
        pytest.param(_postgresql("42501"), "may not be used", id="no privilege"),
        pytest.param(_postgresql("53100"), "has no room left", id="disk full"),
        pytest.param(_postgresql("53300"), "is short of resources", id="too many connections"),
        pytest.param(_postgresql("57P01"), "is shutting down or starting", id="admin shutdown"),
        pytest.param(_postgresql("58030"), "cannot be read or written", id="I/O error"),
        pytest.param(_postgresql("XX001"), "is not a whole database", id="damaged page"),
        pytest.param(
            OperationalError("", None, psycopg.OperationalError("the driver's words")),
            "cannot be reached",
            id="no answer",
        ),
        pytest.param(
            DataError("", None, psycopg.DataError("the driver's words")), "cannot hold a value", id="refused unsent"
        ),
    ],
)
def test_has_a_name_a_place_and_a_remedy(error: DBAPIError, problem: str) -> None:
    explained = str(explain(error, "bot.db"))
    assert explained.startswith(f"The database bot.db {problem}")
    assert " (the driver's words). " in explained
    assert explained.endswith(".")


@pytest.mark.parametrize(
    "error",
    [_sqlite(1), _sqlite(19), _postgresql("42601"), _postgresql("23505"), ValueError("x")],
    ids=["SQL error", "constraint", "syntax error", "unique violation", "no database error"],
)
def test_a_bug_of_ours_is_not_explained_away(error: Exception) -> None:
    assert explain(error, "bot.db") is None


def test_a_password_in_the_drivers_words_is_masked() -> None:
    error = OperationalError("", None, psycopg.OperationalError('no host in "bot:hunter2@"'))
    assert 'no host in "bot:***@"' in str(explain(error, "fleet", ("hunter2",)))
