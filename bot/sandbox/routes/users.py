"""Users: the caller, a search, an administrator's creations."""

from __future__ import annotations

from bot.sandbox.api import Answer, Call
from bot.sandbox.represent import user as represent
from bot.sandbox.routing import routes


@routes.get("/user", public=False, scopes=("read_user",))
def current(call: Call) -> Answer:
    """The caller."""
    shown = represent.administered if call.user.admin else represent.public
    return Answer(shown(call.world, call.user))
