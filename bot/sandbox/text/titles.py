"""Drafts: merge requests whose title says that they are not to be merged yet."""

from __future__ import annotations

import re

_DRAFT = re.compile(r"^\s*(?:(?:\[draft\]|\(draft\)|draft:)\s*)+", re.IGNORECASE)


def is_draft(title: str) -> bool:
    """Whether the title starts with `Draft:`, `[Draft]` or `(Draft)`; `WIP:` is no longer honoured."""
    return _DRAFT.match(title) is not None


def as_draft(title: str) -> str:
    """The title of a draft."""
    return title if is_draft(title) else f"Draft: {title}"


def as_ready(title: str) -> str:
    """The title without any draft prefix."""
    return _DRAFT.sub("", title)
