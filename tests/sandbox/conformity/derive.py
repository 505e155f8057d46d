"""The compact tables: from GitLab's description, from recorded answers, and from what was written down beyond them.

`python -m tests.sandbox.conformity.derive` writes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox import site as _site  # noqa: F401 - importing it registers the routes
from bot.sandbox.routing import routes
from tests.sandbox.conformity import beyond, openapi, paging, recorded
from tests.sandbox.conformity.beyond import Beyond
from tests.sandbox.conformity.kinds import Kinds, is_list, text
from tests.sandbox.conformity.lineage import Lineage, entities_of, mentioned
from tests.sandbox.conformity.observed import Observations
from tests.sandbox.conformity.openapi import Operation, plain
from tests.sandbox.conformity.recorded import Recorded

TABLES = Path(__file__).resolve().parents[2] / "data" / "gitlab"
SHARED = Path(__file__).resolve().parents[4] / "shared" / "gitlab-api"

Json = dict[str, Any]


@dataclass(slots=True)
class Tables:
    """What is written down: routes and entities."""

    routes: Json = field(default_factory=dict)
    entities: Json = field(default_factory=dict)


def tables(ground: Path, said: Beyond, names: Iterable[str]) -> Tables:
    """The facts about the routes `names` and the entities in their answers."""
    description = openapi.read(ground / "openapi" / "gitlab-openapi-v2-18.4.yaml")
    answers = recorded.read(ground / "examples")
    made = Tables()
    for name in sorted(names):
        of_route = [one for one in answers if one.route == plain(name)]
        operation = description.operations.get(plain(name))
        route = {**_route(operation, of_route), **said.routes.get(name, {})}
        made.routes[name] = paging.facts(name, route["answer"], operation, of_route) | route
    lineage = Lineage(_known(description.entities, said), said.parents, frozenset(description.entities))
    seen = Observations(lineage)
    for name, route in made.routes.items():
        for one in answers:
            if one.route == plain(name) and one.status < 300 and isinstance(one.body, list | dict):
                seen.note(route["answer"], one.body)
    made.entities = _entities(lineage, seen, said, [route["answer"] for route in made.routes.values()])
    return made


def _known(described: dict[str, dict[str, Kinds]], said: Beyond) -> dict[str, dict[str, Kinds]]:
    known = {name: dict(keys) for name, keys in described.items()}
    for name, keys in said.entities.items():
        known.setdefault(name, {}).update(keys)
    return known


def _route(operation: Operation | None, answers: Sequence[Recorded]) -> Json:
    """What description and recordings say of one route; the recordings are right where they differ."""
    happy = [one for one in answers if one.status < 300]
    status = happy[0].status if happy else operation.status if operation else 200
    facts: Json = {"status": status, "answer": _answer(status, operation, happy)}
    if operation is not None:
        facts |= {"refusals": list(operation.refusals), "needs": list(operation.needed)}
        facts |= {"path_numbers": list(operation.path_numbers)}
    # An example that leaves something out, "<40 hex>", is no word for word.
    refused = {json.dumps([one.status, one.body]) for one in answers if one.status >= 400}
    if messages := sorted(message for message in refused if "<" not in message):
        facts["recorded"] = [json.loads(message) for message in messages]
    return {name: value for name, value in facts.items() if value not in ([], {})}


def _answer(status: int, operation: Operation | None, happy: Sequence[Recorded]) -> str:
    if status == 204:
        return "nothing"
    entity = operation.answer if operation else None
    many = any(isinstance(one.body, list) for one in happy) or (operation is not None and operation.many)
    return f"[{entity or 'any'}]" if many else entity or "any"


def _entities(lineage: Lineage, seen: Observations, said: Beyond, answers: Iterable[str]) -> Json:
    found: Json = {}
    todo = sorted({*said.entities, *(name for answer in answers for name in entities_of(answer))})
    while todo:
        name = todo.pop()
        if name in found:
            continue
        keys = {key: _merged(lineage, seen, said, name, key) for key in _keys(lineage, seen, name)}
        absent = said.absent.get(name, {})
        found[name] = {
            key + ("?" if absent.get(key) == "sometimes" else ""): text(kinds)
            for key, kinds in keys.items()
            if absent.get(key) != "never"
        }
        inner = [kinds for key, kinds in keys.items() if absent.get(key) != "never"]
        todo += {one for kinds in inner for one in mentioned(kinds)}
        if name in said.parents:
            found[name] = {"<": said.parents[name], **found[name]}
            todo.append(said.parents[name])
    return dict(sorted(found.items()))


def _keys(lineage: Lineage, seen: Observations, name: str) -> list[str]:
    """The description knows all keys of the entities that it has: what only recordings have was dropped since."""
    own = list(lineage.own(name))
    return (
        own if name in lineage.described else [*own, *(key for key in sorted(seen.seen[name].keys) if key not in own)]
    )


def _merged(lineage: Lineage, seen: Observations, said: Beyond, name: str, key: str) -> Kinds:
    """The kinds of a key: as written down by hand, else as observed, else as described."""
    if key in said.entities.get(name, {}):
        return said.entities[name][key]
    known, observed = lineage.kinds(name, key), frozenset(seen.seen[name].kinds.get(key, ()))
    null = observed & {"null"}
    value = observed - null
    if "list" in value:
        value = value - {"list"} or frozenset(one for one in known if is_list(one)) or frozenset({"list"})
    if "number" in value | known:
        value -= {"integer"}
    return (value or known) | null


def write(made: Tables, folder: Path) -> None:
    """Write the tables, one fact a line."""
    for name, table in (("routes", made.routes), ("entities", made.entities)):
        lines = [f" {json.dumps(key)}: {_block(value)}" for key, value in table.items()]
        (folder / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def _block(value: Json) -> str:
    lines = [f"  {json.dumps(key)}: {json.dumps(inner)}" for key, inner in value.items()]
    return "{\n" + ",\n".join(lines) + "\n }"


def every_route() -> list[str]:
    """The sandbox's routes, as "GET /projects/:id"."""
    return [f"{route.method} {route.pattern}" for route in routes.all]


if __name__ == "__main__":
    write(tables(SHARED, beyond.read(TABLES / "beyond.json"), every_route()), TABLES)
