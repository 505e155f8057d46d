"""uv workspaces: which pyproject.toml is a member of another one's, and what of them a lock needs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from remediators.api import Reader
from remediators.bounds import TOML_MANIFEST
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.uv.lock import FOLDERS, UvLock
from remediators.uv.project import MANIFEST


def workspace_of(manifest: str, read: Reader) -> str | None:
    """The pyproject.toml of the workspace that `manifest` is a member of; None when it stands for itself."""
    folder = posixpath.dirname(manifest)
    for above in _folders_above(folder):
        candidate = posixpath.join(above, "pyproject.toml")
        raw = read(candidate)
        if raw is not None and has_member(
            read_toml(candidate, raw, TOML_MANIFEST), posixpath.relpath(folder, above or ".")
        ):
            return candidate
    return None


def members(document: TomlDocument) -> Sequence[object]:
    """The folders of a workspace, as the pyproject.toml of its root names them."""
    return _listed(document.table("tool", "uv", "workspace").get("members"))


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def local_files(lockfile: str, lock: UvLock, read: Reader) -> Iterator[str]:
    """Every other file of the repository that the lock was made with.

    They are each other project's pyproject.toml, the lock that one beside the workspace may have, and archives.
    """
    here = posixpath.dirname(lockfile)
    for package in lock.packages:
        if package.folder not in {None, "."}:
            names = (MANIFEST,) if package.name in lock.members else (MANIFEST, "uv.lock")
            places = [posixpath.join(str(package.folder), name) for name in names]
        else:
            places = [package.origin] if package.source == "path" else []
        for path in (posixpath.normpath(posixpath.join(here, place)) for place in places):
            outside = path.startswith(("../", "/"))
            if not outside and read(path) is not None:
                yield path


def is_locked_member(manifest: str, read: Reader) -> bool:
    """Whether the uv.lock of a workspace above holds the project of `manifest`."""
    workspace = workspace_of(manifest, read)
    if workspace is None:
        return False
    here = posixpath.dirname(workspace)
    lockfile = posixpath.join(here, "uv.lock")
    raw = read(lockfile) or b""
    folder = posixpath.relpath(posixpath.dirname(manifest), here or ".")
    # Not parsed: a lock takes a second to read where a workspace has a hundred members, and each asks.
    return any(f'{kind} = "{folder}" }}'.encode() in raw for kind in FOLDERS)


def _folders_above(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def has_member(document: TomlDocument, folder: str) -> bool:
    """Whether a root's pyproject.toml lists `folder`, which is relative to it, as a member."""
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
