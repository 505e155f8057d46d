"""The compact tables as the walk uses them: what each route answers, and which keys of which kind an entity has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.sandbox.conformity.kinds import ANY, Kinds, element, is_entity, is_list, kind, parse

TABLES = Path(__file__).resolve().parents[2] / "data" / "gitlab"
PARENT = "<"
SOMETIMES = "?"


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """What is known of a route: the status and kind of its answer, how it refuses, what it needs.

    `refusals` are the statuses that the description names, `unmet` those of them that the sandbox has no cause for,
    `recorded` are refusals word for word. `anonymous` is "open" to all, or how callers without a token are refused;
    `guest` is "may", "unasked" or how guests are refused; `lacks` is how path parameters that lead nowhere are refused.
    `scopes` are those of a token that do besides api and read_api, "*" for all. `head` is the status of HEAD. `paged`
    is "counted", "uncounted" or "no"; `defaults` are the parameters that links repeat, None where they are unknown.
    """

    status: int
    answer: str
    refusals: tuple[int, ...] = ()
    unmet: tuple[int, ...] = ()
    recorded: tuple[tuple[int, Any], ...] = ()
    needs: tuple[str, ...] = ()
    path_numbers: tuple[str, ...] = ()
    anonymous: Any = None
    guest: Any = None
    lacks: Mapping[str, Any] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    head: int = 200
    paged: str = "no"
    defaults: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Routes by "GET /projects/:id", entities by name with the kinds of their keys; "key?" need not be there."""

    routes: Mapping[str, RouteFacts]
    entities: Mapping[str, Mapping[str, Kinds]]

    def differences(self, expected: Kinds, value: Any, place: str = "") -> Iterator[str]:
        """Where `value` is not of one of the kinds `expected`; nothing is expected of "any"."""
        match value:
            case dict() if entity := self._likely(expected, value):
                yield from self._of_entity(entity, value, place)
            case list() if inner := _elements(expected):
                for item in value:
                    yield from self.differences(inner, item, f"{place}[]")
            case _ if expected and not _fits(kind(value), expected):
                yield f"{place}: {kind(value)} instead of {'|'.join(sorted(expected))}"

    def optional_keys(self, expected: Kinds, value: Any) -> Iterator[tuple[str, str]]:
        """The keys in `value` that need not be there, each with its entity."""
        match value:
            case dict() if entity := self._likely(expected, value):
                for key, kinds in self.entities[entity].items():
                    name = key.removesuffix(SOMETIMES)
                    if name in value and name != key:
                        yield entity, name
                    yield from self.optional_keys(kinds, value.get(name))
            case list():
                for item in value:
                    yield from self.optional_keys(_elements(expected), item)

    def _likely(self, expected: Kinds, value: Mapping[str, Any]) -> str | None:
        """The entity among those expected that `value` comes closest to; None when none is expected."""
        names = [name for name in sorted(expected) if is_entity(name)]
        if len(names) < 2:
            return names[0] if names else None
        return min(names, key=lambda name: len(list(self._of_entity(name, value, ""))))

    def _of_entity(self, entity: str, value: Mapping[str, Any], place: str) -> Iterator[str]:
        known = self.entities[entity]
        names = {key.removesuffix(SOMETIMES) for key in known}
        yield from (f"{place}.{key}: unknown key of {entity}" for key in value if key not in names)
        for key, kinds in known.items():
            name = key.removesuffix(SOMETIMES)
            if name in value:
                yield from self.differences(kinds, value[name], f"{place}.{name}")
            elif name == key:
                yield f"{place}.{name}: missing key of {entity}"


def _elements(expected: Kinds) -> Kinds:
    inner = frozenset(element(name) for name in expected if is_list(name))
    return parse(ANY) if ANY in inner else inner


def _fits(found: str, expected: Kinds) -> bool:
    return found in expected or (found == "integer" and "number" in expected)


@cache
def load(folder: Path = TABLES) -> Facts:
    """The tables as they are written down."""
    routes = json.loads((folder / "routes.json").read_text("utf-8"))
    entities = json.loads((folder / "entities.json").read_text("utf-8"))
    known = {name: _keys(name, entities) for name in entities}
    return Facts({name: _route(said) for name, said in routes.items()}, known)


def _route(said: Mapping[str, Any]) -> RouteFacts:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return RouteFacts(**values)


def _keys(name: str, entities: Mapping[str, Mapping[str, str]]) -> dict[str, Kinds]:
    said = dict(entities[name])
    inherited = _keys(said.pop(PARENT), entities) if PARENT in said else {}
    return inherited | {key: parse(kinds) for key, kinds in said.items()}
