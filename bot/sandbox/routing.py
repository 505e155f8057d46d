"""The registry of REST routes and how a path finds its function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from bot.sandbox.api import Answer, Call

Function = Callable[[Call], Answer] | Callable[[Call], Awaitable[Answer]]
Register = Callable[[Function], Function]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path. `scopes` are extra token scopes (besides api and read_api) that suffice."""

    method: str
    pattern: str
    function: Function
    names: tuple[str, ...]
    public: bool
    scopes: tuple[str, ...]


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    rest: _Node | None = None
    routes: dict[str, Route] = field(default_factory=dict)


class Routes:
    """Routes below /api/v4. Patterns are literals, `:name` (one segment) and a final `*name` (the rest of the path).

    Reads are open to anonymous callers, as far as visibility goes; writes need a user unless `public`.
    """

    def __init__(self) -> None:
        self._root = _Node()
        self.all: list[Route] = []

    def get(self, pattern: str, *, public: bool = True, scopes: tuple[str, ...] = ()) -> Register:
        """Register a read; `public=False` answers 401 without a token."""
        return self._register("GET", pattern, public, scopes)

    def post(self, pattern: str, *, public: bool = False, scopes: tuple[str, ...] = ()) -> Register:
        """Register a POST."""
        return self._register("POST", pattern, public, scopes)

    def put(self, pattern: str, *, public: bool = False, scopes: tuple[str, ...] = ()) -> Register:
        """Register a PUT."""
        return self._register("PUT", pattern, public, scopes)

    def patch(self, pattern: str, *, public: bool = False, scopes: tuple[str, ...] = ()) -> Register:
        """Register a PATCH."""
        return self._register("PATCH", pattern, public, scopes)

    def delete(self, pattern: str, *, public: bool = False, scopes: tuple[str, ...] = ()) -> Register:
        """Register a DELETE."""
        return self._register("DELETE", pattern, public, scopes)

    def match(self, method: str, raw_path: str) -> tuple[Route | None, dict[str, str], frozenset[str]]:
        """The route for a raw (still quoted) path below /api/v4, its path parameters, and the methods that exist."""
        segments = raw_path.strip("/").split("/")
        found = _walk(self._root, segments, 0, ())
        if found is None:
            return None, {}, frozenset()
        node, values = found
        route = node.routes.get("GET" if method == "HEAD" else method)
        if route is None:
            return None, {}, frozenset(node.routes)
        return route, dict(zip(route.names, values, strict=True)), frozenset(node.routes)

    def _register(self, method: str, pattern: str, public: bool, scopes: tuple[str, ...]) -> Register:
        def register(function: Function) -> Function:
            node, names = self._root, []
            for segment in pattern.strip("/").split("/"):
                if segment.startswith(":"):
                    names.append(segment[1:])
                    node.parameter = node = node.parameter or _Node()
                elif segment.startswith("*"):
                    names.append(segment[1:])
                    node.rest = node = node.rest or _Node()
                else:
                    node = node.children.setdefault(segment, _Node())
            route = Route(method, pattern, function, tuple(names), public, scopes)
            if method in node.routes:
                raise ValueError(f"{method} {pattern} is registered twice")
            node.routes[method] = route
            self.all.append(route)
            return function

        return register


def _walk(node: _Node, segments: list[str], at: int, values: tuple[str, ...]) -> tuple[_Node, tuple[str, ...]] | None:
    if at == len(segments):
        return (node, values) if node.routes else None
    segment = segments[at]
    child = node.children.get(segment)
    found = _walk(child, segments, at + 1, values) if child is not None else None
    if found is None and node.parameter is not None and segment:
        found = _walk(node.parameter, segments, at + 1, (*values, unquote(segment)))
    if found is None and node.rest is not None and segment:
        return node.rest, (*values, unquote("/".join(segments[at:])))
    return found


routes = Routes()
