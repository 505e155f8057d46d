"""The history of labels, states and milestones of issues and merge requests."""

from __future__ import annotations

from functools import partial

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import record_not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import resource_event as represent
from bot.sandbox.routes import noteables
from bot.sandbox.routes.noteables import Find
from bot.sandbox.routing import routes
from bot.sandbox.world import ResourceEvent


def _events(find: Find, kind: str, call: Call) -> list[ResourceEvent]:
    # Its parameters are declared as numbers or texts: what is no number is not invalid, but not found.
    if not call.path["eventable_id"].isdecimal():
        raise record_not_found()
    issuable = find(call)
    return call.world.resource_events.where(kind=kind, resource_type=type(issuable).__name__, resource_id=issuable.id)


def _list(find: Find, kind: str, call: Call) -> Answer:
    return paginate(call, _events(find, kind, call), lambda event: represent.whole(call.world, event))


def _get(find: Find, kind: str, call: Call) -> Answer:
    id_ = call.path["event_id"]
    found = next((event for event in _events(find, kind, call) if str(event.id) == id_), None)
    if found is None:
        raise record_not_found()
    return Answer(represent.whole(call.world, found))


for _plural, _find in noteables.KINDS.items():
    for _kind in ("label", "state", "milestone"):
        _path = f"/projects/:id/{_plural}/:eventable_id/resource_{_kind}_events"
        routes.get(_path, public=False)(partial(_list, _find, _kind))
        routes.get(_path + "/:event_id", public=False)(partial(_get, _find, _kind))
