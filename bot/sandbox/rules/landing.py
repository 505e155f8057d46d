"""Landing: the changes of a merge request are on its target branch, by a merge or by a push."""

from __future__ import annotations

from bot.sandbox.rules import activity, closing_issues, issuables, todos
from bot.sandbox.webhooks import events
from bot.sandbox.world import MergeRequest, User, World


def landed(world: World, actor: User, subject: MergeRequest, merge_commit: str | None) -> None:
    """Note that `actor` merged it, and close what that closes."""
    now = world.now()
    wanted = {"state": "merged", "merged_at": now, "merged_by_id": actor.id, "updated_at": now}
    changes = issuables.assign(subject, wanted)
    subject.merge_commit_sha, subject.merge_error = merge_commit, None
    subject.merge_when_pipeline_succeeds = False
    subject.merge_status, subject.has_conflicts = "can_be_merged", False
    issuables.record_state(world, actor, subject, "merged")
    activity.record(world, actor, world.projects[subject.project_id], "accepted", subject)
    todos.finish(world, actor, subject)
    closing_issues.close_for(world, actor, subject)
    events.merge_request(world, actor, subject, "merge", changes)
