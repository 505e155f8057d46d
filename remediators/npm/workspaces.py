"""`workspaces` of a package.json: which folders below it belong to its project.

A pattern is as Yarn's globs: `*` and `?` inside a folder name, `**` for any depth, `{a,b}`, and `!` takes out again.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence

from remediators.documents.json_spans import Json

WORKSPACES = "workspaces"
_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST = 200
_LONGEST = 300
_ANY_DEPTH = "**"


def named(manifest: Json) -> Sequence[Json]:
    """What stands in the `workspaces` of a package.json."""
    found = manifest.get(WORKSPACES) if isinstance(manifest, dict) else None
    if isinstance(found, dict):
        found = found.get("packages")
    return found if isinstance(found, list) else []


def patterns(manifest: Json) -> tuple[str, ...]:
    """The patterns in a package.json, cleaned of `./` and a slash at the end; those that are none are left out."""
    texts = [text for text in named(manifest) if isinstance(text, str) and len(text) <= _LONGEST]
    return tuple(one for text in texts[:_MOST] for one in _expanded(_clean(text)))


def is_member(folder: str, wanted: Sequence[str]) -> bool:
    """Whether a folder (relative to the package.json that has the patterns) is a workspace of it."""
    parts = folder.split("/")
    if parts[0] in {"", ".", ".."}:
        return False
    taken = any(_matches(parts, one.split("/")) for one in wanted if not one.startswith("!"))
    return taken and not any(_matches(parts, _clean(one[1:]).split("/")) for one in wanted if one.startswith("!"))


def _clean(text: str) -> str:
    return text.removeprefix("./").rstrip("/")


def _expanded(text: str) -> Iterator[str]:
    """Every alternative of the braces, up to a bound that no person reaches."""
    waiting, made = [text], 0
    while waiting and made < _MOST:
        one = waiting.pop()
        found = _BRACES.search(one)
        if found is None:
            made += 1
            yield one
        elif len(waiting) < _MOST:
            waiting += [one[: found.start()] + choice + one[found.end() :] for choice in found[1].split(",")]


def _matches(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a path matches; looks at every pair of positions once."""
    reached = {0}
    for pattern in wanted:
        if pattern == _ANY_DEPTH:
            reached = set(range(min(reached), len(parts) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatch.fnmatchcase(parts[at], pattern)}
    return len(parts) in reached
