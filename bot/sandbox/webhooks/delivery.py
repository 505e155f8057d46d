"""Delivering: which hooks listen, sending in the background, and switching off those that keep failing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from bot.sandbox import permissions
from bot.sandbox.version import VERSION
from bot.sandbox.webhooks import request, templates
from bot.sandbox.webhooks.request import Delivered
from bot.sandbox.world import Hook, HookDelivery, Project, World

# app/models/concerns/web_hooks/auto_disabling.rb
FAILURES_BEFORE_PAUSE = 3
FAILURES_BEFORE_END = 39
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=1)
SYSTEM_TRIGGERS = frozenset({"push_events", "tag_push_events", "merge_requests_events", "repository_update_events"})


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery, ready to go."""

    hook_id: int
    trigger: str
    url: str
    headers: Mapping[str, str]
    payload: Mapping[str, Any]
    body: bytes


def listeners(world: World, project: Project, trigger: str, branch: str | None = None) -> list[Hook]:
    """Hooks of the project, of the groups above it and of the system that want `trigger` (of that branch)."""
    places = [("Project", project.id)]
    places += [("Group", group.id) for group in permissions.ancestors(world, project.namespace_id)]
    if trigger in SYSTEM_TRIGGERS:
        places.append(("System", 0))
    hooks = [hook for kind, id_ in places for hook in world.hooks.where(source_type=kind, source_id=id_)]
    return [hook for hook in hooks if trigger in hook.events and (branch is None or _wants_branch(hook, branch))]


def send(world: World, hook: Hook, trigger: str, payload: Mapping[str, Any]) -> None:
    """Deliver in the background, unless the hook is switched off."""
    if alert_status(world, hook) == "executable":
        message = prepared(world, hook, trigger, payload)
        world.loop.in_thread(lambda: sent(message), lambda came: record(world, message, came))


def prepared(world: World, hook: Hook, trigger: str, payload: Mapping[str, Any]) -> Message:
    """A message for a hook, signed."""
    shaped = _shaped(hook, payload)
    body = request.encoded(shaped)
    headers = request.headers(hook, trigger, world.url, VERSION, world.now().timestamp(), body)
    return Message(hook.id, trigger, interpolated(hook), headers, shaped, body)


def sent(message: Message) -> Delivered:
    """Send a message. Blocks; touches nothing of the world."""
    return request.post(message.url, message.headers, message.body)


def record(world: World, message: Message, came: Delivered) -> HookDelivery | None:
    """Keep what was sent and what came back, and count failures; None when the hook is gone."""
    hook = world.hooks.get(message.hook_id)
    if hook is None:
        return None
    _count(world, hook, came.succeeded)
    shown = {
        k: "[REDACTED]" if k == "X-Gitlab-Token" or k in hook.custom_headers else v for k, v in message.headers.items()
    }
    return world.hook_deliveries.add(
        HookDelivery(
            hook_id=hook.id,
            trigger=_trigger_name(message.trigger),
            url=hook.url,
            created_at=world.now(),
            request_headers=shown,
            request_data=message.payload,
            response_headers=came.headers,
            response_body=came.body,
            response_status=came.status,
            execution_duration=round(came.seconds, 6),
        )
    )


def alert_status(world: World, hook: Hook) -> str:
    """executable, temporarily_disabled or disabled. System hooks are never switched off."""
    if hook.source_type == "System":
        return "executable"
    if hook.recent_failures > FAILURES_BEFORE_END:
        return "disabled"
    waiting = hook.disabled_until is not None and hook.disabled_until >= world.now()
    return "temporarily_disabled" if waiting and hook.recent_failures > FAILURES_BEFORE_PAUSE else "executable"


def interpolated(hook: Hook) -> str:
    """The hook's URL with its variables filled in."""
    url = hook.url
    for key, value in hook.url_variables.items():
        url = url.replace(f"{{{key}}}", value)
    return url


def _count(world: World, hook: Hook, succeeded: bool) -> None:
    if succeeded:
        hook.recent_failures, hook.backoff_count, hook.disabled_until = 0, 0, None
        return
    before = hook.recent_failures
    hook.recent_failures = min(before + 1, FAILURES_BEFORE_END + 1)
    if hook.recent_failures > FAILURES_BEFORE_END:
        hook.disabled_until = None
    elif hook.recent_failures > FAILURES_BEFORE_PAUSE:
        pause = SHORTEST_PAUSE * 2 ** (before - FAILURES_BEFORE_PAUSE)
        hook.backoff_count += 1
        hook.disabled_until = world.now() + min(max(pause, SHORTEST_PAUSE), LONGEST_PAUSE)


def _wants_branch(hook: Hook, branch: str) -> bool:
    wanted = hook.push_events_branch_filter
    if not wanted or hook.branch_filter_strategy == "all_branches":
        return True
    if hook.branch_filter_strategy == "regex":
        return re.search(wanted, branch) is not None
    return fnmatchcase(branch, wanted)


def _shaped(hook: Hook, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    if not hook.custom_webhook_template:
        return payload
    return templates.filled(hook.custom_webhook_template, payload)


def trigger_of(shown: str) -> str:
    """The event switch behind a delivery's trigger: `issue_hooks` is `issues_events`."""
    return next((name for name in request.NAMES if _trigger_name(name) == shown), "push_events")


def _trigger_name(trigger: str) -> str:
    return trigger.removesuffix("_events").rstrip("s") + "_hooks"
