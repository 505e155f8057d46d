"""Push options: `git push -o merge_request.create` and its relatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.errors import ApiError
from bot.sandbox.rules import labels, merge_requests, opening
from bot.sandbox.text import titles
from bot.sandbox.world import MergeRequest, Project, User, World

_PREFIX = "merge_request."


async def apply(world: World, actor: User, project: Project, branch: str, options: Sequence[str]) -> tuple[str, ...]:
    """Create or change the branch's merge request as the options say; what went wrong, for the one who pushes."""
    asked = [option.removeprefix(_PREFIX).partition("=") for option in options if option.startswith(_PREFIX)]
    values: dict[str, list[str]] = {}
    for name, _, value in asked:
        values.setdefault(name, []).append(value)
    if not values:
        return ()
    try:
        found = _open_one(world, project, branch)
        if found is None and "create" in values:
            found = await _create(world, actor, project, branch, values)
        if found is None:
            return (f"A merge request for {branch} does not exist; use merge_request.create",)
        merge_requests.edit(world, actor, found, _wanted(world, project, found, values))
    except ApiError as error:
        return (f"WARNINGS: Error encountered with push options: {error.body['message']}",)
    return ()


def _open_one(world: World, project: Project, branch: str) -> MergeRequest | None:
    found = world.merge_requests.where(source_project_id=project.id, source_branch=branch)
    return next((one for one in found if one.state == "opened"), None)


async def _create(
    world: World, actor: User, project: Project, branch: str, values: Mapping[str, Sequence[str]]
) -> MergeRequest:
    target = world.projects.one(full_path=values["target_project"][-1]) if "target_project" in values else project
    if target is None:
        raise ApiError(404, {"message": "404 Project Not Found"})
    wanted = {
        "title": branch,
        "source_branch": branch,
        "target_branch": values["target"][-1] if "target" in values else target.default_branch or "main",
    }
    return await opening.open_merge_request(world, actor, project, target, wanted, first_title=True)


def _wanted(world: World, project: Project, found: MergeRequest, values: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for option, field in (("title", "title"), ("description", "description"), ("target", "target_branch")):
        if option in values:
            wanted[field] = values[option][-1].replace("\\n", "\n")
    if "draft" in values:
        wanted["title"] = titles.as_draft(wanted.get("title", found.title))
    if "remove_source_branch" in values:
        wanted["force_remove_source_branch"] = True
    if "squash" in values:
        wanted["squash"] = True
    added = labels.ensure(world, project, values.get("label", ()))
    gone = [label.id for name in values.get("unlabel", ()) if (label := labels.named(world, project, name))]
    if added or gone:
        wanted["label_ids"] = labels.joined(world, found.label_ids, added, gone)
    people = [user.id for name in values.get("assign", ()) if (user := world.users.one(username=name))]
    if people:
        wanted["assignee_ids"] = tuple(people)
    return wanted
