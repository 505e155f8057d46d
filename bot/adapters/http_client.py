"""One HTTP request: sent to where its credentials belong, its answer bounded, its failure in words."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.adapters.backoff import retry_after
from bot.adapters.credential import Credential
from bot.errors import BotError
from remediators.api import Fetched

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
ANSWER_SECONDS = 300.0
CONNECTIONS = 32

_PASSING = frozenset({429, 502, 503, 504})

_REMEDIES: Mapping[int, str] = {
    401: "set credentials for {host} in bot.toml",
    403: "set credentials for {host} in bot.toml, or ask for access",
    404: "check the name and the registry address",
    429: "it limits our requests; run again later or use fewer workers",
}


class HttpError(BotError):
    """A server refused, failed, or could not be reached. `status` is None without an answer."""

    def __init__(
        self, message: str, status: int | None = None, passing: bool = False, asked: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.passing = passing
        self.asked = asked


class HttpClient:
    """Sends single requests over pooled connections, from any thread. `credentials` are by host, or host:port."""

    def __init__(
        self, ca_bundle: Path | None, credentials: Mapping[str, Credential], redact: Callable[[str], str]
    ) -> None:
        self._ca_bundle = ca_bundle
        self._credentials = credentials
        self._redact = redact
        self._lock = threading.Lock()
        self._opened: httpx2.Client | None = None

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, limit: int, seconds: float
    ) -> Fetched | str:
        """The answer (200, 304 or 404), or where it redirects to. Raises HttpError for anything else.

        `limit` is in bytes, unpacked; `seconds` is for the whole of it.
        """
        import httpx2

        try:
            with self.open().stream(
                method, url, headers={**headers, **self._authorization(url)}, content=body, timeout=_timeout(seconds)
            ) as got:
                if got.has_redirect_location:
                    return got.headers["Location"]
                if got.status_code not in (200, 304, 404):
                    raise self.refusal(got.status_code, url, got.headers.get("Retry-After"))
                held = self._body(got, limit, seconds) if got.status_code == 200 else b""
                kind = got.headers.get("Content-Type", "")
                return Fetched(got.status_code, held, kind, got.headers.get("ETag", ""), _without_user(url))
        except httpx2.TransportError as error:
            raise self._unreachable(url, error) from error
        except (httpx2.InvalidURL, httpx2.DecodingError) as error:
            raise HttpError(f"{self.shown(url)}: {error}: check the address") from error

    def open(self) -> httpx2.Client:
        """The pool of connections, made where there was none."""
        with self._lock:
            if self._opened is None:
                self._opened = _open(self._ca_bundle)
            return self._opened

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
            self._opened = None

    def refusal(self, status: int, url: str, after: str | None) -> HttpError:
        """The error of an answer with this status; `after` is its Retry-After."""
        remedy = _REMEDIES.get(status, "run again later" if status >= 500 else "check the address")
        host = urlsplit(url).hostname or ""
        message = f"{host} answered {status} for {self.shown(url)}: {remedy.format(host=host)}"
        return HttpError(message, status, status in _PASSING, retry_after(after))

    def shown(self, url: str) -> str:
        """A URL as messages may show it."""
        return self._redact(_without_user(url))

    def _body(self, response: httpx2.Response, limit: int, seconds: float) -> bytes:
        body = bytearray()
        deadline = time.monotonic() + seconds
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > limit:
                raise HttpError(f"{self.shown(str(response.url))} answers more than {limit:,} bytes")
            if time.monotonic() > deadline:
                raise HttpError(f"{self.shown(str(response.url))} took more than {seconds:.0f} s to answer")
        return bytes(body)

    def _authorization(self, url: str) -> Mapping[str, str]:
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2].lower()
        credential = self._credentials.get(place) or self._credentials.get(parts.hostname or "")
        return {"Authorization": credential.header} if credential is not None else {}

    def _unreachable(self, url: str, error: Exception) -> HttpError:
        host = urlsplit(url).hostname or ""
        words = self._redact(str(error)) or type(error).__name__
        if "certificate" in words.lower():
            return HttpError(f"{host}: its certificate is not trusted ({words}): pass its authority with --ca-bundle")
        remedy = "check the address, the network and HTTPS_PROXY"
        return HttpError(f"{host} cannot be reached for {self.shown(url)} ({words}): {remedy}", passing=True)


def _open(ca_bundle: Path | None) -> httpx2.Client:
    # Importing the client costs more than `bot --help` may take.
    import httpx2

    trusted: ssl.SSLContext = httpx2.create_ssl_context()
    if ca_bundle is not None:
        trusted.load_verify_locations(ca_bundle)
    return httpx2.Client(
        http2=True,
        verify=trusted,
        timeout=_timeout(ANSWER_SECONDS),
        limits=httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
    )


def _timeout(seconds: float) -> httpx2.Timeout:
    import httpx2

    return httpx2.Timeout(min(READ_SECONDS, seconds), connect=min(CONNECT_SECONDS, seconds), pool=seconds)


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
