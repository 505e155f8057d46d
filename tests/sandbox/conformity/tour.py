"""All stories, walked once: what was found, which refusals were met, which optional keys were given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.server import Sandbox
from tests.sandbox.conformity.clients import clients
from tests.sandbox.conformity.facts import Facts
from tests.sandbox.conformity.story import Story
from tests.sandbox.conformity.walk import Walk


@dataclass(slots=True)
class Tour:
    """What came out of the stories: differences and crashes by story, refusals by route, keys with their entity."""

    differences: dict[str, list[str]] = field(default_factory=dict)
    refusals: dict[str, list[tuple[int, Any]]] = field(default_factory=lambda: defaultdict(list))
    given: set[tuple[str, str]] = field(default_factory=set)


def made(stories: Sequence[Story], facts: Facts) -> Tour:
    """Walk every story, each in a sandbox of its own. The first story about a route tries it in all ways."""
    tour = Tour()
    known: set[str] = set()
    for story in stories:
        with Sandbox() as sandbox, clients(sandbox) as people:
            walk = Walk(facts, people, story.seed(sandbox), known)
            found = [difference for step in story.steps for difference in walk.step(step)]
            tour.differences[story.name] = [*found, *(repr(error) for error in sandbox.errors)]
        tour.given |= walk.given
        for route, refusals in walk.met.items():
            tour.refusals[route] += refusals
    return tour
