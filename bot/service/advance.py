"""Whether a sweep that has not ended yet goes on: noted in the database, for `bot health` to see."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from state.errors import StoreError
from state.store import Store

log = logging.getLogger(__name__)
ADVANCED = "last step of a sweep"

# A sweep takes thousands of steps, and whoever asks counts in minutes.
EVERY = timedelta(minutes=1)


class Advance:
    """Notes the steps of one sweep, from any thread."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._noted: datetime | None = None

    def report(self, project: str, step: str) -> None:
        """A project went a step further."""
        log.debug("%s: %s", project, step or "done")
        with self._lock:
            now = self._now()
            if self._noted is None or now - self._noted >= EVERY:
                self._noted = now
                self._note(now.isoformat())

    def over(self) -> None:
        """The sweep ended, well or not: what it did is no sign of life any more."""
        with self._lock:
            self._note("")

    def _note(self, moment: str) -> None:
        try:
            self._store.set_mark(ADVANCED, moment)
        except StoreError as error:
            # The project at hand must not fail over it; whatever else it writes will say so.
            log.warning("the sweep's advance was not noted: %s", error)
