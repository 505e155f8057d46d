"""A commit through the API: what GitLab checks before it makes one, and making it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.sandbox.git import history
from bot.sandbox.git.changes import Action, ActionError, clean_path, tree_with
from bot.sandbox.git.objects import ABSENT, Person
from bot.sandbox.git.refs import valid_name
from bot.sandbox.git.repository import HEADS, Move, MovedError, Repository
from bot.sandbox.rules import collaboration, push_access
from bot.sandbox.world import Project, User, World


class CommitError(Exception):
    """The commit is refused; the message is GitLab's."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit that someone asks for.

    `start_branch` and `start_sha` say where a new branch begins. `seen` are (path, last commit) pairs: what
    the caller believes to be the last change of a file. `changed_text` is said when that is wrong.
    """

    branch: str
    message: str
    actions: tuple[Action, ...]
    start_branch: str | None = None
    start_sha: str | None = None
    author_name: str | None = None
    author_email: str | None = None
    force: bool = False
    seen: tuple[tuple[str, str], ...] = ()
    changed_text: str = "The file has changed since you started editing it: {path}"


def identity(world: World, user: User) -> Person:
    """`user` as the author of something that happens now."""
    return Person(user.name, user.email, world.now())


def check(world: World, project: Project, user: User, start: Repository, target: Repository, draft: Draft) -> Move:
    """The move that the commit will make, with the commit's parent as `before`. Raises CommitError.

    `start` is the repository of `start_project`, `target` otherwise. The order is that of
    app/services/commits/create_service.rb.
    """
    if not collaboration.can_push(world, user, project, draft.branch):
        raise CommitError("You are not allowed to push into this branch")
    exists = target.branch(draft.branch)
    start_branch = draft.start_branch or (None if draft.start_sha else draft.branch)
    parent = _start(start, start_branch, draft.start_sha)
    elsewhere = start_branch != draft.branch or start.folder != target.folder
    if elsewhere and exists is not None and not draft.force:
        raise CommitError(
            f"A branch called '{draft.branch}' already exists. Switch to that branch in order to make changes"
        )
    if exists is None and not valid_name(draft.branch):
        raise CommitError(
            f"Something went wrong when we tried to create '{draft.branch}' for you: Branch name is invalid"
        )
    move = Move(HEADS + draft.branch, exists or ABSENT, parent or ABSENT)
    if refused := push_access.refusal(world, project, user, Move(move.ref, move.before, "f" * 40), web=True):
        raise CommitError(refused)
    return move


def make(target: Repository, move: Move, draft: Draft, user: Person) -> Move:
    """Write the commit and move the branch; the move that happened. Blocking. Raises CommitError."""
    parent = None if move.after == ABSENT else move.after
    author = Person(draft.author_name or user.name, draft.author_email or user.email, user.at)
    if parent is not None:
        _check_seen(target, parent, draft)
    try:
        tree = tree_with(target, parent, draft.actions)
        sha = target.write_commit(tree, (parent,) if parent else (), author, draft.message, user)
        done = Move(move.ref, move.before, sha)
        target.move(done)
    except ActionError as error:
        raise CommitError(str(error)) from error
    except MovedError as error:
        raise CommitError(f"Could not update {move.ref}. Please refresh and try again.") from error
    return done


def _start(start: Repository, branch: str | None, sha: str | None) -> str | None:
    if sha is not None:
        if not re.fullmatch(r"[0-9a-f]{7,40}", sha):
            raise CommitError(f"Invalid start_sha '{sha}'")
        found = start.resolve(sha)
        if found is None:
            raise CommitError(f"Cannot find start_sha '{sha}'")
        return found
    found = start.branch(branch or "")
    if found is None and start.branches():
        raise CommitError("You can only create or edit files when you are on a branch")
    return found


def _check_seen(target: Repository, parent: str, draft: Draft) -> None:
    for path, seen in draft.seen:
        try:
            last = history.last_changes(target, parent, clean_path(path))
        except ActionError as error:
            raise CommitError(str(error)) from error
        if last is not None and last != seen:
            raise CommitError(draft.changed_text.format(path=path))


def paths_seen(actions: Sequence[Action], last_commits: Sequence[str | None]) -> tuple[tuple[str, str], ...]:
    """The `seen` pairs of actions that carry a `last_commit_id`."""
    return tuple(
        (action.previous_path or action.path, last)
        for action, last in zip(actions, last_commits, strict=True)
        if last and action.kind in {"update", "move", "delete"}
    )
