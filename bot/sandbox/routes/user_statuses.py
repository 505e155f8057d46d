"""What users say of themselves: an emoji, a message, whether they are busy."""

from __future__ import annotations

import html
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.api import Answer, Call, find_user
from bot.sandbox.errors import ApiError, not_found
from bot.sandbox.represent.times import timestamp
from bot.sandbox.routing import routes
from bot.sandbox.world import User, World

# app/models/user_status.rb
_EMOJI, _LONGEST, _AVAILABLE = "speech_balloon", 100, ("not_set", "busy")
_CLEARS_AFTER = {
    "30_minutes": timedelta(minutes=30),
    "3_hours": timedelta(hours=3),
    "8_hours": timedelta(hours=8),
    "1_day": timedelta(days=1),
    "3_days": timedelta(days=3),
    "7_days": timedelta(days=7),
    "30_days": timedelta(days=30),
}


@routes.get("/user/status", public=False, scopes=("read_user",))
def show(call: Call) -> Answer:
    """What the caller says of itself."""
    return Answer(_shown(call.world, call.user))


@routes.get("/users/:id/status", scopes=("read_user",))
def show_of(call: Call) -> Answer:
    """What a user says of itself."""
    user = find_user(call.world, call.path["id"])
    if user is None:
        raise not_found("User")
    return Answer(_shown(call.world, user))


@routes.put("/user/status")
def replace(call: Call) -> Answer:
    """Say something, and nothing of what was said before."""
    return _said(call, {})


@routes.patch("/user/status")
def change(call: Call) -> Answer:
    """Change some of what is said."""
    return _said(call, dict(call.user.status or {}))


def _said(call: Call, before: dict[str, Any]) -> Answer:
    params, world = call.params, call.world
    said = {**before, **{name: params.text(name) for name in ("emoji", "message") if name in params}}
    said["availability"] = params.choice("availability", _AVAILABLE) or before.get("availability", "not_set")
    if (after := params.choice("clear_status_after", _CLEARS_AFTER)) is not None:
        said["clear_status_at"] = world.now() + _CLEARS_AFTER[after]
    if len(said.get("message") or "") > _LONGEST:
        raise ApiError(400, {"message": {"message": [f"is too long (maximum is {_LONGEST} characters)"]}})
    silent = not said.get("emoji") and not said.get("message") and said["availability"] == "not_set"
    call.user.status = None if silent else {**said, "emoji": said.get("emoji") or _EMOJI}
    return Answer(_shown(world, call.user))


def _shown(world: World, user: User) -> dict[str, Any]:
    said = user.status or {}
    end = said.get("clear_status_at")
    if isinstance(end, datetime) and end <= world.now():
        said, end = {}, None
    message = said.get("message")
    return {
        "emoji": said.get("emoji"),
        "message": message,
        "availability": said.get("availability"),
        "message_html": html.escape(message or ""),
        "clear_status_at": timestamp(end),
    }
