"""Walking a story: every step asked, every answer held against the facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

from tests.sandbox.conformity import headers, rereading
from tests.sandbox.conformity.clients import Clients
from tests.sandbox.conformity.facts import Facts, RouteFacts
from tests.sandbox.conformity.kinds import parse
from tests.sandbox.conformity.probes import path_names, probes
from tests.sandbox.conformity.story import Step, Values

_REST = re.compile(r"\*(\w+)")
_ONE = re.compile(r":(\w+)")
_VALUE = re.compile(r"\{(\w+)\}")

Body = Mapping[str, Any]


@dataclass(slots=True)
class Walk:
    """One story under way. `known` are the routes that are tried in other ways no more, this story's included.

    `met` are the refusals that routes gave, `given` the keys in answers that need not be there.
    """

    facts: Facts
    clients: Clients
    values: Values
    known: set[str]
    met: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    given: set[tuple[str, str]] = field(default_factory=set)

    def step(self, step: Step) -> Iterator[str]:
        """Take a step, the first time in all other ways as well; where answers differ from GitLab's."""
        facts = self.facts.routes[step.route]
        values, body = {**self.values, **filled(step.at, self.values)}, filled(step.body, self.values)
        new = step.refused is None and step.route not in self.known
        if new:
            self.known.add(step.route)
            yield from self._refusals(step.route, facts, values, body)
        method, path = located(step.route, values)
        answer = self._asked(step.route, filled(step.by, self.values), method, path, body)
        yield from (f"{method} {path}: {difference}" for difference in self._differences(step, facts, answer))
        if answer.ok:
            self._keep(step, answer)
        if new and method == "GET" and answer.status_code == 200:
            yield from self._rereadings(step, facts, values, body)

    def _refusals(self, route: str, facts: RouteFacts, values: Values, body: Body) -> Iterator[str]:
        for probe in probes(route, facts, values, body):
            method, path = located(route, probe.values)
            answer = self._asked(route, probe.who, method, path, probe.body)
            for difference in refusal_differences(answer, *probe.refusal):
                yield f"{method} {path} ({probe.why}): {difference}"

    def _rereadings(self, step: Step, facts: RouteFacts, values: Values, body: Body) -> Iterator[str]:
        who, path = filled(step.by, self.values), located(step.route, values)[1]
        told = {name: values[name] for name in path_names(step.route)}

        def ask(method: str, query: Body, **more: Any) -> requests.Response:
            return self.clients.ask(who, method, path, query, **more)

        for difference in rereading.differences(ask, facts, body, told):
            yield f"GET {path}: {difference}"

    def _asked(self, route: str, who: str, method: str, path: str, body: Body) -> requests.Response:
        answer = self.clients.ask(who, method, path, body)
        if answer.status_code >= 400:
            self.met.setdefault(route, []).append((answer.status_code, answer.json()))
        return answer

    def _differences(self, step: Step, facts: RouteFacts, answer: requests.Response) -> Iterator[str]:
        if step.refused is not None:
            yield from refusal_differences(answer, *filled(list(step.refused), self.values))
            return
        expected, status = step.answer or facts.answer, step.status or facts.status
        if answer.status_code != status:
            yield f"{answer.status_code} instead of {status}: {answer.text[:200]}"
            return
        kind = expected if expected in headers.KINDS else "json"
        yield from headers.differences(answer, kind)
        if kind == "nothing" and answer.content:
            yield f"a body: {answer.text[:80]}"
        if kind == "json":
            self.given |= set(self.facts.optional_keys(parse(expected), answer.json()))
            yield from sorted(set(self.facts.differences(parse(expected), answer.json())))

    def _keep(self, step: Step, answer: requests.Response) -> None:
        for name, said in step.keep.items():
            found, (place, _, segment) = answer.json(), said.partition("/")
            for part in place.split("."):
                found = found[int(part)] if part.isdecimal() else found[part]
            self.values[name] = str(found).split("/")[int(segment)] if segment else str(found)


def located(route: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Method and path of a route with its parameters filled in."""
    method, _, pattern = route.partition(" ")
    path = _ONE.sub(lambda match: quote(values[match[1]], safe=""), pattern)
    return method, _REST.sub(lambda match: quote(values[match[1]]), path)


def refusal_differences(answer: requests.Response, status: int, body: Any) -> Iterator[str]:
    """Where an answer is not the refusal that GitLab gives."""
    if answer.status_code != status:
        yield f"{answer.status_code} instead of {status}: {answer.text[:200]}"
        return
    yield from headers.differences(answer, "refusal")
    if answer.json() != body:
        yield f"{status} {answer.text[:300]} instead of {body}"


def filled(body: Any, values: Mapping[str, str]) -> Any:
    """`body` with the values of the story in place of their names in braces."""
    match body:
        case str():
            return _VALUE.sub(lambda match: values.get(match[1], match[0]), body)
        case Mapping():
            return {name: filled(value, values) for name, value in body.items()}
        case list():
            return [filled(value, values) for value in body]
        case _:
            return body
