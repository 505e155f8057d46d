"""Differences between two trees, file by file, in the shape that GitLab shows them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.sandbox.git.objects import EMPTY_TREE, Commit
from bot.sandbox.git.repository import Repository

LARGEST_PATCH = 200 * 1024
_SECTION = re.compile(rb"^diff --git ", re.MULTILINE)
_HUNKS = re.compile(rb"^(?:@@ |Binary files )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One changed file. `patch` starts at its first hunk; it is empty for a mode change, a pure rename, or when
    `too_large`. Modes are "0" where the file does not exist."""

    old_path: str
    new_path: str
    old_mode: str
    new_mode: str
    status: str
    patch: str
    too_large: bool

    @property
    def added(self) -> bool:
        """Whether the file is new."""
        return self.status == "A"

    @property
    def deleted(self) -> bool:
        """Whether the file is gone."""
        return self.status == "D"

    @property
    def renamed(self) -> bool:
        """Whether the file has another path."""
        return self.status == "R"

    @property
    def lines(self) -> tuple[int, int]:
        """How many lines the patch adds and deletes."""
        signs = [line[:1] for line in self.patch.split("\n")]
        return signs.count("+"), signs.count("-")

    def unified(self) -> str:
        """The patch with the `---` and `+++` lines of a unified diff."""
        if not self.patch.startswith("@@"):
            return self.patch
        old = "/dev/null" if self.added else f"a/{self.old_path}"
        new = "/dev/null" if self.deleted else f"b/{self.new_path}"
        return f"--- {old}\n+++ {new}\n{self.patch}"


@dataclass(frozen=True, slots=True)
class Stats:
    """Lines added and deleted by a commit."""

    additions: int
    deletions: int


def between(repository: Repository, before: str, after: str) -> list[FileDiff]:
    """What changes from one commit (or tree) to another, renames found, by path."""
    flags = ("-r", "-M", "--no-ext-diff", "--no-textconv", "--full-index", "--patch-with-raw", "-z")
    output = repository.git("diff-tree", *flags, before, after).stdout
    if not output:
        return []
    raw, _, patches = output.partition(b"\0\0")
    changes = _raw_changes(raw.split(b"\0"))
    bodies = _patches(patches, [change[2] for change in changes])
    return [_file_diff(change, body) for change, body in zip(changes, bodies, strict=True)]


def of_commit(repository: Repository, commit: Commit) -> list[FileDiff]:
    """What a commit changes against its first parent, or against nothing."""
    return between(repository, commit.parents[0] if commit.parents else EMPTY_TREE, commit.sha)


def stats(repository: Repository, commits: Sequence[Commit]) -> dict[str, Stats]:
    """Lines added and deleted per commit, against the first parent, from one process."""
    asked = "".join(f"{c.sha} {' '.join(c.parents[:1])}".strip() + "\n" for c in commits)
    flags = ("--stdin", "--root", "--numstat", "-r", "-M", "--no-ext-diff", "--no-textconv")
    found: dict[str, Stats] = {c.sha: Stats(0, 0) for c in commits}
    current = ""
    for line in (
        repository.git("diff-tree", *flags, stdin=asked.encode()).stdout.decode("utf-8", "replace").splitlines()
    ):
        fields = line.split("\t")
        if len(fields) == 1:
            current = line.split(" ")[0]
        elif fields[0] != "-":
            so_far = found[current]
            found[current] = Stats(so_far.additions + int(fields[0]), so_far.deletions + int(fields[1]))
    return found


def _raw_changes(fields: list[bytes]) -> list[tuple[str, str, str, str, str]]:
    # ":<old mode> <new mode> <old sha> <new sha> <status>", then one path, or two for a rename.
    changes, at = [], 0
    while at < len(fields) and fields[at].startswith(b":"):
        old_mode, new_mode, _, _, status = fields[at][1:].decode().split(" ")
        renamed = status[0] in "RC"
        old_path = os.fsdecode(fields[at + 1])
        new_path = os.fsdecode(fields[at + 2]) if renamed else old_path
        changes.append((old_mode, new_mode, status[0], old_path, new_path))
        at += 3 if renamed else 2
    return changes


def _patches(output: bytes, statuses: list[str]) -> list[bytes]:
    starts = [match.start() for match in _SECTION.finditer(output)]
    sections = [output[start:end] for start, end in zip(starts, [*starts[1:], len(output)], strict=True)]
    bodies = [section[found.start() :] if (found := _HUNKS.search(section)) else b"" for section in sections]
    taken = iter(bodies)
    # A change of type (a file that becomes a link) is one change and two patches.
    return [next(taken, b"") + (next(taken, b"") if status == "T" else b"") for status in statuses]


def _file_diff(change: tuple[str, str, str, str, str], body: bytes) -> FileDiff:
    old_mode, new_mode, status, old_path, new_path = change
    too_large = len(body) >= LARGEST_PATCH
    return FileDiff(
        old_path=old_path,
        new_path=new_path,
        old_mode=_shown(old_mode),
        new_mode=_shown(new_mode),
        status=status,
        patch="" if too_large else body.decode("utf-8", "replace"),
        too_large=too_large,
    )


def _shown(mode: str) -> str:
    return "0" if mode == "000000" else mode
