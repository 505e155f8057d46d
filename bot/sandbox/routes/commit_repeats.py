"""Commits made from other commits: cherry-pick and revert."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, forbidden, not_found
from bot.sandbox.git import merging
from bot.sandbox.git.merging import ConflictError, UnchangedError
from bot.sandbox.git.objects import Commit, Person
from bot.sandbox.git.repository import HEADS, Move, MovedError, Repository
from bot.sandbox.represent import commit as represent
from bot.sandbox.routes.repository_reading import in_thread, readable
from bot.sandbox.routing import routes
from bot.sandbox.rules import collaboration, committing, ref_changes

NewTree = Callable[[Repository, Commit, str], str]

_FAILED = (
    "Can't perform this action automatically. It may have already been done, or a more recent commit may have "
    "updated some of this content. Please perform this action locally."
)


@routes.post("/projects/:id/repository/commits/:sha/cherry_pick")
async def cherry_pick(call: Call) -> Answer:
    """Take a commit over to another branch, its author kept."""

    def message(commit: Commit) -> str:
        return call.params.text("message") or f"{commit.message.rstrip()}\n\n\n(cherry picked from commit {commit.sha})"

    return await _repeat(call, "Commit cherry-pick failed", merging.picked_tree, message, keep_author=True)


@routes.post("/projects/:id/repository/commits/:sha/revert")
async def revert(call: Call) -> Answer:
    """Undo a commit on a branch."""

    def message(commit: Commit) -> str:
        return f'Revert "{commit.title}"\n\nThis reverts commit {commit.sha}'

    return await _repeat(call, "Commit revert failed", merging.reverted_tree, message, keep_author=False)


async def _repeat(
    call: Call, failed: str, new_tree: NewTree, message: Callable[[Commit], str], *, keep_author: bool
) -> Answer:
    branch, dry_run = call.params.needed("branch"), bool(call.params.boolean("dry_run"))
    project, repository = readable(call)
    if not collaboration.can_push(call.world, call.user, project, branch):
        raise forbidden("You are not allowed to push into this branch")
    head = repository.branch(branch)
    person = committing.identity(call.world, call.user)

    def look_up() -> tuple[Commit | None, str]:
        commit = repository.commit(call.path["sha"])
        return commit, new_tree(repository, commit, head) if commit and head else ""

    try:
        commit, tree = await in_thread(look_up)
    except ConflictError as error:
        raise _refused(f"{failed}: {_FAILED}", "conflict", dry_run) from error
    except UnchangedError as error:
        raise _refused(f"{failed}: {_FAILED}", "empty", dry_run) from error
    if commit is None or head is None:
        raise not_found("Commit" if commit is None else "Branch")
    if dry_run:
        return Answer({"dry_run": "success"})
    author = Person(commit.author.name, commit.author.email, commit.author.at) if keep_author else person
    sha = repository.write_commit(tree, (head,), author, message(commit), person)
    move = Move(HEADS + branch, head, sha)
    try:
        await in_thread(lambda: repository.move(move))
    except MovedError as error:
        raise ApiError(400, {"message": f"Could not update {move.ref}. Please refresh and try again."}) from error
    await ref_changes.announce(call.world, project, call.user, (move,))
    made = repository.commit(sha)
    return Answer(represent.basic(call.world, project, made) if made else None, 201)


def _refused(message: str, code: str, dry_run: bool) -> ApiError:
    body: dict[str, Any] = {"message": message, "error_code": code}
    return ApiError(400, body | ({"dry_run": "error"} if dry_run else {}))
