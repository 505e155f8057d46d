"""Counts the calls to an outside system, so that a run can say what it cost and whether it wrote anything."""

from __future__ import annotations

import threading


class Usage:
    """Calls so far. A retry counts: it is what the server saw."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reads = 0
        self._writes = 0

    @property
    def reads(self) -> int:
        """Calls that only read."""
        return self._reads

    @property
    def writes(self) -> int:
        """Calls that may have changed something."""
        return self._writes

    def count(self, write: bool) -> None:
        """One more call."""
        with self._lock:
            if write:
                self._writes += 1
            else:
                self._reads += 1
