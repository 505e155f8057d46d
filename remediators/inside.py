"""Folders that a manifest names besides its own: a package manager is only let loose on those of the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from remediators.errors import ToolError

_CHOICES = frozenset("{(")
_WAY_OUT = re.compile(r"\.\.|[/\\]")
_FROM_THE_TOP = re.compile(r"(?:^|[{(,|])/")


def check_inside(manifest: str, setting: str, patterns: Iterable[object], base: str | None = None) -> None:
    """Raise ToolError for the first of these paths or globs, of a `setting` of `manifest`, that leaves the repository.

    `base` is the folder that they are relative to, None for the manifest's own. The lockfile may still be read; it is
    the package manager that would look there.
    """
    folder = posixpath.dirname(manifest) if base is None else base
    for pattern in patterns:
        if isinstance(pattern, str) and _leaves(folder, pattern.lstrip("!")):
            raise ToolError(
                f"{manifest}: `{setting}` names {pattern[:200]!r}, which is outside the repository: name folders of it"
            )


def _leaves(folder: str, pattern: str) -> bool:
    # Of a lockfile's tens of thousands of ranges none has any.
    if _WAY_OUT.search(pattern) is None:
        return False
    # A backslash parts folders for some, for others it says that what follows is no sign.
    return any(_leads_out(folder, pattern.replace("\\", meant)) for meant in ("/", ""))


def _leads_out(folder: str, pattern: str) -> bool:
    # Choices are not taken apart: nobody needs one to get out of a folder that they may stay in.
    if not _CHOICES.isdisjoint(pattern):
        return ".." in pattern or _FROM_THE_TOP.search(pattern) is not None
    # Any number of folders may be none.
    steps = "/".join(step for step in pattern.split("/") if step != "**")
    path = posixpath.normpath(posixpath.join(folder, steps))
    return path == ".." or path.startswith(("../", "/"))
