"""How lists are paged: with totals or without, and the query of the links to other pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.sandbox.conformity.openapi import Operation
from tests.sandbox.conformity.probes import path_names
from tests.sandbox.conformity.recorded import Recorded

_PLACES = {"page", "per_page"}


def facts(route: str, answer: str, operation: Operation | None, recorded: Sequence[Recorded]) -> dict[str, Any]:
    """What is known of the pages of a list: "paged" (counted where nobody recorded it otherwise) and "defaults".

    GitLab writes the parameters that have a default into its links; recordings stand in where none is described.
    """
    if not route.startswith("GET ") or not answer.startswith("["):
        return {}
    known: dict[str, Any] = {"paged": next((kind for one in recorded if (kind := _kind(one)) is not None), "counted")}
    if operation is not None:
        known["defaults"] = {name: value for name, value in operation.defaults.items() if name not in _PLACES}
    elif queries := [query for one in recorded if (query := _query_of_link(route, one)) is not None]:
        known["defaults"] = max(queries, key=len)
    return known


def _kind(one: Recorded) -> str | None:
    if not one.first_hand:
        return None
    names = {name.lower() for name in one.headers}
    return "counted" if "x-total" in names else "uncounted" if "x-page" in names else "no"


def _query_of_link(route: str, one: Recorded) -> dict[str, str] | None:
    """The query of the link to the first page without what was asked and what the path says; None if not recorded.

    A request that followed such a link itself says nothing about the defaults.
    """
    link = {name.lower(): value for name, value in one.headers.items()}.get("link", "")
    first = next((part for part in link.split(", ") if 'rel="first"' in part), None)
    asked = _query(one.url)
    if first is None or not one.url or set(asked) & {"id", "page"}:
        return None
    told = {*path_names(route), *_PLACES, *asked}
    return {name: value for name, value in _query(first[1 : first.index(">")]).items() if name not in told}


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
