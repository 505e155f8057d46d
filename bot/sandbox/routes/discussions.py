"""Discussions: threads on issues and merge requests, and resolving them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, bad_request, forbidden, not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.parameters import Parameters
from bot.sandbox.represent import note as represent
from bot.sandbox.routes import noteables
from bot.sandbox.routes.noteables import Find
from bot.sandbox.routing import routes
from bot.sandbox.rules import notes
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.world import Access, MergeRequest, Note

_POSITION = ("base_sha", "start_sha", "head_sha", "position_type")
_ID = re.compile(r"[0-9a-f]{40}")


def _threads(call: Call, issuable: Issuable) -> dict[str, list[Note]]:
    threads: dict[str, list[Note]] = {}
    for note in notes.readable(call.world, call.viewer, issuable):
        threads.setdefault(note.discussion_id, []).append(note)
    return threads


def _thread(call: Call, issuable: Issuable, missing: str = "Discussion") -> list[Note]:
    found = _threads(call, issuable).get(call.path["discussion_id"])
    if not found or not _ID.fullmatch(call.path["discussion_id"]):
        raise not_found(missing)
    return found


def _list(find: Find, call: Call) -> Answer:
    threads = list(_threads(call, find(call)).values())
    return paginate(call, threads, lambda thread: represent.discussion(call.world, thread))


def _get(find: Find, call: Call) -> Answer:
    return Answer(represent.discussion(call.world, _thread(call, find(call))))


def _create(find: Find, call: Call) -> Answer:
    issuable = find(call)
    call.params.need("body")
    position = _position(call) if isinstance(issuable, MergeRequest) else None
    kind = "DiscussionNote" if position is None else "DiffNote"
    body = call.params.text("body") or ""
    note = notes.add(call.world, call.user, issuable, body, kind=kind, position=position, created_at=_birth(call))
    if position is not None and isinstance(issuable, MergeRequest):
        note.commit_id = call.params.text("commit_id")
    return Answer(represent.discussion(call.world, [note]), 201)


def _notes(find: Find, call: Call) -> Answer:
    return Answer([represent.whole(call.world, note) for note in _thread(call, find(call), "Notes")])


def _reply(find: Find, call: Call) -> Answer:
    issuable = find(call)
    call.params.need("body")
    thread = _thread(call, issuable)
    first = thread[0]
    if first.system:
        raise bad_request("Discussion can not be replied to.")
    body = call.params.text("body") or ""
    reply = notes.reply(call.world, call.user, issuable, first, body, created_at=_birth(call))
    return Answer(represent.whole(call.world, reply), 201)


def _note(find: Find, call: Call) -> Answer:
    return Answer(represent.whole(call.world, noteables.note(call, find(call))))


def _update_note(find: Find, call: Call) -> Answer:
    note = noteables.note(call, find(call))
    resolved = call.params.boolean("resolved")
    if ("body" in call.params) == (resolved is not None):
        raise ApiError(400, {"error": "body, resolved are missing, exactly one parameter must be provided"})
    if resolved is None:
        if not notes.may_change(call.world, call.user, note):
            raise forbidden()
        notes.edit(call.world, note, call.params.text("body") or "")
    else:
        _set_resolved(call, note, resolved)
    return Answer(represent.whole(call.world, note))


def _delete_note(find: Find, call: Call) -> Answer:
    note = noteables.note(call, find(call))
    if not notes.may_change(call.world, call.user, note):
        raise forbidden()
    notes.delete(call.world, note)
    return Answer(None, 204)


def _resolve(find: Find, call: Call) -> Answer:
    thread = _thread(call, find(call))
    call.params.need("resolved")
    _set_resolved(call, thread[0], bool(call.params.boolean("resolved")))
    return Answer(represent.discussion(call.world, thread))


def _set_resolved(call: Call, note: Note, resolved: bool) -> None:
    if not notes.may_resolve(call.world, call.user, note):
        raise forbidden()
    if not note.resolvable:
        raise bad_request("Note is not resolvable")
    notes.set_resolved(call.world, call.user, note, resolved)


def _position(call: Call) -> Mapping[str, Any] | None:
    given = call.params.raw("position")
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise ApiError(400, {"error": "position is invalid"})
    missing = [f"position[{name}] is missing" for name in _POSITION if name not in given]
    if missing:
        raise ApiError(400, {"error": ", ".join(missing)})
    places = {name: given.get(name) for name in ("old_path", "new_path", "line_range")}
    numbers = Parameters(given)
    lines = {name: numbers.integer(name) for name in ("old_line", "new_line")}
    return {**{name: given[name] for name in _POSITION}, **places, **lines}


def _birth(call: Call) -> Any:
    return call.params.time("created_at") if call.access(call.project()) >= Access.OWNER else None


for _plural, _find in noteables.KINDS.items():
    _path = f"/projects/:id/{_plural}/:noteable_id/discussions"
    routes.get(_path, public=False)(partial(_list, _find))
    routes.post(_path)(partial(_create, _find))
    routes.get(_path + "/:discussion_id", public=False)(partial(_get, _find))
    routes.put(_path + "/:discussion_id")(partial(_resolve, _find))
    routes.get(_path + "/:discussion_id/notes", public=False)(partial(_notes, _find))
    routes.post(_path + "/:discussion_id/notes")(partial(_reply, _find))
    routes.get(_path + "/:discussion_id/notes/:note_id", public=False)(partial(_note, _find))
    routes.put(_path + "/:discussion_id/notes/:note_id")(partial(_update_note, _find))
    routes.delete(_path + "/:discussion_id/notes/:note_id")(partial(_delete_note, _find))
