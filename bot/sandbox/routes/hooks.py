"""Web hooks of projects, groups and the system: make, read, change, test, and look at their deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, forbidden, not_found, record_not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import hook as represent
from bot.sandbox.represent.hook import BASIC_EVENTS, GROUP_EVENTS, PROJECT_EVENTS
from bot.sandbox.routing import routes
from bot.sandbox.rules import hooks
from bot.sandbox.webhooks import delivery, samples
from bot.sandbox.webhooks.delivery import Message
from bot.sandbox.world import Access, Hook, HookDelivery, Project

_TEXTS = (
    "url", "name", "description", "token", "push_events_branch_filter", "branch_filter_strategy",
    "custom_webhook_template",
)  # fmt: skip
_PAIRS = {"url_variables": "URL variable", "custom_headers": "Custom header"}
_STRATEGIES = ("wildcard", "regex", "all_branches")
_STATUSES: Mapping[str, Callable[[str], bool]] = {
    "successful": lambda status: status[:1] in ("2", "3"),
    "client_failure": lambda status: status[:1] == "4",
    "server_failure": lambda status: status[:1] == "5" or not status.isdecimal(),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where hooks hang: their path, their events, and who may touch them."""

    path: str
    events: tuple[str, ...]
    source: Callable[[Call], tuple[str, int]]


def _project(call: Call) -> tuple[str, int]:
    return "Project", call.project(Access.MAINTAINER).id


def _group(call: Call) -> tuple[str, int]:
    group = call.group(Access.OWNER)
    if not call.world.premium:
        raise forbidden()
    return "Group", group.id


def _system(call: Call) -> tuple[str, int]:
    call.admin()
    return "System", 0


PLACES = (
    Place("/projects/:id/hooks", (*BASIC_EVENTS, *PROJECT_EVENTS), _project),
    Place("/groups/:id/hooks", (*BASIC_EVENTS, *PROJECT_EVENTS, *GROUP_EVENTS), _group),
    Place("/hooks", BASIC_EVENTS, _system),
)


def _list(place: Place, call: Call) -> Answer:
    kind, id_ = place.source(call)
    found = call.world.hooks.where(source_type=kind, source_id=id_)
    return paginate(call, found, lambda hook: represent.whole(call.world, hook))


def _get(place: Place, call: Call) -> Answer:
    return Answer(represent.whole(call.world, _found(place, call)))


def _create(place: Place, call: Call) -> Answer:
    kind, id_ = place.source(call)
    call.params.need("url")
    hook = hooks.create(call.world, kind, id_, _wanted(place, call, frozenset({"push_events"})))
    return Answer(represent.whole(call.world, hook), 201)


def _update(place: Place, call: Call) -> Answer:
    hook = _found(place, call)
    hooks.edit(hook, _wanted(place, call, hook.events))
    return Answer(represent.whole(call.world, hook))


def _delete(place: Place, call: Call) -> Answer:
    hooks.delete(call.world, _found(place, call))
    return Answer(None, 204)


def _events(place: Place, call: Call) -> Answer:
    hook = _found(place, call)
    wanted = call.params.strings("status") or ()
    kept = call.world.hook_deliveries.where(hook_id=hook.id)[::-1]
    found = [one for one in kept if not wanted or any(_has_status(one, status) for status in wanted)]
    return paginate(call, found, represent.event)


async def _resend(place: Place, call: Call) -> Answer:
    hook = _found(place, call)
    former = call.world.hook_deliveries.get(call.number("hook_log_id"))
    if former is None or former.hook_id != hook.id:
        raise record_not_found()
    if former.url != hook.url:
        raise ApiError(422, {"message": "The hook URL has changed. Unable to retry this hook log"})
    trigger = delivery.trigger_of(former.trigger)
    came = await _deliver(call, delivery.prepared(call.world, hook, trigger, former.request_data))
    return Answer({"response_status": came}, 201)


async def _test(place: Place, call: Call) -> Answer:
    hook = _found(place, call)
    trigger = call.path["trigger"]
    if trigger not in place.events:
        raise ApiError(400, {"error": "trigger does not have a valid value"})
    payload = samples.of(call.world, call.user, _sampled(call, hook), trigger)
    await _deliver(call, delivery.prepared(call.world, hook, trigger, payload))
    return Answer({"message": "201 Created"}, 201)


async def _deliver(call: Call, message: Message) -> int | str:
    came = await asyncio.to_thread(delivery.sent, message)
    delivery.record(call.world, message, came)
    if not came.status.isdecimal():
        raise ApiError(422, {"message": came.body})
    return int(came.status)


def _set_pair(field: str, place: Place, call: Call) -> Answer:
    hook = _found(place, call)
    call.params.need("value")
    key = hooks.check_key(call.path["key"])
    setattr(hook, field, {**getattr(hook, field), key: call.params.text("value") or ""})
    return Answer(None, 204)


def _delete_pair(field: str, place: Place, call: Call) -> Answer:
    hook = _found(place, call)
    pairs = dict(getattr(hook, field))
    if pairs.pop(call.path["key"], None) is None:
        raise not_found(_PAIRS[field])
    setattr(hook, field, pairs)
    return Answer(None, 204)


def _found(place: Place, call: Call) -> Hook:
    source = place.source(call)
    hook = call.world.hooks.get(call.number("hook_id"))
    if hook is None or (hook.source_type, hook.source_id) != source:
        raise record_not_found()
    return hook


def _wanted(place: Place, call: Call, events: frozenset[str]) -> dict[str, Any]:
    params = call.params
    params.choice("branch_filter_strategy", _STRATEGIES)
    wanted: dict[str, Any] = {name: params.text(name) for name in _TEXTS if name in params}
    switched = {name: params.boolean(name) for name in place.events if name in params}
    on = {name for name, value in switched.items() if value}
    wanted["events"] = frozenset((events | on) - {name for name, value in switched.items() if value is False})
    if "enable_ssl_verification" in params:
        wanted["enable_ssl_verification"] = bool(params.boolean("enable_ssl_verification"))
    if "signing_token" in params and call.world.hook_signing:
        wanted["signing_token"] = params.text("signing_token")
    for name in ("url_variables", "custom_headers"):
        given = params.raw(name)
        if isinstance(given, list):
            wanted[name] = {hooks.check_key(str(one["key"])): str(one.get("value", "")) for one in given}
    return wanted


def _has_status(one: HookDelivery, status: str) -> bool:
    return _STATUSES[status](one.response_status) if status in _STATUSES else one.response_status == status


def _sampled(call: Call, hook: Hook) -> Project:
    if hook.source_type == "Project":
        return call.world.projects[hook.source_id]
    for project in call.world.projects:
        if hook.source_type == "System" or project.namespace_id == hook.source_id:
            return project
    raise ApiError(422, {"message": "Ensure the group has a project."})


for _place in PLACES:
    _one = _place.path + "/:hook_id"
    routes.get(_place.path, public=False)(partial(_list, _place))
    routes.post(_place.path)(partial(_create, _place))
    routes.get(_one, public=False)(partial(_get, _place))
    routes.put(_one)(partial(_update, _place))
    routes.delete(_one)(partial(_delete, _place))
    routes.get(_one + "/events", public=False)(partial(_events, _place))
    routes.post(_one + "/events/:hook_log_id/resend")(partial(_resend, _place))
    routes.post(_one + "/test/:trigger")(partial(_test, _place))
    for _field in _PAIRS:
        routes.put(f"{_one}/{_field}/:key")(partial(_set_pair, _field, _place))
        routes.delete(f"{_one}/{_field}/:key")(partial(_delete_pair, _field, _place))
