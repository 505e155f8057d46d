"""The payloads: one function per kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.git.objects import Commit
from bot.sandbox.rules import issuables
from bot.sandbox.rules.issuables import Changes, Issuable
from bot.sandbox.webhooks import parts
from bot.sandbox.world import Issue, Job, MergeRequest, Note, Pipeline, User, World

Payload = dict[str, Any]


def issue(world: World, actor: User, subject: Issue, action: str, changes: Changes) -> Payload:
    """`Issue Hook`."""
    attributes = {**parts.issue(world, subject), "action": action}
    return _issuable(world, actor, subject, "issue", attributes, changes)


def merge_request(
    world: World,
    actor: User,
    subject: MergeRequest,
    action: str,
    changes: Changes,
    last_commit: Commit | None,
    oldrev: str | None,
) -> Payload:
    """`Merge Request Hook`. `oldrev` is the head before a push."""
    attributes = {**parts.merge_request(world, subject, last_commit), "action": action}
    if oldrev is not None:
        attributes["oldrev"] = oldrev
    payload = _issuable(world, actor, subject, "merge_request", attributes, changes)
    return {**payload, "reviewers": parts.people(world, subject.reviewer_ids)}


def note(world: World, author: User, subject: Note, about: Issuable, action: str) -> Payload:
    """`Note Hook`."""
    project = world.projects[subject.project_id]
    attributes = {
        "id": subject.id,
        "note": subject.body,
        "description": subject.body,
        "noteable_type": subject.noteable_type,
        "noteable_id": subject.noteable_id,
        "author_id": subject.author_id,
        "created_at": parts.moment(subject.created_at),
        "updated_at": parts.moment(subject.updated_at),
        "project_id": subject.project_id,
        "attachment": None,
        "line_code": None,
        "commit_id": subject.commit_id or "",
        "discussion_id": subject.discussion_id,
        "type": subject.type,
        "internal": subject.internal,
        "system": subject.system,
        "st_diff": None,
        "position": subject.position,
        "resolved_at": parts.moment(subject.resolved_at),
        "resolved_by_id": subject.resolved_by_id,
        "action": action,
        "url": f"{issuables.web_url(world, about)}#note_{subject.id}",
    }
    shown = parts.issue(world, about) if isinstance(about, Issue) else parts.merge_request(world, about, None)
    return {
        "object_kind": "note",
        "event_type": "confidential_note" if subject.internal else "note",
        "user": parts.user(author),
        "project_id": project.id,
        "project": parts.project(world, project),
        "object_attributes": attributes,
        "repository": parts.repository(world, project),
        "issue" if isinstance(about, Issue) else "merge_request": shown,
    }


def pipeline(world: World, subject: Pipeline, jobs: list[Job], commit: Commit | None) -> Payload:
    """`Pipeline Hook`."""
    project, author = world.projects[subject.project_id], world.users[subject.user_id]
    about = world.merge_requests.get(subject.merge_request_id)
    attributes = {
        "id": subject.id,
        "iid": subject.iid,
        "name": subject.name,
        "ref": subject.ref,
        "tag": subject.tag,
        "sha": subject.sha,
        "before_sha": subject.before_sha,
        "source": subject.source,
        "status": subject.status,
        "detailed_status": "passed" if subject.status == "success" else subject.status,
        "stages": list(dict.fromkeys(job.stage for job in jobs)),
        "created_at": parts.moment(subject.created_at),
        "finished_at": parts.moment(subject.finished_at),
        "duration": _seconds(subject),
        "queued_duration": 0,
        "variables": [{"key": v["key"], "value": v["value"]} for v in subject.variables],
        "url": f"{world.url}/{project.full_path}/-/pipelines/{subject.id}",
    }
    return {
        "object_kind": "pipeline",
        "object_attributes": attributes,
        "merge_request": _merge_request_of_pipeline(world, about) if about else None,
        "user": parts.user(author),
        "project": parts.project(world, project),
        "commit": parts.commit(world, project, commit) if commit else None,
        "builds": [_build(world, job) for job in jobs],
    }


def _issuable(
    world: World, actor: User, subject: Issuable, kind: str, attributes: Mapping[str, Any], changes: Changes
) -> Payload:
    project = issuables.project_of(world, subject)
    confidential = isinstance(subject, Issue) and subject.confidential
    return {
        "object_kind": kind,
        "event_type": "confidential_issue" if confidential else kind,
        "user": parts.user(actor),
        "project": parts.project(world, project),
        "object_attributes": attributes,
        "labels": parts.label_list(world, subject.label_ids),
        "changes": _changes(world, changes),
        "repository": parts.repository(world, project),
        "assignees": parts.people(world, subject.assignee_ids),
    }


def _changes(world: World, changes: Changes) -> Payload:
    shown: Payload = {}
    for name, (before, after) in changes.items():
        key, show = _SHOWN.get(name, (name, _plain))
        shown[key] = {"previous": show(world, before), "current": show(world, after)}
    return shown


def _plain(world: World, value: Any) -> Any:
    return value if isinstance(value, str | int | bool | None) else str(value)


def _people(world: World, value: tuple[int, ...]) -> Any:
    return parts.people(world, value)


_SHOWN: Mapping[str, tuple[str, Callable[[World, Any], Any]]] = {
    "label_ids": ("labels", lambda world, value: parts.label_list(world, value)),
    "assignee_ids": ("assignees", _people),
    "reviewer_ids": ("reviewers", _people),
    "state": ("state_id", lambda world, value: parts.STATE_IDS[value]),
    "updated_at": ("updated_at", lambda world, value: parts.moment(value)),
    "closed_at": ("closed_at", lambda world, value: parts.moment(value)),
    "closed_by_id": ("closed_by_id", _plain),
    "merged_at": ("merged_at", lambda world, value: parts.moment(value)),
}


def _seconds(subject: Pipeline | Job) -> float | None:
    if subject.started_at is None or subject.finished_at is None:
        return None
    return int((subject.finished_at - subject.started_at).total_seconds())


def _merge_request_of_pipeline(world: World, subject: MergeRequest) -> Payload:
    return {
        "id": subject.id,
        "iid": subject.iid,
        "title": subject.title,
        "source_branch": subject.source_branch,
        "source_project_id": subject.source_project_id,
        "target_branch": subject.target_branch,
        "target_project_id": subject.project_id,
        "state": subject.state,
        "merge_status": subject.merge_status,
        "detailed_merge_status": subject.merge_status,
        "url": issuables.web_url(world, subject),
    }


def _build(world: World, job: Job) -> Payload:
    return {
        "id": job.id,
        "stage": job.stage,
        "name": job.name,
        "status": job.status,
        "created_at": parts.moment(job.created_at),
        "started_at": parts.moment(job.started_at),
        "finished_at": parts.moment(job.finished_at),
        "duration": _seconds(job),
        "queued_duration": 0,
        "failure_reason": job.failure_reason,
        "when": "on_success",
        "manual": False,
        "allow_failure": job.allow_failure,
        "user": parts.user(world.users[job.user_id]),
        "runner": None,
        "artifacts_file": {"filename": None, "size": None},
        "environment": None,
    }
