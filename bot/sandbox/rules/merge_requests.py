"""The life of a merge request until it is merged: opened, edited, pushed to, closed, reopened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.errors import ApiError
from bot.sandbox.rules import activity, closing_issues, issuables, issues, mentions, remarks, todos
from bot.sandbox.rules.comparison import Comparison
from bot.sandbox.rules.issuables import Changes
from bot.sandbox.text import titles
from bot.sandbox.webhooks import events
from bot.sandbox.world import MergeRequest, Project, User, World

SAME_BRANCH = "You can't use same project/branch for source and target"
NOT_A_FORK = "Source project is not a fork of the target project"


def check_branches(
    world: World, source: Project, target: Project, branches: tuple[str, str], but: MergeRequest | None = None
) -> None:
    """ApiError 422 or 409 unless (source, target) branch can be a new merge request, or that of `but`."""
    if source.id == target.id and branches[0] == branches[1]:
        raise ApiError(422, {"message": [SAME_BRANCH]})
    if source.id != target.id and not _related(world, source, target):
        raise ApiError(422, {"message": [NOT_A_FORK]})
    for other in world.merge_requests.where(source_project_id=source.id, source_branch=branches[0]):
        same = (other.project_id, other.target_branch) == (target.id, branches[1])
        if same and other.state == "opened" and other is not but:
            text = f"Another open merge request already exists for this source branch: !{other.iid}"
            raise ApiError(409, {"message": [text]})


def reserve_iid(target: Project) -> int:
    """The next number; GitLab leaves gaps too when a creation fails."""
    target.last_merge_request_iid += 1
    return target.last_merge_request_iid


def create(
    world: World, actor: User, source: Project, target: Project, iid: int, wanted: Mapping[str, Any], seen: Comparison
) -> MergeRequest:
    """A new merge request; `wanted` are fields of MergeRequest. It is "preparing" until `prepare`."""
    issues.validate(wanted)
    now = world.now()
    given = dict(wanted)
    made = world.merge_requests.add(
        MergeRequest(
            project_id=target.id,
            source_project_id=source.id,
            iid=iid,
            title=given.pop("title"),
            source_branch=given.pop("source_branch"),
            target_branch=given.pop("target_branch"),
            author_id=actor.id,
            created_at=now,
            updated_at=now,
            merge_status="preparing",
            subscriber_ids=(actor.id,),
        )
    )
    changes = issuables.assign(made, given)
    look(world, made, seen)
    issuables.record_metadata(world, actor, made, changes)
    activity.record(world, actor, target, "opened", made)
    mentions.follow(world, actor, made, made.description)
    events.merge_request(world, actor, made, "open", {})
    return made


def prepare(world: World, subject: MergeRequest) -> None:
    """What GitLab does in the background after a creation."""
    if subject.prepared_at is None:
        subject.prepared_at = world.now()
        if subject.merge_status == "preparing":
            uncheck(world, subject)


def uncheck(world: World, subject: MergeRequest) -> None:
    """Forget whether it can be merged."""
    subject.merge_status, subject.unchecked_since, subject.has_conflicts = "unchecked", world.now(), False


def look(world: World, subject: MergeRequest, seen: Comparison) -> None:
    """Take over what git says of the branches, as a new version of the diff when the head is new."""
    if seen.head != subject.sha or not subject.versions:
        number = subject.versions[-1][0] + 1 if subject.versions else subject.id * 1000 + 1
        version = (number, seen.base or "", seen.start or "", seen.head, world.now())
        subject.versions = (*subject.versions, version)
    subject.sha, subject.start_sha, subject.base_sha = seen.head, seen.start, seen.base
    subject.commits_count, subject.changes_count = len(seen.commits), seen.changes
    subject.commit_messages = tuple(commit.message for commit in seen.commits[:100])
    closing_issues.refresh(world, subject)


def edit(world: World, actor: User, subject: MergeRequest, wanted: Mapping[str, Any]) -> Changes:
    """Change fields; what changed. A new target branch has to be looked at afterwards."""
    issues.validate(wanted)
    if "target_branch" in wanted:
        source, target = world.projects[subject.source_project_id], world.projects[subject.project_id]
        check_branches(world, source, target, (subject.source_branch, wanted["target_branch"]), subject)
    changes = issuables.assign(subject, wanted)
    if not changes:
        return changes
    subject.updated_at = world.now()
    issuables.record_metadata(world, actor, subject, changes)
    _remark(world, actor, subject, changes)
    if "description" in changes:
        mentions.follow(world, actor, subject, subject.description)
    closing_issues.refresh(world, subject)
    events.merge_request(world, actor, subject, "update", changes)
    return changes


def close(world: World, actor: User, subject: MergeRequest) -> None:
    """Close without merging; nothing unless it is open."""
    if subject.state != "opened":
        return
    now = world.now()
    wanted = {"state": "closed", "closed_at": now, "closed_by_id": actor.id, "updated_at": now}
    changes = issuables.assign(subject, wanted)
    cancel_auto_merge(subject)
    issuables.record_state(world, actor, subject, "closed")
    todos.finish(world, actor, subject)
    activity.record(world, actor, world.projects[subject.project_id], "closed", subject)
    events.merge_request(world, actor, subject, "close", changes)


def reopen(world: World, actor: User, subject: MergeRequest) -> None:
    """Open again; nothing unless it is closed. ApiError 409 when another one is open for the branch by now."""
    if subject.state != "closed":
        return
    source, target = world.projects[subject.source_project_id], world.projects[subject.project_id]
    check_branches(world, source, target, (subject.source_branch, subject.target_branch), subject)
    wanted = {"state": "opened", "closed_at": None, "closed_by_id": None, "updated_at": world.now()}
    changes = issuables.assign(subject, wanted)
    uncheck(world, subject)
    issuables.record_state(world, actor, subject, "reopened")
    activity.record(world, actor, target, "reopened", subject)
    events.merge_request(world, actor, subject, "reopen", changes)


def delete(world: World, subject: MergeRequest) -> None:
    """Remove a merge request and what hangs on it."""
    subject.closes_issue_ids, former = (), subject.closes_issue_ids
    closing_issues.unlink(world, subject, former)
    issuables.forget(world, subject)
    world.merge_requests.remove(subject)


def cancel_auto_merge(subject: MergeRequest) -> None:
    """Take auto-merge off."""
    subject.merge_when_pipeline_succeeds = False
    subject.merge_user_id = subject.auto_merge_sha = subject.auto_merge_options = None


def _related(world: World, source: Project, target: Project) -> bool:
    return _origin(world, source) == _origin(world, target)


def _origin(world: World, project: Project) -> int:
    while project.forked_from_id is not None and (above := world.projects.get(project.forked_from_id)):
        project = above
    return project.id


def _remark(world: World, actor: User, subject: MergeRequest, changes: Changes) -> None:
    before, after = changes.get("title", (subject.title, subject.title))
    if titles.is_draft(before) != titles.is_draft(after):
        state = "draft" if titles.is_draft(after) else "ready"
        remarks.remark(world, actor, subject, f"marked this merge request as **{state}**")
        if titles.as_ready(before) == titles.as_ready(after):
            changes = {name: pair for name, pair in changes.items() if name != "title"}
    remarks.on_changes(world, actor, subject, changes)
