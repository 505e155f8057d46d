"""Resource events as the API shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent import label as represent_label
from bot.sandbox.represent import milestone
from bot.sandbox.represent.times import timestamp
from bot.sandbox.represent.user import basic_by_id
from bot.sandbox.world import ResourceEvent, World


def whole(world: World, event: ResourceEvent) -> dict[str, Any]:
    """API::Entities::ResourceLabelEvent, ResourceStateEvent or ResourceMilestoneEvent, by its kind."""
    shown: dict[str, Any] = {
        "id": event.id,
        "user": basic_by_id(world, event.user_id),
        "created_at": timestamp(event.created_at),
        "resource_type": event.resource_type,
        "resource_id": event.resource_id,
    }
    if event.kind == "label":
        return shown | {"label": _label(world, event), "action": event.action}
    if event.kind == "state":
        return shown | {
            "source_commit": event.source_commit,
            "source_merge_request_id": event.source_merge_request_id,
            "state": event.value,
        }
    return shown | {
        "milestone": milestone.whole_by_id(world, event.milestone_id),
        "action": event.action,
        "state": "opened",
    }


def _label(world: World, event: ResourceEvent) -> dict[str, Any] | None:
    label = world.labels.get(event.label_id)
    return None if label is None else represent_label.basic(label)
