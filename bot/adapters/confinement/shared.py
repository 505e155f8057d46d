"""Answers that are asked for once for all who want the same about then.

A package manager that sees a proxy opens some thirty connections to a registry at once: each would have its own thread
ask whether that is admitted, and where it lies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")

# A tool runs for seconds; what holds of a registry changes seldom.
KEPT_SECONDS = 60.0


class Shared(Generic[Answer]):
    """Keeps answers for a minute of the loop's time; one that failed is asked for anew by the next who wants it."""

    def __init__(self) -> None:
        self._asked: dict[Hashable, tuple[float, asyncio.Task[Answer]]] = {}

    async def get(self, what: Hashable, ask: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """What `ask` returned to whoever wanted to know `what` first. Raises what it raised."""
        loop = asyncio.get_running_loop()
        until, asking = self._asked.get(what, (0.0, None))
        if asking is None or loop.time() >= until:
            asking = loop.create_task(ask())
            self._asked[what] = (loop.time() + KEPT_SECONDS, asking)
            asking.add_done_callback(lambda asked: self._forget(what, asked))
        # Whoever gives up does so alone.
        return await asyncio.shield(asking)

    def _forget(self, what: Hashable, asked: asyncio.Task[Answer]) -> None:
        """A failure, which holds for those who wait for it only: hostile tools ask for names without end."""
        if (asked.cancelled() or asked.exception() is not None) and self._asked.get(what, (0.0, None))[1] is asked:
            del self._asked[what]
