"""Lines of the activity feed, and to-dos, as the API shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent import issue as issues
from bot.sandbox.represent import merge_request as merge_requests
from bot.sandbox.represent import note as notes
from bot.sandbox.represent import project as projects
from bot.sandbox.represent import user as users
from bot.sandbox.represent.times import timestamp
from bot.sandbox.world import Event, Todo, World


def event(world: World, shown: Event) -> dict[str, Any]:
    """API::Entities::Event."""
    author = world.users[shown.author_id]
    note = world.notes.get(shown.note_id)
    body: dict[str, Any] = {
        "id": shown.id,
        "project_id": shown.project_id,
        "action_name": shown.action_name,
        "target_id": shown.target_id,
        "target_iid": shown.target_iid,
        "target_type": shown.target_type,
        "author_id": shown.author_id,
        "target_title": shown.target_title,
        "created_at": timestamp(shown.created_at),
        "author": users.basic(world, author),
        "imported": False,
        "imported_from": "none",
        "author_username": author.username,
    }
    if note is not None:
        body["note"] = notes.whole(world, note)
    if shown.push_data is not None:
        body["push_data"] = dict(shown.push_data)
    return body


def todo(world: World, shown: Todo, *, subscribed: bool = False) -> dict[str, Any]:
    """API::Entities::Todo, its target whole; `subscribed` where it is not one of a list."""
    project = world.projects.get(shown.project_id)
    issue = world.issues.get(shown.target_id) if shown.target_type == "Issue" else None
    request = world.merge_requests.get(shown.target_id) if shown.target_type == "MergeRequest" else None
    viewer = world.users[shown.user_id]
    target: dict[str, Any] | None = None
    if issue is not None:
        target = issues.whole(world, viewer, issue)
    elif request is not None:
        target = merge_requests.whole(world, viewer, request)
    if target is not None and not subscribed:
        del target["subscribed"]
    return {
        "id": shown.id,
        "project": projects.identity(world, project) if project is not None else None,
        "author": users.basic_by_id(world, shown.author_id),
        "action_name": shown.action_name,
        "target_type": shown.target_type,
        "target": target,
        "target_url": target["web_url"] if target is not None else None,
        "body": shown.body,
        "state": shown.state,
        "created_at": timestamp(shown.created_at),
        "updated_at": timestamp(shown.updated_at),
    }
