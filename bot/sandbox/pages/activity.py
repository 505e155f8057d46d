"""The activity of an issue or merge request: comments, remarks and changes of state, in the order of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from bot.sandbox.pages.page import Page
from bot.sandbox.represent.label import basic
from bot.sandbox.rules.issuables import Issuable, project_of, reference
from bot.sandbox.world import Note, ResourceEvent, User, World

_STATES = {"closed": "closed", "reopened": "reopened", "merged": "merged"}


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as it is shown. `place` is the file and line that it is about."""

    id: int
    author: User
    at: datetime
    html: Markup
    place: str
    internal: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A thread of comments, or a remark (`kind` "thread" or "remark")."""

    kind: str
    at: datetime
    author: User
    html: Markup = field(default_factory=Markup)
    notes: tuple[Comment, ...] = ()
    resolved: bool = False


def of(page: Page, issuable: Issuable) -> list[Entry]:
    """Everything that happened, oldest first."""
    world, kind = page.world, type(issuable).__name__
    threads: dict[str, list[Note]] = {}
    for note in world.notes.where(noteable_type=kind, noteable_id=issuable.id):
        threads.setdefault(note.discussion_id, []).append(note)
    entries = [_thread(page, issuable, notes) for notes in threads.values()]
    for event_kind in ("state", "label"):
        found = world.resource_events.where(kind=event_kind, resource_type=kind, resource_id=issuable.id)
        entries += [_event(page, issuable, event) for event in found]
    return sorted(entries, key=lambda entry: entry.at)


def _thread(page: Page, issuable: Issuable, notes: list[Note]) -> Entry:
    project = project_of(page.world, issuable)
    first = notes[0]
    author = page.world.users[first.author_id]
    if first.system:
        return Entry("remark", first.created_at, author, page.html(project, _without_list(first.body)))
    shown = tuple(
        Comment(
            id=note.id,
            author=page.world.users[note.author_id],
            at=note.created_at,
            html=page.html(project, note.body),
            place=_place(note.position),
            internal=note.internal,
        )
        for note in notes
    )
    return Entry("thread", first.created_at, author, notes=shown, resolved=first.resolvable and first.resolved)


def _without_list(body: str) -> str:
    # "added 2 commits" is followed by an HTML list of them, which the page shows below anyway.
    return body.partition("\n")[0]


def _place(position: Mapping[str, object] | None) -> str:
    if position is None:
        return ""
    return (
        f"{position.get('new_path') or position.get('old_path')}:{position.get('new_line') or position.get('old_line')}"
    )


def _event(page: Page, issuable: Issuable, event: ResourceEvent) -> Entry:
    words = _label_words(page.world, event) if event.kind == "label" else _state_words(page, issuable, event)
    return Entry("remark", event.created_at, page.world.users[event.user_id], words)


def _state_words(page: Page, issuable: Issuable, event: ResourceEvent) -> Markup:
    word = _STATES[event.value or "closed"]
    by = page.world.merge_requests.get(event.source_merge_request_id)
    via = ""
    if by is not None:
        via = f" via merge request {reference(page.world, by, project_of(page.world, issuable))}"
    elif event.source_commit:
        via = f" via commit {event.source_commit[:8]}"
    return page.html(project_of(page.world, issuable), word + via)


def _label_words(world: World, event: ResourceEvent) -> Markup:
    label = world.labels.get(event.label_id)
    verb = "added" if event.action == "add" else "removed"
    if label is None:
        return Markup("{} a label").format(verb)
    shown = basic(label)
    mark = Markup('<span class="label" style="background: {color}; color: {text_color}">{name}</span>').format(**shown)
    return Markup("{} the {} label").format(verb, mark)
