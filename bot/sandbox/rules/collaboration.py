"""Pushing to a fork's branch without being its member: who may merge may, where the author allows it."""

from __future__ import annotations

from bot.sandbox.rules import protections
from bot.sandbox.world import MergeRequest, Project, User, World


def allowed(world: World, subject: MergeRequest) -> bool:
    """Whether the author allows it and can: fork and target are not private, and the branch is not protected."""
    source, target = world.projects.get(subject.source_project_id), world.projects[subject.project_id]
    if source is None or source.id == target.id or not subject.allow_collaboration:
        return False
    private = "private" in (source.visibility, target.visibility)
    return not private and not protections.of_branch(world, source, subject.source_branch)


def can_push(world: World, user: User | None, project: Project, branch: str) -> bool:
    """Whether `user` may push to `branch`, as a member or by an author's leave."""
    return protections.can_push(world, user, project, branch) or _has_leave(world, user, project, branch)


def has_leave(world: World, user: User | None, project: Project) -> bool:
    """Whether an author's leave opens any branch of `project` to `user`."""
    return _has_leave(world, user, project, None)


def _has_leave(world: World, user: User | None, project: Project, branch: str | None) -> bool:
    if user is None or project.archived:
        return False
    where = {"source_project_id": project.id, **({"source_branch": branch} if branch else {})}
    return any(
        subject.state == "opened"
        and allowed(world, subject)
        and protections.can_merge(world, user, world.projects[subject.project_id], subject.target_branch)
        for subject in world.merge_requests.where(**where)
    )
