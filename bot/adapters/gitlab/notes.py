"""Notes on issues and merge requests, each found again by its mark."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bot import marks
from bot.adapters.gitlab.writes import Writes

if TYPE_CHECKING:
    from bot.adapters.gitlab.transport import Query, Transport

# Notes to look through for a mark, newest first: 1,000.
_PAGES = 10
_NEWEST_FIRST: Query = {"order_by": "created_at", "sort": "desc", "activity_filter": "only_comments"}


class Notes:
    """Reads them through `gitlab`, and adds some through `writes`."""

    def __init__(self, gitlab: Transport, writes: Writes) -> None:
        self._gitlab = gitlab
        self._writes = writes

    def add(self, path: str, body: str, mark: str) -> bool:
        """Add a note below `path` unless one with `mark` is there; whether one was added. Raises ForgeError."""
        if self._marked(path, mark) is not None:
            return False
        self._writes.once("post", path, {"body": body}, partial(self._marked, path, mark))
        return True

    def _marked(self, path: str, mark: str) -> Any | None:
        notes = self._gitlab.pages(path, _NEWEST_FIRST, _PAGES)
        return next((note for note in notes if mark in marks.of(note["body"])), None)
