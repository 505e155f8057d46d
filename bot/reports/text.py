"""Plain text for a terminal or a log: columns, counts, and nothing that could command the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def safe(text: str) -> str:
    """`text` on one line without control characters: foreign names cannot move the cursor or change colours."""
    return "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)


def plural(count: int, noun: str) -> str:
    """ "1 project", "2 projects"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Left-aligned columns, two spaces apart; links stay whole, so that they can be clicked."""
    lines = [[safe(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)
