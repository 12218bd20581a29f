"""What pages of every room show: a state, a deadline, a figure in a strip, an empty list, and where a list goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from hub.lists import CountedPage, Page, Search
from hub.web.i18n import N_, Language

_SOON = timedelta(hours=4)


class State(NamedTuple):
    """How far something is: a word, its icon and its tone, which is empty, ok, warn, stop or act."""

    word: str
    icon: str
    tone: str = ""


class KeyFigure(NamedTuple):
    """A figure under its label, with small print beside it; ``tone`` is empty, warn or stop."""

    label: str
    figure: str
    small: str = ""
    tone: str = ""


class Nothing(NamedTuple):
    """Why a list is empty, and where there is more to see."""

    title: str
    text: str = ""
    address: str = ""
    link: str = ""


class Deadline(NamedTuple):
    """By when something is due and how long that is; ``tone`` is stop when it has passed, warn when it is near."""

    clock: str
    left: str
    tone: str = ""
    icon: str = ""


def deadline(moment: datetime, at: datetime, place: Any, speaks: Language) -> Deadline:
    """A deadline as it looks ``at`` a moment, on the clock of a place, organisation or time zone."""
    clock, left = speaks.clock(moment, place), speaks.due(moment, at)
    if moment < at:
        return Deadline(clock, left, "stop", "stop")
    return Deadline(clock, left, "warn", "clock") if moment - at < _SOON else Deadline(clock, left)


@dataclass(frozen=True)
class Tab:
    """One part of a list with a page of its own, and how many rows it has where that is told."""

    word: str
    address: str
    current: bool
    count: int | None = None


class Choice(NamedTuple):
    """Something that a list can be narrowed to, and whether it is."""

    value: str
    word: str
    chosen: bool


class Heading(NamedTuple):
    """A column's heading; where the list can be sorted by it ``address`` does so, and ``sort`` says how it is now.

    ``name`` is what the list's address calls the column; empty where it cannot be sorted by it.
    """

    word: str
    kind: str = ""
    address: str = ""
    sort: str = ""
    name: str = ""

    @property
    def choices(self) -> Sequence[Choice]:
        """The same to choose from where a phone shows no headings: upwards and downwards."""
        return [
            Choice(self.name, f"{self.word} ↑", self.sort == "ascending"),
            Choice(f"-{self.name}", f"{self.word} ↓", self.sort == "descending"),
        ]


@dataclass(frozen=True)
class Narrowed:
    """A list's address with all that narrows and sorts it, kept from page to page and when it is taken away.

    ``also`` is what else narrows it than words and a state, such as a day, by the names that the address has for it.
    """

    path: str
    search: Search
    also: Sequence[tuple[str, str]] = ()

    @property
    def kept(self) -> Sequence[tuple[str, str]]:
        """What stays when other words are searched: all but those and the order, which stands in the same form."""
        return [(name, value) for name, value in (("state", self.search.state), *self.also) if value]

    def address(self, path: str = "", **changes: str) -> str:
        """The list's address, or that of a part of it, with some of it changed."""
        search = self.search
        asked = {"state": search.state, "q": search.words, **dict(self.also), "sort": search.sort, **changes}
        said = {name: value for name, value in asked.items() if value}
        return f"{self.path}{path}?{urlencode(said, quote_via=quote)}"

    def heading(self, word: str, name: str, kind: str = "") -> Heading:
        """A column that the list can be sorted by: upwards first, then downwards."""
        now = self.search.sorted_by == name
        how = ("descending" if self.search.descends else "ascending") if now else "none"
        return Heading(word, kind, self.address(sort=f"-{name}" if how == "ascending" else name), how, name)

    def tabs(self, speaks: Language) -> list[Tab]:
        """All, what is in use, and what has ended."""
        words = {"": N_("All"), "used": N_("In use"), "ended": N_("Ended")}
        return [
            Tab(speaks.gettext(word), self.address(state=state), self.search.state == state)
            for state, word in words.items()
        ]


class Paging(NamedTuple):
    """The addresses of a list's earlier and later pages, empty where there is none, and which rows are shown."""

    earlier: str
    later: str
    shown: str = ""


def paging(address: str, page: Page[Any] | CountedPage[Any], shown: str = "") -> Paging:
    """The way on from a page of a list; ``address`` is the list's own, with its query."""
    number = page.search.page
    return Paging(
        earlier=f"{address}&p={number - 1}" if number > 1 else "",
        later=f"{address}&p={number + 1}" if page.more else "",
        shown=shown,
    )


def counted_paging(address: str, page: CountedPage[Any], speaks: Language) -> Paging:
    """The way on from a page of a list, which says how far through the list it is."""
    before = page.search.before
    shown = speaks.gettext(
        "%(first)s–%(last)s of %(total)s",
        first=before + 1,
        last=before + len(page.rows),
        total=speaks.number(page.total),
    )
    return paging(address, page, shown)
