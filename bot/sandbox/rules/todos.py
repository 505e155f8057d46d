"""To-dos: what waits for whom, and when it is done."""

from __future__ import annotations

from bot.sandbox import permissions
from bot.sandbox.world import Issue, MergeRequest, Todo, User, World

_TOLD_TO_ONESELF = ("marked", "unmergeable")


def add(
    world: World, user: User, author: User, action: str, target: Issue | MergeRequest, body: str = ""
) -> Todo | None:
    """Something waits for `user`; None for one's own deeds, someone who cannot see it, or what waits already."""
    project = world.projects[target.project_id]
    waiting = pending(world, user, target)
    if action not in _TOLD_TO_ONESELF and (
        user.id == author.id or not permissions.can_read_project(world, user, project)
    ):
        return None
    if any(todo.action_name == action for todo in waiting):
        return None
    now = world.now()
    return world.todos.add(
        Todo(
            user_id=user.id,
            author_id=author.id,
            project_id=project.id,
            action_name=action,
            target_type=type(target).__name__,
            target_id=target.id,
            body=body or target.title,
            created_at=now,
            updated_at=now,
        )
    )


def add_unmergeable(world: World, target: MergeRequest) -> None:
    """Its author has to see to it that `target` can be merged again."""
    author = world.users[target.author_id]
    add(world, author, author, "unmergeable", target)


def pending(world: World, user: User, target: Issue | MergeRequest) -> list[Todo]:
    """What waits for `user` about `target`."""
    about = world.todos.where(target_type=type(target).__name__, target_id=target.id)
    return [todo for todo in about if todo.user_id == user.id and todo.state == "pending"]


def finish(world: World, user: User, target: Issue | MergeRequest) -> None:
    """`user` dealt with `target`: nothing about it waits any more."""
    for todo in pending(world, user, target):
        todo.state, todo.updated_at = "done", world.now()
