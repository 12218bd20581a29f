"""What the pages of stock-takes show: the list, counting on a phone, the sheet with its differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from hub.lists import CountedPage, Search
from hub.models.base import uuid7
from hub.models.catalogue import TradeItem
from hub.models.inventory import CoreCommand
from hub.models.party import Place
from hub.pages.settings.registers.items import CATEGORIES
from hub.web.i18n import N_, Language
from hub.web.view import Paging, State, Tab, counted_paging
from logistics.stock.models import Listing, StockCount, StockTake
from logistics.stock.shelf_view import told
from logistics.stock.takes import Line, Progress

LISTINGS = {
    Listing.ALL: N_("All items"),
    Listing.CATEGORY: N_("One category"),
    Listing.ABC: N_("By sales: class A, B or C"),
    Listing.ODD: N_("Below zero, or other than the stock system says"),
}
CATEGORY = dict(CATEGORIES)
"""The words of categories."""

Show = Literal["all", "open", "differs", "again"]
_SHOWS: Mapping[Show, str] = {
    "all": N_("All"),
    "open": N_("Not counted"),
    "differs": N_("Differs"),
    "again": N_("To count again"),
}
_A_PAGE = 50


class TakeRow(NamedTuple):
    """A stock-take on the list."""

    address: str
    what: str
    place: str
    begun: str
    state: State


@dataclass(frozen=True)
class TakesPage:
    """The stock-takes of somebody's stores, and what a new one may be of; ``said_as`` names the wish for it."""

    rows: Sequence[TakeRow]
    places: Sequence[tuple[str, str]]
    listings: Sequence[tuple[str, str]]
    categories: Sequence[tuple[str, str]]
    said_as: UUID
    currency: str


class CountRow(NamedTuple):
    """Something that was just counted."""

    item: str
    quantity: str
    undo: str


@dataclass(frozen=True)
class CountPage:
    """Counting on a phone; ``queue`` is what counts are kept under until they could be sent.

    ``item`` is the number of what was chosen on the sheet.
    """

    address: str
    title: str
    place: str
    summary: str
    state: State
    counting: bool
    queue: str
    said_as: UUID
    item: str
    lately: Sequence[CountRow]
    next: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class SheetRow:
    """A line of the sheet; ``expected`` and ``difference`` are empty where they are not to be known yet.

    ``address`` is where it is counted, empty where it is counted no more.
    """

    address: str
    item: str
    gtin: str
    expected: str
    counted: str
    difference: str
    value: str
    tone: str
    state: State


@dataclass(frozen=True)
class SheetPage:
    """A count sheet with its differences, and what may be done with it now; ``take`` is the address of its counting."""

    take: str
    address: str
    title: str
    place: str
    summary: str
    state: State
    blind: bool
    search: str
    show: str
    tabs: Sequence[Tab]
    rows: Sequence[SheetRow]
    paging: Paging
    facts: Sequence[tuple[str, str]]
    may_end: bool
    may_approve: bool
    may_drop: bool
    waits: str


def takes_page(
    takes: Sequence[tuple[StockTake, Place]],
    places: Sequence[Place],
    categories: Mapping[str, str],
    currency: str,
    speaks: Language,
) -> TakesPage:
    return TakesPage(
        rows=[
            TakeRow(
                f"/stock-takes/{take.id}",
                _what(take, speaks),
                speaks.name(place),
                speaks.moment(take.begun_at, place),
                _state(take, None, speaks, at=take.begun_at),
            )
            for take, place in takes
        ],
        places=[(str(place.id), speaks.name(place)) for place in places],
        listings=[(listing.value, speaks.gettext(word)) for listing, word in LISTINGS.items()],
        categories=list(categories.items()),
        said_as=uuid7(),
        currency=currency,
    )


