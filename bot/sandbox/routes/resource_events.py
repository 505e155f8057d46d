"""The history of labels, states and milestones of issues and merge requests."""

from __future__ import annotations

from functools import partial

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import resource_event as represent
from bot.sandbox.routes import noteables
from bot.sandbox.routes.noteables import Find
from bot.sandbox.routing import routes
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.world import ResourceEvent


def _events(call: Call, issuable: Issuable, kind: str) -> list[ResourceEvent]:
    return call.world.resource_events.where(kind=kind, resource_type=type(issuable).__name__, resource_id=issuable.id)


def _list(find: Find, kind: str, call: Call) -> Answer:
    return paginate(call, _events(call, find(call), kind), lambda event: represent.whole(call.world, event))


def _get(find: Find, kind: str, call: Call) -> Answer:
    number = call.number("event_id")
    found = next((event for event in _events(call, find(call), kind) if event.id == number), None)
    if found is None:
        raise not_found()
    return Answer(represent.whole(call.world, found))


for _plural, _find in noteables.KINDS.items():
    for _kind in ("label", "state", "milestone"):
        _path = f"/projects/:id/{_plural}/:noteable_id/resource_{_kind}_events"
        routes.get(_path, public=False)(partial(_list, _find, _kind))
        routes.get(_path + "/:event_id", public=False)(partial(_get, _find, _kind))
