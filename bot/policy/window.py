"""When routine merge requests may be made: days, hours and a time zone, all by name. Pure."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, time

from pydantic import BaseModel, ConfigDict, Field, field_validator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Schedule(BaseModel):
    """A window of the week, such as mon-fri from 22:00 to 06:00 in Europe/Berlin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: str = Field(default="mon-sun", description='names and ranges: "mon-fri", "sat,sun"', max_length=100)
    hours: str = Field(default="00:00-24:00", description='"22:00-06:00" ends the next morning', max_length=20)
    timezone: str = Field(default="UTC", description='a name of the IANA database: "Europe/Berlin"', max_length=60)

    @field_validator("days")
    @classmethod
    def _named_days(cls, value: str) -> str:
        _days(value)
        return value

    @field_validator("hours")
    @classmethod
    def _clock_times(cls, value: str) -> str:
        _hours(value)
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{value!r} is not a time zone, such as Europe/Berlin or UTC") from None
        return value

    def open_at(self, now: datetime) -> bool:
        """Whether `now` (aware) is within the window. A night belongs to the day on which it begins."""
        local = now.astimezone(zoneinfo.ZoneInfo(self.timezone))
        days, (start, end) = _days(self.days), _hours(self.hours)
        minute = local.hour * 60 + local.minute
        if start < end:
            return local.weekday() in days and start <= minute < end
        return (local.weekday() in days and minute >= start) or ((local.weekday() - 1) % 7 in days and minute < end)

    def __str__(self) -> str:
        return f"{self.days} {self.hours} {self.timezone}"


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"{part!r} is not a day or a range of days: {', '.join(DAYS)}, as in mon-fri")
        start, end = DAYS.index(first), DAYS.index(last or first)
        found.update((start + n) % 7 for n in range((end - start) % 7 + 1))
    return frozenset(found)


def _hours(text: str) -> tuple[int, int]:
    """Minutes of the day at which the window opens and closes; 24:00 is its end."""
    first, dash, last = text.replace(" ", "").partition("-")
    try:
        start, end = _minute(first), _minute(last)
    except ValueError:
        start = end = -1
    if not dash or start == end:
        raise ValueError(f'{text!r} is not a time of day such as "22:00-06:00"')
    return start, end


def _minute(text: str) -> int:
    if text == "24:00":
        return 24 * 60
    read = time.fromisoformat(text)
    return read.hour * 60 + read.minute
