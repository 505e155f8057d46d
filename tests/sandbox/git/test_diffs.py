"""Differences in the shape that GitLab shows them."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.git import diffs, trees
from bot.sandbox.git.changes import Action, tree_with
from bot.sandbox.git.diffs import Stats
from bot.sandbox.git.objects import LINK, Leaf, write_tree
from bot.sandbox.git.repository import Repository

Commit = Callable[..., str]


def test_every_kind_of_change(repository: Repository, commit: Commit) -> None:
    before = commit({"edit": "1\n2\n", "gone": "x\n", "old name": "a\nb\nc\n", "mode": "m", "bin": "\0", "é": "1"})
    actions = [
        Action("update", "edit", b"1\n3\n"),
        Action("delete", "gone"),
        Action("move", "new/näme", previous_path="old name"),
        Action("chmod", "mode", executable=True),
        Action("update", "bin", b"\0\0diff --git "),
        Action("create", "added", b"diff --git a/x b/x\n@@ no hunk\n"),
    ]
    after = tree_with(repository, before, actions)

    found = {d.new_path: d for d in diffs.between(repository, before, after)}

    assert {path: d.status for path, d in found.items()} == {
        "added": "A", "bin": "M", "edit": "M", "gone": "D", "mode": "M", "new/näme": "R",
    }  # fmt: skip
    assert found["edit"].patch == "@@ -1,2 +1,2 @@\n 1\n-2\n+3\n"
    assert found["edit"].unified().startswith("--- a/edit\n+++ b/edit\n@@")
    assert found["edit"].lines == (1, 1)
    assert found["gone"].patch == "@@ -1 +0,0 @@\n-x\n"
    assert (found["gone"].old_mode, found["gone"].new_mode) == ("100644", "0")
    assert found["added"].patch == "@@ -0,0 +1,2 @@\n+diff --git a/x b/x\n+@@ no hunk\n"
    assert found["added"].unified().startswith("--- /dev/null\n+++ b/added\n")
    assert (found["new/näme"].old_path, found["new/näme"].patch) == ("old name", "")
    assert (found["mode"].old_mode, found["mode"].new_mode, found["mode"].patch) == ("100644", "100755", "")
    assert found["bin"].patch.startswith("Binary files a/bin and b/bin differ")


def test_a_file_that_becomes_a_link_is_one_change(repository: Repository, commit: Commit) -> None:
    before = commit({"a": "1\n", "z": "1\n"})
    leaves, _ = trees.leaves(repository, before)
    after = write_tree({**leaves, "a": Leaf(LINK, leaves["a"].sha), "z": leaves["z"]}, repository.write)
    [change] = diffs.between(repository, before, after)
    assert (change.status, change.old_mode, change.new_mode) == ("T", "100644", "120000")
    assert change.patch == "@@ -1 +0,0 @@\n-1\n@@ -0,0 +1 @@\n+1\n"


def test_a_large_patch_is_left_out(repository: Repository, commit: Commit) -> None:
    before = commit({"a": ""})
    [change] = diffs.between(repository, before, commit({"a": "x\n" * diffs.LARGEST_PATCH}))
    assert (change.too_large, change.patch) == (True, "")


def test_nothing_changes(repository: Repository, commit: Commit) -> None:
    sha = commit({"a": "1"})
    assert diffs.between(repository, sha, sha) == []


def test_stats_of_several_commits(repository: Repository, commit: Commit) -> None:
    first = commit({"a": "1\n2\n", "b": "\0"})
    second = commit({"a": "1\n3\n4\n"})
    commits = [c for sha in (second, first) if (c := repository.commit(sha))]
    assert diffs.stats(repository, commits) == {first: Stats(2, 0), second: Stats(2, 1)}
    assert [d.new_path for d in diffs.of_commit(repository, commits[1])] == ["a", "b"]
