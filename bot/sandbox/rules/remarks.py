"""Writing notes, and the system's own remarks on what changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.sandbox.rules.issuables import Changes, Issuable
from bot.sandbox.world import Note, User, World


def write(
    world: World,
    author: User,
    issuable: Issuable,
    body: str,
    *,
    kind: str | None = None,
    discussion_id: str | None = None,
) -> Note:
    """A new note, in the thread `discussion_id` or in one of its own."""
    now = world.now()
    note = world.notes.add(
        Note(
            project_id=issuable.project_id,
            noteable_type=type(issuable).__name__,
            noteable_id=issuable.id,
            noteable_iid=issuable.iid,
            author_id=author.id,
            body=body,
            created_at=now,
            updated_at=now,
            discussion_id="",
            type=kind,
        )
    )
    note.discussion_id = discussion_id or hashlib.sha1(f"note-{note.id}".encode(), usedforsecurity=False).hexdigest()
    return note


def remark(world: World, actor: User, issuable: Issuable, body: str) -> Note:
    """A system note: what `actor` did, in GitLab's words."""
    note = write(world, actor, issuable, body)
    note.system = True
    return note


def on_changes(world: World, actor: User, issuable: Issuable, changes: Changes) -> None:
    """Remarks on the fields whose changes GitLab remarks on; labels, milestones and states have resource events."""
    for name, (before, after) in changes.items():
        if words := _WORDS.get(name):
            remark(world, actor, issuable, words(world, before, after))


def _title(world: World, before: str, after: str) -> str:
    start = next(
        (at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    rest = zip(before[start:][::-1], after[start:][::-1], strict=False)
    same = next((at for at, (a, b) in enumerate(rest) if a != b), min(len(before), len(after)) - start)
    end = len(before) - same, len(after) - same
    head, tail = before[:start], before[end[0] :]
    gone, new = before[start : end[0]], after[start : end[1]]
    old_side = f"{head}{{-{gone}-}}{tail}" if gone else before
    new_side = f"{head}{{+{new}+}}{tail}" if new else after
    return f"changed title from **{old_side}** to **{new_side}**"


def _people(added: str, removed: str) -> Callable[[World, Iterable[int], Iterable[int]], str]:
    def words(world: World, before: Iterable[int], after: Iterable[int]) -> str:
        parts = [
            f"{verb} {_sentence([f'@{world.users[id_].username}' for id_ in ids])}"
            for verb, ids in ((added, sorted(set(after) - set(before))), (removed, sorted(set(before) - set(after))))
            if ids
        ]
        return " and ".join(parts)

    return words


def _sentence(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _due_date(world: World, before: Any, after: Any) -> str:
    return f"changed due date to {after:%B} {after.day}, {after.year}" if after else "removed due date"


_WORDS: Mapping[str, Callable[[World, Any, Any], str]] = {
    "title": _title,
    "description": lambda world, before, after: "changed the description",
    "assignee_ids": _people("assigned to", "unassigned"),
    "reviewer_ids": _people("requested review from", "removed review request for"),
    "confidential": lambda world, before, after: (
        "made the issue confidential" if after else "made the issue visible to everyone"
    ),
    "discussion_locked": lambda world, before, after: "locked the discussion" if after else "unlocked the discussion",
    "target_branch": lambda world, before, after: f"changed target branch from `{before}` to `{after}`",
    "due_date": _due_date,
}
