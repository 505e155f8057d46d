"""GitLab's OpenAPI description of its API, reduced to what the walk needs to know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.sandbox.conformity.kinds import Kinds

_METHODS = ("get", "post", "put", "patch", "delete")
_PLAIN = {"integer", "number", "boolean", "object"}
# Grape writes "string" where nobody said what it is; only an example, a format or a choice makes it one.
_SAID = ("example", "format", "enum")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `answer` is an entity or None; `many` says that the description calls it a list."""

    status: int
    answer: str | None
    many: bool
    refusals: tuple[int, ...]
    needed: tuple[str, ...]
    path_numbers: tuple[str, ...]
    defaults: Mapping[str, str]


@dataclass(slots=True)
class Description:
    """Operations by route in the form of `plain`, entities with the kinds of their keys."""

    operations: dict[str, Operation] = field(default_factory=dict)
    entities: dict[str, dict[str, Kinds]] = field(default_factory=dict)


def plain(route: str) -> str:
    """A route without the names of its parameters: "GET /projects/:/issues"."""
    path = re.sub(r"\?.*", "", route)
    return re.sub(r"\{[^}]*\}|[:*][a-z_]+", ":", path)


@cache
def read(path: Path) -> Description:
    """The description in `path`."""
    document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    definitions = document["definitions"]
    description = Description()
    for url, item in document["paths"].items():
        for method in set(_METHODS) & set(item):
            route = plain(f"{method.upper()} {url.removeprefix('/api/v4')}")
            description.operations[route] = _operation(item[method], definitions)
    for name, definition in definitions.items():
        if "Entit" in name:
            _entity(_named(name), definition, description.entities)
    return description


def _named(definition: str) -> str:
    return re.sub(r"^(EE_)?API_Entities_", "", definition.rsplit("/", 1)[-1])


def _operation(operation: Mapping[str, Any], definitions: Mapping[str, Any]) -> Operation:
    responses = {int(status): response for status, response in operation.get("responses", {}).items()}
    status = min((s for s in responses if s < 300), default=200)
    schema = responses.get(status, {}).get("schema", {})
    inner = schema.get("items", schema) if schema.get("type") == "array" else schema
    return Operation(
        status=status,
        answer=_named(inner["$ref"]) if "$ref" in inner else None,
        many=schema.get("type") == "array",
        refusals=tuple(sorted(s for s in responses if s >= 400)),
        needed=tuple(_needed(operation, definitions)),
        defaults=dict(_defaults(operation)),
        path_numbers=tuple(
            one["name"]
            for one in operation.get("parameters", ())
            if one["in"] == "path" and one.get("type") == "integer"
        ),
    )


def _needed(operation: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    """Parameters besides those of the path that must be given."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "body":
            body = definitions[parameter["schema"]["$ref"].rsplit("/", 1)[-1]]
            yield from (name for name in body["properties"] if name in body.get("required", ()))
        elif parameter["in"] in {"query", "formData"} and parameter.get("required"):
            yield parameter["name"]


def _defaults(operation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Parameters of the query that have a value when nobody gives one, as queries write it."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query" and "default" in parameter:
            value = parameter["default"]
            yield parameter["name"], str(value).lower() if isinstance(value, bool) else str(value)


def _entity(name: str, definition: Mapping[str, Any], found: dict[str, dict[str, Kinds]]) -> None:
    keys = found.setdefault(name, {})
    for key, said in definition.get("properties", {}).items():
        if "properties" in said:
            inner = f"{name}.{key}"
            _entity(inner, said, found)
            keys[key] = frozenset({inner})
        else:
            keys[key] = _kinds(said)


def _kinds(said: Mapping[str, Any]) -> Kinds:
    if "$ref" in said:
        # Whether it is one or a list is not said.
        name = _named(said["$ref"])
        return frozenset({name, f"[{name}]"})
    if said.get("type") == "array":
        inner = _kinds(said["items"]) if "items" in said else frozenset[str]()
        return frozenset(f"[{kind}]" for kind in inner if not kind.startswith("[")) or frozenset({"list"})
    if said.get("type") in _PLAIN:
        return frozenset({said["type"]})
    return frozenset({"string"} if any(word in said for word in _SAID) else ())
