"""Bringing changes together without a work tree: merge, cherry-pick, revert, rebase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.sandbox.git import history
from bot.sandbox.git.objects import EMPTY_TREE, Commit, Person
from bot.sandbox.git.repository import Repository

_NOBODY = Person("GitLab", "gitlab@gitlab.example", datetime(2000, 1, 1, tzinfo=UTC))


class ConflictError(Exception):
    """The changes contradict each other. `paths` are the files in question."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        super().__init__(f"conflicts in {', '.join(paths)}")
        self.paths = paths


class UnchangedError(Exception):
    """The change is there already: applying it changes nothing."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A commit to be taken over: the tree before it and the tree after it."""

    before: str
    after: str


def merged_tree(repository: Repository, ours: str, theirs: str) -> str:
    """The tree of a merge of two commits. Raises ConflictError."""
    ran = repository.git(
        "merge-tree", "--write-tree", "--allow-unrelated-histories", "--name-only", "--no-messages", "-z", ours, theirs,
        allowed=(0, 1),
    )  # fmt: skip
    tree, *paths = ran.stdout.decode("utf-8", "replace").rstrip("\0").split("\0")
    if ran.status:
        raise ConflictError(tuple(paths))
    return tree


def conflicting_paths(repository: Repository, ours: str, theirs: str) -> tuple[str, ...]:
    """The files in which a merge of two commits would conflict; empty when it would not."""
    try:
        merged_tree(repository, ours, theirs)
    except ConflictError as conflict:
        return conflict.paths
    return ()


def applied(repository: Repository, picked: Picked, onto: str) -> str:
    """The tree of commit `onto` with the change from one tree to the other. Raises ConflictError, UnchangedError."""
    target = repository.commit(onto)
    ours = target.tree if target else EMPTY_TREE
    # git 2.39's merge-tree takes no explicit base: give it two commits whose only common ancestor is the one wanted.
    base = repository.write_commit(picked.before, (), _NOBODY, "base")
    sides = [repository.write_commit(tree, (base,), _NOBODY, side) for side, tree in (("a", ours), ("b", picked.after))]
    tree = merged_tree(repository, *sides)
    if tree == ours:
        raise UnchangedError
    return tree


def picked_tree(repository: Repository, commit: Commit, onto: str) -> str:
    """The tree of `onto` with what `commit` changes in its first parent. Raises ConflictError, UnchangedError."""
    return applied(repository, Picked(_tree_before(repository, commit), commit.tree), onto)


def reverted_tree(repository: Repository, commit: Commit, onto: str) -> str:
    """The tree of `onto` without what `commit` changed in its first parent. Raises ConflictError, UnchangedError."""
    return applied(repository, Picked(commit.tree, _tree_before(repository, commit)), onto)


def rebased(repository: Repository, source: str, onto: str, committer: Person) -> str:
    """The commits that `source` has beyond `onto`, made again on `onto`: the last one's name. Raises ConflictError.

    Merges are left out and commits that are on `onto` already disappear, as `git rebase` does.
    """
    head = onto
    for commit in history.between(repository, onto, source):
        if len(commit.parents) > 1:
            continue
        try:
            tree = picked_tree(repository, commit, head)
        except UnchangedError:
            continue
        head = repository.write_commit(tree, (head,), commit.author, commit.message, committer)
    return head


def _tree_before(repository: Repository, commit: Commit) -> str:
    parent = repository.commit(commit.parents[0]) if commit.parents else None
    return parent.tree if parent else EMPTY_TREE
