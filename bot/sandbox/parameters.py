"""Request parameters: query, JSON, form and multipart merged, with Rails' nesting and Grape's complaints."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bot.sandbox.errors import ApiError

_BRACKETS = re.compile(r"\[([^\]]*)\]")
_TRUE = frozenset({"true", "1", "t", "yes", "on"})
_FALSE = frozenset({"false", "0", "f", "no", "off", ""})


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Flat pairs as Rack nests them: `a[]=1&a[]=2` is a list, `a[b]=1` a mapping, `a[][b]=1` a list of mappings."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        head, _, rest = name.partition("[")
        _place(result, head, _BRACKETS.findall("[" + rest) if rest else [], value)
    return result


def _place(into: dict[str, Any], key: str, rest: list[str], value: Any) -> None:
    if not rest:
        into[key] = value
    elif rest[0]:
        child = into.setdefault(key, {})
        if isinstance(child, dict):
            _place(child, rest[0], rest[1:], value)
    else:
        items = into.setdefault(key, [])
        if not isinstance(items, list):
            return
        if len(rest) == 1:
            items.append(value)
        else:
            _place_in_list(items, rest[1:], value)


def _place_in_list(items: list[Any], rest: list[str], value: Any) -> None:
    # Rack starts a new mapping when the current one has the key already.
    if not items or not isinstance(items[-1], dict) or (len(rest) == 1 and rest[0] in items[-1]):
        items.append({})
    _place(items[-1], rest[0], rest[1:], value)


def invalid(name: str) -> ApiError:
    """Grape's answer to a value of the wrong type."""
    return ApiError(400, {"error": f"{name} is invalid"})


@dataclass(frozen=True, slots=True)
class File:
    """A file in a multipart form."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Parameters:
    """Typed reading of merged parameters. Every getter raises ApiError 400 with Grape's words for a bad value."""

    values: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def raw(self, name: str) -> Any:
        """The value as it came, None when absent."""
        return self.values.get(name)

    def need(self, *names: str) -> None:
        """Complain about every one of `names` that is missing, as Grape does, in one line."""
        missing = [f"{name} is missing" for name in names if name not in self.values]
        if missing:
            raise ApiError(400, {"error": ", ".join(missing)})

    def need_one(self, *names: str) -> None:
        """Complain unless at least one of `names` is given."""
        if not any(name in self.values for name in names):
            raise ApiError(400, {"error": f"{', '.join(names)} are missing, at least one parameter must be provided"})

    def at_most_one(self, *names: str) -> None:
        """Complain when more than one of `names` is given."""
        given = [name for name in names if name in self.values]
        if len(given) > 1:
            raise ApiError(400, {"error": f"{', '.join(given)} are mutually exclusive"})

    def text(self, name: str) -> str | None:
        """A string; None when absent or null."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, str | int | float):
            raise invalid(name)
        return str(value)

    def needed(self, name: str) -> str:
        """A string that must be there and not be blank."""
        self.need(name)
        value = self.text(name)
        if not value or not value.strip():
            raise ApiError(400, {"error": f"{name} is empty"})
        return value

    def file(self, name: str) -> File:
        """A file that must be there."""
        self.need(name)
        value = self.values[name]
        if not isinstance(value, File):
            raise invalid(name)
        return value

    def integer(self, name: str) -> int | None:
        """A whole number; None when absent, null or empty."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise invalid(name)
        try:
            return int(value)
        except ValueError:
            raise invalid(name) from None

    def number(self, name: str) -> float | None:
        """A number; None when absent, null or empty."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            return float(value)
        except (TypeError, ValueError):
            raise invalid(name) from None

    def boolean(self, name: str) -> bool | None:
        """A truth value; None when absent or null."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        folded = str(value).lower()
        if folded in _TRUE:
            return True
        if folded in _FALSE:
            return False
        raise invalid(name)

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        """One of a few words; None when absent."""
        value = self.text(name)
        if value is not None and value not in allowed:
            raise ApiError(400, {"error": f"{name} does not have a valid value"})
        return value

    def time(self, name: str) -> datetime | None:
        """An ISO 8601 time or date, UTC where no zone is given; None when absent or empty."""
        value = self.text(name)
        if not value:
            return None
        try:
            parsed = datetime.fromisoformat(value.replace(" ", "+") if "T" in value else value)
        except ValueError:
            raise invalid(name) from None
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)

    def date(self, name: str) -> date | None:
        """A calendar date; None when absent or empty."""
        value = self.text(name)
        if not value:
            return None
        try:
            return datetime.fromisoformat(value).date()
        except ValueError:
            raise invalid(name) from None

    def strings(self, name: str) -> tuple[str, ...] | None:
        """A list, as JSON array, `name[]=…` or comma-separated text; None when absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        if isinstance(value, list):
            return tuple(str(part) for part in value if part not in (None, ""))
        return (str(value),)

    def integers(self, name: str) -> tuple[int, ...] | None:
        """A list of whole numbers, in any of the forms of `strings`; None when absent."""
        values = self.strings(name)
        if values is None:
            return None
        try:
            return tuple(int(value) for value in values)
        except ValueError:
            raise invalid(name) from None
