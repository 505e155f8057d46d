"""What a series of transitions does to known states. Pure: it decides what the tables and the history will say."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from state.errors import StoreError


class Transition(Protocol):
    """What finding and remediation transitions have in common."""

    @property
    def key(self) -> str:
        """What moves."""

    @property
    def after(self) -> enum.StrEnum:
        """Where to."""

    @property
    def reason(self) -> str:
        """Why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One transition, with the state it left: "" for something new."""

    key: str
    before: str
    after: enum.StrEnum
    reason: str

    @property
    def moved(self) -> bool:
        """Whether the state changed, which is what the history records."""
        return self.before != self.after


def steps(states: Mapping[str, enum.StrEnum | None], transitions: Iterable[Transition]) -> tuple[Step, ...]:
    """One step per transition, in order; a key may move several times.

    `states` are the current ones, None for something new. Raises StoreError for a key that is not in it.
    """
    current = dict(states)
    taken = []
    for transition in transitions:
        if transition.key not in current:
            raise StoreError(
                f"{transition.key} cannot become {transition.after.value}: the database does not have it. "
                "Save it before it moves."
            )
        before = current[transition.key]
        taken.append(Step(transition.key, before.value if before else "", transition.after, transition.reason))
        current[transition.key] = transition.after
    return tuple(taken)
