"""Labels as the API shows them: alone, on issues, with counts."""

from __future__ import annotations

import html
from typing import Any

from bot.sandbox.world import Label, Project, User, World


def basic(label: Label) -> dict[str, Any]:
    """API::Entities::LabelBasic, for `with_labels_details`."""
    return {
        "id": label.id,
        "name": label.name,
        "description": label.description,
        "description_html": html.escape(label.description or ""),
        "text_color": label.text_color,
        "color": label.color,
    }


def whole(world: World, viewer: User, label: Label, project: Project | None, *, counts: bool) -> dict[str, Any]:
    """API::Entities::ProjectLabel, or GroupLabel where `project` is None."""
    shown = basic(label)
    if counts:
        shown |= _counts(world, label)
    shown["subscribed"] = viewer.id in label.subscriber_ids
    if project is not None:
        shown["priority"] = label.priority
        shown["is_project_label"] = label.source_type == "Project"
    return shown


def _counts(world: World, label: Label) -> dict[str, int]:
    marked = [issue for issue in world.issues if label.id in issue.label_ids]
    return {
        "open_issues_count": sum(issue.state == "opened" for issue in marked),
        "closed_issues_count": sum(issue.state == "closed" for issue in marked),
        "open_merge_requests_count": sum(
            mr.state == "opened" and label.id in mr.label_ids for mr in world.merge_requests
        ),
    }
