"""Times as GitLab writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import overload


@overload
def timestamp(moment: datetime) -> str: ...
@overload
def timestamp(moment: None) -> None: ...
def timestamp(moment: datetime | None) -> str | None:
    """`2020-08-28T09:06:16.449Z`."""
    if moment is None:
        return None
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


@overload
def day(moment: date) -> str: ...
@overload
def day(moment: None) -> None: ...
def day(moment: date | None) -> str | None:
    """`2020-08-28`."""
    return None if moment is None else f"{moment:%Y-%m-%d}"
