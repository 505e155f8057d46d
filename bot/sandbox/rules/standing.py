"""Where a merge request stands: what mergeability depends on, gathered, and settled with git when it is due."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.sandbox import permissions, repositories
from bot.sandbox.rules import approvals, comparison, merge_requests, mergeability, notes, protections, todos
from bot.sandbox.rules.mergeability import Standing
from bot.sandbox.text import titles
from bot.sandbox.world import MergeRequest, User, World

_LINEAR = frozenset({"ff", "rebase_merge"})


def of(world: World, subject: MergeRequest) -> Standing:
    """All that decides whether `subject` can be merged, as far as it is known."""
    project = world.projects[subject.project_id]
    pipeline = world.pipelines.get(subject.head_pipeline_id)
    discussions_count = project.only_allow_merge_if_all_discussions_are_resolved
    return Standing(
        merge_status=_merge_status(world, subject),
        opened=subject.state == "opened",
        draft=titles.is_draft(subject.title),
        waits_until_later=subject.merge_after is not None and subject.merge_after > world.now(),
        has_commits=subject.commits_count > 0 and _source_exists(world, subject),
        unresolved_discussions=discussions_count and notes.unresolved_threads(world, subject),
        changes_requested=world.premium and bool(subject.change_requested_by),
        approvals_missing=approvals.left(world, subject) > 0,
        needs_rebase=subject.behind and project.merge_method in _LINEAR,
        ci_required=project.only_allow_merge_if_pipeline_succeeds,
        skipped_pipeline_counts=bool(project.allow_merge_on_skipped_pipeline),
        pipeline=pipeline.status if pipeline and pipeline.sha == subject.sha else None,
    )


def detailed_status(world: World, subject: MergeRequest) -> str:
    """GitLab's `detailed_merge_status`, without looking at git."""
    return mergeability.detailed_status(of(world, subject))


def public_status(world: World, subject: MergeRequest) -> str:
    """GitLab's old `merge_status`: what is being prepared counts as being checked."""
    status = _merge_status(world, subject)
    return "checking" if status == "preparing" else status


def may_merge(world: World, actor: User | None, subject: MergeRequest) -> bool:
    """Whether `actor` may merge into the target branch at all."""
    project = world.projects[subject.project_id]
    if actor is None or not permissions.can_read_project(world, actor, project):
        return False
    return protections.can_merge(world, actor, project, subject.target_branch)


async def settle(world: World, subject: MergeRequest, *, now: bool = False) -> None:
    """Try the merge when it is due and nobody has since the last change; at once with `now`."""
    merge_requests.prepare(world, subject)
    if subject.merge_status != "unchecked" or subject.state != "opened" or not (now or _due(world, subject)):
        return
    project = world.projects[subject.project_id]
    repository = repositories.opened(world, project)
    tip, head = repository.branch(subject.target_branch), subject.sha
    if tip is None or head is None:
        subject.merge_status = "cannot_be_merged"
        return
    verdict = await asyncio.to_thread(comparison.verdict, repository, tip, head)
    if subject.sha != head or subject.merge_status != "unchecked":
        return
    subject.behind, subject.has_conflicts = verdict.behind, verdict.conflicts
    subject.merge_status = "cannot_be_merged" if verdict.conflicts else "can_be_merged"
    subject.checked_at = world.now()
    if verdict.conflicts:
        todos.add_unmergeable(world, subject)


def _due(world: World, subject: MergeRequest) -> bool:
    since = subject.unchecked_since or subject.created_at
    return world.now() >= since + timedelta(seconds=world.mergeability_seconds)


def _merge_status(world: World, subject: MergeRequest) -> str:
    if subject.merge_status != "unchecked" or not world.mergeability_seconds:
        return subject.merge_status
    # Unchecked for the first half of the time, in work for the second.
    since = subject.unchecked_since or subject.created_at
    halfway = world.now() >= since + timedelta(seconds=world.mergeability_seconds / 2)
    return "checking" if halfway else "unchecked"


def _source_exists(world: World, subject: MergeRequest) -> bool:
    source = world.projects.get(subject.source_project_id)
    return source is not None and repositories.opened(world, source).branch(subject.source_branch) is not None