def count_page(
    take: StockTake,
    place: Place,
    progress: Progress,
    lately: Sequence[tuple[StockCount, TradeItem]],
    next_items: Sequence[TradeItem],
    person: UUID | None,
    chosen: str,
    speaks: Language,
) -> CountPage:
    """Where one counts: a number, a quantity, and what was counted last."""
    again, address = take.counted_at is not None, f"/stock-takes/{take.id}"
    return CountPage(
        address=address,
        title=_what(take, speaks),
        place=speaks.name(place),
        summary=_progress(progress, speaks, again=again),
        state=_state(take, None, speaks, at=take.begun_at),
        counting=take.approved_at is None and take.dropped_at is None and (not again or progress.again > 0),
        queue=f"counts {take.id} {person}",
        said_as=uuid7(),
        item=chosen,
        lately=[
            CountRow(
                speaks.name(item),
                speaks.quantity(count.quantity, item.unit),
                f"{address}/counts/{count.id}/undo" if take.approved_at is None else "",
            )
            for count, item in lately
        ],
        next=[(speaks.name(item), item.gtin) for item in next_items],
    )


def sheet_page(
    take: StockTake,
    place: Place,
    lines: Sequence[Line],
    command: CoreCommand | None,
    speaks: Language,
    *,
    show: Show,
    search: Search,
    knows: bool,
    at: datetime,
) -> SheetPage:
    """The sheet; ``knows`` says whether the reader may know what the books say of a blind one before counting ends."""
    blind = take.blind and take.counted_at is None and not knows
    parts: dict[Show, list[Line]] = {
        "all": list(lines),
        "open": [line for line in lines if line.counted is None],
        "differs": sorted((line for line in lines if line.difference), key=lambda line: -abs(line.value)),
        "again": [line for line in lines if line.line.again],
    }
    if blind:
        parts["differs"] = []
    words = search.words.lower().split()
    wanted = [
        line
        for line in parts[show]
        if all(word in f"{line.item.gtin} {line.item.name_zh} {line.item.name_en}".lower() for word in words)
    ]
    page = CountedPage(wanted[search.before : search.before + search.size], len(wanted), search)
    address = f"/stock-takes/{take.id}/sheet"
    open_still = take.approved_at is None and take.dropped_at is None
    left = sum(line.line.again and line.counted is None for line in lines)
    return SheetPage(
        take=f"/stock-takes/{take.id}",
        address=address,
        title=_what(take, speaks),
        place=speaks.name(place),
        summary=_summary(take, lines, left, speaks),
        state=_state(take, command, speaks, at=at),
        blind=blind,
        search=search.words,
        show=show,
        tabs=[
            Tab(
                speaks.gettext(word),
                f"{address}?{urlencode({'show': part, 'q': search.words})}",
                part == show,
                len(parts[part]),
            )
            for part, word in _SHOWS.items()
            if not (blind and part == "differs")
        ],
        rows=[_row(line, take, blind, speaks) for line in page.rows],
        paging=counted_paging(f"{address}?{urlencode({'show': show, 'q': search.words})}", page, speaks),
        facts=[] if blind else _facts(take, lines, speaks),
        may_end=open_still and take.counted_at is None,
        may_approve=open_still and take.counted_at is not None and not left,
        may_drop=open_still,
        waits=speaks.ngettext(
            "%(num)s line is still to be counted again, by somebody who has not counted it.",
            "%(num)s lines are still to be counted again, by somebody who has not counted them.",
            left,
        )
        if open_still and left
        else "",
    )


def just_counted(item: TradeItem, count: StockCount, speaks: Language) -> str:
    return speaks.gettext(
        "%(item)s: %(quantity)s counted.", item=speaks.name(item), quantity=speaks.quantity(count.quantity, item.unit)
    )


