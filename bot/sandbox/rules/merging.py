"""Merging: what is refused, what waits for a pipeline, and the merge itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.sandbox import permissions, repositories
from bot.sandbox.errors import ApiError, unauthorized
from bot.sandbox.git import merging as git_merging
from bot.sandbox.git.objects import ABSENT, Person
from bot.sandbox.git.repository import HEADS, Move, MovedError, Repository
from bot.sandbox.rules import (
    landing,
    merge_requests,
    mergeability,
    messages,
    pipelines,
    protections,
    ref_changes,
    remarks,
    standing,
)
from bot.sandbox.webhooks import events
from bot.sandbox.world import Access, MergeRequest, Pipeline, Project, User, World

SETTABLE_WHILE = frozenset({
    "mergeable", "ci_still_running", "ci_must_pass", "not_approved", "draft_status", "discussions_not_resolved",
    "requested_changes", "merge_time",
})  # fmt: skip
"""Auto-merge can be set while these stand in the way (merge when checks pass)."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the one who merges asks for. None leaves it to the merge request and the project."""

    message: str | None = None
    squash_message: str | None = None
    remove_source_branch: bool | None = None
    squash: bool | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """The merge as git has to make it."""

    method: str
    squash: bool
    message: str
    squash_message: str
    author: Person


@dataclass(frozen=True, slots=True)
class Made:
    """The commits of a merge: where the target branch goes, and which of them are new."""

    tip: str
    merge_commit: str | None
    squash_commit: str | None


async def accept(
    world: World, actor: User, subject: MergeRequest, options: Options, *, sha: str | None, auto: bool
) -> None:
    """Merge, or set auto-merge. ApiError 401, 405, 409 or 422 as GitLab refuses. Source: lib/api/merge_requests.rb."""
    if not standing.may_merge(world, actor, subject):
        raise unauthorized()
    if sha is not None and sha != subject.sha:
        raise ApiError(409, {"message": f"SHA does not match HEAD of source branch: {subject.sha}"})
    if options.squash:
        subject.squash = True
    await standing.settle(world, subject, now=True)
    stands = standing.of(world, subject)
    status = mergeability.detailed_status(stands)
    if auto and _waits(stands, status):
        return set_auto_merge(world, actor, subject, options)
    if not auto and status != "mergeable":
        raise ApiError(405, {"message": "405 Method Not Allowed"})
    if auto and stands.pipeline not in (None, "success"):
        raise ApiError(405, {"message": "405 Method Not Allowed"})
    if status != "mergeable":
        raise ApiError(422, {"message": "Branch cannot be merged"})
    return await merge(world, actor, subject, options)


def set_auto_merge(world: World, actor: User, subject: MergeRequest, options: Options) -> None:
    """Merge by itself as soon as it can be."""
    subject.merge_when_pipeline_succeeds = True
    subject.merge_user_id, subject.auto_merge_sha = actor.id, subject.sha
    subject.auto_merge_options = {
        "message": options.message,
        "squash_message": options.squash_message,
        "remove_source_branch": options.remove_source_branch,
        "squash": options.squash,
    }
    subject.should_remove_source_branch = options.remove_source_branch
    subject.updated_at = world.now()
    remarks.remark(world, actor, subject, f"enabled an automatic merge when all merge checks for {subject.sha} pass")
    events.merge_request(world, actor, subject, "update", {"merge_when_pipeline_succeeds": (False, True)})


def cancel_auto_merge(world: World, actor: User, subject: MergeRequest) -> None:
    """Take auto-merge off, with a remark."""
    merge_requests.cancel_auto_merge(subject)
    subject.updated_at = world.now()
    remarks.remark(world, actor, subject, "canceled the automatic merge")


def may_cancel(world: World, actor: User, subject: MergeRequest) -> bool:
    """Whether `actor` may take auto-merge off: who set it, the author, whoever may merge."""
    return actor.id in (subject.author_id, subject.merge_user_id) or standing.may_merge(world, actor, subject)


async def merge_if_ready(world: World, subject: MergeRequest) -> None:
    """Merge one that waits, when nothing stands in the way any more."""
    actor = world.users.get(subject.merge_user_id)
    if actor is None or not subject.merge_when_pipeline_succeeds or subject.sha != subject.auto_merge_sha:
        return
    await standing.settle(world, subject, now=True)
    stands = standing.of(world, subject)
    if mergeability.mergeable(stands) and stands.pipeline not in mergeability.RUNNING:
        options = Options(**dict(subject.auto_merge_options or {}))
        try:
            await merge(world, actor, subject, options)
        except ApiError as error:
            subject.merge_error = str(error.body["message"])
            merge_requests.cancel_auto_merge(subject)


@pipelines.after_finish
async def merge_what_waited(world: World, pipeline: Pipeline) -> None:
    """Merge what waited for this pipeline."""
    found = world.merge_requests.where(source_project_id=pipeline.project_id)
    for subject in [one for one in found if one.head_pipeline_id == pipeline.id]:
        await merge_if_ready(world, subject)


