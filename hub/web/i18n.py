"""Chinese and English: whose language it is, what a sentence is in it, and how dates and figures are written.

English is the source text. The Chinese catalogue is read from its .po file once, at first use.
"""

import gettext as gettexts
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates, numbers
from babel.core import negotiate_locale

from hub.errors import N_ as N_  # what marks sentences everywhere, under the name that pages know
from hub.errors import Amount, Sum, Term, filled
from hub.web.catalogue import CHINESE, compiled

LANGUAGES = ("zh", "en")
NAMES = {"zh": "中文", "en": "English"}
COOKIE = "lang"


def NN_(one: str, many: str) -> tuple[str, str]:
    """Mark the words for one and for many in the same way."""
    return one, many


_UNITS = {
    "KGM": "kg", "GRM": "g", "TNE": "t", "LTR": "L", "MLT": "mL", "CEL": "℃", "P1": "%", "KMT": "km", "MTR": "m",
    "MTK": "m²", "HUR": "h", "HAR": N_("ha"), "MIN": N_("min"),
}  # fmt: skip
_PIECES, _PALLETS = NN_("piece", "pieces"), NN_("pallet", "pallets")
_COUNTED = {
    "H87": _PIECES, "EA": _PIECES, "CT": NN_("carton", "cartons"), "BX": NN_("box", "boxes"),
    "PX": _PALLETS, "PF": _PALLETS,
}  # fmt: skip


