"""Pages of a list: by offset with totals, by id with a link only, by cursor."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError

PER_PAGE, MOST_PER_PAGE = 20, 100
MOST_COUNTED = 10_000
LARGEST_OFFSET = 50_000
_PLACES = frozenset({"page", "per_page", "id_after", "id_before", "cursor", "page_token"})
_NEVER_LINKED = frozenset({"private_token", "access_token", "job_token"})

N = TypeVar("N")


class Identified(Protocol):
    """Something with a numeric id."""

    @property
    def id(self) -> int:
        """Its id."""


I = TypeVar("I", bound=Identified)  # noqa: E741 - the type of what has an id


def per_page(call: Call) -> int:
    """How many entries a page has: 20 unless asked, 100 at most."""
    asked = call.params.integer("per_page")
    if asked == 0:
        raise ApiError(400, {"error": "per_page has a value not allowed"})
    return PER_PAGE if asked is None or asked < 0 else min(asked, MOST_PER_PAGE)


def page_start(call: Call) -> int:
    """Where in the list the asked page begins."""
    return max((call.params.integer("page") or 1) - 1, 0) * per_page(call)


def paginate(
    call: Call, nouns: Sequence[N], show: Callable[[N], Any], defaults: Mapping[str, str] | None = None
) -> Answer:
    """The page that the call asks for, with X- headers and links. `defaults` are declared parameters for the links."""
    size = per_page(call)
    page = max(call.params.integer("page") or 1, 1)
    start = (page - 1) * size
    headers = _offset_headers(call, len(nouns), page, size, defaults or {})
    return Answer([show(noun) for noun in nouns[start : start + size]], headers=headers)


def limit_offset(call: Call, kind: str) -> None:
    """ApiError 405 for an offset over the limit, for the kinds that keyset pagination can go on with."""
    if page_start(call) > LARGEST_OFFSET:
        text = (
            f"Offset pagination has a maximum allowed offset of {LARGEST_OFFSET} for requests that return objects of "
            f"type {kind}. Remaining records can be retrieved using keyset pagination."
        )
        raise ApiError(405, {"error": text})


def paginate_by_id(call: Call, nouns: Sequence[I], show: Callable[[I], Any], descending: bool) -> Answer:
    """A keyset page of nouns that are sorted by id and cut by `id_after` and `id_before` already.

    Every page but an empty one links to the next, so the end is an empty page without a link.
    """
    chosen = nouns[: per_page(call)]
    headers = {}
    if chosen:
        edge = {"id_before" if descending else "id_after": str(chosen[-1].id)}
        headers["Link"] = f'<{_url(call, {"per_page": str(per_page(call)), **edge}, without=("page",))}>; rel="next"'
    return Answer([show(noun) for noun in chosen], headers=headers)


def paginate_by_cursor(call: Call, nouns: Sequence[I], show: Callable[[I], Any]) -> Answer:
    """A keyset page that is continued with an opaque `cursor`; no link on the last page."""
    start = 0
    cursor = call.params.text("cursor")
    if cursor:
        after = _cursor_id(cursor)
        start = next((at + 1 for at, noun in enumerate(nouns) if noun.id == after), len(nouns))
    chosen = nouns[start : start + per_page(call)]
    headers = {}
    if start + len(chosen) < len(nouns):
        following = base64.urlsafe_b64encode(json.dumps({"id": chosen[-1].id, "_kd": "n"}).encode()).decode()
        headers["X-Next-Cursor"] = following
        headers["Link"] = f'<{_url(call, {"cursor": following}, without=("page",))}>; rel="next"'
    return Answer([show(noun) for noun in chosen], headers=headers)


def paginate_by_token(call: Call, items: Sequence[N], token: Callable[[N], str], show: Callable[[N], Any]) -> Answer:
    """A keyset page that is continued with `page_token`, the last entry's own name; refs and trees have it."""
    after, start = call.params.text("page_token"), 0
    if after:
        start = next((at + 1 for at, item in enumerate(items) if token(item) == after), len(items))
    chosen = items[start : start + per_page(call)]
    headers = {}
    if start + len(chosen) < len(items):
        headers["Link"] = f'<{_url(call, {"page_token": token(chosen[-1])}, without=("page",))}>; rel="next"'
    return Answer([show(item) for item in chosen], headers=headers)


def paginate_uncounted(
    call: Call, found: Sequence[N], show: Callable[[N], Any], defaults: Mapping[str, str] | None = None
) -> Answer:
    """A page whose total nobody counts: `found` holds the page's entries, and one more when there is a next page."""
    size, page = per_page(call), max(call.params.integer("page") or 1, 1)
    following = page + 1 if len(found) > size else None
    numbers = {"prev": page - 1 or None, "next": following, "first": 1}
    links = [
        f'<{_url(call, {**(defaults or {}), "page": str(number), "per_page": str(size)})}>; rel="{rel}"'
        for rel, number in numbers.items()
        if number is not None
    ]
    headers = {
        "Link": ", ".join(links),
        "X-Next-Page": str(following or ""),
        "X-Page": str(page),
        "X-Per-Page": str(size),
        "X-Prev-Page": str(page - 1 or ""),
    }
    return Answer([show(item) for item in found[:size]], headers=headers)


def _cursor_id(cursor: str) -> int:
    try:
        return int(json.loads(base64.urlsafe_b64decode(cursor))["id"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise ApiError(400, {"error": "cursor is invalid"}) from None


def _offset_headers(call: Call, total: int, page: int, size: int, defaults: Mapping[str, str]) -> dict[str, str]:
    pages = max(1, -(-total // size))
    counted = total <= MOST_COUNTED
    following, previous = (page + 1 if page < pages else None), (page - 1 if page > 1 else None)
    numbers = {"prev": previous, "next": following, "first": 1, "last": pages if counted else None}
    links = [
        f'<{_url(call, {**defaults, "page": str(number), "per_page": str(size)})}>; rel="{rel}"'
        for rel, number in numbers.items()
        if number is not None
    ]
    headers = {
        "Link": ", ".join(links),
        "X-Next-Page": str(following or ""),
        "X-Page": str(page),
        "X-Per-Page": str(size),
        "X-Prev-Page": str(previous or ""),
    }
    if counted:
        headers |= {"X-Total": str(total), "X-Total-Pages": str(pages)}
    return headers


def _url(call: Call, values: Mapping[str, str], without: tuple[str, ...] = ()) -> str:
    # GitLab writes the path's own parameters and the declared defaults into the query of its links.
    asked = [(k, v) for k, v in call.request.query_params.multi_items() if k not in _NEVER_LINKED]
    names = {k for k, _ in asked}
    added = [(k, v) for k, v in {**call.path, **values}.items() if k not in names or k in _PLACES]
    kept = [(k, v) for k, v in asked if k not in values or k not in _PLACES]
    query = urlencode(sorted((k, v) for k, v in [*kept, *added] if k not in without))
    path = call.request.scope["raw_path"].decode("latin-1")
    return f"{call.world.url}{path}?{query}"
