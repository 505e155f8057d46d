"""The activity feed, and the time of last activity that it moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.sandbox.world import Event, Issue, MergeRequest, Milestone, Note, Project, User, World

# Event::RESET_PROJECT_ACTIVITY_INTERVAL: a second event within the hour does not move the time.
_INTERVAL = timedelta(hours=1)


def record(
    world: World, author: User, project: Project, action: str, target: Issue | MergeRequest | Milestone | None = None
) -> Event:
    """Add a line to the feed of `project`. `action` is GitLab's `action_name`, such as "opened" or "closed"."""
    event = _event(world, author, project, action)
    if target is not None:
        event.target_type = type(target).__name__
        event.target_id, event.target_iid, event.target_title = target.id, target.iid, target.title
    return event


def record_push(world: World, author: User, project: Project, action: str, push: Mapping[str, Any]) -> Event:
    """A push: `action` is "pushed new", "pushed to" or "deleted", `push` the API's `push_data`."""
    event = _event(world, author, project, action)
    event.push_data = push
    return event


def record_comment(world: World, author: User, project: Project, note: Note, title: str | None) -> Event:
    """A comment on something with that title."""
    event = _event(world, author, project, "commented on")
    event.target_type = note.type or "Note"
    event.target_id = event.target_iid = event.note_id = note.id
    event.target_title = title
    return event


def _event(world: World, author: User, project: Project, action: str) -> Event:
    now = world.now()
    author.last_activity_on = now.date()
    if now - project.last_activity_at >= _INTERVAL:
        project.last_activity_at = now
    return world.events.add(Event(project_id=project.id, author_id=author.id, action_name=action, created_at=now))
