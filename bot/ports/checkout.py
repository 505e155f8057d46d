"""Repositories as the pipeline asks of them: read at a commit, written to without a work tree, pushed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from remediators.api import Reader
from state.model import Project


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, as far as we need to know it. `ours` is whether the bot's identity authored it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    ours: bool


class Checkout(Protocol):
    """One project's repository at its head, without a work tree: nothing in it can run, no symlink can be followed."""

    head: str
    paths: Mapping[str, str]
    """Every plain file at `head`, POSIX path to blob id."""

    left_out: Mapping[str, str]
    """What else stands there, and why it is not read: symlinks, submodules, paths that lead out of the repository."""

    def reader(self, commit: str) -> Reader:
        """Reads plain files at `commit`; ManifestError for a symlink, a submodule or a file over the size limit."""

    def prefetch(self, paths: Collection[str]) -> None:
        """Bring the blobs of these paths at `head` here in one request."""

    def commit(self, files: Mapping[str, bytes], message: str) -> Commit:
        """A commit on `head` that replaces exactly these files (their modes stay)."""

    def branch(self, name: str) -> Commit | None:
        """The tip of a branch in GitLab as it is now, None when there is none."""

    def push(self, commit: Commit, branch: str, expected: str | None) -> None:
        """Push to `branch`, which must be at `expected` (None: must not exist).

        Raises CheckoutError, naming the branch, when it moved or the push was refused.
        """

    def push_all(self, commits: Mapping[str, Commit]) -> frozenset[str]:
        """Push to several branches of ours, each as `branch` last saw it, in one go; those that arrived.

        What GitLab does not take is not raised here: `push` says what is wrong.
        """

    def changed_files(self, commit: Commit) -> tuple[str, ...]:
        """Paths that differ between `head` and `commit`."""


class Checkouts(Protocol):
    """Local copies of repositories."""

    def open(self, project: Project) -> AbstractContextManager[Checkout]:
        """The repository at `project.head`, fetched only as far as needed. Raises CheckoutError."""
