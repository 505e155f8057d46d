"""Reads the content of files out of a repository: one `cat-file --batch` for all of them, each within a limit."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable, Collection

from bot.errors import CheckoutError


class TooLargeError(CheckoutError):
    """A blob is over the size limit."""


class Blobs:
    """Blobs by id. `start` starts the reading process, `fetch` brings blobs here that are missing."""

    def __init__(
        self, start: Callable[[], subprocess.Popen[bytes]], fetch: Callable[[Collection[str]], None], limit: int
    ) -> None:
        self._start = start
        self._fetch = fetch
        self._limit = limit
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, blob: str) -> bytes:
        """The content of a blob. Raises TooLargeError, or CheckoutError when it cannot be had."""
        with self._lock:
            content = self._ask(blob)
            if content is None:
                self._fetch([blob])
                content = self._ask(blob)
        if content is None:
            raise CheckoutError(f"blob {blob} cannot be fetched")
        return content

    def rest(self) -> None:
        """End the reading process until something is read again."""
        with self._lock:
            self.close()

    def close(self) -> None:
        """End the reading process."""
        process, self._process = self._process, None
        if process is not None:
            # Closing flushes, and the process may be dead.
            with contextlib.suppress(BrokenPipeError), process:
                process.kill()

    def _ask(self, blob: str) -> bytes | None:
        self._process = self._process or self._start()
        asked, answered = self._process.stdin, self._process.stdout
        if asked is None or answered is None:
            raise CheckoutError("git cat-file has no pipes")
        try:
            asked.write(f"{blob}\n".encode())
            asked.flush()
            header = answered.readline().split()
        except BrokenPipeError:
            header = []
        match [word.decode() for word in header]:
            case [_, "missing"]:
                return None
            case [_, "blob", size] if int(size) > self._limit:
                # The content is on its way: a new process is cheaper than reading it all.
                self.close()
                raise TooLargeError(f"{int(size):,} bytes are over the limit of {self._limit:,}: make it smaller")
            case [_, "blob", size]:
                return answered.read(int(size) + 1)[:-1]
        self.close()
        raise CheckoutError(f"blob {blob} cannot be read: the cached repository is damaged")
