"""Rebasing a merge request's source branch onto its target, in the background as GitLab does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.sandbox import repositories
from bot.sandbox.errors import conflict, forbidden
from bot.sandbox.git import merging as git_merging
from bot.sandbox.git.objects import Person
from bot.sandbox.git.repository import HEADS, Move, MovedError, Repository
from bot.sandbox.rules import collaboration, protections, ref_changes
from bot.sandbox.world import MergeRequest, User, World

# app/services/merge_requests/rebase_service.rb
FAILED = "Rebase failed: Rebase locally, resolve all conflicts, then push the branch."
_NO_BRANCH = "Source branch does not exist"
_NO_PUSH = "Cannot push to source branch"
_NO_FORCE = "Source branch is protected from force push"


@dataclass(frozen=True, slots=True)
class Work:
    """The rebase as git has to make it: `head` of `branch` onto `onto`, which is a commit of `target`."""

    source: Repository
    target: Repository
    branch: str
    head: str
    onto: str
    committer: Person


def start(world: World, actor: User, subject: MergeRequest) -> None:
    """Begin to rebase.

    ApiError 403 when the branch is gone or `actor` may not force-push to it, 409 unless it is open and not under way.
    """
    source = world.projects.get(subject.source_project_id)
    repository = repositories.opened(world, source) if source else None
    if source is None or repository is None or repository.branch(subject.source_branch) is None:
        raise forbidden(_NO_BRANCH)
    if not collaboration.can_push(world, actor, source, subject.source_branch):
        raise forbidden(_NO_PUSH)
    if not protections.allows_force_push(world, source, subject.source_branch):
        raise forbidden(_NO_FORCE)
    if subject.state != "opened" or subject.rebase_in_progress:
        # MergeRequest#rebase_async calls such a record stale.
        raise conflict("409 Conflict: Resource lock")
    subject.rebase_in_progress, subject.merge_error = True, None
    world.loop.spawn(_rebase(world, actor, subject))


async def _rebase(world: World, actor: User, subject: MergeRequest) -> None:
    source, target = world.projects[subject.source_project_id], world.projects[subject.project_id]
    repository = repositories.opened(world, source)
    target_repository = repositories.opened(world, target)
    head, onto = repository.branch(subject.source_branch), target_repository.branch(subject.target_branch)
    try:
        if head is None or onto is None:
            subject.merge_error = FAILED
            return
        committer = Person(actor.name, actor.email, world.now())
        work = Work(repository, target_repository, subject.source_branch, head, onto, committer)
        after = await asyncio.to_thread(make, work)
        if after != head:
            await ref_changes.announce(world, source, actor, [Move(HEADS + subject.source_branch, head, after)])
    except (git_merging.ConflictError, MovedError):
        subject.merge_error = FAILED
    finally:
        subject.rebase_in_progress = False


def make(work: Work) -> str:
    """Rewrite the commits and move the branch; its new head. Blocks. Raises ConflictError, MovedError."""
    if work.source.folder != work.target.folder:
        work.source.bring(work.target, work.onto, f"refs/rebase/{work.branch}")
    after = git_merging.rebased(work.source, work.head, work.onto, work.committer)
    if after != work.head:
        work.source.move(Move(HEADS + work.branch, work.head, after))
    return after
