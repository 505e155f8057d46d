"""Which issues a merge request closes, and closing them when it lands on the default branch."""

from __future__ import annotations

from collections.abc import Iterable

from bot.sandbox import permissions
from bot.sandbox.git.objects import Commit
from bot.sandbox.rules import issuables, issues, mentions
from bot.sandbox.text import closing
from bot.sandbox.world import Issue, MergeRequest, Project, User, World


def closed_by(world: World, actor: User, project: Project, text: str) -> list[Issue]:
    """The issues that `text`, written in `project`, closes, as far as `actor` sees them.

    Issues of projects that switched `autoclose_referenced_issues` off, and of the project that this one was
    forked from, are left out.
    """
    found = (mentions.issue(world, actor, project, reference) for reference in closing.closed_issues(text, world.url))
    return [
        issue
        for issue in found
        if issue is not None
        and world.projects[issue.project_id].autoclose_referenced_issues
        and issue.project_id != project.forked_from_id
    ]


def refresh(world: World, subject: MergeRequest) -> None:
    """Note which issues `subject` would close: only one that goes to the default branch closes any."""
    project = world.projects[subject.project_id]
    former = subject.closes_issue_ids
    ids: tuple[int, ...] = ()
    if subject.target_branch == project.default_branch:
        text = "\n".join((subject.title, subject.description or "", *subject.commit_messages))
        ids = tuple(issue.id for issue in closed_by(world, world.users[subject.author_id], project, text))
    subject.closes_issue_ids = ids
    unlink(world, subject, set(former) - set(ids))
    for issue_id in set(ids) - set(former):
        issue = world.issues[issue_id]
        issue.closing_merge_request_ids = (*issue.closing_merge_request_ids, subject.id)


def unlink(world: World, subject: MergeRequest, issue_ids: Iterable[int]) -> None:
    """Note on these issues that `subject` closes them no longer."""
    for issue_id in issue_ids:
        issue = world.issues.get(issue_id)
        if issue is not None:
            issue.closing_merge_request_ids = tuple(i for i in issue.closing_merge_request_ids if i != subject.id)


def close_for(world: World, actor: User, subject: MergeRequest) -> None:
    """Close what a merged merge request closes."""
    for issue_id in subject.closes_issue_ids:
        issue = world.issues.get(issue_id)
        if issue is not None and _may_close(world, actor, issue):
            issues.close(world, actor, issue, by=subject)


def close_by_commits(world: World, actor: User, project: Project, commits: Iterable[Commit]) -> None:
    """Close what commits that reached the default branch close, and remark on what they mention."""
    for commit in commits:
        closed = closed_by(world, actor, project, commit.message)
        for issue in closed:
            if _may_close(world, actor, issue):
                issues.close(world, actor, issue, commit=commit.sha)
        for target in mentions.mentioned(world, actor, project, commit.message):
            if target not in closed:
                own = project.id == target.project_id
                name = commit.sha[:8] if own else f"{project.full_path}@{commit.sha[:8]}"
                mentions.cross_reference(world, actor, target, f"commit {name}")


def _may_close(world: World, actor: User, issue: Issue) -> bool:
    project = world.projects[issue.project_id]
    return permissions.can_read_project(world, actor, project) and issuables.may_edit(world, actor, issue)
