"""The pieces that payloads are made of: people, projects, labels, issues, merge requests, commits."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from bot.sandbox.git.objects import Commit
from bot.sandbox.represent.user import avatar_url
from bot.sandbox.rules import issuables, labels
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.text.titles import is_draft
from bot.sandbox.world import Issue, Label, MergeRequest, Project, User, World

VISIBILITY_LEVELS = {"private": 0, "internal": 10, "public": 20}
STATE_IDS = {"opened": 1, "closed": 2, "merged": 3, "locked": 4}


def moment(value: datetime | None) -> str | None:
    """`2013-12-03 17:15:43 UTC`, as web hooks write times."""
    return None if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def user(person: User) -> dict[str, Any]:
    """Who did it. E-mail addresses are redacted unless they are public."""
    return {
        "id": person.id,
        "name": person.name,
        "username": person.username,
        "avatar_url": avatar_url(person),
        "email": person.public_email or "[REDACTED]",
    }


def project(world: World, subject: Project) -> dict[str, Any]:
    """The project, with both its old and its new names for URLs."""
    namespace = world.namespaces[subject.namespace_id]
    web = f"{world.url}/{subject.full_path}"
    ssh = f"git@{host(world)}:{subject.full_path}.git"
    return {
        "id": subject.id,
        "name": subject.name,
        "description": subject.description,
        "web_url": web,
        "avatar_url": None,
        "git_ssh_url": ssh,
        "git_http_url": f"{web}.git",
        "namespace": namespace.name,
        "visibility_level": VISIBILITY_LEVELS[subject.visibility],
        "path_with_namespace": subject.full_path,
        "default_branch": subject.default_branch,
        "ci_config_path": None,
        "homepage": web,
        "url": ssh,
        "ssh_url": ssh,
        "http_url": f"{web}.git",
    }


def host(world: World) -> str:
    """The host name of this GitLab."""
    return world.url.partition("://")[2].partition(":")[0]


def repository(world: World, subject: Project) -> dict[str, Any]:
    """The deprecated twin of `project`."""
    whole = project(world, subject)
    return {
        "name": whole["name"],
        "url": whole["git_ssh_url"],
        "description": whole["description"],
        "homepage": whole["web_url"],
    }


def label(subject: Label) -> dict[str, Any]:
    """A label."""
    return {
        "id": subject.id,
        "title": subject.name,
        "color": subject.color,
        "project_id": subject.source_id if subject.source_type == "Project" else None,
        "created_at": moment(subject.created_at),
        "updated_at": moment(subject.updated_at),
        "template": False,
        "description": subject.description,
        "type": f"{subject.source_type}Label",
        "group_id": subject.source_id if subject.source_type == "Group" else None,
    }


def label_list(world: World, ids: tuple[int, ...]) -> list[dict[str, Any]]:
    """Labels by name."""
    return [label(one) for one in labels.of(world, ids)]


def people(world: World, ids: tuple[int, ...]) -> list[dict[str, Any]]:
    """Assignees or reviewers."""
    return [user(world.users[id_]) for id_ in ids]


def issue(world: World, subject: Issue) -> dict[str, Any]:
    """An issue's object_attributes."""
    return {
        **_shared(world, subject),
        "closed_at": moment(subject.closed_at),
        "confidential": subject.confidential,
        "due_date": _day(subject.due_date),
        "moved_to_id": subject.moved_to_id,
        "duplicated_to_id": None,
        "project_id": subject.project_id,
        "relative_position": None,
        "weight": subject.weight,
        "severity": "unknown",
        "type": subject.issue_type.title(),
    }


def merge_request(world: World, subject: MergeRequest, last_commit: Commit | None) -> dict[str, Any]:
    """A merge request's object_attributes."""
    source = world.projects.get(subject.source_project_id)
    target = world.projects[subject.project_id]
    return {
        **_shared(world, subject),
        "head_pipeline_id": subject.head_pipeline_id,
        "merge_commit_sha": subject.merge_commit_sha,
        "merge_error": subject.merge_error,
        "merge_params": {"force_remove_source_branch": "1" if subject.force_remove_source_branch else "0"},
        "merge_status": subject.merge_status,
        "merge_user_id": subject.merge_user_id or subject.merged_by_id,
        "merge_when_pipeline_succeeds": subject.merge_when_pipeline_succeeds,
        "source_branch": subject.source_branch,
        "source_project_id": subject.source_project_id,
        "target_branch": subject.target_branch,
        "target_project_id": subject.project_id,
        "reviewer_ids": list(subject.reviewer_ids),
        "source": project(world, source) if source else None,
        "target": project(world, target),
        "last_commit": commit(world, target, last_commit) if last_commit else None,
        "work_in_progress": is_draft(subject.title),
        "draft": is_draft(subject.title),
    }


def commit(world: World, subject: Project, made: Commit) -> dict[str, Any]:
    """A commit."""
    return {
        "id": made.sha,
        "message": made.message,
        "title": made.title,
        "timestamp": made.committer.at.isoformat(timespec="seconds"),
        "url": f"{world.url}/{subject.full_path}/-/commit/{made.sha}",
        "author": {"name": made.author.name, "email": made.author.email},
    }


def _shared(world: World, subject: Issuable) -> dict[str, Any]:
    return {
        "id": subject.id,
        "iid": subject.iid,
        "title": subject.title,
        "description": subject.description or "",
        "author_id": subject.author_id,
        "assignee_id": next(iter(subject.assignee_ids), None),
        "assignee_ids": list(subject.assignee_ids),
        "created_at": moment(subject.created_at),
        "updated_at": moment(subject.updated_at),
        "last_edited_at": None,
        "last_edited_by_id": None,
        "updated_by_id": None,
        "milestone_id": subject.milestone_id,
        "discussion_locked": subject.discussion_locked,
        "time_estimate": subject.time_estimate,
        "total_time_spent": subject.total_time_spent,
        "time_change": 0,
        "human_total_time_spent": None,
        "human_time_estimate": None,
        "human_time_change": None,
        "state": subject.state,
        "state_id": STATE_IDS[subject.state],
        "url": issuables.web_url(world, subject),
        "labels": label_list(world, subject.label_ids),
    }


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
