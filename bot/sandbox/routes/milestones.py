"""Milestones of projects and groups."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import record_not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import issue as represent_issue
from bot.sandbox.represent import merge_request as represent_merge_request
from bot.sandbox.represent import milestone as represent
from bot.sandbox.routing import routes
from bot.sandbox.rules import issuables, milestones
from bot.sandbox.rules.labels import Owner, source
from bot.sandbox.world import Access, Milestone

FindOwner = Callable[[Call, int], Owner]
UPDATES = ("title", "description", "start_date", "due_date", "state_event")
_STATES = {"close": "closed", "activate": "active"}


def _project(call: Call, minimum: int) -> Owner:
    return call.project(minimum)


def _group(call: Call, minimum: int) -> Owner:
    return call.group(minimum)


def _list(find: FindOwner, call: Call) -> Answer:
    params = call.params
    owner = find(call, Access.NONE)
    parents = bool(params.boolean("include_parent_milestones") or params.boolean("include_ancestors"))
    state = params.choice("state", ("active", "closed", "all"))
    iids, title, search = (
        params.integers("iids[]") or params.integers("iids"),
        params.text("title"),
        params.text("search"),
    )
    found = [
        one
        for one in milestones.of(call.world, owner, parents=parents)
        if state in (None, "all", one.state)
        and (not iids or one.iid in iids)
        and title in (None, one.title)
        and (not search or search.lower() in f"{one.title}\n{one.description or ''}".lower())
    ]
    return paginate(call, found, lambda one: represent.whole(call.world, one), {"state": "all"})


def _get(find: FindOwner, call: Call) -> Answer:
    return Answer(represent.whole(call.world, _found(find, call, Access.NONE)))


def _create(find: FindOwner, call: Call) -> Answer:
    owner = find(call, Access.PLANNER)
    call.params.need("title")
    made = milestones.create(call.world, owner, _wanted(call))
    return Answer(represent.whole(call.world, made), 201)


def _update(find: FindOwner, call: Call) -> Answer:
    milestone = _found(find, call, Access.PLANNER)
    call.params.need_one(*UPDATES)
    event = call.params.choice("state_event", tuple(_STATES))
    wanted = _wanted(call)
    if event is not None:
        wanted["state"] = _STATES[event]
    milestones.edit(call.world, find(call, Access.NONE), milestone, wanted)
    return Answer(represent.whole(call.world, milestone))


def _delete(find: FindOwner, call: Call) -> Answer:
    milestones.delete(call.world, _found(find, call, Access.PLANNER))
    return Answer(None, 204)


def _issues(find: FindOwner, call: Call) -> Answer:
    milestone, world = _found(find, call, Access.NONE), call.world
    found = [one for one in world.issues if one.milestone_id == milestone.id]
    seen = [
        one
        for one in found
        if call.reads(world.projects[one.project_id]) and issuables.may_read(world, call.viewer, one)
    ]
    return paginate(call, seen, lambda one: represent_issue.basic(world, one))


def _merge_requests(find: FindOwner, call: Call) -> Answer:
    milestone, world = _found(find, call, Access.NONE), call.world
    found = [one for one in world.merge_requests if one.milestone_id == milestone.id]
    seen = [one for one in found if call.reads(world.projects[one.project_id])]
    return paginate(call, seen, lambda one: represent_merge_request.basic(world, one))


def _found(find: FindOwner, call: Call, minimum: int) -> Milestone:
    owner = find(call, minimum)
    milestone = call.world.milestones.get(call.number("milestone_id"))
    if milestone is None or (milestone.source_type, milestone.source_id) != source(owner):
        raise record_not_found()
    return milestone


def _wanted(call: Call) -> dict[str, Any]:
    params = call.params
    wanted: dict[str, Any] = {n: params.text(n) or "" for n in ("title", "description") if n in params}
    return wanted | {n: params.date(n) for n in ("start_date", "due_date") if n in params}


for _plural, _find in (("projects", _project), ("groups", _group)):
    _path = f"/{_plural}/:id/milestones"
    routes.get(_path, public=False)(partial(_list, _find))
    routes.post(_path)(partial(_create, _find))
    routes.get(_path + "/:milestone_id", public=False)(partial(_get, _find))
    routes.put(_path + "/:milestone_id")(partial(_update, _find))
    routes.delete(_path + "/:milestone_id")(partial(_delete, _find))
    routes.get(_path + "/:milestone_id/issues", public=False)(partial(_issues, _find))
    routes.get(_path + "/:milestone_id/merge_requests", public=False)(partial(_merge_requests, _find))
