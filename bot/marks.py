"""The hidden marks by which the bot knows its own work in GitLab again, and where they stand. Pure.

They are the words of a comment on a line of its own, the last such line of a description or note. The same words
anywhere else are somebody's quotation.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

PREFIX = "remediation-bot"
ASKING = f"{PREFIX}-asks-for-approval"
"""What says, in a description, that its merge request was opened as a draft for a person to approve."""

_LINE = re.compile(rf"^<!-- ((?:{PREFIX}-\S+ )*{PREFIX}-\S+) -->[ \t\r]*$", re.MULTILINE)


def key(of: str) -> str:
    """What identifies the work on a remediation, by its key; searchable in a description."""
    return f"{PREFIX}-key-{_digest(of)}"


def keys(of: str) -> tuple[str, str]:
    """That, and the key itself, to be read again where the database no longer knows it."""
    return key(of), f"{PREFIX}-name-{quote(of, safe='').replace('-', '%2D')}"


def named(description: str) -> tuple[str, ...]:
    """The keys that a description names and is marked with."""
    standing = _in_order(description)
    start = f"{PREFIX}-name-"
    found = (unquote(mark.removeprefix(start)) for mark in standing if mark.startswith(start))
    return tuple(each for each in found if key(each) in standing)


def changes(lines: Iterable[str]) -> str:
    """What identifies one set of changes: a closed merge request with it means no to just these."""
    return f"{PREFIX}-changes-{_digest(*sorted(lines))}"


def content(body: str) -> str:
    """What tells whether a description is the one that we would write now."""
    return f"{PREFIX}-content-{_digest(body)}"


def line(*marks: str) -> str:
    """The line to end a text with."""
    return f"<!-- {' '.join(marks)} -->"


def of(text: str) -> frozenset[str]:
    """The marks of a description or note."""
    return frozenset(_in_order(text))


def without_changes(description: str) -> str:
    """A description whose merge request stands for no set of changes any more: closing it says no to nothing."""
    found = list(_LINE.finditer(description))
    if not found:
        return description
    kept = [mark for mark in found[-1][1].split() if not mark.startswith(f"{PREFIX}-changes-")]
    start, end = found[-1].span()
    return f"{description[:start]}{line(*kept) if kept else ''}{description[end:]}"


def _in_order(text: str) -> tuple[str, ...]:
    found = _LINE.findall(text)
    return tuple(found[-1].split()) if found else ()


def _digest(*parts: str) -> str:
    """Twenty hexadecimal digits of SHA-256."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
