"""The same deed on an issue or on a merge request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.rules import issues, merge_requests
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.world import Issue, User, World


def edit(world: World, actor: User, issuable: Issuable, wanted: Mapping[str, Any]) -> None:
    """Change fields."""
    if isinstance(issuable, Issue):
        issues.edit(world, actor, issuable, wanted)
    else:
        merge_requests.edit(world, actor, issuable, wanted)


def close(world: World, actor: User, issuable: Issuable) -> None:
    """Close it."""
    if isinstance(issuable, Issue):
        issues.close(world, actor, issuable)
    else:
        merge_requests.close(world, actor, issuable)


def reopen(world: World, actor: User, issuable: Issuable) -> None:
    """Open it again."""
    if isinstance(issuable, Issue):
        issues.reopen(world, actor, issuable)
    else:
        merge_requests.reopen(world, actor, issuable)
