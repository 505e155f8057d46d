"""Milestones of projects and groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox import permissions
from bot.sandbox.errors import ApiError
from bot.sandbox.rules import labels
from bot.sandbox.rules.labels import Owner
from bot.sandbox.world import Milestone, Project, World


def of(world: World, owner: Owner, *, parents: bool = False) -> list[Milestone]:
    """The milestones of `owner`, with `parents` those of the groups above too; newest first."""
    places = [labels.source(owner)]
    if parents:
        above = owner.namespace_id if isinstance(owner, Project) else owner.parent_id
        places += [labels.source(group) for group in permissions.ancestors(world, above)]
    found = [one for kind, id_ in places for one in world.milestones.where(source_type=kind, source_id=id_)]
    return sorted(found, key=lambda one: one.id, reverse=True)


def create(world: World, owner: Owner, wanted: Mapping[str, Any]) -> Milestone:
    """A new milestone. ApiError 400 as GitLab words it for a blank or used title, or a start after the end."""
    _check(world, owner, wanted, None, "create")
    now = world.now()
    source_type, source_id = labels.source(owner)
    owner.last_milestone_iid += 1
    return world.milestones.add(
        Milestone(
            source_type=source_type,
            source_id=source_id,
            iid=owner.last_milestone_iid,
            created_at=now,
            updated_at=now,
            **wanted,
        )
    )


def edit(world: World, owner: Owner, milestone: Milestone, wanted: Mapping[str, Any]) -> None:
    """Change a milestone. ApiError 400 as for `create`."""
    _check(world, owner, wanted, milestone, "update")
    for name, value in wanted.items():
        setattr(milestone, name, value)
    milestone.updated_at = world.now()


def delete(world: World, milestone: Milestone) -> None:
    """Remove a milestone, from everything that has it."""
    for one in (*world.issues, *world.merge_requests):
        if one.milestone_id == milestone.id:
            one.milestone_id = None
    world.milestones.remove(milestone)


def _check(world: World, owner: Owner, wanted: Mapping[str, Any], but: Milestone | None, verb: str) -> None:
    problems: dict[str, list[str]] = {}
    title = wanted.get("title", but.title if but else "")
    if not title.strip():
        problems["title"] = ["can't be blank"]
    elif any(one.title == title for one in of(world, owner, parents=True) if one is not but):
        problems["title"] = ["already being used for another group or project milestone."]
    start = wanted.get("start_date", but.start_date if but else None)
    due = wanted.get("due_date", but.due_date if but else None)
    if start and due and due < start:
        problems["due_date"] = ["must be greater than start date"]
    if problems:
        inner = ", ".join(f':{field}=>["{words[0]}"]' for field, words in problems.items())
        raise ApiError(400, {"message": f"Failed to {verb} milestone {{{inner}}}"})
