"""Durations as GitLab reads and writes them: a day has 8 hours, a week 5 days, a month 4 weeks."""

from __future__ import annotations

import re

_HOUR = 3600
_UNITS = (("mo", 160 * _HOUR), ("w", 40 * _HOUR), ("d", 8 * _HOUR), ("h", _HOUR), ("m", 60), ("s", 1))
_SECONDS = dict(_UNITS)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(mo|w|d|h|m|s)[a-z]*", re.IGNORECASE)


def parsed(text: str) -> int | None:
    """Seconds in `1d 2h` or `-30m`; None when there is no duration in it."""
    body = text.strip()
    parts = _PART.findall(body)
    if not parts:
        return None
    seconds = int(sum(float(number) * _SECONDS[unit.lower()] for number, unit in parts))
    return -seconds if body.startswith("-") else seconds


def human(seconds: int) -> str | None:
    """`3h 30m`; None for no time at all."""
    parts, rest = [], abs(seconds)
    for unit, length in _UNITS:
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count}{unit}")
    return ("-" if seconds < 0 else "") + " ".join(parts) if parts else None
