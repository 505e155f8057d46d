"""What follows when refs have moved, by a push or through the API."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from bot.sandbox import pushes, repositories
from bot.sandbox.git.objects import ABSENT
from bot.sandbox.git.repository import HEADS, Move
from bot.sandbox.rules import projects
from bot.sandbox.world import Project, User, World


async def announce(
    world: World, project: Project, user: User, moves: Sequence[Move], push_options: Sequence[str] = ()
) -> tuple[str, ...]:
    """Let everything that depends on the refs follow; the lines that a git client is to hear."""
    if not moves:
        return ()
    was_empty = project.head is None
    repositories.refresh(world, project)
    if was_empty and project.head is not None:
        projects.protect_default_branch(world, project)
    warnings: list[str] = []
    for move in moves:
        warnings += await pushes.after_push(world, project, user, move.ref, move.before, move.after, push_options)
    return (*warnings, *(line for move in moves for line in _invitation(world, project, move)))


def _invitation(world: World, project: Project, move: Move) -> tuple[str, ...]:
    branch = move.ref.removeprefix(HEADS)
    follows = move.ref.startswith(HEADS) and move.after != ABSENT and branch != project.default_branch
    if not follows or not project.merge_requests_enabled:
        return ()
    requests = world.merge_requests.where(source_project_id=project.id, source_branch=branch)
    shown = next((request for request in requests if request.state == "opened"), None)
    if shown is None:
        query = urlencode({"merge_request[source_branch]": branch})
        url = f"{world.url}/{project.full_path}/-/merge_requests/new?{query}"
        return "", f"To create a merge request for {branch}, visit:", f"  {url}", ""
    target = world.projects[shown.project_id]
    return "", f"View merge request for {branch}:", f"  {world.url}/{target.full_path}/-/merge_requests/{shown.iid}", ""
