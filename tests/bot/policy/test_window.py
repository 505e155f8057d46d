"""When a schedule is open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.policy.window import Schedule

OFFICE_NIGHTS = Schedule(days="mon-fri", hours="22:00-06:00", timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("schedule", "now", "is_open"),
    [
        # 2026-11-20 is a Friday; Berlin is an hour ahead of UTC then.
        (OFFICE_NIGHTS, datetime(2026, 11, 20, 21, 0, tzinfo=UTC), True),
        (OFFICE_NIGHTS, datetime(2026, 11, 20, 20, 59, tzinfo=UTC), False),
        (OFFICE_NIGHTS, datetime(2026, 11, 21, 4, 59, tzinfo=UTC), True),
        (OFFICE_NIGHTS, datetime(2026, 11, 21, 5, 0, tzinfo=UTC), False),
        (OFFICE_NIGHTS, datetime(2026, 11, 21, 22, 0, tzinfo=UTC), False),
        (OFFICE_NIGHTS, datetime(2026, 11, 23, 2, 0, tzinfo=UTC), False),
        (Schedule(), datetime(2026, 11, 20, 23, 59, tzinfo=UTC), True),
        (Schedule(days="sat,sun"), datetime(2026, 11, 20, 12, tzinfo=UTC), False),
        (Schedule(days="fri-mon"), datetime(2026, 11, 22, 12, tzinfo=UTC), True),
        (Schedule(hours="09:00-17:00"), datetime(2026, 11, 20, 17, 0, tzinfo=UTC), False),
    ],
    ids=[
        "Friday night begins",
        "Friday evening",
        "its morning is Saturday's",
        "and ends",
        "Saturday night is none",
        "Sunday's morning after is none",
        "always",
        "not at the weekend",
        "over the week's end",
        "the end is outside",
    ],
)
def test_a_window_goes_by_its_own_clock(schedule: Schedule, now: datetime, is_open: bool) -> None:
    assert schedule.open_at(now) is is_open
