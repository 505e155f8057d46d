"""Notes: what people write below issues and merge requests, alone or in threads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.sandbox import permissions
from bot.sandbox.errors import ApiError, forbidden
from bot.sandbox.rules import activity, issuables, mentions, remarks, todos
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.webhooks import events
from bot.sandbox.world import Access, Note, User, World

LONGEST = 1_000_000


def of(world: World, issuable: Issuable) -> list[Note]:
    """The notes of an issuable, oldest first."""
    return world.notes.where(noteable_type=type(issuable).__name__, noteable_id=issuable.id)


def readable(world: World, viewer: User | None, issuable: Issuable) -> list[Note]:
    """The notes that `viewer` may read: internal ones are for Reporters and up (Planners too)."""
    insider = permissions.project_access(world, viewer, issuables.project_of(world, issuable)) >= Access.PLANNER
    return [note for note in of(world, issuable) if insider or not note.internal or _wrote(viewer, note)]


def may_comment(world: World, actor: User, issuable: Issuable) -> bool:
    """Whether `actor`, who can read the issuable, may comment: members only once its discussion is locked."""
    project = issuables.project_of(world, issuable)
    if project.archived:
        return False
    return not issuable.discussion_locked or permissions.project_access(world, actor, project) >= Access.GUEST


def may_change(world: World, actor: User, note: Note) -> bool:
    """Whether `actor` may edit or delete `note`: its author, and Maintainers."""
    if note.system:
        return False
    project = world.projects[note.project_id]
    return note.author_id == actor.id or permissions.project_access(world, actor, project) >= Access.MAINTAINER


def may_resolve(world: World, actor: User, note: Note) -> bool:
    """Whether `actor` may resolve the thread of `note`: Developers, and the author of what it is about."""
    if permissions.project_access(world, actor, world.projects[note.project_id]) >= Access.DEVELOPER:
        return True
    about = (world.merge_requests if note.noteable_type == "MergeRequest" else world.issues).get(note.noteable_id)
    return about is not None and about.author_id == actor.id


def add(
    world: World,
    author: User,
    issuable: Issuable,
    body: str,
    *,
    kind: str | None = None,
    discussion_id: str | None = None,
    internal: bool = False,
    position: Mapping[str, Any] | None = None,
    created_at: datetime | None = None,
) -> Note:
    """A comment, with what follows. ApiError 403 when the discussion is locked, 400 for a blank or huge body."""
    if not may_comment(world, author, issuable):
        raise forbidden()
    _check(body)
    note = remarks.write(world, author, issuable, body, kind=kind, discussion_id=discussion_id)
    note.internal, note.position = internal, position
    # Threads can be resolved on merge requests, and since 17.3 on issues; single comments cannot.
    note.resolvable = kind is not None
    if created_at is not None:
        note.created_at = note.updated_at = created_at
    issuable.updated_at = world.now()
    issuable.subscriber_ids = tuple(dict.fromkeys((*issuable.subscriber_ids, author.id)))
    project = issuables.project_of(world, issuable)
    activity.record_comment(world, author, project, note, issuable.title)
    todos.finish(world, author, issuable)
    mentions.follow(world, author, issuable, body)
    events.note(world, author, note, issuable)
    return note


def reply(
    world: World, author: User, issuable: Issuable, first: Note, body: str, *, created_at: datetime | None = None
) -> Note:
    """A reply in the thread that `first` begins; a single comment becomes a thread by it."""
    if first.type is None:
        first.type, first.resolvable = "DiscussionNote", True
    thread = first.discussion_id
    answer = add(world, author, issuable, body, kind=first.type, discussion_id=thread, created_at=created_at)
    answer.position = first.position
    return answer


def edit(world: World, note: Note, body: str) -> None:
    """Change a comment's text. ApiError 400 for a blank or huge one."""
    _check(body)
    note.body, note.updated_at = body, world.now()


def delete(world: World, note: Note) -> None:
    """Remove a note and what was awarded to it."""
    for award in world.award_emoji.where(awardable_type="Note", awardable_id=note.id):
        world.award_emoji.remove(award)
    world.notes.remove(note)


def set_resolved(world: World, actor: User, note: Note, resolved: bool) -> None:
    """Resolve or reopen the whole thread of `note`."""
    for each in world.notes.where(discussion_id=note.discussion_id):
        if each.resolvable and each.resolved != resolved:
            each.resolved = resolved
            each.resolved_by_id = actor.id if resolved else None
            each.resolved_at = world.now() if resolved else None


def unresolved_threads(world: World, issuable: Issuable) -> bool:
    """Whether any thread is still open."""
    return any(note.resolvable and not note.resolved for note in of(world, issuable))


def _check(body: str) -> None:
    if not body.strip():
        raise ApiError(400, {"message": '400 Bad request - Note {:note=>["can\'t be blank"]}'})
    if len(body) > LONGEST:
        raise ApiError(
            400, {"message": f'400 Bad request - Note {{:note=>["is too long (maximum is {LONGEST} characters)"]}}'}
        )


def _wrote(viewer: User | None, note: Note) -> bool:
    return viewer is not None and viewer.id == note.author_id
