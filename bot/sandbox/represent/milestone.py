"""Milestones as the API shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent.times import day, timestamp
from bot.sandbox.world import Milestone, World


def whole(world: World, milestone: Milestone) -> dict[str, Any]:
    """API::Entities::Milestone."""
    of_project = milestone.source_type == "Project"
    due = milestone.due_date
    return {
        "id": milestone.id,
        "iid": milestone.iid,
        "project_id" if of_project else "group_id": milestone.source_id,
        "title": milestone.title,
        "description": milestone.description or "",
        "state": milestone.state,
        "created_at": timestamp(milestone.created_at),
        "updated_at": timestamp(milestone.updated_at),
        "due_date": day(due),
        "start_date": day(milestone.start_date),
        "expired": due is not None and due < world.now().date(),
        "web_url": f"{world.url}/{_path(world, milestone)}/-/milestones/{milestone.iid}",
    }


def whole_by_id(world: World, milestone_id: int | None) -> dict[str, Any] | None:
    """`whole` of a milestone that may be none."""
    milestone = world.milestones.get(milestone_id)
    return None if milestone is None else whole(world, milestone)


def _path(world: World, milestone: Milestone) -> str:
    if milestone.source_type == "Project":
        return world.projects[milestone.source_id].full_path
    return f"groups/{world.namespaces[milestone.source_id].full_path}"
