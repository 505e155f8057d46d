"""Approvals: who may give them, how many are wanted, how many are left."""

from __future__ import annotations

from bot.sandbox import permissions
from bot.sandbox.rules import activity, remarks
from bot.sandbox.webhooks import events
from bot.sandbox.world import Access, MergeRequest, User, World


def required(world: World, subject: MergeRequest) -> int:
    """How many approvals the merge request wants."""
    if subject.approvals_required is not None:
        return subject.approvals_required
    return world.projects[subject.project_id].approvals_before_merge


def left(world: World, subject: MergeRequest) -> int:
    """How many are missing."""
    return max(required(world, subject) - len(subject.approved_by), 0)


def has_approved(subject: MergeRequest, user: User | None) -> bool:
    """Whether `user` has approved."""
    return user is not None and any(user.id == approver for approver, _ in subject.approved_by)


def may_approve(world: World, user: User | None, subject: MergeRequest) -> bool:
    """Whether `user` may approve now: Developers, not twice, not their own, not what is closed."""
    if user is None or has_approved(subject, user) or subject.state != "opened":
        return False
    if required(world, subject) and user.id == subject.author_id:
        return False
    return permissions.project_access(world, user, world.projects[subject.project_id]) >= Access.DEVELOPER


def approve(world: World, actor: User, subject: MergeRequest) -> None:
    """Add an approval; `actor` may (see `may_approve`)."""
    subject.approved_by = (*subject.approved_by, (actor.id, world.now()))
    subject.change_requested_by = tuple(id_ for id_ in subject.change_requested_by if id_ != actor.id)
    subject.updated_at = world.now()
    remarks.remark(world, actor, subject, "approved this merge request")
    activity.record(world, actor, world.projects[subject.project_id], "approved", subject)
    complete = left(world, subject) == 0
    events.merge_request(world, actor, subject, "approved" if complete else "approval", {})


def unapprove(world: World, actor: User, subject: MergeRequest) -> None:
    """Take back an approval that `actor` gave."""
    complete = left(world, subject) == 0
    subject.approved_by = tuple(one for one in subject.approved_by if one[0] != actor.id)
    subject.updated_at = world.now()
    remarks.remark(world, actor, subject, "unapproved this merge request")
    events.merge_request(world, actor, subject, "unapproved" if complete else "unapproval", {})
