"""Issues as the API shows them: in lists, alone, as links."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent import issuable, milestone
from bot.sandbox.represent.times import day, timestamp
from bot.sandbox.represent.user import basic_by_id
from bot.sandbox.rules import issuables
from bot.sandbox.text import tasks
from bot.sandbox.world import Issue, IssueLink, Namespace, Project, User, World


def basic(world: World, issue: Issue, *, details: bool = False) -> dict[str, Any]:
    """API::Entities::IssueBasic."""
    up, down = issuable.votes(world, issue)
    people = issuable.people(world, issue.assignee_ids)
    shown = {
        "id": issue.id,
        "iid": issue.iid,
        "project_id": issue.project_id,
        "title": issue.title,
        "description": issue.description,
        "state": issue.state,
        "created_at": timestamp(issue.created_at),
        "updated_at": timestamp(issue.updated_at),
        "closed_at": timestamp(issue.closed_at),
        "closed_by": basic_by_id(world, issue.closed_by_id),
        "labels": issuable.label_list(world, issue.label_ids, details=details),
        "milestone": milestone.whole_by_id(world, issue.milestone_id),
        "assignees": people,
        "author": basic_by_id(world, issue.author_id),
        "type": issue.issue_type.upper(),
        "assignee": people[0] if people else None,
        "user_notes_count": issuable.comments(world, issue),
        "merge_requests_count": len(issue.closing_merge_request_ids),
        "upvotes": up,
        "downvotes": down,
        "due_date": day(issue.due_date),
        "confidential": issue.confidential,
        "discussion_locked": issue.discussion_locked,
        "issue_type": issue.issue_type,
        "web_url": issuables.web_url(world, issue),
        "time_stats": issuable.time_stats(issue),
        "task_completion_status": issuable.task_completion(issue),
        "blocking_issues_count": sum(
            link.link_type == "blocks" for link in world.issue_links.where(source_id=issue.id)
        ),
    }
    if world.premium:
        shown["weight"] = issue.weight
    return shown


def listed(
    world: World, issue: Issue, seen_from: Project | Namespace | None = None, *, details: bool = False
) -> dict[str, Any]:
    """API::Entities::Issue as lists show it: without what depends on the viewer."""
    own = f"{world.url}/api/v4/projects/{issue.project_id}"
    self_url = f"{own}/issues/{issue.iid}"
    return {
        **basic(world, issue, details=details),
        **_tasks(issue),
        "_links": {
            "self": self_url,
            "notes": f"{self_url}/notes",
            "award_emoji": f"{self_url}/award_emoji",
            "project": own,
            "closed_as_duplicate_of": None,
        },
        "references": issuable.references(world, issue, seen_from),
        "severity": "UNKNOWN",
        "moved_to_id": issue.moved_to_id,
        "imported": False,
        "imported_from": "none",
        "service_desk_reply_to": None,
        **({"health_status": None} if world.premium else {}),
    }


def _tasks(issue: Issue) -> dict[str, Any]:
    items, _ = tasks.counted(issue.description)
    return {"has_tasks": True, "task_status": tasks.status(issue.description)} if items else {"has_tasks": False}


def whole(world: World, viewer: User | None, issue: Issue) -> dict[str, Any]:
    """API::Entities::Issue."""
    shown = listed(world, issue, world.projects[issue.project_id])
    return {**shown, "subscribed": viewer is not None and viewer.id in issue.subscriber_ids}


def related(world: World, issue: Issue, link: IssueLink) -> dict[str, Any]:
    """API::Entities::RelatedIssue: the issue at the other end of `link`."""
    kind = "is_blocked_by" if link.link_type == "blocks" and link.source_id == issue.id else link.link_type
    return {
        **listed(world, issue),
        "issue_link_id": link.id,
        "link_type": kind,
        "link_created_at": timestamp(link.created_at),
        "link_updated_at": timestamp(link.updated_at),
    }


def linked(world: World, link: IssueLink) -> dict[str, Any]:
    """API::Entities::IssueLink."""
    return {
        "source_issue": basic(world, world.issues[link.source_id]),
        "target_issue": basic(world, world.issues[link.target_id]),
        "link_type": link.link_type,
    }
