"""What a client asks of a proxy: the head of its request read, and what to say to a server or back to it.

Source: RFC 9110 (CONNECT, hop-by-hop fields), RFC 9112 (absolute form).
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from bot.adapters.registries.allow_list import normal

HEAD_SECONDS = 30.0
# A server may think before it answers: an index that fetches from another first.
ANSWER_SECONDS = 300.0

_LINE = re.compile(rb"(?P<method>[A-Z]{1,20}) (?P<target>[!-~]{1,16000}) HTTP/1\.[01]")
_FIELD = re.compile(rb"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(?P<value>[^\r\n\0]*)")
# About this hop only; `Host` is said anew, so that nobody names one host to us and another to the server.
_OURS = frozenset((b"host", b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"upgrade"))


_ABOUT_THE_CONNECTION = frozenset((b"connection", b"keep-alive", b"proxy-connection"))


class Refused(Exception):  # noqa: N818 -- an answer rather than an error
    """A request that is answered with `status` and these words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """Where a client wants to get; `tunnel` is whether it asked for a connection (CONNECT)."""

    method: str
    host: str
    port: int
    path: str
    fields: tuple[bytes, ...]

    @property
    def tunnel(self) -> bool:
        """Whether only bytes are handed on."""
        return self.method == "CONNECT"

    @property
    def place(self) -> str:
        """The host and port as HTTP writes them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def head(self, absolute: bool, *more: str) -> bytes:
        """The request to a server; in absolute form to another proxy. The connection ends with the answer."""
        target = f"http://{self.place}{self.path}" if absolute else self.path
        host = self.place.removesuffix(":80")
        own = (f"{self.method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *more)
        return b"\r\n".join((*(line.encode("latin-1") for line in own), *self.fields, b"", b""))


async def read_request(reader: asyncio.StreamReader) -> Request:
    """The head of what a client asks. Raises Refused for what is no request to a proxy, OSError when it hangs up."""
    try:
        raw = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
    except asyncio.LimitOverrunError as error:
        raise Refused(431, "the head of the request is too long") from error
    except asyncio.IncompleteReadError as error:
        raise ConnectionError("hung up") from error
    return parsed(raw)


def parsed(raw: bytes) -> Request:
    """The head of a request. Raises Refused."""
    first, *rest = raw.removesuffix(b"\r\n\r\n").split(b"\r\n")
    line = _LINE.fullmatch(first)
    fields = [_FIELD.fullmatch(each) for each in rest]
    if line is None or not all(fields):
        raise Refused(400, "not a request that a proxy understands")
    method, target = line["method"].decode(), line["target"].decode()
    try:
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        port = parts.port
    except ValueError as error:
        raise Refused(400, f"not an address: {error}") from error
    if method == "CONNECT":
        plain = port is not None and not (parts.path or parts.query or parts.fragment)
    else:
        plain, port = parts.scheme == "http", port or 80
    if not plain or port is None or not parts.hostname or parts.username is not None:
        raise Refused(400, "not an address that a proxy can ask")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = tuple(each for each, match in zip(rest, fields, strict=True) if match and match["name"].lower() not in _OURS)
    return Request(method, normal(parts.hostname), port, path, kept)


def answer(status: int, words: str) -> bytes:
    """A whole answer in plain text."""
    body = words.encode() + b"\n"
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join((*head, "", "")).encode() + body


def last_answer(head: bytes) -> bytes:
    """The head of a server's answer, saying that the connection ends with it.

    A server that was asked to close need not say so, and a client that hears nothing sends its next request into the
    closing connection.
    """
    status, *fields = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [field for field in fields if field.partition(b":")[0].strip().lower() not in _ABOUT_THE_CONNECTION]
    return b"\r\n".join((status, *kept, b"Connection: close", b"", b""))
