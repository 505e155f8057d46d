"""What issues and merge requests show alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.sandbox.represent import label
from bot.sandbox.represent.user import basic
from bot.sandbox.rules import issuables, labels
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.text import durations, tasks
from bot.sandbox.world import Namespace, Project, World


def people(world: World, ids: Iterable[int]) -> list[dict[str, Any]]:
    """Users that are still there, in order."""
    return [basic(world, user) for id_ in ids if (user := world.users.get(id_)) is not None]


def label_list(world: World, ids: Iterable[int], *, details: bool) -> list[Any]:
    """Label names by name, or whole labels with `details`."""
    found = labels.of(world, ids)
    return [label.basic(one) for one in found] if details else [one.name for one in found]


def references(world: World, issuable: Issuable, seen_from: Project | Namespace | None) -> dict[str, str]:
    """short, relative (to `seen_from`, a project or group) and full reference."""
    own = issuables.project_of(world, issuable)
    short = issuables.reference(world, issuable, own)
    full = f"{own.full_path}{short}"
    if isinstance(seen_from, Namespace):
        relative = f"{own.path}{short}" if own.namespace_id == seen_from.id else full
    else:
        relative = issuables.reference(world, issuable, seen_from or own)
    return {"short": short, "relative": relative, "full": full}


def time_stats(issuable: Issuable) -> dict[str, Any]:
    """API::Entities::IssuableTimeStats."""
    return {
        "time_estimate": issuable.time_estimate,
        "total_time_spent": issuable.total_time_spent,
        "human_time_estimate": durations.human(issuable.time_estimate),
        "human_total_time_spent": durations.human(issuable.total_time_spent),
    }


def task_completion(issuable: Issuable) -> dict[str, int]:
    """How much of the checklist is done."""
    items, done = tasks.counted(issuable.description)
    return {"count": items, "completed_count": done}


def comments(world: World, issuable: Issuable) -> int:
    """How many comments people made."""
    return sum(not n.system for n in world.notes.where(noteable_type=type(issuable).__name__, noteable_id=issuable.id))


def votes(world: World, issuable: Issuable) -> tuple[int, int]:
    """Thumbs up and down."""
    given = world.award_emoji.where(awardable_type=type(issuable).__name__, awardable_id=issuable.id)
    names = [award.name for award in given]
    return names.count("thumbsup"), names.count("thumbsdown")
