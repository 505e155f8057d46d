"""The quick actions that only merge requests have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.sandbox.errors import ApiError
from bot.sandbox.rules import approvals, merge_requests, merging, rebasing, refreshing
from bot.sandbox.text import quick_actions, titles
from bot.sandbox.world import MergeRequest, User, World

Deed = Callable[[World, User, MergeRequest, str], Awaitable[None]]


async def _draft(world: World, actor: User, subject: MergeRequest, argument: str) -> None:
    merge_requests.edit(world, actor, subject, {"title": titles.as_draft(subject.title)})


async def _ready(world: World, actor: User, subject: MergeRequest, argument: str) -> None:
    merge_requests.edit(world, actor, subject, {"title": titles.as_ready(subject.title)})


async def _approve(world: World, actor: User, subject: MergeRequest, argument: str) -> None:
    if approvals.may_approve(world, actor, subject):
        approvals.approve(world, actor, subject)


async def _unapprove(world: World, actor: User, subject: MergeRequest, argument: str) -> None:
    if approvals.has_approved(subject, actor):
        approvals.unapprove(world, actor, subject)


async def _merge(world: World, actor: User, subject: MergeRequest, argument: str) -> None:
    # GitLab drops what it cannot do: a command in a note never makes the note fail.
    try:
        await merging.accept(world, actor, subject, merging.Options(), sha=None, auto=True)
    except ApiError:
        return


async def _rebase(world: World, actor: User, subject: MergeRequest, argument: str) -> None:
    try:
        rebasing.start(world, actor, subject)
    except ApiError:
        return


async def _target_branch(world: World, actor: User, subject: MergeRequest, argument: str) -> None:
    merge_requests.edit(world, actor, subject, {"target_branch": argument.strip()})
    await refreshing.look_again(world, subject)


async def _request_review(world: World, actor: User, subject: MergeRequest, argument: str) -> None:
    found = (actor if n == "me" else world.users.one(username=n) for n in quick_actions.people(argument))
    wanted = tuple(dict.fromkeys((*(user.id for user in found if user is not None), *subject.reviewer_ids)))
    merge_requests.edit(world, actor, subject, {"reviewer_ids": wanted if world.premium else wanted[:1]})


DEEDS: Mapping[str, tuple[Deed, str]] = {
    "draft": (_draft, "Marked this merge request as a draft."),
    "ready": (_ready, "Marked this merge request as ready."),
    "approve": (_approve, "Approved the current merge request."),
    "unapprove": (_unapprove, "Unapproved the current merge request."),
    "merge": (_merge, "Scheduled to merge this merge request."),
    "rebase": (_rebase, "Scheduled a rebase of branch."),
    "target_branch": (_target_branch, "Set target branch to {}."),
    "assign_reviewer": (_request_review, "Assigned {} as reviewer."),
    "request_review": (_request_review, "Assigned {} as reviewer."),
}
"""Name to what it does and its summary."""
