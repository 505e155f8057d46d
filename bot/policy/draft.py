"""A policy in the making: what could be taken over from another bot's configuration, and what could not. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pydantic

from bot.policy.model import Policy
from bot.policy.window import DAYS

MOST_EXCEPTIONS = 500
"""A policy file has room for about as many."""
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(slots=True)
class Draft:
    """`settings` are those of a policy file; `notes` say what has no counterpart in it."""

    settings: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def set(self, name: str, value: object) -> None:
        """A setting, where it is one that the policy accepts and that nothing else was said about."""
        taken = _acceptable(name, value)
        if taken != value:
            left = [each for each in value if each not in taken] if taken and isinstance(value, list) else value
            self.note(f"{name} {_written(left)}")
        if not taken and taken != 0:
            return
        known = self.settings.setdefault(name, taken)
        if known != taken:
            self.note(f"{name} {_written(taken)}, as {_written(known)} was given before")

    def put(self, section: str, name: str, value: object) -> None:
        """A setting within a section."""
        if _accepted({section: {name: value}}):
            self.settings.setdefault(section, {})[name] = value
        else:
            self.note(f"{section}.{name} {_written(value)}")

    def ignore(self, source: str, package: str = "", path: str = "") -> None:
        """An exception for good."""
        entry = {"package": package, "path": path, "why": f"taken over from {source}"}
        given = {name: value for name, value in entry.items() if value}
        if len(self.settings.get("ignore", ())) >= MOST_EXCEPTIONS:
            self.note(f"more than {MOST_EXCEPTIONS} exceptions")
        elif not _accepted({"ignore": [given]}):
            self.note(f"an exception for {package or path!r}")
        elif given not in self.settings.setdefault("ignore", []):
            self.settings["ignore"].append(given)

    def group(self, name: str, patterns: Iterable[str]) -> None:
        """A group of packages; its name is spelled as a policy has it."""
        title = _NOT_IN_A_NAME.sub("-", name).strip("-")[:60] or "group"
        known = self.settings.get("groups", {}).get(title, [])
        self.put("groups", title, list(dict.fromkeys((*known, *patterns))))

    def note(self, what: str) -> None:
        """Something that has no counterpart."""
        if what not in self.notes:
            self.notes.append(what)


def _acceptable(name: str, value: object) -> Any:
    """What of a setting the policy accepts: of a list its entries, of anything else all or nothing (None)."""
    if _accepted({name: value}):
        return value
    return [each for each in value if _accepted({name: [each]})] if isinstance(value, list) else None


def _written(value: object) -> str:
    """A value as it may stand in the file that it comes from."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _accepted(settings: dict[str, Any]) -> bool:
    try:
        Policy.model_validate(settings)
    except pydantic.ValidationError:
        return False
    return True


def days(names: Iterable[str]) -> str:
    """Days as the policy writes them, from names in any length."""
    short = {name.lower()[:3] for name in names} & set(DAYS)
    return ",".join(day for day in DAYS if day in short)


def strings(value: object) -> list[str]:
    """The strings of a list, or the one string that stands for it."""
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str) and each]


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
