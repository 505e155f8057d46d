"""What can be commented on: the two kinds of paths that notes, discussions and reactions hang on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import not_found, record_not_found
from bot.sandbox.routes import issuable_lookup
from bot.sandbox.rules import notes
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.world import Note

Find = Callable[[Call], Issuable]
Serve = Callable[[Call, Issuable], Answer]


def _issue(call: Call) -> Issuable:
    return issuable_lookup.issue(call, _name(call))


def _merge_request(call: Call) -> Issuable:
    return issuable_lookup.merge_request(call, _name(call))


def _name(call: Call) -> str:
    """What the path calls the issuable, which stands after the project: that differs from one API to the other."""
    return list(call.path)[1]


KINDS: Mapping[str, Find] = {"issues": _issue, "merge_requests": _merge_request}
"""Path segment to how its issuable is found."""


def own_name(plural: str) -> str:
    """What paths below the issuable itself call it: "issue_iid"."""
    return f"{plural.removesuffix('s')}_iid"


def note(call: Call, issuable: Issuable) -> Note:
    """The note of the path below `issuable`, as far as the caller may read it."""
    found = call.world.notes.get(call.number("note_id"))
    if found is None or (found.noteable_type, found.noteable_id) != (type(issuable).__name__, issuable.id):
        raise record_not_found()
    if found not in notes.readable(call.world, call.viewer, issuable):
        raise not_found("Note")
    return found
