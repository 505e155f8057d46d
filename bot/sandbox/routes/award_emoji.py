"""Reactions to issues, merge requests and notes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import not_found, record_not_found, unauthorized
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import note as represent
from bot.sandbox.routes import noteables
from bot.sandbox.routing import routes
from bot.sandbox.rules import awards
from bot.sandbox.rules.awards import Awardable
from bot.sandbox.world import AwardEmoji

FindAwardable = Callable[[Call], Awardable]


def _list(find: FindAwardable, call: Call) -> Answer:
    return paginate(call, awards.of(call.world, find(call)), lambda one: represent.award(call.world, one))


def _get(find: FindAwardable, call: Call) -> Answer:
    return Answer(represent.award(call.world, _found(find, call)))


def _create(find: FindAwardable, call: Call) -> Answer:
    awardable = find(call)
    if call.viewer is None:
        raise not_found("Award Emoji")
    given = awards.give(call.world, call.user, awardable, call.params.needed("name"))
    return Answer(represent.award(call.world, given), 201)


def _delete(find: FindAwardable, call: Call) -> Answer:
    given = _found(find, call)
    if given.user_id != call.user.id and not call.user.admin:
        raise unauthorized()
    call.world.award_emoji.remove(given)
    return Answer(None, 204)


def _found(find: FindAwardable, call: Call) -> AwardEmoji:
    number = call.number("award_id")
    given = next((one for one in awards.of(call.world, find(call)) if one.id == number), None)
    if given is None:
        raise record_not_found()
    return given


def _note_of(find: noteables.Find) -> FindAwardable:
    return lambda call: noteables.note(call, find(call))


for _plural, _find in noteables.KINDS.items():
    _own = f"/projects/:id/{_plural}/:{noteables.own_name(_plural)}"
    for _path, _of in ((_own, _find), (_own + "/notes/:note_id", _note_of(_find))):
        routes.get(_path + "/award_emoji")(partial(_list, _of))
        routes.post(_path + "/award_emoji", public=True)(partial(_create, _of))
        routes.get(_path + "/award_emoji/:award_id")(partial(_get, _of))
        routes.delete(_path + "/award_emoji/:award_id", public=True)(partial(_delete, _of))
