"""Stories: what is asked of a seeded sandbox, one step after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.server import Sandbox

Values = dict[str, str]
Seed = Callable[[Sandbox], Values]


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a route and what it should answer.

    Texts in `body` may name values of the story in braces; `at` are path parameters that differ from the story's;
    `keep` names values that later steps need, each with its place in the answer: "notes.0.id", or "url/2" for the
    second part of the path that is there.
    `refused` is the status and body of a refusal that the step is about; without, the route's own answer is due,
    or one of another `status` or kind of `answer`. `by` names a client, or is a token.
    """

    route: str
    body: Mapping[str, Any] = field(default_factory=dict)
    at: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[int, Any] | None = None
    status: int | None = None
    answer: str = ""
    by: str = "root"


@dataclass(frozen=True, slots=True)
class Story:
    """Steps in a sandbox of its own; `seed` fills it and gives the path parameters by name."""

    name: str
    seed: Seed
    steps: tuple[Step, ...]
