"""Merge requests as the API shows them: in lists, alone, with what only a look at them tells."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent import issuable, milestone, pipeline
from bot.sandbox.represent.times import timestamp
from bot.sandbox.represent.user import basic_by_id
from bot.sandbox.rules import collaboration, issuables, notes, standing
from bot.sandbox.text.titles import is_draft
from bot.sandbox.world import MergeRequest, Namespace, Project, User, World


def simple(world: World, subject: MergeRequest) -> dict[str, Any]:
    """API::Entities::MergeRequestSimple, for `view=simple`."""
    return {
        "id": subject.id,
        "iid": subject.iid,
        "project_id": subject.project_id,
        "title": subject.title,
        "description": subject.description,
        "state": subject.state,
        "created_at": timestamp(subject.created_at),
        "updated_at": timestamp(subject.updated_at),
        "web_url": issuables.web_url(world, subject),
    }


def basic(
    world: World, subject: MergeRequest, seen_from: Project | Namespace | None = None, *, details: bool = False
) -> dict[str, Any]:
    """API::Entities::MergeRequestBasic."""
    up, down = issuable.votes(world, subject)
    return {
        **{name: value for name, value in simple(world, subject).items() if name != "web_url"},
        **_people(world, subject),
        "target_branch": subject.target_branch,
        "source_branch": subject.source_branch,
        "user_notes_count": issuable.comments(world, subject),
        "upvotes": up,
        "downvotes": down,
        "source_project_id": subject.source_project_id,
        "target_project_id": subject.project_id,
        "labels": issuable.label_list(world, subject.label_ids, details=details),
        "draft": is_draft(subject.title),
        "imported": False,
        "imported_from": "none",
        "work_in_progress": is_draft(subject.title),
        "milestone": milestone.whole_by_id(world, subject.milestone_id),
        **_merging(world, subject),
        "discussion_locked": subject.discussion_locked,
        **_collaboration(world, subject),
        "reference": issuable.references(world, subject, seen_from)["relative"],
        "references": issuable.references(world, subject, seen_from),
        "web_url": issuables.web_url(world, subject),
        "time_stats": issuable.time_stats(subject),
        "task_completion_status": issuable.task_completion(subject),
        "blocking_discussions_resolved": not _blocked_by_discussions(world, subject),
        "approvals_before_merge": None,
    }


def whole(world: World, viewer: User | None, subject: MergeRequest) -> dict[str, Any]:
    """API::Entities::MergeRequest."""
    head = world.pipelines.get(subject.head_pipeline_id)
    prepared = subject.prepared_at is not None
    return {
        **basic(world, subject, world.projects[subject.project_id]),
        "subscribed": viewer is not None and viewer.id in subject.subscriber_ids,
        "changes_count": subject.changes_count if prepared else None,
        "latest_build_started_at": timestamp(head.started_at) if head else None,
        "latest_build_finished_at": timestamp(head.finished_at) if head else None,
        "first_deployed_to_production_at": None,
        "pipeline": pipeline.basic(world, head) if head else None,
        "head_pipeline": pipeline.whole(world, head) if head else None,
        "diff_refs": {"base_sha": subject.base_sha, "head_sha": subject.sha, "start_sha": subject.start_sha},
        "merge_error": subject.merge_error,
        "user": {"can_merge": standing.may_merge(world, viewer, subject)},
    }


def related(world: World, viewer: User | None, subject: MergeRequest) -> dict[str, Any]:
    """API::Entities::MergeRequest as an issue's related ones show it: without the subscription."""
    return {name: value for name, value in whole(world, viewer, subject).items() if name != "subscribed"}


def first_contribution(world: World, subject: MergeRequest) -> bool:
    """Whether the author, not a member, has nothing merged here yet."""
    mine = world.merge_requests.where(author_id=subject.author_id)
    return not any(one.project_id == subject.project_id and one.state == "merged" for one in mine)


def _people(world: World, subject: MergeRequest) -> dict[str, Any]:
    assignees = issuable.people(world, subject.assignee_ids)
    merged_by = basic_by_id(world, subject.merged_by_id)
    return {
        "merged_by": merged_by,
        "merge_user": merged_by or basic_by_id(world, subject.merge_user_id),
        "merged_at": timestamp(subject.merged_at),
        "closed_by": basic_by_id(world, subject.closed_by_id),
        "closed_at": timestamp(subject.closed_at),
        "author": basic_by_id(world, subject.author_id),
        "assignees": assignees,
        "assignee": assignees[0] if assignees else None,
        "reviewers": issuable.people(world, subject.reviewer_ids),
    }


def _merging(world: World, subject: MergeRequest) -> dict[str, Any]:
    option = world.projects[subject.project_id].squash_option
    return {
        "merge_when_pipeline_succeeds": subject.merge_when_pipeline_succeeds,
        "merge_status": standing.public_status(world, subject),
        "detailed_merge_status": standing.detailed_status(world, subject),
        "merge_after": timestamp(subject.merge_after),
        "sha": subject.sha,
        "merge_commit_sha": subject.merge_commit_sha,
        "squash_commit_sha": subject.squash_commit_sha,
        "should_remove_source_branch": subject.should_remove_source_branch,
        "force_remove_source_branch": subject.force_remove_source_branch,
        "prepared_at": timestamp(subject.prepared_at),
        "squash": subject.squash,
        "squash_on_merge": option == "always" or (option != "never" and subject.squash),
        "has_conflicts": subject.has_conflicts,
    }


def _collaboration(world: World, subject: MergeRequest) -> dict[str, Any]:
    if subject.source_project_id == subject.project_id:
        return {}
    allowed = collaboration.allowed(world, subject)
    return {"allow_collaboration": allowed, "allow_maintainer_to_push": allowed}


def _blocked_by_discussions(world: World, subject: MergeRequest) -> bool:
    project = world.projects[subject.project_id]
    return project.only_allow_merge_if_all_discussions_are_resolved and notes.unresolved_threads(world, subject)
