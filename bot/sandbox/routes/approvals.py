"""Approvals of merge requests."""

from __future__ import annotations

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, forbidden, not_found, unauthorized
from bot.sandbox.represent import approval as represent
from bot.sandbox.routes import issuable_lookup
from bot.sandbox.routes.merge_requests import MERGE_REQUEST
from bot.sandbox.routing import routes
from bot.sandbox.rules import approvals
from bot.sandbox.world import Access, MergeRequest


@routes.get(MERGE_REQUEST + "/approvals")
def get(call: Call) -> Answer:
    """How many approvals there are and how many are missing."""
    return _shown(call, issuable_lookup.merge_request(call))


@routes.get(MERGE_REQUEST + "/approval_state")
def rules(call: Call) -> Answer:
    """The approval rules and how far each is."""
    return Answer(represent.rules(call.world, issuable_lookup.merge_request(call)))


@routes.post(MERGE_REQUEST + "/approvals")
def require(call: Call) -> Answer:
    """Set how many approvals this merge request wants."""
    subject = issuable_lookup.editable_merge_request(call)
    call.params.need("approvals_required")
    subject.approvals_required = max(call.params.integer("approvals_required") or 0, 0)
    return _shown(call, subject, 201)


@routes.post(MERGE_REQUEST + "/approve")
def approve(call: Call) -> Answer:
    """Approve; 401 for those who may not."""
    subject = issuable_lookup.merge_request(call)
    if call.access(call.project()) < Access.DEVELOPER:
        raise forbidden()
    sha = call.params.text("sha")
    if sha is not None and sha != subject.sha:
        raise ApiError(409, {"message": f"SHA does not match HEAD of source branch: {subject.sha}"})
    if not approvals.may_approve(call.world, call.user, subject):
        raise unauthorized()
    approvals.approve(call.world, call.user, subject)
    return _shown(call, subject, 201)


@routes.post(MERGE_REQUEST + "/unapprove")
def unapprove(call: Call) -> Answer:
    """Take one's approval back; 404 for those who gave none."""
    subject = issuable_lookup.merge_request(call)
    if not approvals.has_approved(subject, call.user):
        raise not_found()
    approvals.unapprove(call.world, call.user, subject)
    return _shown(call, subject, 201)


@routes.put(MERGE_REQUEST + "/reset_approvals")
def reset(call: Call) -> Answer:
    """Clear all approvals: for project bots."""
    subject = issuable_lookup.merge_request(call)
    if not call.user.bot or subject.state == "merged" or call.access(call.project()) < Access.DEVELOPER:
        raise unauthorized()
    subject.approved_by = ()
    return Answer(None, 202)


def _shown(call: Call, subject: MergeRequest, status: int = 200) -> Answer:
    return Answer(represent.state(call.world, call.viewer, subject), status)
