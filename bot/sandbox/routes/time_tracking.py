"""Time estimated for and spent on issues and merge requests."""

from __future__ import annotations

from functools import partial

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, forbidden
from bot.sandbox.represent import issuable as represent
from bot.sandbox.routes import noteables
from bot.sandbox.routes.noteables import Find
from bot.sandbox.routing import routes
from bot.sandbox.rules import issuables
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.text import durations


def _stats(find: Find, call: Call) -> Answer:
    return Answer(represent.time_stats(find(call)))


def _estimate(find: Find, call: Call) -> Answer:
    issuable = _editable(find, call)
    issuable.time_estimate = _duration(call)
    return Answer(represent.time_stats(issuable))


def _reset_estimate(find: Find, call: Call) -> Answer:
    issuable = _editable(find, call)
    issuable.time_estimate = 0
    return Answer(represent.time_stats(issuable))


def _spend(find: Find, call: Call) -> Answer:
    issuable = _editable(find, call)
    spent = issuable.total_time_spent + _duration(call)
    if spent < 0:
        raise ApiError(400, {"message": {"base": ["Time to subtract exceeds the total time spent"]}})
    issuable.total_time_spent = spent
    return Answer(represent.time_stats(issuable), 201)


def _reset_spent(find: Find, call: Call) -> Answer:
    issuable = _editable(find, call)
    issuable.total_time_spent = 0
    return Answer(represent.time_stats(issuable))


def _editable(find: Find, call: Call) -> Issuable:
    issuable = find(call)
    if not issuables.may_set_metadata(call.world, call.user, issuable.project_id, type(issuable)):
        raise forbidden()
    return issuable


def _duration(call: Call) -> int:
    seconds = durations.parsed(call.params.needed("duration"))
    if seconds is None:
        raise ApiError(400, {"error": "duration is invalid"})
    return seconds


for _plural, _find in noteables.KINDS.items():
    _own = f"/projects/:id/{_plural}/:{noteables.own_name(_plural)}"
    routes.get(_own + "/time_stats")(partial(_stats, _find))
    routes.post(_own + "/time_estimate")(partial(_estimate, _find))
    routes.post(_own + "/reset_time_estimate")(partial(_reset_estimate, _find))
    routes.post(_own + "/add_spent_time")(partial(_spend, _find))
    routes.post(_own + "/reset_spent_time")(partial(_reset_spent, _find))
