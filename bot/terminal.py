"""Foreign text as a terminal may be given it: shown, and never obeyed."""

from __future__ import annotations

import unicodedata

# Control and format characters, lone surrogates, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe(text: str) -> str:
    """`text` on one line without control characters: foreign names cannot move the cursor or change colours."""
    return "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in text)


def safe_lines(text: str) -> str:
    """The same, with its line breaks kept: for tracebacks."""
    return "\n".join(map(safe, text.split("\n")))
