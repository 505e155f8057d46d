"""Notes on issues and merge requests."""

from __future__ import annotations

from functools import partial

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, forbidden
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import note as represent
from bot.sandbox.routes import noteables
from bot.sandbox.routes.noteables import Find
from bot.sandbox.routing import routes
from bot.sandbox.rules import commands, notes
from bot.sandbox.world import Access, Note

_DEFAULTS = {"activity_filter": "all_notes", "order_by": "created_at", "sort": "desc"}
_FILTERS = ("all_notes", "only_comments", "only_activity")


def _list(find: Find, call: Call) -> Answer:
    issuable = find(call)
    order = call.params.choice("order_by", ("created_at", "updated_at")) or "created_at"
    descending = (call.params.choice("sort", ("asc", "desc")) or "desc") == "desc"
    shown = call.params.choice("activity_filter", _FILTERS) or "all_notes"
    found = [note for note in notes.readable(call.world, call.viewer, issuable) if _wanted(note, shown)]
    found.sort(key=lambda note: (getattr(note, order), note.id), reverse=descending)
    return paginate(call, found, lambda note: represent.whole(call.world, note), _DEFAULTS)


def _get(find: Find, call: Call) -> Answer:
    return Answer(represent.whole(call.world, noteables.note(call, find(call))))


async def _create(find: Find, call: Call) -> Answer:
    issuable = find(call)
    call.params.need("body")
    world, actor = call.world, call.user
    project = call.project()
    own = issuable.author_id == actor.id
    rest, given = commands.taken(world, actor, project, type(issuable), call.params.text("body") or "", own)
    changed = await commands.carry_out(world, actor, issuable, given)
    if given and not rest.strip():
        return Answer({"commands_changes": changed, "summary": commands.summaries(given)}, 202)
    internal = call.params.boolean("internal") or call.params.boolean("confidential")
    born = call.params.time("created_at") if call.access(project) >= Access.OWNER else None
    note = notes.add(world, actor, issuable, rest, internal=bool(internal), created_at=born)
    note.commands_changes = changed or None
    return Answer(represent.whole(world, note), 201)


def _update(find: Find, call: Call) -> Answer:
    note = noteables.note(call, find(call))
    if not notes.may_change(call.world, call.user, note):
        raise forbidden()
    if "body" in call.params:
        body = call.params.text("body") or ""
        if not body.strip():
            raise ApiError(400, {"error": "body is empty"})
        notes.edit(call.world, note, body)
    return Answer(represent.whole(call.world, note))


def _delete(find: Find, call: Call) -> Answer:
    note = noteables.note(call, find(call))
    if not notes.may_change(call.world, call.user, note):
        raise forbidden()
    notes.delete(call.world, note)
    return Answer(None, 204)


def _wanted(note: Note, shown: str) -> bool:
    return shown == "all_notes" or note.system == (shown == "only_activity")


for _plural, _find in noteables.KINDS.items():
    _path = f"/projects/:id/{_plural}/:noteable_id/notes"
    routes.get(_path, public=False)(partial(_list, _find))
    routes.post(_path)(partial(_create, _find))
    routes.get(_path + "/:note_id", public=False)(partial(_get, _find))
    routes.put(_path + "/:note_id")(partial(_update, _find))
    routes.delete(_path + "/:note_id")(partial(_delete, _find))