def _row(line: Line, take: StockTake, blind: bool, speaks: Language) -> SheetRow:
    item, difference = line.item, None if blind else line.difference
    state = State(speaks.gettext("Not counted"), "clock")
    if line.counted is not None:
        state = State(speaks.gettext("Counted"), "ok", "ok")
    elif line.line.again:
        state = State(speaks.gettext("To count again"), "clock", "warn")
    counts = take.approved_at is None and take.dropped_at is None and (take.counted_at is None or line.line.again)
    return SheetRow(
        address=f"/stock-takes/{take.id}?item={item.gtin}" if counts else "",
        item=speaks.name(item),
        gtin=item.gtin,
        expected="" if blind else speaks.quantity(line.line.expected, item.unit),
        counted=speaks.quantity(line.counted, item.unit) if line.counted is not None else "–",
        difference=speaks.signed(difference) if difference else "",
        value=f"{'−' if line.value < 0 else '+'}{speaks.money(abs(line.value), line.line.currency)}"
        if difference
        else "",
        tone="t-stop" if difference and difference < 0 else "t-warn" if difference else "",
        state=state,
    )


def _facts(take: StockTake, lines: Sequence[Line], speaks: Language) -> list[tuple[str, str]]:
    currency = lines[0].line.currency if lines else ""
    missing = sum((-line.value for line in lines if line.value < 0), Decimal(0))
    over = sum((line.value for line in lines if line.value > 0), Decimal(0))
    return [
        (speaks.gettext("Missing"), speaks.money(missing, currency)),
        (speaks.gettext("Too much"), speaks.money(over, currency)),
        (speaks.gettext("Counted again above"), speaks.money(take.threshold, currency)),
    ]


def _summary(take: StockTake, lines: Sequence[Line], left: int, speaks: Language) -> str:
    counted = sum(line.counted is not None or line.line.again for line in lines)
    differing = sum(bool(line.difference) for line in lines)
    if take.approved_at is not None:
        return speaks.ngettext(
            "Approved: %(num)s difference is in the books.",
            "Approved: %(num)s differences are in the books.",
            differing,
        )
    if take.dropped_at is not None:
        return speaks.gettext("Given up: nothing of it was taken over.")
    if take.counted_at is None:
        return speaks.gettext(
            "%(counted)s of %(all)s lines are counted.", counted=speaks.number(counted), all=speaks.number(len(lines))
        )
    if left:
        return speaks.gettext("Counting is over; great differences are counted again.")
    return speaks.gettext("Counting is over; somebody who counted none of it approves it now.")


def _progress(progress: Progress, speaks: Language, *, again: bool) -> str:
    counted, whole = (progress.counted_again, progress.again) if again else (progress.counted, progress.lines)
    sentence = (
        speaks.gettext(
            "%(counted)s of %(all)s lines are counted again.", counted=speaks.number(counted), all=speaks.number(whole)
        )
        if again
        else speaks.gettext(
            "%(counted)s of %(all)s lines are counted.", counted=speaks.number(counted), all=speaks.number(whole)
        )
    )
    if not progress.people:
        return sentence
    who = speaks.gettext("Counting: %(people)s.", people=", ".join(progress.people))
    return speaks.paragraph(sentence, who)


def _what(take: StockTake, speaks: Language) -> str:
    if take.listing is Listing.ABC:
        return speaks.gettext("Stock-take of class %(part)s", part=take.part)
    if take.listing is Listing.CATEGORY:
        return speaks.gettext("Stock-take of %(part)s", part=speaks.gettext(CATEGORY.get(take.part, take.part)))
    if take.listing is Listing.ODD:
        return speaks.gettext("Stock-take of odd figures")
    return speaks.gettext("Stock-take of all items")


def _state(take: StockTake, command: CoreCommand | None, speaks: Language, *, at: datetime) -> State:
    if take.dropped_at is not None:
        return State(speaks.gettext("Given up"), "no")
    if take.approved_at is not None:
        return told(command, None, speaks, at=at) if command else State(speaks.gettext("Approved"), "ok", "ok")
    if take.counted_at is not None:
        return State(speaks.gettext("Counting is over"), "clock", "warn")
    return State(speaks.gettext("Being counted"), "edit", "act")
