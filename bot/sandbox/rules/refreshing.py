"""What a moved branch means for the merge requests from it and into it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.sandbox import repositories
from bot.sandbox.git import history
from bot.sandbox.git.objects import ABSENT, Commit
from bot.sandbox.git.repository import HEADS, Move, Repository
from bot.sandbox.rules import comparison, landing, merge_requests, pipelines, remarks, standing, todos
from bot.sandbox.rules.comparison import Branches, Comparison
from bot.sandbox.webhooks import events
from bot.sandbox.world import MergeRequest, Project, User, World

MOST_COMMITS = 1000


async def compared(world: World, subject: MergeRequest) -> Comparison | None:
    """What git says of the branches now; None when the source branch is gone."""
    source, target = world.projects.get(subject.source_project_id), world.projects[subject.project_id]
    if source is None:
        return None
    return await seen(world, source, target, (subject.source_branch, subject.target_branch), subject.iid)


async def seen(world: World, source: Project, target: Project, names: tuple[str, str], iid: int) -> Comparison | None:
    """What git says of a (source, target) pair of branches; None when the source branch does not exist."""
    source_repository, target_repository = repositories.opened(world, source), repositories.opened(world, target)
    head = source_repository.branch(names[0])
    if head is None:
        return None
    branches = Branches(target_repository, source_repository, head, target_repository.branch(names[1]))
    return await asyncio.to_thread(comparison.compare, branches, iid)


async def look_again(world: World, subject: MergeRequest) -> None:
    """Bring one merge request up to date after its branches were changed; nothing when its source branch is gone."""
    found = await compared(world, subject)
    if found is not None:
        merge_requests.look(world, subject, found)
        merge_requests.uncheck(world, subject)


async def diverged(world: World, subject: MergeRequest) -> int:
    """How many commits the target branch has that the source branch lacks."""
    repository = repositories.opened(world, world.projects[subject.project_id])
    tip, head = repository.branch(subject.target_branch), subject.sha
    if tip is None or head is None:
        return 0
    return await asyncio.to_thread(history.count, repository, history.Asked((f"{head}..{tip}",)))


async def new_commits(world: World, project: Project, move: Move) -> list[Commit]:
    """The commits that a move of a branch added, oldest first; of a new branch, those that the default branch lacks."""
    repository = repositories.opened(world, project)
    return await asyncio.to_thread(_new_commits, repository, move, project.default_branch)


async def after_move(world: World, actor: User, project: Project, move: Move, commits: Sequence[Commit]) -> None:
    """Bring every merge request that the branch is part of up to date."""
    branch = move.ref.removeprefix(HEADS)
    land_by_hand(world, actor, project, branch, commits)
    for subject in world.merge_requests.where(source_project_id=project.id, source_branch=branch):
        if subject.state == "opened":
            await _source_moved(world, actor, subject, move, commits)
    for subject in world.merge_requests.where(project_id=project.id, target_branch=branch):
        if subject.state == "opened" and subject.merge_status != "preparing":
            merge_requests.uncheck(world, subject)
            await _end_auto_merge_behind(world, actor, subject)


def land_by_hand(world: World, actor: User, project: Project, branch: str, commits: Sequence[Commit]) -> None:
    """Merge requests whose head was pushed to the target branch are merged."""
    arrived = _brought_by(commits)
    for subject in world.merge_requests.where(project_id=project.id, target_branch=branch):
        if subject.state == "opened" and subject.sha in arrived and subject.commits_count:
            landing.landed(world, actor, subject, arrived[subject.sha])


def _brought_by(commits: Sequence[Commit]) -> dict[str, str]:
    # lib/gitlab/branch_push_merge_commit_analyzer.rb: a commit of the branch's own line came by itself, any other
    # with the merge that its child came with.
    known = {commit.sha: commit for commit in commits}
    line, at = set[str](), commits[-1].sha if commits else ""
    while at in known:
        line.add(at)
        at = next(iter(known[at].parents), "")
    brought = {sha: sha for sha in line}
    for commit in reversed(commits):
        for parent in commit.parents:
            if parent in known and commit.sha in brought:
                brought.setdefault(parent, brought[commit.sha])
    return brought


async def _end_auto_merge_behind(world: World, actor: User, subject: MergeRequest) -> None:
    if not subject.merge_when_pipeline_succeeds:
        return
    await standing.settle(world, subject, now=True)
    if standing.of(world, subject).needs_rebase:
        merge_requests.cancel_auto_merge(subject)
        remarks.remark(world, actor, subject, "aborted the automatic merge because target branch was updated")
        todos.add_unmergeable(world, subject)


async def _source_moved(
    world: World, actor: User, subject: MergeRequest, move: Move, commits: Sequence[Commit]
) -> None:
    if move.after == ABSENT:
        merge_requests.close(world, actor, subject)
        remarks.remark(world, actor, subject, f"deleted source branch `{subject.source_branch}`")
        return
    found = await compared(world, subject)
    if found is None or subject.state != "opened":
        return
    if move.before == ABSENT:
        remarks.remark(world, actor, subject, f"restored source branch `{subject.source_branch}`")
    oldrev = subject.sha
    merge_requests.look(world, subject, found)
    merge_requests.uncheck(world, subject)
    subject.updated_at = world.now()
    if oldrev == found.head:
        return
    subject.merge_error = None
    _remark_commits(world, actor, subject, found, commits)
    if subject.merge_when_pipeline_succeeds and subject.auto_merge_sha != found.head:
        merge_requests.cancel_auto_merge(subject)
        remarks.remark(world, actor, subject, "aborted the automatic merge because the source branch was updated")
    if world.premium:
        subject.approved_by = ()
    known = pipelines.latest(world, world.projects[subject.source_project_id], subject.source_branch, found.head)
    subject.head_pipeline_id = known.id if known else None
    events.merge_request(world, actor, subject, "update", {}, oldrev)


def _remark_commits(
    world: World, actor: User, subject: MergeRequest, found: Comparison, commits: Sequence[Commit]
) -> None:
    brought = {commit.sha for commit in found.commits}
    new = [commit for commit in commits if commit.sha in brought] or list(reversed(found.commits))
    items = "".join(f"<li>{commit.sha[:8]} - {commit.title}</li>" for commit in new)
    noun = "commit" if len(new) == 1 else "commits"
    path = f"/{world.projects[subject.project_id].full_path}/-/merge_requests/{subject.iid}/diffs"
    link = f"[Compare with previous version]({path}?diff_id={subject.versions[-1][0]})"
    remarks.remark(world, actor, subject, f"added {len(new)} {noun}\n\n<ul>{items}</ul>\n\n{link}")


def _new_commits(repository: Repository, move: Move, default_branch: str | None) -> list[Commit]:
    if move.after == ABSENT:
        return []
    since = move.before if move.before != ABSENT else repository.branch(default_branch or "")
    if since is None or since == move.after or repository.commit(since) is None:
        asked = history.Asked((move.after,), limit=MOST_COMMITS)
        return [] if since == move.after else history.log(repository, asked)[::-1]
    asked = history.Asked((f"{since}..{move.after}",), topological=True, limit=MOST_COMMITS)
    return history.log(repository, asked)[::-1]
