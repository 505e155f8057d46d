"""An event loop that looks the addresses of a host up once for all who connect to it about then.

As many questions as connections go over UDP, where one that is lost is asked again after five seconds.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bot.adapters.confinement.shared import Shared

Addresses = list[tuple[Any, ...]]


class Loop(asyncio.SelectorEventLoop):
    """Its look-ups are shared."""

    def __init__(self) -> None:
        super().__init__()
        self._lookups: Shared[Addresses] = Shared()

    async def getaddrinfo(self, host: Any, port: Any, **hints: int) -> Addresses:
        """As `socket.getaddrinfo`, in a thread. Raises OSError."""
        ask = super().getaddrinfo
        return await self._lookups.get((host, port, *sorted(hints.items())), lambda: ask(host, port, **hints))
