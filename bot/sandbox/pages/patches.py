"""Patches for people: each line with its numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a patch. `kind` is add, gone, same or at (the head of a hunk)."""

    kind: str
    old: str
    new: str
    text: str


def numbered(patch: str) -> list[Line]:
    """The lines of a patch, numbered on both sides."""
    lines: list[Line] = []
    old = new = 0
    for text in patch.removesuffix("\n").split("\n") if patch else ():
        if hunk := _HUNK.match(text):
            old, new = int(hunk[1]), int(hunk[2])
            lines.append(Line("at", "", "", text))
        elif text.startswith("+"):
            lines.append(Line("add", "", str(new), text))
            new += 1
        elif text.startswith("-"):
            lines.append(Line("gone", str(old), "", text))
            old += 1
        elif text.startswith(" "):
            lines.append(Line("same", str(old), str(new), text))
            old, new = old + 1, new + 1
        else:
            lines.append(Line("at", "", "", text))
    return lines
