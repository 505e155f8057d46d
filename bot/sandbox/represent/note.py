"""Notes, discussions and reactions as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.sandbox.represent.times import timestamp
from bot.sandbox.represent.user import basic_by_id
from bot.sandbox.world import AwardEmoji, Note, World


def whole(world: World, note: Note) -> dict[str, Any]:
    """API::Entities::Note."""
    shown = {
        "id": note.id,
        "type": note.type,
        "body": note.body,
        "author": basic_by_id(world, note.author_id),
        "created_at": timestamp(note.created_at),
        "updated_at": timestamp(note.updated_at),
        "system": note.system,
        "noteable_id": note.noteable_id,
        "noteable_type": note.noteable_type,
        "project_id": note.project_id,
    }
    if note.position is not None:
        shown |= {"commit_id": note.commit_id, "position": dict(note.position)}
    shown["resolvable"] = note.resolvable
    if note.resolvable:
        shown |= {
            "resolved": note.resolved,
            "resolved_by": basic_by_id(world, note.resolved_by_id),
            "resolved_at": timestamp(note.resolved_at),
        }
    return shown | {
        "confidential": note.internal,
        "internal": note.internal,
        "imported": False,
        "imported_from": "none",
        "noteable_iid": note.noteable_iid,
        "commands_changes": dict(note.commands_changes or {}),
    }


def discussions(world: World, notes: Iterable[Note]) -> list[dict[str, Any]]:
    """API::Entities::Discussion: notes put together by thread, oldest thread first."""
    threads: dict[str, list[Note]] = {}
    for note in notes:
        threads.setdefault(note.discussion_id, []).append(note)
    return [discussion(world, thread) for thread in threads.values()]


def discussion(world: World, thread: list[Note]) -> dict[str, Any]:
    """One thread; a single comment or system note is an individual note."""
    return {
        "id": thread[0].discussion_id,
        "individual_note": thread[0].type is None,
        "notes": [whole(world, note) for note in thread],
    }


def award(world: World, given: AwardEmoji) -> dict[str, Any]:
    """API::Entities::AwardEmoji."""
    return {
        "id": given.id,
        "name": given.name,
        "user": basic_by_id(world, given.user_id),
        "created_at": timestamp(given.created_at),
        "updated_at": timestamp(given.updated_at),
        "awardable_id": given.awardable_id,
        "awardable_type": given.awardable_type,
        "url": None,
    }
