"""What belongs together: who took part, which merge requests and issues mention each other."""

from __future__ import annotations

from bot.sandbox.rules import mentions
from bot.sandbox.rules.issuables import Issuable, project_of
from bot.sandbox.text import references
from bot.sandbox.world import Issue, MergeRequest, User, World

_MENTIONED = "mentioned in merge request "


def participants(world: World, issuable: Issuable) -> list[User]:
    """Author, assignees, and whoever commented or was mentioned, each once."""
    notes = world.notes.where(noteable_type=type(issuable).__name__, noteable_id=issuable.id)
    ids = [issuable.author_id, *issuable.assignee_ids, *(note.author_id for note in notes if not note.system)]
    named = [world.users.one(username=name) for name in references.mentions(issuable.description or "")]
    ids += [user.id for user in named if user is not None]
    return [user for id_ in dict.fromkeys(ids) if (user := world.users.get(id_)) is not None]


def merge_requests(world: World, issue: Issue) -> list[MergeRequest]:
    """The merge requests that mention `issue`, or that it would be closed by."""
    project = project_of(world, issue)
    notes = world.notes.where(noteable_type="Issue", noteable_id=issue.id)
    remarks = [(note.author_id, note.body) for note in notes if note.system and note.body.startswith(_MENTIONED)]
    found = [
        mentions.merge_request(world, world.users[author_id], project, reference)
        for author_id, body in remarks
        for reference in references.merge_requests(body, world.url)
    ]
    found += [world.merge_requests.get(id_) for id_ in issue.closing_merge_request_ids]
    return list({mr.id: mr for mr in found if mr is not None}.values())


def issues(world: World, viewer: User, merge_request: MergeRequest) -> list[Issue]:
    """The issues that `merge_request` mentions in its title, description, commits and comments, or closes."""
    project = project_of(world, merge_request)
    notes = world.notes.where(noteable_type="MergeRequest", noteable_id=merge_request.id)
    texts = [merge_request.title, merge_request.description or "", *merge_request.commit_messages]
    texts += [note.body for note in notes if not note.system]
    asked = references.issues("\n".join(texts), world.url)
    found = [mentions.issue(world, viewer, project, reference) for reference in asked]
    found += [world.issues.get(id_) for id_ in merge_request.closes_issue_ids]
    return list({issue.id: issue for issue in found if issue is not None}.values())
