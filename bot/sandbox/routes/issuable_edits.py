"""Reading what a request wants of an issue or merge request, with the fields that the caller may not set left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox import permissions
from bot.sandbox.api import Call
from bot.sandbox.parameters import Parameters
from bot.sandbox.rules import issuables, labels
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.world import Issue, Project, User

METADATA = frozenset({"label_ids", "assignee_ids", "reviewer_ids", "milestone_id", "due_date", "weight"})
_PLAIN: Mapping[str, Callable[[Parameters, str], Any]] = {
    "title": Parameters.text,
    "description": Parameters.text,
    "discussion_locked": Parameters.boolean,
    "confidential": Parameters.boolean,
    "due_date": Parameters.date,
    "weight": Parameters.integer,
    "target_branch": Parameters.text,
    "squash": Parameters.boolean,
    "allow_collaboration": Parameters.boolean,
    "merge_after": Parameters.time,
}
_ISSUE_FIELDS = ("title", "description", "discussion_locked", "confidential", "due_date", "weight")
_MERGE_REQUEST_FIELDS = (
    "title", "description", "discussion_locked", "target_branch", "squash", "allow_collaboration", "merge_after",
)  # fmt: skip


def wanted(call: Call, project: Project, kind: type[Issuable], current: Issuable | None = None) -> dict[str, Any]:
    """Fields and their wanted values. `current` is what is edited, None for a new one."""
    params = call.params
    fields = _ISSUE_FIELDS if kind is Issue else _MERGE_REQUEST_FIELDS
    result = {name: _PLAIN[name](params, name) for name in fields if name in params}
    # GitLab ignores null where it would empty a switch; an empty merge_after clears it.
    for name in ("confidential", "squash", "allow_collaboration", "title", "target_branch"):
        if name in result and result[name] is None:
            del result[name]
    if "merge_after" in result and params.raw("merge_after") is None:
        del result["merge_after"]
    result |= _labels(call, project, current) | _people(call, project) | _milestone(call, project)
    if not issuables.may_set_metadata(call.world, call.user, project.id, kind):
        result = {name: value for name, value in result.items() if name not in METADATA}
    return result


def _labels(call: Call, project: Project, current: Issuable | None) -> dict[str, Any]:
    params, world = call.params, call.world
    if not any(name in params for name in ("labels", "add_labels", "remove_labels")):
        return {}
    if not issuables.may_set_metadata(world, call.user, project.id, type(current) if current else Issue):
        return {}
    ids = current.label_ids if current else ()
    if (names := params.strings("labels")) is not None:
        ids = labels.ensure(world, project, names)
    added = labels.ensure(world, project, params.strings("add_labels") or ())
    named = (labels.named(world, project, name) for name in params.strings("remove_labels") or ())
    gone = [label.id for label in named if label is not None]
    return {"label_ids": labels.joined(world, ids, added, gone)}


def _people(call: Call, project: Project) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, single in (("assignee_ids", "assignee_id"), ("reviewer_ids", None)):
        ids = call.params.integers(field) if field in call.params else None
        if ids is None and single and single in call.params:
            one = call.params.integer(single)
            ids = (one,) if one else ()
        if ids is not None:
            found[field] = _members(call, project, ids)
    return found


def _members(call: Call, project: Project, ids: tuple[int, ...]) -> tuple[int, ...]:
    # Several at once are Premium; the free tier keeps the first. Who cannot see the project is left out.
    users = (call.world.users.get(id_) for id_ in dict.fromkeys(ids))
    kept = tuple(user.id for user in users if user is not None and _may_be_asked(call, user, project))
    return kept if call.world.premium else kept[:1]


def _may_be_asked(call: Call, user: User, project: Project) -> bool:
    return permissions.can_read_project(call.world, user, project)


def _milestone(call: Call, project: Project) -> dict[str, Any]:
    if "milestone_id" not in call.params:
        return {}
    milestone = call.world.milestones.get(call.params.integer("milestone_id"))
    places = {labels.source(project)}
    places |= {labels.source(group) for group in permissions.ancestors(call.world, project.namespace_id)}
    usable = milestone is not None and (milestone.source_type, milestone.source_id) in places
    return {"milestone_id": milestone.id if usable and milestone else None}
