"""Words for the kinds of JSON values: "integer", "null", "[string]", or the name of an entity, joined by "|"."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import Any

ANY = "any"

Kinds = frozenset[str]


def kind(value: Any) -> str:
    """The plain kind of a JSON value; lists and objects are "list" and "object"."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "object"


def parse(text: str) -> Kinds:
    """The alternatives of `text`; none for "any"."""
    return frozenset(() if text == ANY else text.split("|"))


def text(kinds: Iterable[str]) -> str:
    """Kinds as they are written down: in order, null last."""
    return "|".join(sorted(kinds, key=lambda name: (name == "null", name))) or ANY


def is_entity(name: str) -> bool:
    """Whether a kind is the name of an entity: "UserBasic", "Issue._links"."""
    return name[:1].isupper()


def is_list(name: str) -> bool:
    """Whether a kind is that of a list with known elements: "[string]"."""
    return name.startswith("[")


def element(name: str) -> str:
    """The kind of the elements of the list `name`."""
    return name[1:-1]


def expanded(pattern: str) -> list[str]:
    """`GET /{projects,groups}/:id` as one text for each of the alternatives."""
    parts = re.split(r"\{([^}]*)\}", pattern)
    choices = [part.split(",") if at % 2 else [part] for at, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*choices)]
