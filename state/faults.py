"""What a database driver's error means to a person: what is wrong, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from state.errors import StoreError


@dataclass(frozen=True, slots=True)
class _Fault:
    problem: str
    remedy: str


_UNSTORABLE = _Fault(
    "cannot hold a value",
    "It has a character or a size that no database column takes: look at the file that it comes from.",
)
_LOCKED = _Fault(
    "is locked by another process", "Nothing was written. Wait for the other process or end it, then run again."
)
_FULL = _Fault("has no room left", "Nothing was written. Free or add disk space, then run again.")
_DAMAGED = _Fault(
    "is not a whole database",
    "Restore a backup, or move the file away: the bot finds its work in GitLab again and loses only history.",
)
_BUSY_POOL = _Fault("has no connection left", "Run fewer workers at once.")

# Primary result codes: https://www.sqlite.org/rescode.html
_SQLITE = {
    3: _Fault("may not be used", "Give this user read and write access to the file and its folder."),
    5: _LOCKED,
    6: _LOCKED,
    8: _Fault("is read-only", "Give this user write access to the file and its folder, or name another database."),
    10: _Fault("cannot be read or written", "Nothing was written. Check the disk, then run again."),
    11: _DAMAGED,
    13: _FULL,
    14: _Fault("cannot be opened", "Name a file in a folder that this user can write to."),
    18: _UNSTORABLE,
    26: _DAMAGED,
}

# SQLSTATE, or the first digits of one: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "08": _Fault("cannot be reached", "Check that the server runs, then run again."),
    "22": _UNSTORABLE,
    "25006": _Fault("is read-only", "Connect to the primary server, or allow this user to write."),
    "28": _Fault("refuses this user", "Check user and password in the database URL."),
    "3D": _Fault("does not exist", "Create it (createdb), or name another one in the database URL."),
    "40": _Fault("was changed by another process at the same time", "Nothing was written. Run again."),
    "42501": _Fault("may not be used", "Grant this user the right to create and change tables there."),
    "53100": _FULL,
    "53": _Fault("is short of resources", "Nothing was written. Run fewer workers, or raise the server's limits."),
    "54": _UNSTORABLE,
    "55P03": _LOCKED,
    "57P": _Fault("is shutting down or starting", "Nothing was written. Run again when the server is up."),
    "58": _Fault("cannot be read or written", "Nothing was written. Check the server's disk, then run again."),
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}
_UNREACHABLE = _Fault(
    "cannot be reached",
    "Check that the server runs, and host, port, user, password and database name in the database URL.",
)


def explain(error: Exception, place: str, secrets: tuple[str, ...] = ()) -> StoreError | None:
    """`error` as a StoreError about the database at `place`, with `secrets` masked; None when it is a bug of ours."""
    fault = _fault(error)
    if fault is None:
        return None
    words = _words(error)
    for secret in secrets:
        words = words.replace(secret, "***")
    return StoreError(f"The database {place} {fault.problem} ({words}). {fault.remedy}")


def is_missing_table(error: DBAPIError) -> bool:
    """Whether a query failed because its table is not there."""
    return getattr(error.orig, "sqlstate", None) == "42P01" or "no such table" in str(error.orig)


def _fault(error: Exception) -> _Fault | None:
    if isinstance(error, UnicodeEncodeError):
        return _UNSTORABLE
    if isinstance(error, NoConnectionLeft):
        return _BUSY_POOL
    if not isinstance(error, DBAPIError):
        return None
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF)  # the upper bits refine the primary code
    return _of_postgresql(error, getattr(error.orig, "sqlstate", ""))


def _of_postgresql(error: DBAPIError, state: str | None) -> _Fault | None:
    """`state` is "" for what no driver raised, and None for what failed without an answer from the server."""
    if state is None:
        return _UNSTORABLE if isinstance(error, DataError) else _UNREACHABLE
    return next((_POSTGRESQL[state[:size]] for size in (5, 3, 2) if state[:size] in _POSTGRESQL), None)


def _words(error: Exception) -> str:
    """The driver's own words, on one line; without the statement and its values."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return " ".join(str(cause).split())
