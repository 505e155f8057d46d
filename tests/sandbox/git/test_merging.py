"""Merges, picks, reverts and rebases without a work tree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.sandbox.git import history, merging, trees
from bot.sandbox.git.merging import ConflictError, UnchangedError
from bot.sandbox.git.objects import Person
from bot.sandbox.git.repository import Repository

Commit = Callable[..., str]
GRACE = Person("Grace", "grace@example.com", datetime(2026, 4, 1, tzinfo=UTC))
LINES = "1\n2\n3\n4\n5\n"


def test_a_merge_takes_both_sides(repository: Repository, commit: Commit) -> None:
    base = commit({"a": LINES})
    ours = commit({"a": LINES.replace("1", "one")})
    theirs = commit({"a": LINES.replace("5", "five")}, branch="side", start=base)
    tree = merging.merged_tree(repository, ours, theirs)
    assert _content(repository, tree, "a") == "one\n2\n3\n4\nfive\n"
    assert merging.conflicting_paths(repository, ours, theirs) == ()


def test_a_conflict_names_its_files(repository: Repository, commit: Commit) -> None:
    base = commit({"a b": LINES, "ok": ""})
    ours = commit({"a b": "x"})
    theirs = commit({"a b": "y", "ok": "1"}, branch="side", start=base)
    assert merging.conflicting_paths(repository, ours, theirs) == ("a b",)
    with pytest.raises(ConflictError, match="a b"):
        merging.merged_tree(repository, ours, theirs)


def test_a_pick_and_its_revert_cancel_out(repository: Repository, commit: Commit, ada: Person) -> None:
    base = commit({"a": LINES})
    head = commit({"a": LINES.replace("1", "one")})
    sha = commit({"a": LINES.replace("5", "five")}, branch="side", start=base)
    picked = repository.commit(sha)
    assert picked is not None

    tree = merging.picked_tree(repository, picked, head)
    onto = repository.write_commit(tree, (head,), ada, "Pick")

    assert _content(repository, tree, "a") == "one\n2\n3\n4\nfive\n"
    assert _content(repository, merging.reverted_tree(repository, picked, onto), "a") == "one\n2\n3\n4\n5\n"
    with pytest.raises(UnchangedError):
        merging.picked_tree(repository, picked, onto)


def test_a_rebase_keeps_authors_and_drops_what_is_there(repository: Repository, commit: Commit, ada: Person) -> None:
    base = commit({"a": LINES, "b": ""})
    commit({"b": "same"}, "Same here\n", branch="side", start=base)
    tip = commit({"a": LINES.replace("5", "five")}, "Side\n", branch="side")
    onto = commit({"b": "same"}, "Same\n")

    head = merging.rebased(repository, tip, onto, GRACE)

    [made] = history.between(repository, onto, head)
    assert (made.parents, made.message, made.author.name, made.committer) == ((onto,), "Side\n", ada.name, GRACE)
    assert _content(repository, made.tree, "a") == "1\n2\n3\n4\nfive\n"


def test_a_rebase_stops_at_a_conflict(repository: Repository, commit: Commit) -> None:
    base = commit({"a": "1"})
    tip = commit({"a": "2"}, branch="side", start=base)
    with pytest.raises(ConflictError):
        merging.rebased(repository, tip, commit({"a": "3"}), GRACE)


def _content(repository: Repository, tree: str, path: str) -> str:
    file = trees.file(repository, tree, path)
    assert file is not None
    return file.content.decode()
