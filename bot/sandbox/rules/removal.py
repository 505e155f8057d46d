"""What goes when a project, group or user goes."""

from __future__ import annotations

from typing import Any

from bot.sandbox import repositories
from bot.sandbox.webhooks import system_events
from bot.sandbox.world import Namespace, Project, Table, User, World


def delete_project(world: World, project: Project) -> None:
    """Remove the project, everything that belongs to it, and its repository."""
    for issue in world.issues.where(project_id=project.id):
        _clear_noteable(world, "Issue", issue.id)
        _clear(world.issue_links, source_id=issue.id)
        _clear(world.issue_links, target_id=issue.id)
    for request in world.merge_requests.where(project_id=project.id):
        _clear_noteable(world, "MergeRequest", request.id)
    for note in world.notes.where(project_id=project.id):
        _clear(world.award_emoji, awardable_type="Note", awardable_id=note.id)
    for hook in world.hooks.where(source_type="Project", source_id=project.id):
        _clear(world.hook_deliveries, hook_id=hook.id)
    _clear_source(world, "Project", project.id)
    tables: tuple[Table[Any], ...] = (
        world.redirects,
        world.protected_branches,
        world.protected_tags,
        world.releases,
        world.uploads,
        world.events,
        world.notes,
        world.jobs,
        world.commit_statuses,
        world.pipelines,
        world.merge_requests,
        world.issues,
    )
    for table in tables:
        _clear(table, project_id=project.id)
    for fork in world.projects.where(forked_from_id=project.id):
        fork.forked_from_id = None
    repositories.delete(world, project)
    world.projects.remove(project)
    system_events.project(world, project, "project_destroy")


def delete_group(world: World, group: Namespace) -> None:
    """Remove the group, all groups and projects below it and its memberships."""
    for child in world.namespaces.where(parent_id=group.id):
        delete_group(world, child)
    for project in world.projects.where(namespace_id=group.id):
        delete_project(world, project)
    _clear_source(world, "Group", group.id)
    world.namespaces.remove(group)


def _clear_source(world: World, source_type: str, source_id: int) -> None:
    tables: tuple[Table[Any], ...] = (world.members, world.variables, world.labels, world.milestones, world.hooks)
    for table in tables:
        _clear(table, source_type=source_type, source_id=source_id)
    for token in world.tokens.where(resource_type=source_type, resource_id=source_id):
        token.revoked = True


def _clear_noteable(world: World, kind: str, id_: int) -> None:
    _clear(world.todos, target_type=kind, target_id=id_)
    _clear(world.award_emoji, awardable_type=kind, awardable_id=id_)
    for event_kind in ("label", "state", "milestone"):
        _clear(world.resource_events, kind=event_kind, resource_type=kind, resource_id=id_)


def _clear(table: Table[Any], **values: Any) -> None:
    for noun in table.where(**values):
        table.remove(noun)


def retire_user(world: World, user: User) -> None:
    """End an account: its projects, memberships and tokens go, and the name becomes a ghost's so that others may have
    it. The row stays, since issues and notes point to it."""
    namespace = world.namespaces.get(user.namespace_id)
    for project in world.projects.where(namespace_id=user.namespace_id):
        delete_project(world, project)
    for member in world.members.where(user_id=user.id):
        world.members.remove(member)
    for token in world.tokens.where(user_id=user.id):
        token.revoked = True
    if namespace is not None:
        world.namespaces.remove(namespace)
    user.state, user.username, user.name = "blocked", f"ghost{user.id}", "Ghost User"
    user.email = f"ghost{user.id}@gitlab.example"
