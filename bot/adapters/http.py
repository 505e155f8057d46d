"""HTTP to registries and advisory servers: tried with patience, redirected with care, to hosts that are allowed."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from bot.adapters.backoff import Backoff, Sleep
from bot.adapters.credential import Credential
from bot.adapters.http_client import ANSWER_SECONDS, HttpClient, HttpError
from bot.adapters.redaction import Redactor
from bot.adapters.registries.allow_list import refusal, site_of
from remediators.api import Fetched
from remediators.bounds import Bounds
from remediators.errors import RegistryError

MAX_BODY = 64 * 2**20
# A thousand packages with forty advisories each.
JSON_ANSWER = Bounds(16 * 2**20, 600_000, b",:[{")
MAX_REDIRECTS = 5

# A host that stayed out of reach for all tries is not tried again for this long: a fleet has many packages.
GIVEN_UP_SECONDS = 30.0
TRIES = 4

log = logging.getLogger(__name__)


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
        credentials = credentials or {}
        self._admits = admits
        self._sleep = sleep
        self._client = HttpClient(ca_bundle, credentials, redact or Redactor(c.secret for c in credentials.values()))
        self._shown = self._client.shown
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

    def post_json(self, url: str, body: Any) -> Any:
        """The JSON that answers a query. Raises HttpError, also when there is none (404).

        For queries only: it is sent again when it fails.
        """
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return self._decoded(self._patiently("POST", url, headers, json.dumps(body).encode(), MAX_BODY))

    def open(self) -> None:
        """Load what requests take, which the first of them does otherwise."""
        self._client.open()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _decoded(self, answer: Fetched) -> Any:
        if answer.status != 200:
            raise self._client.refusal(answer.status, answer.url, None)
        if excess := JSON_ANSWER.excess(answer.body):
            raise HttpError(f"{self._shown(answer.url)} answers with JSON that {excess}: check the address")
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
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
            answer = self._sent(method, url, headers, body, limit, max(until - time.monotonic(), 0.1))
            if isinstance(answer, Fetched):
                return answer
            target = self._joined(url, answer)
            if method != "GET" or not _may_follow(url, target):
                raise HttpError(
                    f"{self._shown(url)} redirects to {self._shown(target)}: configure that address instead"
                )
            url = target
        raise HttpError(f"{self._shown(url)} redirects in a circle: check the address")

    def _sent(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, limit: int, seconds: float
    ) -> Fetched | str:
        """As `HttpClient.send`, with a line in the log of what came and how long it took."""
        began = time.monotonic()
        came = "no answer that can be used"
        try:
            answer = self._client.send(method, url, headers, body, limit, seconds)
            came = f"{answer.status}, {len(answer.body):,} bytes" if isinstance(answer, Fetched) else "redirected"
            return answer
        finally:
            log.debug("%s %s: %s in %.2f s", method, self._shown(url), came, time.monotonic() - began)

    def _joined(self, url: str, location: str) -> str:
        try:
            return urljoin(url, location)
        except ValueError as error:
            raise HttpError(f"{self._shown(url)} redirects to what is no address: check the address") from error


def _conditional(accept: str, etag: str) -> Mapping[str, str]:
    return {"Accept": accept, **({"If-None-Match": etag} if etag else {})}


def _may_follow(url: str, target: str) -> bool:
    """Only to HTTPS, or to where we already are: never from a safe address to one that others can listen to."""
    return urlsplit(target).scheme == "https" or urlsplit(target)[:2] == urlsplit(url)[:2]
