"""What a policy file says, with the line of everything in it, and what is wrong with one that cannot be followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import BotError

FILE = ".remediation.yml"
MAX_BYTES = 64 * 1024

Place = tuple[int | str, ...]
"""Keys and positions that lead to a value."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where: `line` is 1-based."""

    line: int
    words: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}"


class PolicyError(BotError):
    """A policy that cannot be followed. `problems` holds all that were found, in the order of their lines."""

    def __init__(self, source: str, *problems: Problem) -> None:
        self.source = source
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.words)))
        super().__init__("; ".join(f"{source}: {problem}" for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Document:
    """The values of a file, as JSON could hold them, and the line of each by its place."""

    values: dict[str, Any]
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest one around it."""
        return next((self.lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in self.lines), 1)
