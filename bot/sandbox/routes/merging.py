"""Merging: accept, auto-merge and its end, rebase, the merge ref."""

from __future__ import annotations

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, unauthorized
from bot.sandbox.represent import merge_request as represent
from bot.sandbox.routes import issuable_lookup
from bot.sandbox.routes.merge_requests import MERGE_REQUEST
from bot.sandbox.routing import routes
from bot.sandbox.rules import merging, rebasing
from bot.sandbox.rules.merging import Options


@routes.put(MERGE_REQUEST + "/merge")
async def merge(call: Call) -> Answer:
    """Merge now, or when the pipeline passes."""
    subject = issuable_lookup.merge_request(call)
    params = call.params
    options = Options(
        message=params.text("merge_commit_message"),
        squash_message=params.text("squash_commit_message"),
        remove_source_branch=params.boolean("should_remove_source_branch"),
        squash=params.boolean("squash"),
    )
    auto = bool(params.boolean("auto_merge") or params.boolean("merge_when_pipeline_succeeds"))
    await merging.accept(call.world, call.user, subject, options, sha=params.text("sha"), auto=auto)
    return Answer(represent.whole(call.world, call.user, subject))


@routes.post(MERGE_REQUEST + "/cancel_merge_when_pipeline_succeeds")
def cancel_auto_merge(call: Call) -> Answer:
    """Take auto-merge off."""
    subject = issuable_lookup.merge_request(call)
    if not merging.may_cancel(call.world, call.user, subject):
        raise unauthorized()
    if subject.state != "opened" or not subject.merge_when_pipeline_succeeds:
        raise ApiError(406, {"message": "Can't cancel the automatic merge"})
    merging.cancel_auto_merge(call.world, call.user, subject)
    return Answer({"status": "success"}, 201)


@routes.put(MERGE_REQUEST + "/rebase")
def rebase(call: Call) -> Answer:
    """Rebase the source branch, in the background."""
    subject = issuable_lookup.merge_request(call)
    rebasing.start(call.world, call.user, subject)
    return Answer({"rebase_in_progress": True}, 202)


@routes.get(MERGE_REQUEST + "/merge_ref")
async def merge_ref(call: Call) -> Answer:
    """The commit that a merge would make."""
    subject = issuable_lookup.merge_request(call)
    sha = await merging.merge_ref(call.world, subject)
    if sha is None:
        raise ApiError(400, {"message": "Merge request is not mergeable"})
    return Answer({"commit_id": sha})
