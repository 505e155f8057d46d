"""After a push: merge requests, issues, pipelines, the activity feed and web hooks follow."""

from __future__ import annotations

from collections.abc import Sequence

from bot.sandbox.git.objects import ABSENT, Commit
from bot.sandbox.git.repository import HEADS, TAGS, Move
from bot.sandbox.rules import activity, closing_issues, pipelines, push_options, refreshing
from bot.sandbox.webhooks import push_events
from bot.sandbox.world import Project, User, World


async def after_push(
    world: World, project: Project, user: User, ref: str, before: str, after: str, options: Sequence[str] = ()
) -> tuple[str, ...]:
    """Let everything follow that depends on `ref`; what went wrong with the push options, for the one who pushes.

    ABSENT stands for "does not exist". Git runs in threads; when this returns, merge requests and issues are
    up to date.
    """
    move = Move(ref, before, after)
    commits = await refreshing.new_commits(world, project, move) if ref.startswith((HEADS, TAGS)) else []
    activity.record_push(world, user, project, _action(move), _push_data(move, commits))
    warnings: tuple[str, ...] = ()
    if ref.startswith(HEADS):
        warnings = await _branch_moved(world, project, user, move, commits, options)
    elif ref.startswith(TAGS) and after != ABSENT and _wants_pipeline(project, options):
        pipelines.create(world, project, user, ref.removeprefix(TAGS), after, before_sha=before, tag=True)
    push_events.repository_update(world, user, project, move)
    await push_events.push(world, user, project, move, commits)
    return warnings


async def _branch_moved(
    world: World, project: Project, user: User, move: Move, commits: Sequence[Commit], options: Sequence[str]
) -> tuple[str, ...]:
    branch = move.ref.removeprefix(HEADS)
    await refreshing.after_move(world, user, project, move, commits)
    if branch == project.default_branch:
        closing_issues.close_by_commits(world, user, project, commits)
    if move.after == ABSENT:
        return ()
    warnings = await push_options.apply(world, user, project, branch, options)
    if _wants_pipeline(project, options):
        pipelines.create(world, project, user, branch, move.after, before_sha=move.before)
    return warnings


def _wants_pipeline(project: Project, options: Sequence[str]) -> bool:
    return project.pipeline_outcome != pipelines.NONE and "ci.skip" not in options


def _action(move: Move) -> str:
    if move.after == ABSENT:
        return "deleted"
    return "pushed new" if move.before == ABSENT else "pushed to"


def _push_data(move: Move, commits: Sequence[Commit]) -> dict[str, object]:
    kind, name = ("branch", move.ref.removeprefix(HEADS)) if move.ref.startswith(HEADS) else ("tag", move.ref[10:])
    actions = {"deleted": "removed", "pushed new": "created", "pushed to": "pushed"}
    return {
        "commit_count": len(commits),
        "action": actions[_action(move)],
        "ref_type": kind,
        "commit_from": None if move.before == ABSENT else move.before,
        "commit_to": None if move.after == ABSENT else move.after,
        "ref": name,
        "commit_title": commits[-1].title if commits else None,
        "ref_count": None,
    }
