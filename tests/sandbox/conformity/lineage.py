"""Entities that extend others: which of them a key belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.sandbox.conformity.kinds import Kinds, element, is_entity, is_list, parse

Entities = Mapping[str, Mapping[str, Kinds]]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Entities with the kinds of their keys, and which of them extends which.

    `described` are those that GitLab's description has, all their keys with them.
    """

    entities: Entities
    parents: Mapping[str, str]
    described: frozenset[str]

    def chain(self, name: str) -> list[str]:
        """The entity and those that it extends, nearest first."""
        found = [name]
        while found[-1] in self.parents:
            found.append(self.parents[found[-1]])
        return found

    def owner(self, name: str, key: str) -> str:
        """The furthest entity in the chain of `name` that has `key`; `name` itself for an unknown key."""
        having = [one for one in self.chain(name) if key in self.entities.get(one, {})]
        return having[-1] if having else name

    def kinds(self, name: str, key: str) -> Kinds:
        """What is known of a key."""
        return self.entities.get(self.owner(name, key), {}).get(key, frozenset())

    def own(self, name: str) -> Iterator[str]:
        """Keys that no entity further up the chain has."""
        return (key for key in self.entities.get(name, {}) if self.owner(name, key) == name)


def mentioned(kinds: Iterable[str]) -> Iterator[str]:
    """The entities among `kinds`, those in lists too."""
    for name in kinds:
        inner = element(name) if is_list(name) else name
        if is_entity(inner):
            yield inner


def entities_of(answer: str) -> Iterator[str]:
    """The entities that an answer of that kind consists of."""
    return mentioned(parse(answer))