async def merge(world: World, actor: User, subject: MergeRequest, options: Options) -> None:
    """Make the merge. ApiError 422 when git cannot, 405 when someone else is at it."""
    if subject.state != "opened":
        raise ApiError(405, {"message": "405 Method Not Allowed"})
    # As in GitLab: while one merges, the merge request is locked, and open to no other merge.
    subject.state = "locked"
    try:
        await _merge_locked(world, actor, subject, options)
    finally:
        if subject.state == "locked":
            subject.state = "opened"


async def _merge_locked(world: World, actor: User, subject: MergeRequest, options: Options) -> None:
    project = world.projects[subject.project_id]
    repository = repositories.opened(world, project)
    tip, head, base = repository.branch(subject.target_branch), subject.sha, subject.base_sha
    if tip is None or head is None or base is None:
        raise ApiError(422, {"message": "Branch cannot be merged"})
    work = Work(
        method=project.merge_method,
        squash=_squashes(project, subject, options),
        message=options.message or messages.of_merge(world, subject, actor),
        squash_message=options.squash_message or messages.of_squash(world, subject, actor),
        author=Person(actor.name, actor.email, world.now()),
    )
    ref = HEADS + subject.target_branch
    try:
        made = await asyncio.to_thread(make, repository, work, tip, head, base, ref)
    except (git_merging.ConflictError, MovedError) as error:
        merge_requests.uncheck(world, subject)
        raise ApiError(422, {"message": "Branch cannot be merged"}) from error
    landing.landed(world, actor, subject, made.merge_commit)
    subject.squash_commit_sha = made.squash_commit
    await ref_changes.announce(world, project, actor, [Move(ref, tip, made.tip)])
    await _remove_source(world, actor, subject, options)


async def merge_ref(world: World, subject: MergeRequest) -> str | None:
    """The commit that merging would make, kept under the merge ref; None when it cannot be merged."""
    await standing.settle(world, subject, now=True)
    repository = repositories.opened(world, world.projects[subject.project_id])
    tip, head = repository.branch(subject.target_branch), subject.sha
    if tip is None or head is None or subject.state != "opened" or subject.has_conflicts:
        return None
    if subject.merge_ref_sha is not None and subject.merge_ref_parents == (tip, head):
        return subject.merge_ref_sha
    author = Person("GitLab", "gitlab@gitlab.example", world.now())
    ref = f"refs/merge-requests/{subject.iid}/merge"
    subject.merge_ref_sha = await asyncio.to_thread(_merge_ref, repository, author, (tip, head), ref)
    subject.merge_ref_parents = (tip, head)
    return subject.merge_ref_sha


def _merge_ref(repository: Repository, author: Person, parents: tuple[str, str], ref: str) -> str:
    tree = git_merging.merged_tree(repository, *parents)
    sha = repository.write_commit(tree, parents, author, f"Merge {parents[1]} into {parents[0]}\n")
    repository.git("update-ref", ref, sha)
    return sha


def make(repository: Repository, work: Work, tip: str, head: str, base: str, ref: str) -> Made:
    """Write the commits and move the target branch. Blocks. Raises ConflictError, MovedError."""
    squashed = None
    if work.squash:
        source = repository.commit(head)
        tree = source.tree if source else ""
        squashed = head = repository.write_commit(tree, (base,), work.author, _line(work.squash_message))
    merge_commit = None
    if work.method != "ff":
        tree = git_merging.merged_tree(repository, tip, head)
        merge_commit = repository.write_commit(tree, (tip, head), work.author, _line(work.message))
    made = Made(merge_commit or head, merge_commit, squashed)
    repository.move(Move(ref, tip, made.tip))
    return made


def _line(message: str) -> str:
    return message if message.endswith("\n") else message + "\n"


def _squashes(project: Project, subject: MergeRequest, options: Options) -> bool:
    if project.squash_option in ("always", "never"):
        return project.squash_option == "always"
    return subject.squash if options.squash is None else options.squash


def _waits(stands: mergeability.Standing, status: str) -> bool:
    if status not in SETTABLE_WHILE:
        return False
    return stands.pipeline in mergeability.RUNNING or status not in ("mergeable", "ci_must_pass")


async def _remove_source(world: World, actor: User, subject: MergeRequest, options: Options) -> None:
    asked = options.remove_source_branch
    wanted = subject.force_remove_source_branch if asked is None else asked
    source = world.projects.get(subject.source_project_id)
    if not wanted or source is None or permissions.project_access(world, actor, source) < Access.DEVELOPER:
        return
    if subject.source_branch == source.default_branch or protections.of_branch(world, source, subject.source_branch):
        return
    repository = repositories.opened(world, source)
    head = repository.branch(subject.source_branch)
    # Someone may have pushed more in the meantime; their commits stay.
    if head is None or head != subject.sha:
        return
    move = Move(HEADS + subject.source_branch, head, ABSENT)
    try:
        await asyncio.to_thread(repository.move, move)
    except MovedError:
        return
    await ref_changes.announce(world, source, actor, [move])
