"""Requests by kind: what a client asked of the sandbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from bot.sandbox.gate import Exchange

_GIT = ("/info/refs", "/git-upload-pack", "/git-receive-pack")
_GRAPHQL = "/api/graphql"


@dataclass(frozen=True, slots=True)
class Traffic:
    """How many requests: REST that reads and that writes, GraphQL, git over HTTP."""

    reads: int
    writes: int
    graphql: int
    git: int

    @classmethod
    def of(cls, exchanges: Iterable[Exchange]) -> Self:
        """What these requests amount to."""
        kinds = [_kind(exchange) for exchange in exchanges]
        return cls(**{kind: kinds.count(kind) for kind in ("reads", "writes", "graphql", "git")})

    def __str__(self) -> str:
        counts = ((self.reads, "reads"), (self.writes, "writes"), (self.graphql, "GraphQL"), (self.git, "git"))
        return "requests: " + ", ".join(f"{count} {kind}" for count, kind in counts if count)


def _kind(exchange: Exchange) -> str:
    if exchange.path.endswith(_GIT):
        return "git"
    if exchange.path == _GRAPHQL:
        return "graphql"
    return "writes" if exchange.write else "reads"
