"""An event loop that looks the addresses of a host up once for all who connect to it about then.

A package manager that sees a proxy opens some thirty connections to a registry at once. As many questions go over
UDP, where one that is lost is asked again after five seconds.
"""

from __future__ import annotations

import asyncio
from typing import Any

Addresses = list[tuple[Any, ...]]

# The addresses of a registry move seldom, and a tool runs for seconds.
KEPT_SECONDS = 60.0


class Loop(asyncio.SelectorEventLoop):
    """Keeps what it was told for a minute; a look-up that failed is made anew for the next who asks."""

    def __init__(self) -> None:
        super().__init__()
        self._lookups: dict[tuple[object, ...], tuple[float, asyncio.Task[Addresses]]] = {}

    async def getaddrinfo(self, host: Any, port: Any, **hints: int) -> Addresses:
        """As `socket.getaddrinfo`, in a thread. Raises OSError."""
        asked = (host, port, *sorted(hints.items()))
        until, lookup = self._lookups.get(asked, (0.0, None))
        if lookup is None or self.time() >= until or (lookup.done() and (lookup.cancelled() or lookup.exception())):
            asking = super().getaddrinfo(host, port, **hints)
            lookup = self.create_task(asking)
            self._lookups[asked] = (self.time() + KEPT_SECONDS, lookup)
        # Whoever gives up does so alone.
        return await asyncio.shield(lookup)
