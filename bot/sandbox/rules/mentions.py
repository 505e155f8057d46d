"""Following references: who and what a text mentions learns of it."""

from __future__ import annotations

from bot.sandbox import permissions
from bot.sandbox.rules import issuables, remarks, todos
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.text import references
from bot.sandbox.text.references import Reference
from bot.sandbox.world import Issue, MergeRequest, Project, User, World


def issue(world: World, viewer: User, project: Project, reference: Reference) -> Issue | None:
    """The issue that `reference`, written in `project`, names, as far as `viewer` may read it."""
    place = _place(world, viewer, project, reference.project)
    found = world.issues.one(project_id=place.id, iid=reference.iid) if place else None
    return found if found is not None and issuables.may_read(world, viewer, found) else None


def merge_request(world: World, viewer: User, project: Project, reference: Reference) -> MergeRequest | None:
    """The merge request that `reference`, written in `project`, names."""
    place = _place(world, viewer, project, reference.project)
    return world.merge_requests.one(project_id=place.id, iid=reference.iid) if place else None


def mentioned(world: World, viewer: User, project: Project, text: str) -> list[Issuable]:
    """The issues and merge requests that `text`, written in `project`, mentions."""
    found: list[Issuable | None] = [issue(world, viewer, project, r) for r in references.issues(text, world.url)]
    found += [merge_request(world, viewer, project, r) for r in references.merge_requests(text, world.url)]
    return [one for one in found if one is not None]


def follow(world: World, actor: User, source: Issuable, text: str | None) -> None:
    """What `text` in `source` (its description, or a note below it) mentions gets a remark or a to-do."""
    if not text:
        return
    project = issuables.project_of(world, source)
    for target in mentioned(world, actor, project, text):
        if target is not source:
            cross_reference(
                world, actor, target, issuables.described(world, source, issuables.project_of(world, target))
            )
    _tell_people(world, actor, source, text)


def cross_reference(world: World, actor: User, target: Issuable, mentioner: str) -> None:
    """Remark on `target` that `mentioner` ("merge request !1") mentions it, once."""
    body = f"mentioned in {mentioner}"
    kind = type(target).__name__
    if any(note.system and note.body == body for note in world.notes.where(noteable_type=kind, noteable_id=target.id)):
        return
    remarks.remark(world, actor, target, body)


def _tell_people(world: World, actor: User, source: Issuable, text: str) -> None:
    for name in references.mentions(text):
        user = world.users.one(username=name)
        if user is not None:
            starts = references.visible(text).lstrip().startswith(f"@{name}")
            todos.add(world, user, actor, "directly_addressed" if starts else "mentioned", source, text)


def _place(world: World, viewer: User, project: Project, path: str) -> Project | None:
    if not path:
        return project
    full = path if "/" in path else f"{project.full_path.rpartition('/')[0]}/{path}"
    found = world.projects.one(full_path=full)
    return found if found is not None and permissions.can_read_project(world, viewer, found) else None
