"""Which configuration project a project inherits from, and what was read of each: once in a sweep."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.errors import BotError
from bot.policy.resolve import Settings


@dataclass(slots=True)
class Inheritance:
    """`projects` maps a group's path ("" for all) to its configuration project. Safe to share between threads."""

    projects: Mapping[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _read: dict[str, Settings | BotError] = field(default_factory=dict, repr=False)

    def source(self, path: str) -> str | None:
        """The configuration project of the nearest group around a project, None for none."""
        groups = [group for group in self.projects if not group or f"{path}/".startswith(f"{group}/")]
        return self.projects[max(groups, key=len)] if groups else None

    def once(self, source: str, read: Callable[[], Settings]) -> Settings:
        """What a configuration project says. Raises the BotError of `read`, again for each that asks."""
        with self._lock:
            if source not in self._read:
                try:
                    self._read[source] = read()
                except BotError as error:
                    self._read[source] = error
            found = self._read[source]
        if isinstance(found, BotError):
            raise found
        return found
