"""One project's repository while it is open: read, committed to, and pushed from."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

from bot.adapters.backoff import Backoff
from bot.adapters.git import commit_objects, rebase_promise
from bot.adapters.git.blobs import Blobs, TooLargeError
from bot.adapters.git.command import NEGOTIATING, GitCommand
from bot.adapters.git.commit_objects import Identity
from bot.adapters.git.failure import STALE, GitError
from bot.adapters.git.repository import BRANCH_REF, PARENT_REF, Entry, Repository, Tree, astray, checked, unread
from bot.adapters.usage import Usage
from bot.errors import CheckoutError
from bot.ports import Commit
from remediators.api import Reader
from remediators.errors import ManifestError

PUSH_TRIES = 3


class GitCheckout:
    """One open repository; `Checkout` in bot.ports says what each method does."""

    def __init__(
        self, git: GitCommand, repository: Repository, head: str, tree: Tree, identity: Identity, pushed: Usage
    ) -> None:
        self.head = head
        self.paths: Mapping[str, str] = {p: entry.oid for p, entry in tree.items() if entry.plain and not astray(p)}
        self.left_out: Mapping[str, str] = {p: unread(p, e) for p, e in tree.items() if p not in self.paths}
        self._git = git
        self._repository = repository
        self._identity = identity
        self._pushed = pushed
        self._trees = {head: tree}
        self._differences: dict[str, Mapping[str, Entry | None]] = {head: {}}
        self._branches: dict[str, str] | None = None
        # Branches are looked at side by side; git writes one reference at a time.
        self._listing = threading.Lock()
        self._blobs = Blobs(partial(git.start, "cat-file", "--batch"), repository.fetch_blobs, git.limits.blob)

    def reader(self, commit: str) -> Reader:
        """Reads plain files at `commit`. Raises ManifestError for what is none, CheckoutError for a broken copy."""
        return partial(self._read, self._tree(commit))

    def prefetch(self, paths: Collection[str]) -> None:
        """Bring the blobs of these paths at `head` here in one request; paths that do not exist are no matter."""
        self._repository.fetch_blobs({self.paths[path] for path in paths if path in self.paths})

    def commit(self, files: Mapping[str, bytes], message: str) -> Commit:
        """A commit on `head` that replaces exactly these files. Raises CheckoutError for symlinks and odd paths."""
        return commit_objects.build(self._git, self.head, self._trees[self.head], files, message, self._identity)

    def branch(self, name: str) -> Commit | None:
        """The tip of a branch in GitLab; its trees are brought here when it is not ours already.

        All branches are listed once for as long as the repository is open: a push says what it expects anyway.
        """
        tip = self._listed().get(name)
        if tip is None:
            return None
        try:
            found = commit_objects.read(self._git, tip, self._identity)
        except GitError:
            with self._listing:
                self._repository.fetch(tip, BRANCH_REF)
            found = commit_objects.read(self._git, tip, self._identity)
        return found if found.ours else replace(found, ours=self._is_rebased(found))

    def push(self, commit: Commit, branch: str, expected: str | None) -> None:
        """Push to `branch`, which must be at `expected` (None: must not exist).

        After a failure that may have had its effect, the branch is looked at before another try.
        """
        backoff = Backoff(self._git.sleep, PUSH_TRIES)
        while True:
            try:
                self._push({branch: (commit.sha, expected)})
            except GitError as error:
                if not (error.passing or error.symptom is STALE):
                    raise
                self._branches = None
                tip = self._listed().get(branch)
                if tip == commit.sha:
                    return
                if tip != expected or not backoff.wait():
                    raise
            else:
                self._listed()[branch] = commit.sha
                return

    def push_all(self, commits: Mapping[str, Commit]) -> frozenset[str]:
        """Push to several branches in one go; one that is refused keeps no other back."""
        try:
            listed = self._listed()
            self._push({branch: (commit.sha, listed.get(branch)) for branch, commit in commits.items()})
        except GitError:
            # Some may have arrived, and each has its own reason.
            self._branches = None
            with contextlib.suppress(GitError):
                return frozenset(branch for branch, c in commits.items() if self._listed().get(branch) == c.sha)
            return frozenset()
        listed.update({branch: commit.sha for branch, commit in commits.items()})
        return frozenset(commits)

    def changed_files(self, commit: Commit) -> tuple[str, ...]:
        """Paths that differ between `head` and `commit`, sorted."""
        return tuple(sorted(self._differing(commit.sha)))

    def close(self) -> None:
        """End what still reads."""
        self._blobs.close()

    def _is_rebased(self, tip: Commit) -> bool:
        message = commit_objects.promise(self._git, tip.sha, self._identity)
        if not message or len(tip.parents) != 1:
            return False
        (parent,) = tip.parents
        try:
            changed = self._repository.differences(parent, tip.sha)
        except GitError:
            with self._listing:
                self._repository.fetch(parent, PARENT_REF)
            changed = self._repository.differences(parent, tip.sha)
        if not rebase_promise.is_kept(message, {path: entry.oid if entry else "" for path, entry in changed.items()}):
            return False
        with self._listing:
            return self._repository.leads_back(self.head, parent)

    def _tree(self, commit: str) -> Tree:
        if commit not in self._trees:
            tree = dict(self._trees[self.head])
            for path, entry in self._differing(commit).items():
                if entry is None:
                    tree.pop(path, None)
                else:
                    tree[path] = entry
            self._trees[commit] = tree
        return self._trees[commit]

    def _differing(self, commit: str) -> Mapping[str, Entry | None]:
        if commit not in self._differences:
            self._differences[commit] = self._repository.differences(self.head, commit)
        return self._differences[commit]

    def _read(self, tree: Tree, path: str) -> bytes | None:
        entry = tree.get(path)
        if entry is None:
            return None
        if not entry.plain or astray(path):
            raise ManifestError(unread(path, entry))
        try:
            return self._blobs.read(entry.oid)
        except TooLargeError as error:
            raise ManifestError(f"{path}: {error}") from error
        except GitError:
            raise
        except CheckoutError as error:
            self._repository.condemn()
            raise CheckoutError(f"{self._git.subject}: {path}: {error}; the next run starts over") from error

    def _push(self, branches: Mapping[str, tuple[str, str | None]]) -> None:
        """Push each commit to its branch, which must be at what is expected (None: must not exist)."""
        self._pushed.count(write=True)
        # Pushing takes four processes at a time, and reading is over by then: this one would only stand beside them.
        self._blobs.rest()
        refs = {f"refs/heads/{branch}": moved for branch, moved in branches.items()}
        leases = (f"--force-with-lease={ref}:{expected or ''}" for ref, (_, expected) in refs.items())
        moves = (f"{checked(sha)}:{ref}" for ref, (sha, _) in refs.items())
        # While some branch stands at our head, GitLab says itself that it has it.
        settings = () if self.head in self._listed().values() else NEGOTIATING
        self._git.write("push", "--quiet", "--no-verify", *leases, "origin", *moves, settings=settings)

    def _listed(self) -> dict[str, str]:
        with self._listing:
            if self._branches is None:
                lines = self._git.read("ls-remote", "--heads", "origin").decode("utf-8", "replace").splitlines()
                refs = (line.split("\t", 1) for line in lines)
                self._branches = {ref.removeprefix("refs/heads/"): tip for tip, ref in refs}
            return self._branches
