"""One bare repository in the cache: made, mended after a crash, fetched into, listed. It has no work tree, ever."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.adapters.git.command import GitCommand
from bot.adapters.git.failure import GitError
from bot.errors import CheckoutError

# Every fetch adds a pack and nothing tidies up: fetching anew is cheaper than a repack, and cannot go wrong.
MAX_PACKS = 50

HEAD_REF = "refs/bot/head"
BRANCH_REF = "refs/bot/branch"
PARENT_REF = "refs/bot/parent"

_NOTHING = "000000"
"""The mode of what is not there."""
_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_FORMATS = {
    40: "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
    64: "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n",
}
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none")


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at a path of a tree: its mode as git writes it, and its object."""

    mode: str
    oid: str

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "plain file" if self.plain else "symlink" if self.mode == "120000" else "submodule"

    @property
    def plain(self) -> bool:
        """Whether it is a file with content: neither a symlink (120000) nor a submodule (160000)."""
        return self.mode.startswith("100")


Tree = Mapping[str, Entry]
"""Every entry of a commit by POSIX path. Paths that are not UTF-8 are left out."""


class Repository:
    """The cached repository behind `git`. Its lock is held by the caller."""

    def __init__(self, git: GitCommand) -> None:
        self._git = git
        self._folder = git.folder
        self._here: set[str] = set()

    def tree(self, commit: str) -> Tree:
        """The entries of a commit that is here. Raises GitError when it, or any tree of it, is not."""
        listing = self._git.local("ls-tree", "-r", "-z", "--full-tree", checked(commit))
        return dict(_entries(listing))

    def differences(self, before: str, after: str) -> Mapping[str, Entry | None]:
        """The paths that differ between two commits that are here, each as it is `after`: None where it is gone.

        git compares only the folders that differ, however much else there is. Raises GitError.
        """
        raw = self._git.local("diff-tree", "-r", "-z", "--raw", "--no-renames", checked(before), checked(after))
        words = iter(raw.split(b"\0"))
        return dict(_differences(words))

    def head_tree(self, head: str) -> Tree:
        """The entries of `head`, fetched when it is not here. Starts over once with a repository that is damaged."""
        self._make(checked(head), fresh=self._worn())
        try:
            return self._fetched_tree(head)
        except GitError as error:
            if error.symptom is not None:
                raise
        self._make(head, fresh=True)
        return self._fetched_tree(head)

    def fetch(self, commit: str, ref: str) -> None:
        """Bring one commit with its trees here, without history and blobs."""
        self._git.read(*_FETCH, "--depth=1", "origin", f"+{checked(commit)}:{ref}")

    def leads_back(self, head: str, commit: str) -> bool:
        """Whether `head` has a commit, both of which are here, in its history. Raises GitError.

        The server is asked for the commits since then, without their trees.
        """
        if checked(commit) == checked(head):
            return True
        made, newest = (int(self._git.local("log", "-1", "--format=%ct", each)) for each in (commit, head))
        if newest < made:
            return False
        since = ("--filter=tree:0", f"--shallow-since=@{max(made - 1, 0)} +0000")
        self._git.read(*_FETCH, *since, "origin", f"+{head}:{HEAD_REF}")
        return commit in self._git.local("rev-list", head).decode().split()

    def fetch_blobs(self, ids: Collection[str]) -> None:
        """Bring those of these blobs that are missing here, in one request."""
        if missing := self._missing(set(ids) - self._here):
            # Haves would only make the request longer: the server never sends what is not asked for.
            settings = [("fetch.negotiationAlgorithm", "noop")]
            self._git.read(*_FETCH, "origin", "--stdin", stdin=_lines(missing), settings=settings)
        self._here.update(ids)

    def condemn(self) -> None:
        """Have the next run start over."""
        (self._folder / "HEAD").unlink(missing_ok=True)

    def _fetched_tree(self, head: str) -> Tree:
        if (self._folder / HEAD_REF).exists():
            # A failure means that it is not here yet, or only in part.
            with contextlib.suppress(GitError):
                return self.tree(head)
        self.fetch(head, HEAD_REF)
        return self.tree(head)

    def _missing(self, ids: Collection[str]) -> list[str]:
        if not ids:
            return []
        found = self._git.local("cat-file", "--batch-check", stdin=_lines(sorted(ids)))
        return [line.split()[0] for line in found.decode().splitlines() if line.endswith(" missing")]

    def _worn(self) -> bool:
        return sum(1 for _ in (self._folder / "objects" / "pack").glob("*.pack")) > MAX_PACKS

    def _make(self, head: str, fresh: bool) -> None:
        """Have an empty or usable repository. HEAD is written last: without it, a repository is half made."""
        if fresh or not (self._folder / "HEAD").exists():
            shutil.rmtree(self._folder, ignore_errors=True)
        else:
            self._clear_leftovers()
            return
        for part in ("objects/pack", "refs/heads"):
            (self._folder / part).mkdir(parents=True)
        (self._folder / "config").write_text(_FORMATS[len(head)])
        (self._folder / "HEAD").write_text("ref: refs/heads/none\n")

    def _clear_leftovers(self) -> None:
        """Remove what a killed git left. We hold the lock, so nobody is using them."""
        for pattern in ("*.lock", "refs/**/*.lock", "objects/*/tmp_*", "index-*"):
            for leftover in self._folder.glob(pattern):
                leftover.unlink()


def astray(path: str) -> bool:
    """Whether a path leads elsewhere than into its tree: git lets any name into one."""
    return any(part in ("", ".", "..") or part.lower() == ".git" or "\0" in part for part in path.split("/"))


def unread(path: str, entry: Entry) -> str:
    """Why what stands at a path is not read."""
    if astray(path):
        return f"{path}: leads out of the repository, and is not read: remove it"
    return f"{path}: is a {entry.kind}, which is not followed: name the file itself"


def checked(commit: str) -> str:
    """An object id, given that it is one: what GitLab says goes into a command line."""
    if not _OBJECT_ID.fullmatch(commit):
        raise CheckoutError(f"{commit!r} is not a commit id")
    return commit


def _lines(ids: Iterable[str]) -> bytes:
    return "".join(f"{each}\n" for each in ids).encode()


def _entries(listing: bytes) -> Iterator[tuple[str, Entry]]:
    for line in listing.split(b"\0"):
        described, tab, path = line.partition(b"\t")
        if tab:
            mode, _, oid = described.decode().split()
            try:
                yield path.decode("utf-8"), Entry(mode, oid)
            except UnicodeDecodeError:
                continue


def _differences(words: Iterator[bytes]) -> Iterator[tuple[str, Entry | None]]:
    """Of what `diff-tree --raw -z` prints: ":<modes and objects, before and after> <letter>", then the path."""
    for described, path in zip(words, words, strict=False):
        _, mode, _, oid, _ = described.decode().split()
        try:
            yield path.decode("utf-8"), None if mode == _NOTHING else Entry(mode, oid)
        except UnicodeDecodeError:
            continue
