"""Nouns as JSON and back, driven by their type annotations, so that a noun and its stored form cannot drift apart."""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

Decode = Callable[[typing.Any], typing.Any]


def encode(value: object) -> str:
    """`value` (nouns, tuples, mappings, enums, times, plain JSON values) as compact JSON; equal values give equal text.

    Lone surrogates and NUL, which no database stores as text, come out escaped.
    """
    return json.dumps(value, default=_plain, separators=(",", ":"), sort_keys=True)


def decode(kind: object, text: str | bytes) -> typing.Any:
    """The value of type `kind` that `encode` wrote. A field that the text lacks takes its default."""
    return _decoder(kind)(json.loads(text))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return utc(value).isoformat()
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no stored form")


def utc(value: datetime) -> datetime:
    """The same instant in UTC. ValueError for a time without a zone: nobody can say when that was."""
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value.astimezone(UTC)


@functools.cache
def _decoder(kind: typing.Any) -> Decode:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return _optional(next(argument for argument in arguments if argument is not types.NoneType))
    if origin is tuple:
        return _tuple(arguments)
    if kind is datetime:
        return datetime.fromisoformat
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _noun(kind)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind
    return _same


def _same(value: typing.Any) -> typing.Any:
    return value


def _optional(kind: object) -> Decode:
    inner = _decoder(kind)
    return lambda value: None if value is None else inner(value)


def _tuple(items: tuple[typing.Any, ...]) -> Decode:
    """Of one type and any length, or of strings and numbers at fixed places."""
    inner = _decoder(items[0])
    if inner is _same:
        return tuple
    return lambda values: tuple([inner(value) for value in values])


def _noun(kind: type) -> Decode:
    hints = typing.get_type_hints(kind)
    decoders = {field.name: _decoder(hints[field.name]) for field in dataclasses.fields(kind)}
    return lambda stored: kind(**{name: decoders[name](value) for name, value in stored.items() if name in decoders})
