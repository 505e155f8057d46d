"""What every noun of the world has: an identity, and someone who is told when it changes."""

from __future__ import annotations

from typing import Any, Protocol


class Watcher(Protocol):
    """The table that a noun stands in."""

    def before_change(self, noun: Any, field: str, value: Any) -> None:
        """`field` of `noun` is about to become `value`."""


class Noun:
    """A row of the world. Change one by assigning to its fields; collections in fields are never changed in place.

    That rule is what lets a table keep its indexes and the store its copy without anyone calling save.
    """

    __slots__ = ("_watcher",)

    id: int
    _watcher: Watcher

    def __setattr__(self, name: str, value: Any) -> None:
        watcher = getattr(self, "_watcher", None)
        if watcher is not None and name != "_watcher":
            watcher.before_change(self, name, value)
        object.__setattr__(self, name, value)
