"""Connections from the proxy to where a sandboxed tool may get: straight, or by the proxy of the bot's environment."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import re
import ssl
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from bot.adapters.confinement.proxied import HEAD_SECONDS, Refused, Request

CONNECT_SECONDS = 10.0

_STATUS = re.compile(rb"HTTP/1\.[01] (?P<status>\d{3})")

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Upstream:
    """Connects; `environ` names the proxies (HTTPS_PROXY, HTTP_PROXY) and who is asked without (NO_PROXY)."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._proxies = {kind: found for kind in ("https", "http") if (found := _named(environ, f"{kind}_proxy"))}
        self._direct = tuple(e.strip().lower() for e in _named(environ, "no_proxy").split(",") if e.strip())

    async def connected(self, request: Request) -> Streams:
        """A connection on which the client's own bytes can follow. Raises Refused (502) when there is none."""
        proxy = self.proxy(request)
        try:
            if proxy is None:
                there, to = await _connection(request.host, request.port, None)
                if not request.tunnel:
                    to.write(request.head(False))
                return there, to
            return await _by_way_of(proxy, request)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            words = str(error) or type(error).__name__
            raise Refused(502, f"{request.host} cannot be reached: {words}") from error

    def proxy(self, request: Request) -> str | None:
        """The proxy that a request goes by, None for a straight way."""
        host = request.host
        # Nobody else's proxy leads to this machine.
        if _loopback(host) or any(_covers(entry, request) for entry in self._direct):
            return None
        return self._proxies.get("https" if request.tunnel else "http")


async def _by_way_of(proxy: str, request: Request) -> Streams:
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    there, to = await _connection(parts.hostname or "", port, ssl.create_default_context() if secure else None)
    who = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    known = (f"Proxy-Authorization: Basic {base64.b64encode(who.encode()).decode()}",) if parts.username else ()
    if not request.tunnel:
        to.write(request.head(True, *known))
        return there, to
    lines = (f"CONNECT {request.place} HTTP/1.1", f"Host: {request.place}", *known, "", "")
    to.write("\r\n".join(lines).encode())
    head = await asyncio.wait_for(there.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
    status = _STATUS.match(head)
    if status is None or status["status"] != b"200":
        to.close()
        said = head.partition(b"\r\n")[0].decode("latin-1")
        raise Refused(502, f"the proxy at {parts.hostname} does not lead to {request.host}: {said}")
    return there, to


async def _connection(host: str, port: int, secure: ssl.SSLContext | None) -> Streams:
    # A second address is tried soon: a machine may have IPv6 that leads nowhere.
    opening = asyncio.open_connection(host, port, ssl=secure, happy_eyeballs_delay=0.25)
    return await asyncio.wait_for(opening, CONNECT_SECONDS)


def _named(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.upper()) or ""


def _covers(entry: str, request: Request) -> bool:
    """Whether an entry of NO_PROXY speaks of that host: its name, a domain that it is in, with or without the port."""
    domain = entry.removeprefix("*").removeprefix(".")
    same = request.host in (domain, domain.strip("[]")) or request.host.endswith(f".{domain}")
    return entry == "*" or same or entry == request.place


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
