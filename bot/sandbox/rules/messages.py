"""The messages of merge and squash commits, by template."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.sandbox.rules import issuables
from bot.sandbox.world import MergeRequest, Project, User, World

# lib/gitlab/merge_requests/message_generator.rb
MERGE = (
    "Merge branch '%{source_branch}' into '%{target_branch}'\n\n%{title}\n\n%{issues}\n\nSee merge request %{reference}"
)
SQUASH = "%{title}"
_PLACE = re.compile(r"%\{(\w+)\}")


def of_merge(world: World, subject: MergeRequest, actor: User) -> str:
    """The message of the merge commit."""
    return _filled(world, subject, actor, _project(world, subject).merge_commit_template or MERGE)


def of_squash(world: World, subject: MergeRequest, actor: User) -> str:
    """The message of the squash commit."""
    return _filled(world, subject, actor, _project(world, subject).squash_commit_template or SQUASH)


def _project(world: World, subject: MergeRequest) -> Project:
    return world.projects[subject.project_id]


def _filled(world: World, subject: MergeRequest, actor: User, template: str) -> str:
    lines: list[str] = []
    for line in template.replace("\r", "").split("\n"):
        names = _PLACE.findall(line)
        filled = _PLACE.sub(lambda match: _value(world, subject, actor, match), line)
        # A line that consists of empty places only disappears, with the blank line before it.
        if names and not filled.strip():
            if lines and not lines[-1]:
                lines.pop()
            continue
        lines.append(filled)
    return "\n".join(lines)


def _value(world: World, subject: MergeRequest, actor: User, match: re.Match[str]) -> str:
    place = _PLACES.get(match[1])
    return match[0] if place is None else place(world, subject, actor)


def _issues(world: World, subject: MergeRequest, actor: User) -> str:
    project = _project(world, subject)
    found = [issue for id_ in subject.closes_issue_ids if (issue := world.issues.get(id_)) is not None]
    names = [issuables.reference(world, issue, project) for issue in found]
    if not names:
        return ""
    return f"Closes {names[0] if len(names) == 1 else ', '.join(names[:-1]) + ' and ' + names[-1]}"


def _reference(world: World, subject: MergeRequest, actor: User) -> str:
    return f"{_project(world, subject).full_path}!{subject.iid}"


_PLACES: Mapping[str, Callable[[World, MergeRequest, User], str]] = {
    "source_branch": lambda world, subject, actor: subject.source_branch,
    "target_branch": lambda world, subject, actor: subject.target_branch,
    "title": lambda world, subject, actor: subject.title,
    "issues": _issues,
    "description": lambda world, subject, actor: subject.description or "",
    "reference": _reference,
    "local_reference": lambda world, subject, actor: f"!{subject.iid}",
    "url": lambda world, subject, actor: issuables.web_url(world, subject),
    "source_project_id": lambda world, subject, actor: str(subject.source_project_id),
    "first_commit": lambda world, subject, actor: (
        subject.commit_messages[-1].strip() if subject.commit_messages else ""
    ),
    "merged_by": lambda world, subject, actor: f"{actor.name} <{actor.email}>",
    "merge_request_author": lambda world, subject, actor: _named(world.users[subject.author_id]),
    "approved_by": lambda world, subject, actor: "\n".join(
        f"Approved-by: {_named(world.users[user_id])}" for user_id, _ in subject.approved_by
    ),
    "co_authored_by": lambda world, subject, actor: "",
    "reviewed_by": lambda world, subject, actor: "\n".join(
        f"Reviewed-by: {_named(world.users[user_id])}" for user_id in subject.reviewer_ids
    ),
}


def _named(user: User) -> str:
    return f"{user.name} <{user.email}>"
