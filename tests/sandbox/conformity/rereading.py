"""What is asked of every read once more: an unchanged answer, its headers alone, pages and their links."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.sandbox.conformity import headers
from tests.sandbox.conformity.facts import RouteFacts

Ask = Callable[..., requests.Response]


def differences(ask: Ask, facts: RouteFacts, body: Mapping[str, Any], path: Mapping[str, str]) -> Iterator[str]:
    """Where a read that was answered well is not GitLab's when asked in other ways; `ask(method, query)` asks it.

    `path` are the path parameters.
    """
    first = ask("GET", body)
    yield from _unchanged(ask, body, first)
    yield from _head(ask, facts, body, first)
    if facts.answer.startswith("["):
        yield from _pages(ask, facts, body, first)
    if facts.defaults is not None and facts.paged != "no":
        yield from _link(first, {**facts.defaults, **_texts(body), **path, "page": "1", "per_page": "20"})


def _unchanged(ask: Ask, body: Mapping[str, Any], first: requests.Response) -> Iterator[str]:
    if "Etag" not in first.headers:
        return
    again = ask("GET", body, headers={"If-None-Match": first.headers["Etag"]})
    if (again.status_code, again.content) not in {(304, b""), (200, again.content)}:
        yield f"If-None-Match: {again.status_code}"
    if again.status_code == 200 and again.headers["Etag"] == first.headers["Etag"]:
        yield "If-None-Match: 200 for what has not changed"


def _head(ask: Ask, facts: RouteFacts, body: Mapping[str, Any], first: requests.Response) -> Iterator[str]:
    head = ask("HEAD", body)
    if (head.status_code, head.content) != (facts.head, b""):
        yield f"HEAD: {head.status_code} with {len(head.content)} bytes"
    if facts.head != first.status_code:
        return
    for name in ("Content-Type", "X-Total", "X-Per-Page"):
        if head.headers.get(name) != first.headers.get(name):
            yield f"HEAD: {name} is {head.headers.get(name)!r} instead of {first.headers.get(name)!r}"


def _pages(ask: Ask, facts: RouteFacts, body: Mapping[str, Any], first: requests.Response) -> Iterator[str]:
    yield from headers.page_differences(first, facts.paged)
    if facts.paged == "no":
        return
    small = ask("GET", {**body, "per_page": 1})
    total = len(first.json())
    if len(small.json()) != min(total, 1):
        yield f"per_page=1: {len(small.json())} entries"
    if small.headers.get("X-Per-Page") != "1" or small.headers.get("X-Next-Page") != ("2" if total > 1 else ""):
        yield f"per_page=1: X-Next-Page {small.headers.get('X-Next-Page')!r} of {total}"
    if ('rel="next"' in small.headers.get("Link", "")) != (total > 1):
        yield f"per_page=1: Link {small.headers.get('Link')!r} of {total}"


def _link(first: requests.Response, expected: Mapping[str, str]) -> Iterator[str]:
    """Whether the link to the first page has the query that GitLab writes."""
    url = first.links.get("first", {"url": ""})["url"]
    found = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    for name in sorted({*found, *expected}):
        if found.get(name) != expected.get(name):
            yield f"Link: {name} is {found.get(name)!r} instead of {expected.get(name)!r}"


def _texts(body: Mapping[str, Any]) -> dict[str, str]:
    """Values as the query has them."""
    return {name: str(value) for name, value in body.items()}
