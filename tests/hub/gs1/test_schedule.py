"""When a scheduled query is asked."""

from datetime import UTC, datetime

import pytest

from hub.gs1 import schedule
from hub.gs1.schedule import BadSchedule


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "moment", "due"),
    [
        ({"hour": "1", "minute": "5"}, "2026-11-24T00:00:00", "2026-11-24T01:05:00"),
        ({"hour": "1", "minute": "5"}, "2026-11-24T01:05:00", "2026-11-25T01:05:00"),
        ({"minute": "0,30"}, "2026-11-24T07:10:00", "2026-11-24T07:30:00"),
        ({"second": "[10-12]"}, "2026-11-24T07:10:10", "2026-11-24T07:10:11"),
        ({"hour": 6}, "2026-11-24T06:00:00.5", "2026-11-25T06:00:00"),
        ({"dayOfWeek": "1"}, "2026-11-24T00:00:00", "2026-11-30T00:00:00"),
        ({"dayOfMonth": "29", "month": "2"}, "2026-11-24T00:00:00", "2028-02-29T00:00:00"),
        ({"month": "1", "hour": "12"}, "2026-11-24T00:00:00", "2027-01-01T12:00:00"),
    ],
)
def test_e10_the_next_moment_of_a_schedule(told, moment, due):
    assert schedule.read(told).after(at(moment)) == at(due)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, "no field"),
        ({"hours": "1"}, "hours"),
        ({"hour": "24"}, "from 0 to 23"),
        ({"hour": "[5-3]"}, "from 0 to 23"),
        ({"minute": "*/5"}, "a range"),
        ({"minute": None}, "a range"),
        ({"dayOfMonth": "31", "month": "2"}, "no day"),
    ],
)
def test_e10_a_schedule_that_cannot_be_kept_says_why(told, why):
    with pytest.raises(BadSchedule, match=why):
        schedule.read(told)
