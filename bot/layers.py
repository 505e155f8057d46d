"""Where settings are written: a TOML file, environment variables; read into plain values, laid over each other."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.errors import ConfigError

PREFIX = "BOT_"

Layer = tuple[str, dict[str, Any]]
"""A place for people, and the values that were written there."""


def text(file: Path) -> str:
    """The text of a file. Raises ConfigError."""
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: cannot be read: byte {error.start} is not UTF-8") from error


def toml(file: Path) -> dict[str, Any]:
    """The values of a TOML file. Raises ConfigError."""
    try:
        return tomllib.loads(text(file))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error


def environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """The values of `BOT_*` variables, nested by two underscores. Raises ConfigError."""
    values: dict[str, Any] = {}
    # Sorted: a whole section (as JSON) comes before what is set inside it.
    for key, written in sorted(environ.items()):
        if not key.startswith(PREFIX):
            continue
        *sections, name = key.removeprefix(PREFIX).lower().split("__")
        place = values
        for section in sections:
            place = place.setdefault(section, {})
            if not isinstance(place, dict):
                raise ConfigError(f"{key}: {section} has a value of its own in another variable; set one of the two")
        place[name] = _value(key, written)
    return values


def _value(key: str, written: str) -> Any:
    if not written.lstrip().startswith(("{", "[")):
        return written
    try:
        return json.loads(written)
    except ValueError as error:
        raise ConfigError(f"{key}: not valid JSON: {error}") from error


def merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    """Lay `over` over `base`, in place: sections are joined, any other value is replaced."""
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict):
            merge(base[key], value)
        else:
            base[key] = dict(value) if isinstance(value, Mapping) else value


def problem(layers: Sequence[Layer], loc: tuple[int | str, ...], message: str, kind: str) -> str:
    """One line: where the value came from, its name, what is wrong. Values are left out, they may be secrets."""
    place = next((name for name, values in reversed(layers) if _holds(values, loc)), "configuration")
    said = "there is no such setting" if kind == "extra_forbidden" else message
    return f"{place}: {'.'.join(str(part) for part in loc)}: {said}"


def _holds(values: Mapping[str, Any], loc: tuple[int | str, ...]) -> bool:
    head, rest = loc[0], loc[1:]
    if head not in values:
        return False
    inner = values[str(head)]
    return _holds(inner, rest) if rest and isinstance(inner, Mapping) else True