@dataclass(frozen=True)
class Language:
    """A language, and everything that is said differently in it."""

    code: str

    @property
    def tag(self) -> str:
        """The BCP 47 tag for the ``lang`` attribute."""
        return {"zh": "zh-CN"}.get(self.code, self.code)

    @property
    def other(self) -> "Language":
        """The language to switch to."""
        return language("en" if self.code == "zh" else "zh")

    @property
    def own_name(self) -> str:
        """What its speakers call it."""
        return NAMES[self.code]

    @property
    def translations(self) -> gettexts.NullTranslations:
        """The catalogue."""
        return _translations(self.code)

    def gettext(self, text: str, **values: Any) -> str:
        """The sentence in this language; ``%(name)s`` is filled in, so a per cent sign is written ``%%``."""
        return self.translations.gettext(text) % values

    _ = gettext

    def ngettext(self, one: str, many: str, n: int, **values: Any) -> str:
        """The sentence for one or for many; ``%(num)s`` is how many."""
        return self.translations.ngettext(one, many, n) % {"num": self.number(n), **values}

    def counted(self, words: tuple[str, str], n: int) -> str:
        """What ``NN_`` marked, said of so many; nothing where there are none."""
        return self.ngettext(*words, n) if n else ""

    def sentence(self, text: str, values: Mapping[str, Any]) -> str:
        """A refusal's sentence with its values; it may hold what a person typed, so it is no template."""
        shown = {name: self._shown(value) for name, value in values.items()}
        return filled(self.translations.gettext(text) if text else "", shown)

    def _shown(self, value: Any) -> Any:
        """A value of a sentence as people read it: days, figures and amounts in their words."""
        if isinstance(value, Amount):
            return self.quantity(value.quantity, value.unit)
        if isinstance(value, Sum):
            return self.money(value.amount, value.currency)
        if isinstance(value, Term):
            return self.translations.gettext(value)
        if isinstance(value, date) and not isinstance(value, datetime):
            return self.day(value)
        return self.number(value) if isinstance(value, Decimal) else value

    def paragraph(self, *sentences: str) -> str:
        """Sentences one after another, without the empty ones; in Chinese no space stands between them."""
        return ("" if self.code == "zh" else " ").join(sentence for sentence in sentences if sentence)

    def name(self, thing: Any) -> str:
        """What an organisation, place or trade item is called in this language, else in the other."""
        names = {"zh": thing.name_zh, "en": thing.name_en}
        return str(names[self.code] or names[self.other.code])

    def organization(self, actor: Any) -> str:
        """What the organisation that somebody acts for is called, likewise."""
        names = {"zh": actor.organization_zh, "en": actor.organization_en}
        return str(names[self.code] or actor.organization_zh)

    def day(self, value: date, year: bool = False) -> str:
        """``11月24日 周二`` · ``Tue 24 Nov``; with the year where it is not this trade's present."""
        if self.code == "zh":
            shown = f"{value.year}年{value.month}月{value.day}日" if year else f"{value.month}月{value.day}日"
            return f"{shown} {dates.format_date(value, 'EEE', locale='zh')}"
        return dates.format_date(value, "EEE d MMM y" if year else "EEE d MMM", locale="en")

    def long_date(self, value: date) -> str:
        """``2026年11月24日`` · ``24 Nov 2026``."""
        if self.code == "zh":
            return f"{value.year}年{value.month}月{value.day}日"
        return dates.format_date(value, "d MMM y", locale="en")

    def clock(self, value: datetime, place: Any) -> str:
        """``14:00``, on the clock of a place, organisation or time zone."""
        return f"{value.astimezone(zone_of(place)):%H:%M}"

    def moment(self, value: datetime, place: Any, year: bool = False) -> str:
        """``11月24日 14:00`` · ``24 Nov, 14:00``."""
        here = value.astimezone(zone_of(place))
        if self.code == "zh":
            shown = f"{here.month}月{here.day}日 {here:%H:%M}"
            return f"{here.year}年{shown}" if year else shown
        return f"{dates.format_date(here, 'd MMM y' if year else 'd MMM', locale='en')}, {here:%H:%M}"

    def window(self, start: datetime, end: datetime, place: Any) -> str:
        """``11月26日 周四 04:00–06:00`` · ``Thu 26 Nov, 04:00–06:00``."""
        day = self.day(start.astimezone(zone_of(place)).date())
        return f"{day}{' ' if self.code == 'zh' else ', '}{self.clock(start, place)}–{self.clock(end, place)}"

    def span(self, length: timedelta) -> str:
        """``3小时20分`` · ``3 h 20 min``; days from two days on, seconds never."""
        minutes = int(abs(length.total_seconds()) // 60)
        days, hours = minutes // 1440, minutes // 60
        if days >= 2:
            return self.ngettext("%(num)s day", "%(num)s days", days)
        if hours and minutes % 60:
            return self.gettext("%(h)s h %(min)s min", h=hours, min=minutes % 60)
        if hours:
            return self.gettext("%(h)s h", h=hours)
        return self.gettext("%(min)s min", min=minutes)

    def due(self, deadline: datetime, at: datetime) -> str:
        """``还剩3小时20分`` or ``过时1小时40分`` · ``3 h 20 min left`` or ``1 h 40 min late``."""
        if deadline < at:
            return self.gettext("%(span)s late", span=self.span(at - deadline))
        return self.gettext("%(span)s left", span=self.span(deadline - at))

    def ago(self, value: datetime, at: datetime) -> str:
        """``刚刚``, ``5分钟前`` · ``just now``, ``5 min ago``."""
        if abs(at - value) < timedelta(minutes=1):
            return self.gettext("just now")
        return self.gettext("%(span)s ago", span=self.span(at - value))

    def number(self, value: Decimal | int | float, places: int | None = None) -> str:
        """``1,240`` with a real minus; the decimals it has (three at most), or as many as asked for."""
        pattern = "#,##0.###" if places is None else "#,##0" + ("." + "0" * places if places else "")
        return numbers.format_decimal(value, pattern, locale="en").replace("-", "−")

    def signed(self, value: Decimal | int | float, places: int | None = None) -> str:
        """``+10``, ``−10``, ``0``."""
        return ("+" if value > 0 else "") + self.number(value, places)

    def percent(self, share: Decimal | float, places: int = 0, signed: bool = False) -> str:
        """``−18%`` of 0.18 below nought."""
        value = Decimal(share) * 100
        return (self.signed(value, places) if signed else self.number(value, places)) + "%"

    def unit(self, code: str, count: Decimal | int | float = 2) -> str:
        """The word for a UN/ECE Recommendation 20 unit, of so many; the code itself where we have no word."""
        if code in _COUNTED:
            return self.translations.ngettext(*_COUNTED[code], 1 if count == 1 else 2)
        return self.translations.gettext(_UNITS[code]) if code in _UNITS else code

    def quantity(self, value: Decimal | int | float, unit: str) -> str:
        """``500 kg``: a figure, one space, its unit; what is counted in Chinese stands without one (``12件``)."""
        word = self.unit(unit, value)
        return f"{self.number(value)}{'' if self.code == 'zh' and not word.isascii() and word != '℃' else ' '}{word}"

    def temperature(self, celsius: Decimal | float) -> str:
        """``10.9 ℃``."""
        return f"{self.number(celsius, 1)} ℃"

    def money(self, amount: Decimal, currency: str) -> str:
        """``¥ 24,480.00``."""
        symbol = numbers.get_currency_symbol(currency, locale="zh_CN")
        return f"{symbol} {self.number(amount, numbers.get_currency_precision(currency))}"

    def week(self, monday: date) -> str:
        """``第48周`` · ``Week 48`` of the ISO calendar."""
        return self.gettext("Week %(number)s", number=monday.isocalendar().week)


@lru_cache
def language(code: str) -> Language:
    """The language of a code that we speak, else English."""
    return Language(code if code in LANGUAGES else "en")


def choose(cookie: str | None, setting: str, accept: str | None) -> Language:
    """The language chosen here, else the person's setting, else what the browser asks for, else English."""
    for code in (cookie, setting):
        if code in LANGUAGES:
            return language(code)
    return language(negotiate_locale(_wanted(accept or ""), LANGUAGES) or "en")


def zone_of(place: Any) -> tzinfo:
    """The time zone of a place or organisation, or of its name."""
    if isinstance(place, tzinfo):
        return place
    return ZoneInfo(place if isinstance(place, str) else place.time_zone)


def _wanted(accept: str) -> list[str]:
    """The languages of an Accept-Language header, the most wanted first."""
    asked: list[tuple[float, str]] = []
    for part in accept[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            asked.append((float(weight or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(asked, key=lambda pair: -pair[0]) if weight > 0]


@lru_cache
def _translations(code: str) -> gettexts.NullTranslations:
    return gettexts.GNUTranslations(compiled(CHINESE)) if code == "zh" else gettexts.NullTranslations()
