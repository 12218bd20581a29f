"""When a scheduled query is asked: EPCIS 2.0's QuerySchedule, read like a line of cron, in UTC. Pure.

Source: ISO/IEC 19987:2024, 8.2.5.3: a field is left out (any value), a number, a range ``[lo-hi]``, or several of
these with commas between them; days of the week are 1 (Monday) to 7.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hub.errors import HubError

_FIELDS = {
    "second": (0, 59), "minute": (0, 59), "hour": (0, 23), "dayOfMonth": (1, 31), "month": (1, 12),
    "dayOfWeek": (1, 7),
}  # fmt: skip
_LONGEST = 5 * 366
"""Days that are looked ahead: the 29th of February comes within them."""


class BadSchedule(HubError):
    """The schedule cannot be kept: %(why)s."""

    code, status, epcis = "bad-schedule", 400, "SubscriptionControlsException"


@dataclass(frozen=True)
class Schedule:
    """The values that each field may have."""

    seconds: Sequence[int]
    minutes: Sequence[int]
    hours: Sequence[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def after(self, moment: datetime) -> datetime:
        """The first moment after ``moment`` that the schedule names, in UTC."""
        moment = moment.astimezone(UTC)
        for ahead in range(_LONGEST):
            day = moment.date() + timedelta(days=ahead)
            if day.month not in self.months or day.day not in self.days or day.isoweekday() not in self.weekdays:
                continue
            for hour in self.hours:
                if ahead == 0 and hour < moment.hour:
                    continue
                for minute in self.minutes:
                    for second in self.seconds:
                        due = datetime.combine(day, time(hour, minute, second), UTC)
                        if due > moment:
                            return due
        raise BadSchedule(why="no day is like this")


def read(told: Mapping[str, Any]) -> Schedule:
    """A schedule out of its JSON object; what is finer than the finest field that is told is at its beginning."""
    if unknown := told.keys() - _FIELDS.keys():
        raise BadSchedule(why=f"{min(unknown)} is no field of it; {', '.join(_FIELDS)} are")
    if not told:
        raise BadSchedule(why="it names no field")
    values = {name: _values(name, told[name]) for name in told}
    finest = min(list(_FIELDS).index(name) for name in told)
    for place, (name, (least, most)) in enumerate(_FIELDS.items()):
        if name not in values:
            values[name] = [least] if place < finest and place < 3 else list(range(least, most + 1))
    schedule = Schedule(
        values["second"],
        values["minute"],
        values["hour"],
        frozenset(values["dayOfMonth"]),
        frozenset(values["month"]),
        frozenset(values["dayOfWeek"]),
    )
    schedule.after(datetime(2026, 1, 1, tzinfo=UTC))
    return schedule


def _values(name: str, told: Any) -> list[int]:
    least, most = _FIELDS[name]
    values: set[int] = set()
    for part in str(told).replace(" ", "").split(","):
        found = re.fullmatch(r"(\d{1,2})|\[(\d{1,2})-(\d{1,2})\]", part)
        if not found:
            raise BadSchedule(why=f"{name} is a number from {least} to {most}, or a range such as [{least}-{most}]")
        first, last = (found[1], found[1]) if found[1] else (found[2], found[3])
        if not least <= int(first) <= int(last) <= most:
            raise BadSchedule(why=f"{name} is from {least} to {most}")
        values.update(range(int(first), int(last) + 1))
    return sorted(values)
