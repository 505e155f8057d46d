"""What issues and merge requests have in common: who may touch them, how they are named, what an edit leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.sandbox import permissions
from bot.sandbox.rules import labels, todos
from bot.sandbox.world import Access, Issue, MergeRequest, Project, ResourceEvent, User, World

Issuable = Issue | MergeRequest
Changes = dict[str, tuple[Any, Any]]
"""Field to (before, after)."""


def project_of(world: World, issuable: Issuable) -> Project:
    """The project whose number the issuable carries."""
    return world.projects[issuable.project_id]


def may_read(world: World, viewer: User | None, issuable: Issuable) -> bool:
    """Whether `viewer`, who sees the project, sees this one: confidential ones are for Planners and those concerned."""
    if isinstance(issuable, MergeRequest) or not issuable.confidential:
        return True
    if viewer is None:
        return False
    if viewer.id in (issuable.author_id, *issuable.assignee_ids):
        return True
    return permissions.project_access(world, viewer, project_of(world, issuable)) >= Access.PLANNER


def may_edit(world: World, actor: User, issuable: Issuable) -> bool:
    """Whether `actor` may change title, description and state."""
    if actor.id in (issuable.author_id, *issuable.assignee_ids):
        return True
    return may_set_metadata(world, actor, issuable.project_id, type(issuable))


def may_set_metadata(world: World, actor: User, project_id: int, kind: type[Issuable]) -> bool:
    """Whether `actor` may set labels, people, milestones and dates; GitLab drops them silently otherwise."""
    needed = Access.PLANNER if kind is Issue else Access.DEVELOPER
    return permissions.project_access(world, actor, world.projects[project_id]) >= needed


def reference(world: World, issuable: Issuable, seen_from: Project) -> str:
    """How `issuable` is written in `seen_from`: "#1", "other#1" in the same group, "group/other#1" elsewhere."""
    project, sign = project_of(world, issuable), "!" if isinstance(issuable, MergeRequest) else "#"
    if project.id == seen_from.id:
        path = ""
    else:
        path = project.path if project.namespace_id == seen_from.namespace_id else project.full_path
    return f"{path}{sign}{issuable.iid}"


def described(world: World, issuable: Issuable, seen_from: Project) -> str:
    """The same in a sentence: "issue #1", "merge request !1"."""
    noun = "merge request" if isinstance(issuable, MergeRequest) else "issue"
    return f"{noun} {reference(world, issuable, seen_from)}"


def web_url(world: World, issuable: Issuable) -> str:
    """The page of the issuable."""
    kind = "merge_requests" if isinstance(issuable, MergeRequest) else "issues"
    return f"{world.url}/{project_of(world, issuable).full_path}/-/{kind}/{issuable.iid}"


def subscribe(issuable: Issuable, user: User, wanted: bool) -> bool:
    """Let `user` be told of changes, or not; whether that is new."""
    subscribed = user.id in issuable.subscriber_ids
    if subscribed == wanted:
        return False
    others = tuple(id_ for id_ in issuable.subscriber_ids if id_ != user.id)
    issuable.subscriber_ids = (*others, user.id) if wanted else others
    return True


def assign(issuable: Issuable, wanted: Mapping[str, Any]) -> Changes:
    """Set fields to what is wanted; those that changed."""
    changes = {name: (getattr(issuable, name), value) for name, value in wanted.items()}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    for name, (_, after) in changes.items():
        setattr(issuable, name, after)
    return changes


def record_state(world: World, actor: User, issuable: Issuable, state: str, **source: Any) -> None:
    """A change of state as its resource event; `source` says what caused it (a merge request or a commit)."""
    event = _resource_event(world, actor, issuable, "state", state)
    event.value = state
    for name, value in source.items():
        setattr(event, name, value)


def record_metadata(world: World, actor: User, issuable: Issuable, changes: Changes) -> None:
    """Resource events and to-dos for what changed about labels, milestone and people."""
    for name, (before, after) in changes.items():
        if trace := _TRACES.get(name):
            trace(world, actor, issuable, before, after)


def forget(world: World, issuable: Issuable) -> None:
    """Remove what hangs on an issuable that is about to be deleted: notes, reactions, events and to-dos."""
    kind, id_ = type(issuable).__name__, issuable.id
    notes = world.notes.where(noteable_type=kind, noteable_id=id_)
    for awarded, awarded_id in ((kind, id_), *(("Note", note.id) for note in notes)):
        for award in world.award_emoji.where(awardable_type=awarded, awardable_id=awarded_id):
            world.award_emoji.remove(award)
    for note in notes:
        world.notes.remove(note)
    for todo in world.todos.where(target_type=kind, target_id=id_):
        world.todos.remove(todo)
    for event_kind in ("label", "state", "milestone"):
        for event in world.resource_events.where(kind=event_kind, resource_type=kind, resource_id=id_):
            world.resource_events.remove(event)


def _resource_event(world: World, actor: User, issuable: Issuable, kind: str, action: str) -> ResourceEvent:
    return world.resource_events.add(
        ResourceEvent(
            kind=kind,
            user_id=actor.id,
            resource_type=type(issuable).__name__,
            resource_id=issuable.id,
            action=action,
            created_at=world.now(),
        )
    )


def _labels(world: World, actor: User, issuable: Issuable, before: Iterable[int], after: Iterable[int]) -> None:
    for action, ids in (("add", set(after) - set(before)), ("remove", set(before) - set(after))):
        for label in labels.of(world, ids):
            _resource_event(world, actor, issuable, "label", action).label_id = label.id


def _milestone(world: World, actor: User, issuable: Issuable, before: int | None, after: int | None) -> None:
    for action, milestone_id in (("remove", before), ("add", after)):
        if milestone_id is not None:
            _resource_event(world, actor, issuable, "milestone", action).milestone_id = milestone_id


def _assignees(world: World, actor: User, issuable: Issuable, before: Iterable[int], after: Iterable[int]) -> None:
    for user_id in set(after) - set(before):
        todos.add(world, world.users[user_id], actor, "assigned", issuable)


def _reviewers(world: World, actor: User, issuable: Issuable, before: Iterable[int], after: Iterable[int]) -> None:
    for user_id in set(after) - set(before):
        todos.add(world, world.users[user_id], actor, "review_requested", issuable)


_TRACES: Mapping[str, Callable[[World, User, Issuable, Any, Any], None]] = {
    "label_ids": _labels,
    "milestone_id": _milestone,
    "assignee_ids": _assignees,
    "reviewer_ids": _reviewers,
}
