"""Approvals as the API shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent.times import timestamp
from bot.sandbox.represent.user import basic, basic_by_id
from bot.sandbox.rules import approvals, standing
from bot.sandbox.world import Access, MergeRequest, User, World

ANY_APPROVER = "All Members"


def state(world: World, viewer: User | None, subject: MergeRequest) -> dict[str, Any]:
    """API::Entities::ApprovalState, what the approvals endpoints answer in this edition."""
    required, left = approvals.required(world, subject), approvals.left(world, subject)
    return {
        "id": subject.id,
        "iid": subject.iid,
        "project_id": subject.project_id,
        "title": subject.title,
        "description": subject.description,
        "state": subject.state,
        "created_at": timestamp(subject.created_at),
        "updated_at": timestamp(subject.updated_at),
        "merge_status": standing.public_status(world, subject),
        "approved": left == 0,
        "approvals_required": required,
        "approvals_left": left,
        "require_password_to_approve": False,
        "approved_by": [
            {"user": basic_by_id(world, user_id), "approved_at": timestamp(at)} for user_id, at in subject.approved_by
        ],
        "suggested_approvers": [],
        "approvers": [],
        "approver_groups": [],
        "user_has_approved": approvals.has_approved(subject, viewer),
        "user_can_approve": approvals.may_approve(world, viewer, subject),
        "approval_rules_left": [_rule_name(subject)] if left else [],
        "has_approval_rules": required > 0,
        "merge_request_approvers_available": world.premium,
        "multiple_approval_rules_available": world.premium,
        "invalid_approvers_rules": [],
    }


def rules(world: World, subject: MergeRequest) -> dict[str, Any]:
    """EE::API::Entities::MergeRequestApprovalState: the one rule that every merge request has."""
    approved = [basic(world, world.users[user_id]) for user_id, _ in subject.approved_by]
    rule = {
        **_rule_name(subject),
        "report_type": None,
        "eligible_approvers": [basic(world, user) for user in _eligible(world, subject)],
        "approvals_required": approvals.required(world, subject),
        "users": [],
        "groups": [],
        "contains_hidden_groups": False,
        "section": None,
        "source_rule": None,
        "overridden": subject.approvals_required is not None,
        "code_owner": False,
        "approved_by": approved,
        "approved": approvals.left(world, subject) == 0,
    }
    return {"approval_rules_overwritten": subject.approvals_required is not None, "rules": [rule]}


def _rule_name(subject: MergeRequest) -> dict[str, Any]:
    return {"id": subject.id, "name": ANY_APPROVER, "rule_type": "any_approver"}


def _eligible(world: World, subject: MergeRequest) -> list[User]:
    members = world.members.where(source_type="Project", source_id=subject.project_id)
    able = [world.users[m.user_id] for m in members if m.access_level >= Access.DEVELOPER]
    return [user for user in able if user.id != subject.author_id]
