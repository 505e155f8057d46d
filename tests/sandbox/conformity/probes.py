"""How a route refuses: what is asked of every route besides its story, and the refusal that is due."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.sandbox.conformity.facts import RouteFacts

NOWHERE = {"id": "999999", "sha": "f" * 40}
UNAUTHORIZED = (401, {"message": "401 Unauthorized"})
FORBIDDEN = (403, {"message": "403 Forbidden"})
_OWNERS = {"projects": "Project", "groups": "Group"}
_NAMES = re.compile(r"[:*](\w+)")

Refusal = tuple[int, Any]
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Probe:
    """One request that is refused: who asks, with which path parameters and body, and how."""

    why: str
    who: str
    values: Mapping[str, str]
    body: Body
    refusal: Refusal


def probes(route: str, facts: RouteFacts, values: Mapping[str, str], body: Body) -> Iterator[Probe]:
    """Every way in which `route` refuses, tried with the path parameters and body that it would accept."""
    yield Probe("an unknown token", "wrong", values, body, UNAUTHORIZED)
    yield from _logged_out(route, facts, values, body)
    yield from _narrow(route, facts, values, body)
    yield from _outside(route, facts, values, body)
    yield from _unknown(route, facts, values, body)
    yield from _without(facts, values, body)


def path_names(route: str) -> list[str]:
    """The names of a route's path parameters, in order."""
    return _NAMES.findall(route)


def _logged_out(route: str, facts: RouteFacts, values: Mapping[str, str], body: Body) -> Iterator[Probe]:
    refusal = facts.anonymous
    if refusal == "open":
        return
    if refusal is None:
        refusal = UNAUTHORIZED if not route.startswith("GET ") else _hidden(route) or UNAUTHORIZED
    yield Probe("no token", "anonymous", values, body, _refusal(refusal))


def _narrow(route: str, facts: RouteFacts, values: Mapping[str, str], body: Body) -> Iterator[Probe]:
    if "*" in facts.scopes:
        return
    description = "The request requires higher privileges than provided by the access token."
    scope = " ".join([*facts.scopes, "api", "read_api"])
    refusal = (403, {"error": "insufficient_scope", "error_description": description, "scope": scope})
    yield Probe("a token of another scope", "narrow", values, body, refusal)
    if not route.startswith("GET "):
        yield Probe("a token for reading", "reading", values, body, refusal)


def _outside(route: str, facts: RouteFacts, values: Mapping[str, str], body: Body) -> Iterator[Probe]:
    """People without a part in the project or group, and guests."""
    hidden = _hidden(route)
    if hidden is None or facts.guest == "unasked":
        return
    yield Probe("a stranger", "stranger", values, body, hidden)
    yield Probe("nothing there", "root", {**values, "id": NOWHERE["id"]}, body, hidden)
    if not route.startswith("GET ") and facts.guest != "may":
        yield Probe("a guest", "guest", values, body, _refusal(facts.guest or FORBIDDEN))


def _unknown(route: str, facts: RouteFacts, values: Mapping[str, str], body: Body) -> Iterator[Probe]:
    """Path parameters that lead nowhere, or are no numbers where numbers are due."""
    for name in path_names(route):
        lacks = facts.lacks.get(name)
        if lacks is None or name not in values:
            continue
        absent = {**values, name: NOWHERE.get(name, "999999" if values[name].isdecimal() else "no-such")}
        yield Probe(f"no such {name}", "root", absent, body, _refusal(lacks))
        if name in facts.path_numbers:
            yield Probe(f"an odd {name}", "root", {**values, name: "odd"}, body, _bad(f"{name} is invalid"))


def _without(facts: RouteFacts, values: Mapping[str, str], body: Body) -> Iterator[Probe]:
    for name in facts.needs:
        rest = {key: value for key, value in body.items() if key.removesuffix("[]") != name}
        yield Probe(f"without {name}", "root", values, rest, _bad(f"{name} is missing"))
    if len(facts.needs) > 1:
        words = ", ".join(f"{name} is missing" for name in facts.needs)
        yield Probe("without anything", "root", values, {}, _bad(words))


def _hidden(route: str) -> Refusal | None:
    """How a project or group hides from those who may not see it; None for routes of neither."""
    owner = _OWNERS.get(route.split("/")[1].split("?")[0])
    return (404, {"message": f"404 {owner} Not Found"}) if owner and "/:id" in route else None


def _bad(words: str) -> Refusal:
    return 400, {"error": words}


def _refusal(said: Any) -> Refusal:
    """A refusal as the table has it: [403, "words"], or [400, {"error": "words"}]."""
    status, body = said
    return status, {"message": body} if isinstance(body, str) else body
