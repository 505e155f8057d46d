"""The handle: start, stop and look into an embedded GitLab."""

from __future__ import annotations

import logging
import secrets
import shutil
import socket
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.sandbox import site
from bot.sandbox.faults import Faults
from bot.sandbox.gate import Exchange, Observer
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.rules import accounts
from bot.sandbox.seed import Seed
from bot.sandbox.world import User, World

_LOG = logging.getLogger(__name__)


class _Connection(H11Protocol):
    """Shows its transport to the application, so that a fault can cut it."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """Tells when it listens, and lets the world work on its loop."""

    def __init__(self, config: uvicorn.Config, sandbox: Sandbox) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._sandbox = sandbox

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._sandbox.world.loop.attach()
        await super().startup(sockets=sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets=sockets)
        self._sandbox.world.loop.detach()


class Sandbox(Seed):
    """An embedded GitLab. `token` belongs to its administrator `root`.

    With `data` the world lives in that folder and continues there; without, it is gone at `stop`.
    """

    def __init__(self, data: Path | None = None, token: str = "", host: str = "127.0.0.1") -> None:
        folder = data or Path(tempfile.mkdtemp(prefix="sandbox-"))
        self._temporary = None if data else folder
        self.token = token or f"glpat-{secrets.token_urlsafe(20)}"
        self.world = World(repositories=folder / "repositories")
        self.requests: list[Exchange] = []
        self.errors: list[Exception] = []
        self.faults = Faults()
        self.rate_limits = RateLimits(self.world)
        self._host = host
        self._observers: list[Observer] = []
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.root: User = accounts.ensure_root(self.world, self.token)

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash."""
        return self.world.url

    def start(self, port: int = 0) -> Self:
        """Serve in a background thread; returns once it listens. Port 0 takes a free one."""
        server, listener = self._bind(port)
        self._thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
        self._thread.start()
        server.ready.wait()
        return self

    def serve_forever(self, port: int) -> None:
        """Serve in this thread until interrupted."""
        server, listener = self._bind(port)
        server.run([listener])
        self._close()

    def stop(self) -> None:
        """Stop serving; a world without `data` is deleted."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
            self._server = self._thread = None
        self._close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def on_request(self, observer: Observer) -> None:
        """Call `observer("before" or "after", exchange)` around the effect of every request, on the server's thread."""
        self._observers.append(observer)

    def observe(self, moment: str, exchange: Exchange) -> None:
        """Tell the observers."""
        for observer in self._observers:
            observer(moment, exchange)

    def crashed(self, error: Exception) -> None:
        """Keep a bug of the sandbox where tests see it."""
        _LOG.error("the sandbox failed", exc_info=error)
        self.errors.append(error)

    def flush(self) -> None:
        """Write what changed to disk."""

    def _bind(self, port: int) -> tuple[_Server, socket.socket]:
        # asyncio sets TCP_NODELAY only on sockets that name their protocol; without it every answer waits 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self._host, port))
        self.world.url = f"http://{self._host}:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            site.build(self),
            http=_Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        self._server = _Server(config, self)
        return self._server, listener

    def _close(self) -> None:
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
