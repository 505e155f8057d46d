"""The ecosystems that are handled, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from remediators.api import Registry, Remediator, Versions


@dataclass(frozen=True, slots=True)
class Ecosystems:
    """The remediators in use, and what can be asked of them by ecosystem name."""

    remediators: tuple[Remediator, ...]
    _by_name: Mapping[str, Remediator] = field(init=False, repr=False)
    _by_ecosystem: Mapping[str, Remediator] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {r.name: r for r in self.remediators})
        object.__setattr__(self, "_by_ecosystem", {r.ecosystem: r for r in self.remediators})

    def named(self, name: str) -> Remediator:
        """The remediator of a unit. Raises KeyError for a name that is not registered."""
        return self._by_name[name]

    def versions(self, ecosystem: str) -> Versions:
        """Version order of an ecosystem. Raises KeyError for one that is not registered."""
        return self._by_ecosystem[ecosystem].versions

    def registry(self, ecosystem: str) -> Registry:
        """The registry protocol of an ecosystem. Raises KeyError for one that is not registered."""
        return self._by_ecosystem[ecosystem].registry

    def names(self) -> tuple[str, ...]:
        """Every ecosystem (OSV name) that is handled, sorted."""
        return tuple(sorted(self._by_ecosystem))
