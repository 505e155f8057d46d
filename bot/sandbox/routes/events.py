"""The activity feed of the caller, of a user, of a project."""

from __future__ import annotations

from collections.abc import Iterable

from bot.sandbox.api import Answer, Call, find_user
from bot.sandbox.errors import not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import event as represent
from bot.sandbox.routing import routes
from bot.sandbox.world import Event

# What the parameter `action` calls it, and what the feed does.
_ACTIONS = {
    "approved": {"approved"},
    "closed": {"closed"},
    "commented": {"commented on"},
    "created": {"created", "opened"},
    "destroyed": {"destroyed"},
    "expired": {"removed due to membership expiration from"},
    "joined": {"joined"},
    "left": {"left"},
    "merged": {"accepted"},
    "pushed": {"pushed to", "pushed new", "deleted"},
    "reopened": {"reopened"},
    "updated": {"updated"},
}
_TARGETS: dict[str, set[str | None]] = {
    "issue": {"Issue"},
    "merge_request": {"MergeRequest"},
    "milestone": {"Milestone"},
    "note": {"Note", "DiscussionNote", "DiffNote"},
    "project": {None},
}


@routes.get("/events", public=False, scopes=("read_user",))
def own(call: Call) -> Answer:
    """What the caller did."""
    return _listed(call, call.world.events.where(author_id=call.user.id))


@routes.get("/users/:id/events", scopes=("read_user",))
def of_user(call: Call) -> Answer:
    """What a user did, as far as the caller sees it."""
    user = find_user(call.world, call.path["id"])
    if user is None:
        raise not_found("User")
    return _listed(call, call.world.events.where(author_id=user.id))


@routes.get("/projects/:id/events")
def of_project(call: Call) -> Answer:
    """What happened in a project."""
    return _listed(call, call.world.events.where(project_id=call.project().id))


def _listed(call: Call, events: Iterable[Event]) -> Answer:
    action, target = call.params.choice("action", _ACTIONS), call.params.choice("target_type", _TARGETS)
    after, before = call.params.date("after"), call.params.date("before")
    found = [
        event
        for event in events
        if (action is None or event.action_name in _ACTIONS[action])
        and (target is None or event.target_type in _TARGETS[target])
        and (after is None or event.created_at.date() > after)
        and (before is None or event.created_at.date() < before)
        and _visible(call, event)
    ]
    if call.params.choice("sort", ("asc", "desc")) != "asc":
        found.reverse()
    return paginate(call, found, lambda event: represent.event(call.world, event), {"sort": "desc"})


def _visible(call: Call, event: Event) -> bool:
    project = call.world.projects.get(event.project_id)
    return project is not None and call.reads(project)
