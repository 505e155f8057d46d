"""uv workspaces: which pyproject.toml is a member of another one's, and what of them a lock needs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase

from remediators.api import Reader
from remediators.toml_document import TomlDocument, read_toml
from remediators.uv_lock import UvLock


def workspace_of(manifest: str, read: Reader) -> str | None:
    """The pyproject.toml of the workspace that `manifest` is a member of; None when it stands for itself."""
    folder = posixpath.dirname(manifest)
    for above in _folders_above(folder):
        candidate = posixpath.join(above, "pyproject.toml")
        raw = read(candidate)
        if raw is not None and _has_member(read_toml(candidate, raw), posixpath.relpath(folder, above or ".")):
            return candidate
    return None


def local_manifests(lockfile: str, lock: UvLock, read: Reader) -> Iterator[str]:
    """The pyproject.toml of every other project of the repository that the lock was made with."""
    here = posixpath.dirname(lockfile)
    for package in lock.packages:
        if package.folder in {None, "."}:
            continue
        manifest = posixpath.normpath(posixpath.join(here, str(package.folder), "pyproject.toml"))
        outside = manifest.startswith(("../", "/"))
        if not outside and read(manifest) is not None:
            yield manifest


def _folders_above(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _has_member(document: TomlDocument, folder: str) -> bool:
    workspace = document.table("tool", "uv", "workspace")

    def listed(key: str) -> bool:
        patterns = workspace.get(key)
        return isinstance(patterns, list) and any(_matches(folder, str(pattern)) for pattern in patterns)

    return listed("members") and not listed("exclude")


def _matches(folder: str, pattern: str) -> bool:
    """Whether a glob names a folder; `**` stands for any number of folders, and no pattern backtracks."""
    parts = folder.split("/")
    reached = {0}
    for step in posixpath.normpath(pattern).split("/"):
        if step == "**":
            reached = set(range(min(reached, default=len(parts) + 1), len(parts) + 1))
        else:
            reached = {place + 1 for place in reached if place < len(parts) and fnmatchcase(parts[place], step)}
    return len(parts) in reached
