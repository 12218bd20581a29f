"""Which days a weekly pattern falls on. Pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from hub.errors import InvalidInput

MOST_DAYS_OFF = 400
_RANGE = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:\s*(?:–|—|~|～|至|到|to)\s*(\d{4}-\d{1,2}-\d{1,2}))?")


@dataclass(frozen=True)
class Pattern:
    """Days of the week by their ISO numbers, from a day until another, and the days among them on which nothing is."""

    weekdays: Collection[int]
    begins: date
    ends: date | None = None
    off: Collection[date] = ()

    def falls_on(self, day: date) -> bool:
        """Whether a day is one of its days, whether or not it is off."""
        return day.isoweekday() in self.weekdays and self.begins <= day <= (self.ends or date.max)

    def between(self, first: date, last: date) -> list[date]:
        """Its days from a day up to another, those that are off among them."""
        return [day for day in _days(first, last) if self.falls_on(day)]

    def due(self, first: date, last: date) -> list[date]:
        """Those of them on which something is wanted."""
        return [day for day in self.between(first, last) if day not in self.off]


def days_off(text: str) -> list[date]:
    """Days as people write them: one a line or parted by commas, or the first and the last of several."""
    found: set[date] = set()
    for part in re.split(r"[\n,，;；、]+", text):
        words = part.strip()
        if not words:
            continue
        read = _RANGE.fullmatch(words)
        if read is None:
            raise InvalidInput("This is no day: %(words)s. Write days such as 2027-02-16.", at="days_off", words=words)
        first, last = _day(read[1]), _day(read[2] or read[1])
        if not timedelta(0) <= last - first <= timedelta(days=MOST_DAYS_OFF):
            raise InvalidInput("The last day comes before the first: %(words)s.", at="days_off", words=words)
        found.update(_days(first, last))
    if len(found) > MOST_DAYS_OFF:
        raise InvalidInput("These are too many days; at most %(most)s are kept.", at="days_off", most=MOST_DAYS_OFF)
    return sorted(found)


def written(off: Iterable[date]) -> str:
    """Days off as they are typed, days that follow each other as the first and the last."""
    runs: list[list[date]] = []
    for day in sorted(off):
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return "\n".join(f"{run[0]} – {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _day(words: str) -> date:
    try:
        year, month, day = (int(part) for part in words.split("-"))
        return date(year, month, day)
    except ValueError as wrong:
        raise InvalidInput(
            "This is no day: %(words)s. Write days such as 2027-02-16.", at="days_off", words=words
        ) from wrong


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
