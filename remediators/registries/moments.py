"""When something was published, as registries write it."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(written: object) -> datetime | None:
    """The time in UTC; one without a zone is UTC. None for what is no time of the calendar."""
    try:
        return in_utc(datetime.fromisoformat(written)) if isinstance(written, str) else None
    except ValueError:
        return None


def in_utc(time: datetime) -> datetime | None:
    """The same moment in UTC; None for one that is not in its calendar, as at the very start of year 1."""
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        return None
