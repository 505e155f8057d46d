"""What recorded answers show of entities: the kinds of their keys' values, and which keys are always there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.conformity.kinds import Kinds, element, is_entity, is_list, kind, parse
from tests.sandbox.conformity.lineage import Lineage


@dataclass(slots=True)
class Seen:
    """One entity in recordings: how often, how often with which keys, of which kinds."""

    times: int = 0
    keys: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(slots=True)
class Observations:
    """Everything that recordings show, by the entity that a key belongs to."""

    lineage: Lineage
    seen: dict[str, Seen] = field(default_factory=lambda: defaultdict(Seen))

    def note(self, answer: str, body: Any) -> None:
        """Take an answer of kind `answer` into account."""
        self._note(answer, parse(answer), body)

    def _note(self, place: str, expected: Kinds, value: Any) -> Kinds:
        """The kind of `value` in the words of `expected`, what is inside noted; `place` names an unknown entity."""
        match value:
            case list():
                inner = frozenset(element(name) for name in expected if is_list(name))
                found = {name for item in value for name in self._note(place, inner, item)}
                return frozenset(f"[{name}]" for name in found) or frozenset({"list"})
            case dict():
                entity = next((name for name in sorted(expected) if is_entity(name)), None)
                if entity is None and "object" in expected:
                    return frozenset({"object"})
                self._note_entity(entity or place, value)
                return frozenset({entity or place})
            case _:
                return frozenset({kind(value)})

    def _note_entity(self, name: str, value: Mapping[str, Any]) -> None:
        for one in self.lineage.chain(name):
            self.seen[one].times += 1
        for key, inner in value.items():
            owner = self.lineage.owner(name, key)
            found = self._note(f"{owner}.{key}", self.lineage.kinds(name, key), inner)
            self.seen[owner].keys[key] += 1
            self.seen[owner].kinds[key] |= found
