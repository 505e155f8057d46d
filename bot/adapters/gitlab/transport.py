"""One call to GitLab through python-gitlab: counted, redacted, retried when it only reads. Import it late: 0.4 s."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from gitlab import Gitlab
from gitlab._backends.requests_backend import RequestsBackend, RequestsResponse
from requests.adapters import HTTPAdapter

from bot.adapters.backoff import Backoff, Sleep
from bot.adapters.gitlab.refusal import RefusalError, refused, unreachable
from bot.adapters.usage import Usage
from bot.errors import ForgeError

# GitLab gives up on a request after 60 s: with more patience, an unknown outcome is seldom one still under way.
SECONDS = 65.0
CONNECTIONS = 32
GRAPHQL = "/api/graphql"

Query = Mapping[str, str | int]


class Transport:
    """The GitLab at `url`, for all threads. Every method raises RefusalError or another ForgeError."""

    def __init__(
        self, url: str, token: str, ca_bundle: Path | None, redact: Callable[[str], str], sleep: Sleep
    ) -> None:
        self.usage = Usage()
        self._url = url
        self._redact = redact
        self._sleep = sleep
        self._gitlab = Gitlab(
            url,
            private_token=token,
            ssl_verify=str(ca_bundle) if ca_bundle is not None else True,
            timeout=SECONDS,
            user_agent="remediation-bot",
            backend=_Backend,
            session=_session(),
        )

    def get(self, path: str, query: Query | None = None) -> Any:
        """The JSON at `path` of the API."""
        return _decoded(self._read("get", path, query, None))

    def pages(self, path: str, query: Query, limit: int | None = None) -> Iterator[Any]:
        """The records of a list, over at most `limit` pages of 100."""
        current: Query | None = {**query, "per_page": 100}
        taken = 0
        while current is not None and (limit is None or taken < limit):
            answer = self._read("get", path, current, None)
            yield from _decoded(answer)
            # Only the query of the link is followed: the token stays with the GitLab it was given for.
            link = answer.links.get("next", {}).get("url")
            current = dict(parse_qsl(urlsplit(link).query)) if link else None
            taken += 1

    def query(self, document: str, variables: Mapping[str, Any]) -> Any:
        """The whole answer to a GraphQL query, `errors` included."""
        body = {"query": document, "variables": dict(variables)}
        return _decoded(self._read("post", self._url + GRAPHQL, None, body))

    def write(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON that answers a write, which is sent once."""
        return _decoded(self._send(method, path, None, body))

    def close(self) -> None:
        """Give the connections back."""
        self._gitlab.session.close()

    def _read(self, method: str, path: str, query: Query | None, body: Mapping[str, Any] | None) -> requests.Response:
        backoff = Backoff(self._sleep)
        while True:
            try:
                return self._send(method, path, query, body)
            except RefusalError as refusal:
                if not (refusal.passing and backoff.wait(refusal.asked)):
                    raise

    def _send(self, method: str, path: str, query: Query | None, body: Mapping[str, Any] | None) -> requests.Response:
        # python-gitlab's own retries are off: they would repeat writes as well.
        self.usage.count(write=method != "get" and not path.endswith(GRAPHQL))
        call = f"{method.upper()} {unquote(path.removeprefix(self._url))}"
        try:
            return self._gitlab.http_request(
                method,
                path,
                query_data=dict(query or {}),
                post_data=None if body is None else dict(body),
                obey_rate_limit=False,
                retry_transient_errors=False,
                max_retries=0,
            )
        except _NotOkError as answer:
            raise refused(call, answer.response, self._redact) from None
        except requests.RequestException as error:
            raise unreachable(call, self._url, error, self._redact) from error


class _NotOkError(Exception):
    """An answer that is none of the 2xx, as python-gitlab's errors leave out the headers."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class _Backend(RequestsBackend):
    def http_request(self, *args: Any, **kwargs: Any) -> RequestsResponse:
        answer = super().http_request(*args, **kwargs)
        if not 200 <= answer.status_code < 300:
            raise _NotOkError(answer.response)
        return answer


class _Session(requests.Session):
    """Follows a redirect only when reading, and only within GitLab: requests would send the token anywhere."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is None or resp.request.method not in ("GET", "HEAD"):
            return None
        here, there = urlsplit(resp.url), urlsplit(target)
        return target if not there.netloc or there[:2] == here[:2] else None


def _session() -> requests.Session:
    session = _Session()
    adapter = HTTPAdapter(pool_maxsize=CONNECTIONS, pool_block=True)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _decoded(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        place = urlsplit(response.url)._replace(query="").geturl()
        raise ForgeError(f"{place} did not answer with JSON: check that the URL is that of a GitLab") from error
