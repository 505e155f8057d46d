"""Folders that a manifest names besides its own: a package manager is only let loose on those of the repository."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from remediators.api import ToolError

_CHOICES = frozenset("{(")


def check_inside(manifest: str, setting: str, patterns: Iterable[object]) -> None:
    """Raise ToolError for the first of these paths or globs, of a `setting` of `manifest`, that leaves the repository.

    The lockfile may still be read; it is the package manager that would look there.
    """
    folder = posixpath.dirname(manifest)
    for pattern in patterns:
        if isinstance(pattern, str) and _leaves(folder, pattern.removeprefix("!")):
            raise ToolError(
                f"{manifest}: `{setting}` names {pattern[:200]!r}, which is outside the repository: name folders of it"
            )


def _leaves(folder: str, pattern: str) -> bool:
    # Choices are not taken apart: nobody needs one to get out of a folder that they may stay in.
    if not _CHOICES.isdisjoint(pattern):
        return ".." in pattern or pattern.startswith("/")
    path = posixpath.normpath(posixpath.join(folder, pattern.replace("\\", "/")))
    return path == ".." or path.startswith(("../", "/"))
