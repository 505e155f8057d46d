"""Connections: one page of a list with cursors, as every GraphQL list of GitLab is."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """A node with its cursor."""

    cursor: str
    node: Any


@dataclass(frozen=True, slots=True)
class Connection:
    """A page. `count` is the length of the whole list."""

    nodes: Sequence[Any]
    edges: Sequence[Edge]
    page_info: PageInfo
    count: int


def connect(nodes: Sequence[Any], arguments: dict[str, Any]) -> Connection:
    """The page of `nodes` that `first`/`after` or `last`/`before` ask for; 100 at most.

    A cursor names the node's id; nodes without one are named by their place.
    """
    keys = [str(getattr(node, "id", place)) for place, node in enumerate(nodes)]
    start, end = 0, len(nodes)
    if arguments.get("after"):
        start = _place(keys, arguments["after"]) + 1
    if arguments.get("before"):
        end = _place(keys, arguments["before"])
    size = min(arguments.get("first") or LARGEST_PAGE, LARGEST_PAGE)
    if arguments.get("last"):
        start = max(start, end - min(arguments["last"], LARGEST_PAGE))
    end = max(start, min(end, start + size))
    cursors = [_cursor(key) for key in keys[start:end]]
    page = nodes[start:end]
    info = PageInfo(
        has_next_page=end < len(nodes),
        has_previous_page=start > 0,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
    return Connection(page, [Edge(c, n) for c, n in zip(cursors, page, strict=True)], info, len(nodes))


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps({"id": key}, separators=(",", ":")).encode()).decode().rstrip("=")


def _place(keys: Sequence[str], cursor: str) -> int:
    try:
        wanted = str(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))["id"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise GraphQLError("Please provide a valid cursor") from None
    if wanted in keys:
        return keys.index(wanted)
    # Its node is gone since: go on from where it stood among the ids.
    ids, gone = [int(key) for key in keys], int(wanted)
    descending = len(ids) > 1 and ids[0] > ids[-1]
    return sum(id_ > gone if descending else id_ < gone for id_ in ids) - 1
