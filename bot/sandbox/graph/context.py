"""What every resolver knows besides its own object: the world and who asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import GraphQLResolveInfo

from bot.sandbox.world import User, World

Resolver = Callable[..., Any]
Resolvers = Mapping[str, Mapping[str, Resolver]]
"""Type name to field name to resolver; a field without one is an attribute of its object, in snake case."""

_RAILS_NAMES = {"Namespace": "Group", "Label": "ProjectLabel", "Member": "ProjectMember"}


@dataclass(frozen=True, slots=True)
class Context:
    """One query. `score` is its complexity, `limit` the most that it may have."""

    world: World
    viewer: User | None
    score: int
    limit: int


Info = GraphQLResolveInfo[Context]


def attribute(source: Any, info: Info, **_arguments: Any) -> Any:
    """The resolver of fields without one: mappings are read by GraphQL's own names, objects by attribute."""
    if isinstance(source, Mapping):
        return source[info.field_name]
    return getattr(source, _snake(info.field_name))


def global_id(source: Any, _info: Info) -> str:
    """GitLab's global id, such as `gid://gitlab/Project/7`."""
    name = type(source).__name__
    return f"gid://gitlab/{_RAILS_NAMES.get(name, name)}/{source.id}"


def numeric_id(value: str) -> int:
    """The number at the end of a global id, 0 for something else."""
    number = value.rpartition("/")[2]
    return int(number) if number.isdecimal() else 0


@cache
def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: "_" + m[1].lower(), name)
