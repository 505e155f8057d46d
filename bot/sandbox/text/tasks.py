"""Checklists in descriptions: how many items there are, and how many are done."""

from __future__ import annotations

import re

from bot.sandbox.text import references

_ITEM = re.compile(r"^\s*(?:>\s*)*(?:[-*+]|\d+[.)])\s+\[([ xX~])\]\s+\S", re.MULTILINE)


def counted(text: str | None) -> tuple[int, int]:
    """Items and completed items; inapplicable ones ([~]) are not counted."""
    marks = [mark for mark in _ITEM.findall(references.visible(text or "")) if mark != "~"]
    return len(marks), sum(mark in "xX" for mark in marks)


def status(text: str | None) -> str:
    """The line that GitLab shows for a list of tasks, "" without any."""
    items, done = counted(text)
    if not items:
        return ""
    return f"{done} of {items} checklist item{'s' if items > 1 else ''} completed"
