"""What git knows of a merge request: where its branches stand, what lies between them. Blocking; touches no world."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.git import history, merging
from bot.sandbox.git.objects import Commit
from bot.sandbox.git.repository import Repository

MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class Branches:
    """Where a merge request's branches stand: repositories, the source's head and the target's tip.

    `tip` is None when the target branch does not exist.
    """

    target: Repository
    source: Repository
    head: str
    tip: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a source branch brings. `base` is the common ancestor with the target. `commits` are newest first."""

    head: str
    start: str | None
    base: str | None
    commits: tuple[Commit, ...]
    files: int

    @property
    def changes(self) -> str | None:
        """How many files change, as GitLab words it; None for nothing."""
        if self.files == 0:
            return None
        return str(self.files) if self.files <= MOST_FILES else f"{MOST_FILES}+"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the branches can be merged as they stand."""

    conflicts: bool
    behind: bool


def head_ref(iid: int) -> str:
    """The ref under which the target repository keeps a merge request's head."""
    return f"refs/merge-requests/{iid}/head"


def compare(branches: Branches, iid: int) -> Comparison:
    """Bring the head into the target repository, keep it there, and look at what it brings."""
    repository = branches.target
    if branches.source.folder == repository.folder:
        repository.git("update-ref", head_ref(iid), branches.head)
    else:
        repository.bring(branches.source, branches.head, head_ref(iid))
    if branches.tip is None:
        return Comparison(branches.head, None, None, (), 0)
    base = history.merge_base(repository, branches.tip, branches.head)
    commits = tuple(reversed(history.between(repository, branches.tip, branches.head)))
    return Comparison(branches.head, branches.tip, base, commits, _files(repository, base, branches.head))


def verdict(repository: Repository, tip: str, head: str) -> Verdict:
    """Try the merge without making it."""
    behind = not history.is_ancestor(repository, tip, head)
    return Verdict(conflicts=behind and bool(merging.conflicting_paths(repository, tip, head)), behind=behind)


def _files(repository: Repository, base: str | None, head: str) -> int:
    if base is None:
        return 0
    listed = repository.git("diff-tree", "-r", "-M", "--name-only", "-z", base, head).stdout
    return sum(1 for name in listed.split(b"\0") if name)
