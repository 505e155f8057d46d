"""The policy that holds for a project: the bot's own, then its group's, then the project's own file. Pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from bot import layers
from bot.policy.document import Document, PolicyError, Problem
from bot.policy.model import Policy, wrong

Settings = Mapping[str, Any]
"""What one layer says, as JSON could hold it; what it does not say is absent."""

# Exceptions add up: a project's own do not take away those of its group.
JOINED = ("ignore",)


def settings(data: bytes, source: str) -> Settings:
    """What a policy file says. Raises PolicyError with every problem in it, each with its line."""
    from bot.policy.yaml_document import read  # most projects have no policy file, and YAML takes 15 ms

    document = read(data, source)
    try:
        policy = Policy.model_validate_json(json.dumps(document.values), strict=True)
    except ValidationError as error:
        raise PolicyError(source, *_problems(document, error)) from error
    return said(policy)


def said(policy: Policy) -> Settings:
    """What of a policy was set, rather than left at its default."""
    return policy.model_dump(mode="json", exclude_unset=True, include=set(Policy.model_fields))


def resolve(given: Iterable[Settings]) -> Policy:
    """The policy of these layers: later ones win, setting by setting; exceptions are joined."""
    merged: dict[str, Any] = {}
    for layer in given:
        joined = {name: [*merged.get(name, ()), *layer[name]] for name in JOINED if name in layer}
        layers.merge(merged, {**layer, **joined})
    return Policy.model_validate_json(json.dumps(merged), strict=True)


def _problems(document: Document, error: ValidationError) -> Iterable[Problem]:
    for each in error.errors(include_url=False):
        place = each["loc"]
        name = ".".join(str(part) for part in place)
        words = wrong(each)
        if each["type"] == "extra_forbidden":
            words = f"there is no such setting{_near(place)}"
        yield Problem(document.line(place), f"{name}: {words}" if name else words)


def _near(place: Sequence[int | str]) -> str:
    """A setting that may have been meant."""
    fields: type[BaseModel] | None = Policy
    for part in place[:-1]:
        fields = _section(fields, part)
    known = () if fields is None else tuple(fields.model_fields)
    (meant, *_) = (*difflib.get_close_matches(str(place[-1]), known, 1), "")
    return f"; did you mean {meant}?" if meant else ""


def _section(fields: type[BaseModel] | None, part: int | str) -> type[BaseModel] | None:
    if isinstance(part, int):
        return fields  # a list's own section was found by its name
    field = None if fields is None else fields.model_fields.get(part)
    kinds = () if field is None else (field.annotation, *getattr(field.annotation, "__args__", ()))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
