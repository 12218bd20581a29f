"""What people and programs send: figures as they are typed, moments and days that can be thought of. Pure."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from hub.errors import N_


def typed(text: Any) -> Any:
    """A figure as people type it: full-width digits, thousands separated, a real minus."""
    if not isinstance(text, str):
        return text
    return unicodedata.normalize("NFKC", text).replace(",", "").replace("−", "-").replace(" ", "")


Figure = Annotated[Decimal, BeforeValidator(typed)]
"""A quantity or an amount of money in a form's model."""

Count = Annotated[int, BeforeValidator(typed)]
"""A whole number in a form's model."""


Ticked = BeforeValidator(lambda value: [value] if isinstance(value, str) else value)
"""What is ticked in a form: one tick comes as a word, several as a list."""


def _thinkable(at: date) -> date:
    if at.year < 2000:
        raise ValueError(N_("This time is too long ago."))
    if at.year > 2100:
        raise ValueError(N_("This time is still to come."))
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_thinkable)]
"""A moment with its offset, in this century: at the ends of the calendar no clock can be reckoned with."""

LocalMoment = Annotated[datetime, AfterValidator(_thinkable)]
"""A moment as the clock of a place shows it, likewise; which place that is, the form says beside it."""

Day = Annotated[date, AfterValidator(_thinkable)]
"""A day, likewise: the one before and the one after it are days too."""


def _one_way_to_end_a_line(words: Any) -> Any:
    return words.replace("\r\n", "\n") if isinstance(words, str) else words


Prose = Annotated[str, BeforeValidator(_one_way_to_end_a_line)]
"""What somebody wrote in several lines, each of whose ends counts as one sign."""


def weekdays(ticked: Any) -> str:
    """Days of the week as ISO numbers in their order: ticks of a form, or what a sheet lists."""
    parts = ticked if isinstance(ticked, list) else re.split(r"[\s,;，；、]+", str(ticked))
    chosen = {part for part in parts if part}
    if not chosen <= set("1234567"):
        raise ValueError(N_("Choose days of the week, from Monday to Sunday."))
    return " ".join(sorted(chosen))


Weekdays = Annotated[str, BeforeValidator(weekdays)]
"""Some days of the week, with blanks between."""

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)+")


def _address(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).strip().lower()
    if not _ADDRESS.fullmatch(text) or len(text) > 254:
        raise ValueError(N_("Enter an e-mail address, such as li@example.org."))
    return text


Address = Annotated[str, AfterValidator(_address)]
"""An e-mail address, in small letters; whether anybody reads there, only a letter can tell."""
