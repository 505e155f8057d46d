"""The glue to uvicorn: a server that starts and stops at once, on connections that can be cut."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.sandbox.world import World


class Connection(H11Protocol):
    """Shows its transport to the application, so that a fault can cut it."""

    def connection_made(self, transport: Any) -> None:
        """Keep the transport where a request finds it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


@dataclass(frozen=True, slots=True)
class Moments:
    """What to do once the server listens, ten times a second, and when nothing is under way any more."""

    ready: Callable[[], None]
    ticked: Callable[[], None]
    ended: Callable[[], None]


class Server(uvicorn.Server):
    """Lets `world` work on its loop."""

    def __init__(self, config: uvicorn.Config, world: World, moments: Moments) -> None:
        super().__init__(config)
        self._moments = moments
        self._stopping = asyncio.Event()
        self._world = world

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        self._world.loop.attach()
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets=sockets)
        self._moments.ready()

    async def main_loop(self) -> None:
        """Tick until told to stop."""
        ticking = asyncio.create_task(super().main_loop())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((ticking, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if ticking.done():
            return ticking.result()
        ticking.cancel()
        return None

    async def on_tick(self, counter: int) -> bool:
        """What uvicorn does, and what else is due."""
        self._moments.ticked()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is under way, then end."""
        await super().shutdown(sockets=sockets)
        await self._world.loop.detach()
        self._moments.ended()

    def stop(self) -> None:
        """End the service, from any thread, without waiting for uvicorn's next tick."""
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._stopping.set)


def bind(host: str, port: int) -> socket.socket:
    """A listening address; port 0 takes a free one. Raises OSError when it is taken."""
    # asyncio sets TCP_NODELAY only on sockets that name their protocol; without it every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def configured(app: ASGIApp) -> uvicorn.Config:
    """How uvicorn runs `app`: quiet, plain HTTP/1.1."""
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
