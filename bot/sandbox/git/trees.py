"""Reading trees and files at a commit."""

from __future__ import annotations

import os
from dataclasses import dataclass

from bot.sandbox.git.objects import DIRECTORY, Leaf
from bot.sandbox.git.repository import Repository


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a tree listing. `type` is blob, tree or commit (a submodule); `path` is from the root."""

    path: str
    mode: str
    type: str
    sha: str

    @property
    def name(self) -> str:
        """The last component of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class File:
    """A file at a commit."""

    path: str
    mode: str
    sha: str
    content: bytes


_SHOWN_FIRST = {"tree": 0, "blob": 1, "commit": 2}


def listing(repository: Repository, commit: str, path: str = "", recursive: bool = False) -> list[Entry] | None:
    """Directories, files, submodules below `path`, in GitLab's order; None when there is no such directory."""
    folder = path.strip("/")
    if folder:
        found = entry(repository, commit, folder)
        if found is None or found.type != "tree":
            return None
    flags = ("-r", "-t") if recursive else ()
    where = (f"{folder}/",) if folder else ()
    listed = _entries(repository.git("ls-tree", "-z", *flags, commit, "--", *where).stdout)
    inside = [e for e in listed if not folder or e.path.startswith(folder + "/")]
    return sorted(inside, key=lambda e: (_SHOWN_FIRST[e.type], e.path))


def entry(repository: Repository, commit: str, path: str) -> Entry | None:
    """What stands at `path`; None when nothing does."""
    if not path or path.startswith("/") or "\0" in path or leaves_root(path):
        return None
    listed = _entries(repository.git("ls-tree", "-z", commit, "--", path.rstrip("/")).stdout)
    return next((e for e in listed if e.path == path.rstrip("/")), None)


def file(repository: Repository, commit: str, path: str) -> File | None:
    """The file at `path`; None when there is none, or it is a directory or submodule."""
    found = entry(repository, commit, path)
    if found is None or found.type != "blob":
        return None
    blob = repository.object(found.sha)
    return None if blob is None else File(path, found.mode, found.sha, blob[1])


def leaves_root(path: str) -> bool:
    """Whether a path climbs: git refuses those, and there is nothing in a tree that they could name."""
    return ".." in path.split("/")


def leaves(repository: Repository, commit: str) -> tuple[dict[str, Leaf], frozenset[str]]:
    """Every file and submodule at a commit by path, and the names of all its trees."""
    listed = _entries(repository.git("ls-tree", "-r", "-t", "-z", commit).stdout)
    found = {e.path: Leaf(e.mode, e.sha) for e in listed if e.mode != DIRECTORY}
    return found, frozenset(e.sha for e in listed if e.mode == DIRECTORY)


def _entries(output: bytes) -> list[Entry]:
    found = []
    for line in output.split(b"\0"):
        if line:
            facts, _, path = line.partition(b"\t")
            mode, kind, sha = facts.decode().split(" ")
            found.append(Entry(os.fsdecode(path), mode, kind, sha))
    return found
