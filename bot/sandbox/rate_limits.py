"""Rate limits per caller, as Rack::Attack enforces them: off until switched on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.sandbox import auth
from bot.sandbox.world import World

_API_LIMIT = "throttle_authenticated_api"


@dataclass(slots=True)
class RateLimits:
    """Requests to the API that one token may make per `period` seconds; `limit` None is off."""

    world: World
    limit: int | None = None
    period: int = 60
    _windows: dict[str, tuple[int, int]] = field(default_factory=dict)

    def refuse(self, request: Request) -> Response | None:
        """Count the request; the 429 of Rack::Attack when it is one too many."""
        if self.limit is None or not request.url.path.startswith("/api/"):
            return None
        window = int(self.world.now().timestamp()) // self.period
        key = self._key(request)
        started, count = self._windows.get(key, (window, 0))
        self._windows[key] = (window, count + 1 if started == window else 1)
        if self._windows[key][1] <= self.limit:
            return None
        headers = {name.decode(): value.decode() for name, value in self.headers(request)}
        return PlainTextResponse("Retry later\n", 429, {**headers, "Retry-After": str(self._seconds_left())})

    def headers(self, request: Request) -> list[tuple[bytes, bytes]]:
        """The RateLimit headers of an answer; none while limits are off."""
        if self.limit is None or not request.url.path.startswith("/api/"):
            return []
        _, count = self._windows.get(self._key(request), (0, 0))
        reset = int(self.world.now().timestamp()) + self._seconds_left()
        values = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Name": _API_LIMIT,
            "RateLimit-Observed": str(count),
            "RateLimit-Remaining": str(max(0, self.limit - count)),
            "RateLimit-Reset": str(reset),
            "RateLimit-ResetTime": format_datetime(datetime.fromtimestamp(reset, UTC), usegmt=True),
        }
        return [(name.encode(), value.encode()) for name, value in values.items()]

    def _key(self, request: Request) -> str:
        secret = auth.presented(request.headers, request.query_params)
        return auth.digest(secret) if secret else f"ip:{request.client.host if request.client else ''}"

    def _seconds_left(self) -> int:
        return max(1, math.ceil(self.period - self.world.now().timestamp() % self.period))
