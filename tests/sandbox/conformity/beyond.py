"""What GitLab's description and the recordings lack or have wrong, as read elsewhere and written down by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sandbox.conformity.kinds import Kinds, expanded, parse

_NOTES = frozenset({"routes", "source", "why"})


@dataclass(frozen=True, slots=True)
class Beyond:
    """Facts of routes; kinds of entities' keys; entities that extend another; keys that answers may be without.

    `absent` has "sometimes" or "never" for each such key.
    """

    routes: Mapping[str, Mapping[str, Any]]
    entities: Mapping[str, Mapping[str, Kinds]]
    parents: Mapping[str, str]
    absent: Mapping[str, Mapping[str, str]]


def _add(known: dict[str, Any], said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if name not in _NOTES:
            known[name] = known.get(name, {}) | value if isinstance(value, dict) else value


def read(path: Path) -> Beyond:
    """The table in `path`; braces in the name of a route or entity stand for each of the alternatives in them."""
    table = json.loads(path.read_text("utf-8"))
    routes: dict[str, dict[str, Any]] = {}
    for said in table["routes"]:
        for route in (one for pattern in said["routes"] for one in expanded(pattern)):
            _add(routes.setdefault(route, {}), said)
    entities: dict[str, dict[str, Kinds]] = {}
    for said in table["entities"]:
        for entity in expanded(said["entity"]):
            entities.setdefault(entity, {}).update({key: parse(kinds) for key, kinds in said["keys"].items()})
    absent: dict[str, dict[str, str]] = {}
    for often in ("sometimes", "never"):
        for said in table[often]:
            for entity in expanded(said["entity"]):
                absent.setdefault(entity, {}).update(dict.fromkeys(said["keys"], often))
    return Beyond(routes, entities, table["parents"], absent)
