"""What python-gitlab models: which of it the sandbox serves, and which of that a story has used."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

import gitlab.v4.objects
from gitlab import mixins
from gitlab.base import RESTManager

from bot.sandbox.gate import Exchange
from bot.sandbox.rest import PREFIX
from bot.sandbox.routing import Route, routes

Operation = tuple[str, str]
"""A method and a path below /api/v4, with placeholders in braces."""

_OPERATIONS = (
    (mixins.ListMixin, "GET", ""),
    (mixins.GetMixin, "GET", "/{id}"),
    (mixins.GetWithoutIdMixin, "GET", ""),
    (mixins.CreateMixin, "POST", ""),
    (mixins.SetMixin, "PUT", "/{id}"),
    (mixins.DeleteMixin, "DELETE", "/{id}"),
)
_PROJECT = "/projects/{project_id}"
_ELSEWHERE: dict[Operation, Operation] = {
    ("PUT", f"{_PROJECT}/labels/{{id}}"): ("PUT", f"{_PROJECT}/labels"),
    ("PUT", "/groups/{group_id}/labels/{id}"): ("PUT", "/groups/{group_id}/labels"),
    ("POST", f"{_PROJECT}/repository/files"): ("POST", f"{_PROJECT}/repository/files/{{id}}"),
    ("POST", f"{_PROJECT}/forks"): ("POST", f"{_PROJECT}/fork"),
    ("POST", f"{_PROJECT}/pipelines"): ("POST", f"{_PROJECT}/pipeline"),
    ("POST", f"{_PROJECT}/repository/commits/{{commit_id}}/statuses"): ("POST", f"{_PROJECT}/statuses/{{commit_id}}"),
}
"""Operations for which managers override the path that their mixins would use."""


def managers() -> Iterator[tuple[str, tuple[Operation, ...]]]:
    """The library's managers with the operations that they model, by name."""
    for name, manager in inspect.getmembers(gitlab.v4.objects, inspect.isclass):
        path = getattr(manager, "_path", None)
        if issubclass(manager, RESTManager) and path:
            operations = tuple(_ELSEWHERE.get(one, one) for one in _modelled(manager, path))
            if operations:
                yield name.removesuffix("Manager"), operations


def served(operation: Operation) -> Route | None:
    """The sandbox's route for an operation."""
    method, path = operation
    return routes.match(method, re.sub(r"\{[^}]*\}", "1", path))[0]


def unserved() -> tuple[str, ...]:
    """Managers none of whose operations the sandbox serves."""
    return tuple(name for name, operations in managers() if not any(served(one) for one in operations))


def unused(requests: Iterable[Exchange]) -> tuple[str, ...]:
    """Operations that the library models and the sandbox serves, and that none of the requests used."""
    asked = {(r.method, r.path.removeprefix(PREFIX)) for r in requests if r.path.startswith(PREFIX)}
    used = {(route.method, route.pattern) for one in asked if (route := routes.match(*one)[0])}
    modelled = {route for _, operations in managers() for one in operations if (route := served(one))}
    return tuple(sorted(f"{r.method} {r.pattern}" for r in modelled if (r.method, r.pattern) not in used))


def _modelled(manager: type[RESTManager[Any]], path: str) -> Iterator[Operation]:
    for mixin, method, suffix in _OPERATIONS:
        if issubclass(manager, mixin):
            yield method, path + suffix
    if issubclass(manager, mixins.UpdateMixin):
        single = issubclass(manager, mixins.GetWithoutIdMixin)
        yield manager._update_method.name, path if single else f"{path}/{{id}}"
