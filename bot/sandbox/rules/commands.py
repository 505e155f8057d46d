"""Quick actions at work: which of them a person may give, and what each does."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.rules import editing, issuables, labels, merge_request_commands, todos
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.rules.merge_request_commands import Deed
from bot.sandbox.text import quick_actions
from bot.sandbox.text.quick_actions import Command
from bot.sandbox.world import Issue, MergeRequest, Project, User, World

Act = Callable[[World, User, Issuable, str], None] | Callable[[World, User, Issuable, str], Awaitable[None]]
BOTH = (Issue, MergeRequest)


@dataclass(frozen=True, slots=True)
class Action:
    """What one quick action does. `metadata` ones are for those who may set labels and people."""

    act: Act
    summary: str
    kinds: tuple[type[Issuable], ...] = BOTH
    metadata: bool = False


def taken(
    world: World, actor: User, project: Project, kind: type[Issuable], text: str, author: bool
) -> tuple[str, tuple[Command, ...]]:
    """`text` without the commands that `actor` may give, and those. `author`: whether the issuable is their own."""
    insider = issuables.may_set_metadata(world, actor, project.id, kind)
    known = {name for name, action in ACTIONS.items() if kind in action.kinds and (insider or not action.metadata)}
    return quick_actions.extracted(text, known if insider or author else known & _FOR_ANYONE)


async def carry_out(world: World, actor: User, issuable: Issuable, commands: Sequence[Command]) -> dict[str, Any]:
    """Do what the commands say, in order; what changed, as `commands_changes` of a note shows it."""
    changed: dict[str, Any] = {}
    for command in commands:
        before = _state(issuable)
        done = ACTIONS[command.name].act(world, actor, issuable, command.argument)
        if inspect.isawaitable(done):
            await done
        changed |= {name: value for name, value in _state(issuable).items() if before[name] != value}
    return changed


def summaries(commands: Sequence[Command]) -> list[str]:
    """One sentence for each command, as the answer to a note of commands only has it."""
    return [ACTIONS[command.name].summary.format(command.argument) for command in commands]


def _state(issuable: Issuable) -> dict[str, Any]:
    shown = {"state": issuable.state, "title": issuable.title, "milestone_id": issuable.milestone_id}
    return {**shown, "label_ids": list(issuable.label_ids), "assignee_ids": list(issuable.assignee_ids)}


def _edit(world: World, actor: User, issuable: Issuable, **wanted: Any) -> None:
    editing.edit(world, actor, issuable, wanted)


def _close(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    editing.close(world, actor, issuable)


def _reopen(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    editing.reopen(world, actor, issuable)


def _title(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    if argument.strip():
        _edit(world, actor, issuable, title=argument.strip())


def _known_labels(world: World, issuable: Issuable, argument: str) -> tuple[int, ...]:
    # Quick actions use labels that exist; they never make one.
    project = issuables.project_of(world, issuable)
    found = (labels.named(world, project, name) for name in quick_actions.names(argument))
    return tuple(label.id for label in found if label is not None)


def _label(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    added = _known_labels(world, issuable, argument)
    _edit(world, actor, issuable, label_ids=labels.joined(world, issuable.label_ids, added, ()))


def _unlabel(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    gone = _known_labels(world, issuable, argument) if argument.strip() else issuable.label_ids
    _edit(world, actor, issuable, label_ids=labels.joined(world, issuable.label_ids, (), gone))


def _relabel(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    _edit(world, actor, issuable, label_ids=labels.joined(world, (), _known_labels(world, issuable, argument), ()))


def _people(world: World, actor: User, argument: str) -> tuple[int, ...]:
    found = (actor if name == "me" else world.users.one(username=name) for name in quick_actions.people(argument))
    return tuple(user.id for user in found if user is not None)


def _assign(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    both = tuple(dict.fromkeys((*_people(world, actor, argument), *issuable.assignee_ids)))
    _edit(world, actor, issuable, assignee_ids=both if world.premium else both[:1])


def _unassign(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    gone = _people(world, actor, argument) if argument.strip() else issuable.assignee_ids
    _edit(world, actor, issuable, assignee_ids=tuple(id_ for id_ in issuable.assignee_ids if id_ not in gone))


def _lock(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    _edit(world, actor, issuable, discussion_locked=True)


def _unlock(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    _edit(world, actor, issuable, discussion_locked=False)


def _confidential(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    _edit(world, actor, issuable, confidential=True)


def _remove_milestone(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    _edit(world, actor, issuable, milestone_id=None)


def _todo(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    todos.add(world, actor, actor, "marked", issuable)


def _done(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    todos.finish(world, actor, issuable)


def _subscribe(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    issuables.subscribe(issuable, actor, True)


def _unsubscribe(world: World, actor: User, issuable: Issuable, argument: str) -> None:
    issuables.subscribe(issuable, actor, False)


def _on_merge_request(deed: Deed) -> Act:
    async def act(world: World, actor: User, issuable: Issuable, argument: str) -> None:
        if isinstance(issuable, MergeRequest):
            await deed(world, actor, issuable, argument)

    return act


_FOR_ANYONE = frozenset({"todo", "done", "subscribe", "unsubscribe"})
ACTIONS: Mapping[str, Action] = {
    "close": Action(_close, "Closed this item."),
    "reopen": Action(_reopen, "Reopened this item."),
    "title": Action(_title, "Changed the title to {!r}."),
    "label": Action(_label, "Added {} label.", metadata=True),
    "labels": Action(_label, "Added {} label.", metadata=True),
    "unlabel": Action(_unlabel, "Removed {} label.", metadata=True),
    "remove_label": Action(_unlabel, "Removed {} label.", metadata=True),
    "relabel": Action(_relabel, "Replaced all labels with {} label.", metadata=True),
    "assign": Action(_assign, "Assigned {}.", metadata=True),
    "unassign": Action(_unassign, "Removed assignee {}.", metadata=True),
    "remove_milestone": Action(_remove_milestone, "Removed the milestone.", metadata=True),
    "lock": Action(_lock, "Locked the discussion.", metadata=True),
    "unlock": Action(_unlock, "Unlocked the discussion.", metadata=True),
    "confidential": Action(_confidential, "Made this issue confidential.", kinds=(Issue,), metadata=True),
    "todo": Action(_todo, "Added a to-do item."),
    "done": Action(_done, "Marked to-do item as done."),
    "subscribe": Action(_subscribe, "Subscribed to notifications."),
    "unsubscribe": Action(_unsubscribe, "Unsubscribed from notifications."),
    **{
        name: Action(_on_merge_request(deed), summary, kinds=(MergeRequest,))
        for name, (deed, summary) in merge_request_commands.DEEDS.items()
    },
}
