"""Opening a merge request: looking at its branches, then making it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.errors import forbidden, invalid_record
from bot.sandbox.rules import code_access, merge_requests, pipelines, refreshing
from bot.sandbox.world import MergeRequest, Project, User, World


async def open_merge_request(
    world: World, actor: User, source: Project, target: Project, wanted: Mapping[str, Any], *, first_title: bool = False
) -> MergeRequest:
    """A new merge request; `wanted` has title and both branches. ApiError 400, 403, 409 or 422 as GitLab words it.

    `first_title` takes the title from the only commit, as a push does.
    """
    if not may_open(world, actor, target):
        raise forbidden()
    names = (wanted["source_branch"], wanted["target_branch"])
    merge_requests.check_branches(world, source, target, names)
    iid = merge_requests.reserve_iid(target)
    seen = await refreshing.seen(world, source, target, names, iid)
    if seen is None:
        raise invalid_record({"source_branch": ["does not exist"]})
    # Git took its time: the branch may have got a merge request meanwhile.
    merge_requests.check_branches(world, source, target, names)
    fields = dict(wanted)
    if first_title and len(seen.commits) == 1:
        fields["title"] = seen.commits[0].title
    made = merge_requests.create(world, actor, source, target, iid, fields, seen)
    known = pipelines.latest(world, source, made.source_branch, made.sha)
    made.head_pipeline_id = known.id if known else None
    world.loop.later(0, lambda: merge_requests.prepare(world, made))
    return made


def may_open(world: World, actor: User, target: Project) -> bool:
    """Whether `actor` may open merge requests in `target`: whoever reads its code."""
    return target.merge_requests_enabled and not target.archived and code_access.can_read_code(world, actor, target)
