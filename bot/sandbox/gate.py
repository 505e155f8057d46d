"""What every request passes: the log, observers, rate limits, faults, and the write-through to disk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox.faults import CUT_AFTER, CUT_BEFORE, Fault

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox


@dataclass(slots=True)
class Exchange:
    """One request as the log keeps it. `path` is quoted, without query; `milliseconds` is our own share, without
    the delay of a fault; `sent` counts the bytes of the answer's body."""

    method: str
    path: str
    query: str
    started: float = field(default_factory=time.perf_counter)
    status: int = 0
    milliseconds: float = 0.0
    sent: int = 0

    def answered(self, status: int) -> None:
        """The answer is about to be sent."""
        self.status = status
        self.milliseconds = (time.perf_counter() - self.started) * 1000

    @property
    def write(self) -> bool:
        """Whether the request was meant to change something."""
        return self.method not in {"GET", "HEAD", "OPTIONS"} and not self.path.endswith(
            ("/git-upload-pack", "/api/graphql")
        )


Observer = Callable[[str, Exchange], None]


class Gate:
    """ASGI middleware around the whole site."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope["raw_path"].decode("latin-1")
        exchange = Exchange(scope["method"], path, scope["query_string"].decode("latin-1"))
        self._sandbox.requests.append(exchange)
        try:
            await self._serve(exchange, scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the 500 is sent already; the bug is kept for the tests
            self._sandbox.crashed(error)
        finally:
            self._sandbox.flush()

    async def _serve(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        sandbox = self._sandbox
        sandbox.observe("before", exchange)
        refused = sandbox.rate_limits.refuse(Request(scope))
        if refused is not None:
            exchange.answered(refused.status_code)
            return await refused(scope, receive, send)
        fault = None if exchange.path.startswith("/sandbox/") else sandbox.faults.take(exchange.method, exchange.path)
        if fault is None:
            return await self._answer(exchange, scope, receive, send)
        return await self._fail(fault, exchange, scope, receive, send)

    async def _answer(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        # The answer to a write is held back until its effect is complete, so that "after" means after.
        held: list[Message] = []
        observed = False

        async def observing(message: Message) -> None:
            nonlocal observed
            if message["type"] == "http.response.start":
                exchange.answered(message["status"])
                message = {**message, "headers": [*message["headers"], *sandbox.rate_limits.headers(Request(scope))]}
            exchange.sent += len(message.get("body", b""))
            if exchange.write:
                held.append(message)
                return
            if not observed:
                observed = True
                sandbox.observe("after", exchange)
            await send(message)

        sandbox = self._sandbox
        await self._app(scope, receive, observing)
        if not observed:
            sandbox.observe("after", exchange)
        # What was answered is on disk.
        sandbox.flush()
        for message in held:
            await send(message)

    async def _fail(self, fault: Fault, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.delay:
            await asyncio.sleep(fault.delay)
            exchange.started = time.perf_counter()
        if fault.cut == CUT_BEFORE:
            return await _cut(scope, receive)
        if fault.status is not None:
            exchange.answered(fault.status)
            return await _response(fault.status, fault.body, dict(fault.headers))(scope, receive, send)
        if fault.cut == CUT_AFTER:

            async def swallow(message: Message) -> None:
                """Nobody hears the answer."""

            await self._answer(exchange, scope, receive, swallow)
            return await _cut(scope, receive)
        return await self._answer(exchange, scope, receive, send)


def _response(status: int, body: Any, headers: dict[str, str]) -> Response:
    if body is None or isinstance(body, str):
        return PlainTextResponse(body or "", status, headers)
    return JSONResponse(body, status, headers)


async def _cut(scope: Scope, receive: Receive) -> None:
    scope["state"]["transport"].abort()
    while (await receive())["type"] != "http.disconnect":
        pass
