"""What GitLab's refusals mean: whether another try can help, and what a person can do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bot.adapters.backoff import retry_after
from bot.errors import ForgeError

if TYPE_CHECKING:
    import requests

WORDS_SHOWN = 300

# Refused before anything was done: simply try again.
_UNTOUCHED = frozenset({429})

_REMEDIES: Mapping[int, str] = {
    401: "the token is invalid, expired or revoked; create a new one with the scope api",
    403: "the token may not do this; it needs the Developer role (or the feature is switched off in the project)",
    404: "it does not exist, or the token may not see it; check the path and the membership of the token's user",
    429: "GitLab limits our requests; run again later, or with fewer workers",
}


class RefusalError(ForgeError):
    """GitLab refused or could not be reached.

    `words` is what it said. `passing` says that another try may do, `asked` how many seconds GitLab
    wants to be left alone, `unknown` that a write may have had its effect all the same.
    """

    def __init__(
        self,
        message: str,
        status: int | None,
        words: str = "",
        passing: bool = False,
        unknown: bool = False,
        asked: float | None = None,
    ) -> None:
        super().__init__(message, status)
        self.words = words
        self.passing = passing
        self.unknown = unknown
        self.asked = asked


def refused(call: str, response: requests.Response, redact: Callable[[str], str]) -> RefusalError:
    """The refusal in an answer that is none of the 2xx."""
    status = response.status_code
    words = redact(_words(response))[:WORDS_SHOWN]
    # GitLab answers so while another request holds a row: https://docs.gitlab.com/api/rest/troubleshooting/
    locked = status == 409 and "resource lock" in f"{response.reason} {words}".lower()
    return RefusalError(
        f"GitLab answered {status} to {call} ({words}): {_remedy(response)}",
        status,
        words,
        passing=status in _UNTOUCHED or status >= 500 or locked,
        unknown=status >= 500,
        asked=retry_after(response.headers.get("Retry-After")),
    )


def unreachable(call: str, url: str, error: Exception, redact: Callable[[str], str]) -> RefusalError:
    """The refusal for a connection that did not come about, or broke off."""
    # urllib3 wraps what happened in what it was about to do.
    cause = getattr(error.args[0], "reason", None) if error.args else None
    words = redact(str(cause or error))[:WORDS_SHOWN]
    if "certificate" in words.lower():
        remedy = "its certificate is not trusted; pass the authority that signed it with --ca-bundle"
        return RefusalError(f"GitLab at {url} cannot be used for {call} ({words}): {remedy}", None, words)
    remedy = "check its URL, the network and HTTPS_PROXY"
    message = f"GitLab at {url} cannot be reached for {call} ({words}): {remedy}"
    return RefusalError(message, None, words, passing=True, unknown=True)


def _remedy(response: requests.Response) -> str:
    status = response.status_code
    if 300 <= status < 400:
        return f"it redirects to {response.headers.get('Location', 'nowhere')}; set the GitLab URL to that address"
    if status >= 500:
        return "GitLab is in trouble; run again later"
    return _REMEDIES.get(status, "GitLab does not accept the request")


def _words(response: requests.Response) -> str:
    try:
        body = json.loads(response.content)
    except ValueError:
        text = response.content[: WORDS_SHOWN * 4].decode("utf-8", "replace").strip()
        return response.reason if text.startswith("<") else text or response.reason
    if not isinstance(body, dict):
        return str(body)
    said = next((body[key] for key in ("message", "error_description", "error", "errors") if body.get(key)), body)
    return _flat(said)


def _flat(said: Any) -> str:
    """GitLab says it as a string, a list, or a mapping of fields to lists."""
    if isinstance(said, dict):
        return ", ".join(_flat(value) if key == "message" else f"{key} {_flat(value)}" for key, value in said.items())
    if isinstance(said, list):
        return ", ".join(_flat(one) for one in said)
    return str(said)
