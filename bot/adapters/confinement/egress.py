"""The only way out of a sandbox: a proxy (CONNECT, and plain HTTP) to the hosts that are admitted, and no others."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from bot.adapters.confinement.lookups import Loop
from bot.adapters.confinement.proxied import ANSWER_SECONDS, Refused, Request, answer, last_answer, read_request
from bot.adapters.confinement.shared import Shared
from bot.adapters.confinement.upstream import Upstream
from bot.adapters.registries.allow_list import Site, refusal

_CHUNK = 2**16

# Of one run at a time; each takes two descriptors of the bot's, which all projects share. Package managers open 50.
CONNECTIONS = 128
# A tool may ask for hosts without end.
REFUSALS_KEPT = 20

Admits = Callable[[str, int], bool]


@dataclass(eq=False)
class Exit:
    """The way out of one run. `reach` are sites that only this run may ask; `refused` says what it asked in vain."""

    reach: Collection[Site]
    refused: dict[Site, str] = field(default_factory=dict)
    opening: Future[None] | None = None
    server: asyncio.Server | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


# How a connection may end before its time, on either side; the client sees that it ended.
_ENDED = (OSError, asyncio.CancelledError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class Egress:
    """Serves the ways out of all sandboxes in one thread, which starts with the first. Knows nothing of TLS inside."""

    def __init__(self, admits: Admits, environ: Mapping[str, str]) -> None:
        self._admits = admits
        self._upstream = Upstream(environ)
        self._admitted: Shared[None] = Shared()
        self._starting = threading.Lock()
        self._running: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def open(self, listener: socket.socket, reach: Collection[Site]) -> Exit:
        """Serve what connects to `listener`, which stands in a sandbox, until `shut`."""
        way = Exit(reach)
        way.opening = asyncio.run_coroutine_threadsafe(self._serve(way, listener), self._loop())
        return way

    def shut(self, way: Exit) -> None:
        """Cut every connection of a run."""
        if way.opening is not None:
            way.opening.result()
        asyncio.run_coroutine_threadsafe(_cut(way), self._loop()).result()

    def close(self) -> None:
        """End the thread."""
        with self._starting:
            if self._running is not None and self._thread is not None:
                self._running.call_soon_threadsafe(self._running.stop)
                self._thread.join()
                self._running.close()
            self._running = None

    def _loop(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._running is None:
                self._running = Loop()
                self._thread = threading.Thread(target=self._running.run_forever, name="egress", daemon=True)
                self._thread.start()
            return self._running

    async def _serve(self, way: Exit, listener: socket.socket) -> None:
        listener.setblocking(False)
        way.server = await asyncio.start_server(lambda r, w: self._kept(way, r, w), sock=listener)

    async def _kept(self, way: Exit, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            way.tasks.add(task)
            task.add_done_callback(way.tasks.discard)
        with contextlib.suppress(*_ENDED):
            try:
                await self._answered(way, reader, writer)
            except Refused as no:
                writer.write(answer(no.status, str(no)))
                await writer.drain()
            finally:
                writer.close()

    async def _answered(self, way: Exit, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(way.tasks) > CONNECTIONS:
            raise Refused(503, f"more than {CONNECTIONS} connections at once")
        request = await read_request(reader)
        await self._check(way, request)
        there, to = await self._upstream.connected(request)
        try:
            if request.tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _joined(reader, writer, there, to, request.tunnel)
        finally:
            to.close()

    async def _check(self, way: Exit, request: Request) -> None:
        site = (request.host, request.port)
        if site not in way.reach:
            try:
                await self._admitted.get(site, lambda: self._admit(site))
            except Refused as no:
                if len(way.refused) < REFUSALS_KEPT:
                    way.refused[site] = str(no)
                raise

    async def _admit(self, site: Site) -> None:
        # Asking may take a program's run or a request of its own.
        if not await asyncio.to_thread(self._admits, *site):
            raise Refused(403, refusal(*site))


async def _joined(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    there: asyncio.StreamReader,
    to: asyncio.StreamWriter,
    tunnel: bool,
) -> None:
    """Hand everything on, both ways, until the far side has ended; outside of a tunnel there is one answer."""
    asking = asyncio.ensure_future(_pumped(reader, to))
    try:
        if not tunnel:
            writer.write(last_answer(await asyncio.wait_for(there.readuntil(b"\r\n\r\n"), ANSWER_SECONDS)))
        await _pumped(there, writer)
    finally:
        asking.cancel()


async def _pumped(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await source.read(_CHUNK):
            target.write(chunk)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()


async def _cut(way: Exit) -> None:
    if way.server is not None:
        way.server.close()
    for task in tuple(way.tasks):
        task.cancel()
    await asyncio.gather(*way.tasks, return_exceptions=True)
