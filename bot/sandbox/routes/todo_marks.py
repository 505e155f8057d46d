"""Putting an issue or merge request on one's own list of to-dos."""

from __future__ import annotations

from functools import partial

from bot.sandbox.api import Answer, Call
from bot.sandbox.represent import event as represent
from bot.sandbox.routes import noteables
from bot.sandbox.routes.noteables import Find
from bot.sandbox.routing import routes
from bot.sandbox.rules import todos


def _mark(find: Find, call: Call) -> Answer:
    made = todos.add(call.world, call.user, call.user, "marked", find(call))
    if made is None:
        return Answer(None, 304)
    return Answer(represent.todo(call.world, made, subscribed=True), 201)


for _plural, _find in noteables.KINDS.items():
    routes.post(f"/projects/:id/{_plural}/:{noteables.own_name(_plural)}/todo")(partial(_mark, _find))
