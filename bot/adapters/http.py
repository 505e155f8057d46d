"""HTTP to registries and advisory servers: pooled, bounded, retried, with credentials that stay with their host."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from bot.adapters.allow_list import refusal, site_of
from bot.adapters.backoff import Backoff, Sleep, retry_after
from bot.adapters.credential import Credential
from bot.adapters.redaction import Redactor
from bot.adapters.usage import Usage
from bot.errors import BotError
from remediators.api import Fetched, RegistryError

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
ANSWER_SECONDS = 300.0
MAX_BODY = 64 * 2**20
MAX_REDIRECTS = 5
CONNECTIONS = 32

# A host that stayed out of reach for all tries is not tried again for this long: a fleet has many packages.
GIVEN_UP_SECONDS = 30.0
TRIES = 4

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


class Http:
    """One client for all hosts and threads. `credentials` are by host, or host:port.

    `admits` is asked of each host and port that is fetched from for a remediator: a repository names what it likes.
    """

    def __init__(
        self,
        ca_bundle: Path | None = None,
        credentials: Mapping[str, Credential] | None = None,
        redact: Callable[[str], str] | None = None,
        sleep: Sleep = time.sleep,
        admits: Callable[[str, int], bool] = lambda host, port: True,
    ) -> None:
        self._admits = admits
        self.usage = Usage()
        self._ca_bundle = ca_bundle
        self._credentials = credentials or {}
        self._redact = redact or Redactor(c.secret for c in self._credentials.values())
        self._sleep = sleep
        self._lock = threading.Lock()
        self._opened: httpx2.Client | None = None
        self._given_up: dict[str, tuple[float, HttpError]] = {}

    def fetch(self, url: str, accept: str, etag: str = "", limit: int = MAX_BODY) -> Fetched:
        """As `Tools.fetch`: 200, 304 or 404; RegistryError for anything else. `limit` is in bytes, unpacked."""
        try:
            return self._patiently("GET", url, _conditional(accept, etag), None, limit, self._check)
        except HttpError as error:
            raise RegistryError(str(error)) from error

    def fetch_once(self, url: str, accept: str, etag: str, limit: int, seconds: float) -> Fetched:
        """As `fetch`, in at most `seconds` or so and without another try; what fails says nothing of the host."""
        try:
            return self._followed("GET", url, _conditional(accept, etag), None, limit, self._check, seconds)
        except HttpError as error:
            raise RegistryError(str(error)) from error

    def get(self, url: str, accept: str = "*/*", etag: str = "", limit: int = MAX_BODY) -> Fetched:
        """GET `url`: 200, 304 or 404; HttpError for anything else."""
        return self._patiently("GET", url, _conditional(accept, etag), None, limit)

    def get_json(self, url: str) -> Any:
        """The JSON at `url`. Raises HttpError, also when there is none (404)."""
        return self._decoded(self._patiently("GET", url, {"Accept": "application/json"}, None, MAX_BODY))

    def post_json(self, url: str, body: Any) -> Any:
        """The JSON that answers a query. Raises HttpError. For queries only: it is sent again when it fails."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return self._decoded(self._patiently("POST", url, headers, json.dumps(body).encode(), MAX_BODY))

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
            self._opened = None

    def _decoded(self, answer: Fetched) -> Any:
        if answer.status != 200:
            raise self._refusal(answer.status, answer.url, None)
        try:
            return json.loads(answer.body)
        except ValueError as error:
            raise HttpError(f"{self._shown(answer.url)} did not answer with JSON: check the address") from error

    def _check(self, url: str) -> None:
        site = site_of(url)
        if site is None:
            raise HttpError(f"{self._shown(url)} is not an http(s) URL: check the address")
        if not self._admits(*site):
            raise HttpError(f"{self._shown(url)} is not asked: {refusal(*site)}")

    def _patiently(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        limit: int,
        check: Callable[[str], None] = lambda url: None,
    ) -> Fetched:
        place = urlsplit(url).netloc
        until, known = self._given_up.get(place, (0.0, None))
        if known is not None and time.monotonic() < until:
            raise HttpError(str(known))
        backoff = Backoff(self._sleep, TRIES)
        while True:
            try:
                return self._followed(method, url, headers, body, limit, check)
            except HttpError as error:
                if error.passing and backoff.wait(error.asked):
                    continue
                if error.passing and error.status is None:
                    self._given_up[place] = (time.monotonic() + GIVEN_UP_SECONDS, error)
                raise

    def _followed(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        limit: int,
        check: Callable[[str], None],
        seconds: float = ANSWER_SECONDS,
    ) -> Fetched:
        until = time.monotonic() + seconds
        for _ in range(MAX_REDIRECTS + 1):
            check(url)
            answer = self._once(method, url, headers, body, limit, max(until - time.monotonic(), 0.1))
            if isinstance(answer, Fetched):
                return answer
            target = self._joined(url, answer)
            if method != "GET" or not _may_follow(url, target):
                raise HttpError(
                    f"{self._shown(url)} redirects to {self._shown(target)}: configure that address instead"
                )
            url = target
        raise HttpError(f"{self._shown(url)} redirects in a circle: check the address")

    def _joined(self, url: str, location: str) -> str:
        try:
            return urljoin(url, location)
        except ValueError as error:
            raise HttpError(f"{self._shown(url)} redirects to what is no address: check the address") from error

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, limit: int, seconds: float
    ) -> Fetched | str:
        """The answer, or where it redirects to."""
        import httpx2

        self.usage.count(write=False)
        try:
            with self._client().stream(
                method, url, headers={**headers, **self._authorization(url)}, content=body, timeout=_timeout(seconds)
            ) as got:
                if got.has_redirect_location:
                    return got.headers["Location"]
                if got.status_code not in (200, 304, 404):
                    raise self._refusal(got.status_code, url, got.headers.get("Retry-After"))
                held = self._body(got, limit, seconds) if got.status_code == 200 else b""
                kind = got.headers.get("Content-Type", "")
                return Fetched(got.status_code, held, kind, got.headers.get("ETag", ""), _without_user(url))
        except httpx2.TransportError as error:
            raise self._unreachable(url, error) from error
        except (httpx2.InvalidURL, httpx2.DecodingError) as error:
            raise HttpError(f"{self._shown(url)}: {error}: check the address") from error

    def _body(self, response: httpx2.Response, limit: int, seconds: float) -> bytes:
        body = bytearray()
        deadline = time.monotonic() + seconds
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > limit:
                raise HttpError(f"{self._shown(str(response.url))} answers more than {limit:,} bytes")
            if time.monotonic() > deadline:
                raise HttpError(f"{self._shown(str(response.url))} took more than {seconds:.0f} s to answer")
        return bytes(body)

    def _authorization(self, url: str) -> Mapping[str, str]:
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2].lower()
        credential = self._credentials.get(place) or self._credentials.get(parts.hostname or "")
        return {"Authorization": credential.header} if credential is not None else {}

    def _refusal(self, status: int, url: str, after: str | None) -> HttpError:
        remedy = _REMEDIES.get(status, "run again later" if status >= 500 else "check the address")
        host = urlsplit(url).hostname or ""
        message = f"{host} answered {status} for {self._shown(url)}: {remedy.format(host=host)}"
        return HttpError(message, status, status in _PASSING, retry_after(after))

    def _unreachable(self, url: str, error: Exception) -> HttpError:
        host = urlsplit(url).hostname or ""
        words = self._redact(str(error)) or type(error).__name__
        if "certificate" in words.lower():
            return HttpError(f"{host}: its certificate is not trusted ({words}): pass its authority with --ca-bundle")
        remedy = "check the address, the network and HTTPS_PROXY"
        return HttpError(f"{host} cannot be reached for {self._shown(url)} ({words}): {remedy}", passing=True)

    def _shown(self, url: str) -> str:
        return self._redact(_without_user(url))

    def _client(self) -> httpx2.Client:
        with self._lock:
            if self._opened is None:
                self._opened = _open(self._ca_bundle)
            return self._opened


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


def _conditional(accept: str, etag: str) -> Mapping[str, str]:
    return {"Accept": accept, **({"If-None-Match": etag} if etag else {})}


def _may_follow(url: str, target: str) -> bool:
    """Only to HTTPS, or to where we already are: never from a safe address to one that others can listen to."""
    return urlsplit(target).scheme == "https" or urlsplit(target)[:2] == urlsplit(url)[:2]


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
