"""The handle: start, stop and look into an embedded GitLab."""

from __future__ import annotations

import contextlib
import logging
import secrets
import shutil
import socket
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from starlette.requests import ClientDisconnect

from bot.sandbox import site
from bot.sandbox.faults import Faults
from bot.sandbox.gate import Exchange, Observer
from bot.sandbox.listener import Moments, Server, bind, configured
from bot.sandbox.persistence import Persistence
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.rules import accounts, pipelines
from bot.sandbox.seed import Seed
from bot.sandbox.world import User, World

_LOG = logging.getLogger(__name__)
_LOGGED = 100_000


class Sandbox(Seed):
    """An embedded GitLab. `token` belongs to its administrator `root`.

    With `data` the world lives in that folder and continues there; without, it is gone at `stop`. `requests`
    logs what was asked, the oldest dropped; `errors` are bugs of the sandbox itself.
    """

    def __init__(self, data: Path | None = None, token: str = "", host: str = "127.0.0.1") -> None:
        folder = data or Path(tempfile.mkdtemp(prefix="sandbox-"))
        self._temporary = None if data else folder
        self.token = token or f"glpat-{secrets.token_urlsafe(20)}"
        self.world = World(repositories=folder / "repositories")
        self._persistence = None if data is None else Persistence(data)
        if self._persistence is not None:
            self._persistence.load(self.world)
        self.requests: deque[Exchange] = deque(maxlen=_LOGGED)
        self.errors: list[Exception] = []
        self.faults = Faults()
        self.rate_limits = RateLimits(self.world)
        self._host = host
        self.world.loop.on_error = self.crashed
        pipelines.resume(self.world)
        self._observers: list[Observer] = []
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self.root: User = accounts.ensure_root(self.world, self.token)

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash."""
        return self.world.url

    def start(self, port: int = 0) -> Self:
        """Serve in a background thread; returns once it listens. Port 0 takes a free one, OSError when it is taken."""
        ready = threading.Event()
        server, listener = self._bind(port, ready.set)
        self._thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def serve_forever(self, port: int, ready: Callable[[], None]) -> None:
        """Serve in this thread until interrupted; `ready` is called once it listens, OSError when the port is taken."""
        server, listener = self._bind(port, ready)
        with contextlib.suppress(KeyboardInterrupt):
            server.run([listener])

    def stop(self) -> None:
        """Stop serving; a world without `data` is deleted."""
        if self._server is not None and self._thread is not None:
            self._server.stop()
            self._thread.join()
            self._server = self._thread = None
        self.close()

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
        """Keep a bug of the sandbox where tests see it; a client that went away in the middle of a request is none."""
        if isinstance(error, ClientDisconnect):
            return
        _LOG.error("the sandbox failed", exc_info=error)
        self.errors.append(error)

    def flush(self) -> None:
        """Write what changed to disk, where there is a data folder."""
        if self._persistence is not None:
            self._persistence.save(self.world)

    def _bind(self, port: int, ready: Callable[[], None]) -> tuple[Server, socket.socket]:
        try:
            listener = bind(self._host, port)
        except OSError:
            self.close()
            raise
        self.world.url = f"http://{self._host}:{listener.getsockname()[1]}"
        self.flush()
        self._server = Server(configured(site.build(self)), self.world, Moments(ready, self.flush, self.close))
        return self._server, listener

    def close(self) -> None:
        """Write what is left to write, and remove a world that has no `data`; what `stop` does when not serving."""
        if self._persistence is not None:
            self._persistence.save(self.world)
            self._persistence.close()
            self._persistence = None
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
