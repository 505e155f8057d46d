"""One worker per project at a time: claims that go with whoever holds them, on the server or beside the file."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from state.errors import StoreError


class Claims:
    """The claims on the projects of one database. Safe to share between threads."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place
        self._server = _OnServer(engine) if engine.dialect.name == "postgresql" else None

    @contextmanager
    def claim(self, project_id: int) -> Iterator[bool]:
        """Whether the project is ours until the block ends; False when another thread, process or machine has it."""
        if self._server is not None:
            with self._server.claim(project_id) as free:
                yield free
        elif (file := self._engine.url.database) and Path(file).is_absolute():
            try:
                with _beside(Path(f"{file}.claim-{project_id}")) as free:
                    yield free
            except OSError as error:
                raise StoreError(f"{self._place}: a project cannot be claimed beside it ({error.strerror})") from error
        else:
            yield True  # in memory: nobody else has this database

    def close(self) -> None:
        """Give up what is held."""
        if self._server is not None:
            self._server.close()


class _OnServer:
    """Advisory locks of one session: the server drops them when the session ends, however it ends."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._session: Connection | None = None
        self._held: set[int] = set()

    @contextmanager
    def claim(self, project_id: int) -> Iterator[bool]:
        free = self._take(project_id)
        try:
            yield free
        finally:
            if free:
                self._give(project_id)

    def close(self) -> None:
        with self._lock:
            if self._session is not None:
                self._session.invalidate()
                self._session.close()
            self._session = None

    def _take(self, project_id: int) -> bool:
        with self._lock:
            # A session that has a lock gets it again.
            if project_id in self._held:
                return False
            if self._session is None or self._session.invalidated:
                self._session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            free = bool(self._session.execute(select(func.pg_try_advisory_lock(_key(project_id)))).scalar())
            if free:
                self._held.add(project_id)
            return free

    def _give(self, project_id: int) -> None:
        with self._lock:
            self._held.discard(project_id)
            # Without its session the lock is gone already.
            if self._session is not None and not self._session.invalidated:
                with contextlib.suppress(DBAPIError):
                    self._session.execute(select(func.pg_advisory_unlock(_key(project_id))))


def _key(project_id: int) -> object:
    # Locks are the database's; a schema of it may be another bot's.
    return func.hashtextextended(func.concat(func.current_schema(), f" project {project_id}"), 0)


@contextmanager
def _beside(file: Path) -> Iterator[bool]:
    """A locked file, which the kernel unlocks when its holder dies; the last one to have it removes it."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        free = _locked(descriptor) and _is(file, descriptor)
        try:
            yield free
        finally:
            if free:
                file.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is(file: Path, descriptor: int) -> bool:
    """Whether what we locked is still the file: whoever had it may have removed it between our opening and locking."""
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
