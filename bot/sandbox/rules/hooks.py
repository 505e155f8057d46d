"""Web hooks: who may have them, and what makes a valid one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.errors import ApiError
from bot.sandbox.world import Hook, World

_VARIABLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_\-.]*$")


def create(world: World, source_type: str, source_id: int, wanted: Mapping[str, Any]) -> Hook:
    """A new hook. ApiError 422, as GitLab words it, for a URL that is none."""
    _check(wanted)
    return world.hooks.add(Hook(source_type=source_type, source_id=source_id, created_at=world.now(), **wanted))


def edit(hook: Hook, wanted: Mapping[str, Any]) -> None:
    """Change a hook; a working URL gives it a new chance. ApiError 422 as for `create`."""
    _check(wanted)
    for name, value in wanted.items():
        setattr(hook, name, value)
    if "url" in wanted:
        hook.recent_failures, hook.backoff_count, hook.disabled_until = 0, 0, None


def delete(world: World, hook: Hook) -> None:
    """Remove a hook and its deliveries."""
    for delivery in world.hook_deliveries.where(hook_id=hook.id):
        world.hook_deliveries.remove(delivery)
    world.hooks.remove(hook)


def check_key(key: str) -> str:
    """A name of a URL variable or custom header. ApiError 422 for one that cannot be."""
    if not _VARIABLE.match(key):
        raise ApiError(422, {"error": "Illegal key or value"})
    return key


def _check(wanted: Mapping[str, Any]) -> None:
    if "url" in wanted:
        parts = urlsplit(re.sub(r"\{\w+\}", "x", wanted["url"]))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ApiError(422, {"error": "Invalid url given"})
    if wanted.get("branch_filter_strategy") == "regex":
        try:
            re.compile(wanted.get("push_events_branch_filter", ""))
        except re.error as error:
            raise ApiError(422, {"error": "Invalid branch filter given"}) from error
