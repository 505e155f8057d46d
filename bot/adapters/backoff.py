"""The waits between the tries of one call: doubling, or as long as the server asks, within a budget."""

from __future__ import annotations

from collections.abc import Callable

Sleep = Callable[[float], None]
"""Waits for this many seconds."""


class Backoff:
    """Counts down the tries of one call. Not shared between calls."""

    def __init__(
        self, sleep: Sleep, tries: int = 5, budget: float = 120.0, first: float = 0.5, longest: float = 30.0
    ) -> None:
        self._sleep = sleep
        self._left = tries - 1
        self._budget = budget
        self._next = first
        self._longest = longest

    def wait(self, asked: float | None = None) -> bool:
        """Wait before another try: `asked` seconds, else the next step. False, without a wait, when all is used up."""
        pause = self._next if asked is None else max(asked, 0.0)
        if self._left <= 0 or pause > self._budget:
            return False
        self._left -= 1
        self._budget -= pause
        self._next = min(self._next * 2, self._longest)
        self._sleep(pause)
        return True


def retry_after(header: str | None) -> float | None:
    """The seconds in a `Retry-After` header; None when there is none, or when it is a date."""
    return float(header) if header is not None and header.strip().isdecimal() else None
