"""What a store's stock shows, shelf by shelf and lot by lot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from hub.lists import Page
from hub.models.catalogue import TradeItem
from hub.models.inventory import NEAR_ITS_DATE, LotStock
from hub.models.party import Place
from hub.web.i18n import N_, Language
from hub.web.view import Paging, State, Tab, paging
from logistics.receive.store import Only, Shelf
from logistics.receive.store_view import LOTS_SHOWN
from logistics.receive.view import LotLink, Recalled, lot_link

_PARTS = {Only.ALL: N_("All"), Only.LOW: N_("Running low"), Only.NEAR: N_("Near their date")}


@dataclass(frozen=True)
class Stock:
    """The stock of somebody's stores as it was read: a page of its part ``only``, and how many shelves each part has.

    ``day`` is the day at the stores.
    """

    shelves: Page[Shelf]
    places: Sequence[Place]
    day: date
    only: Only
    counts: Mapping[Only, int]
    recalled: Recalled


class ShelfLot(NamedTuple):
    """A lot on a shelf; ``tone`` says how near its date it is, and ``past`` that it is over."""

    link: LotLink
    on_hand: str
    best_before: date | None
    tone: str
    past: bool


@dataclass(frozen=True)
class ShelfRow:
    """An item on a shelf with its oldest lots, and how many more there are."""

    address: str
    item: str
    gtin: str
    place: str
    on_hand: str
    tone: str
    safety: str
    state: State
    lots: Sequence[ShelfLot]
    more: int


@dataclass(frozen=True)
class StockPage:
    """The shelves of a store, or of all; ``nothing`` says why the list is empty and leads to all items."""

    rows: Sequence[ShelfRow]
    many: bool
    summary: str
    search: str
    export: str
    tabs: Sequence[Tab]
    paging: Paging
    nothing: Sequence[str]


def stock_page(stock: Stock, speaks: Language) -> StockPage:
    """A page of the shelves, or of a part of them."""
    only, counts, words = stock.only, stock.counts, stock.shelves.search.words
    path, query = "/store/stock", {"only": only.value, "q": words}
    return StockPage(
        rows=[_shelf_row(shelf, stock, speaks) for shelf in stock.shelves.rows],
        many=len(stock.places) != 1,
        summary=speaks.gettext(
            "%(low)s items run low; %(near)s have a lot within three days of its date.",
            low=speaks.number(counts[Only.LOW]),
            near=speaks.number(counts[Only.NEAR]),
        ),
        search=words,
        export=f"/store/stock.csv?{urlencode(query)}",
        tabs=[
            Tab(
                speaks.gettext(word),
                f"{path}?{urlencode({'only': part.value, 'q': words})}",
                part is only,
                counts[part],
            )
            for part, word in _PARTS.items()
        ],
        paging=paging(f"{path}?{urlencode(query)}", stock.shelves),
        nothing=_no_stock(only, words, speaks),
    )


def _shelf_row(shelf: Shelf, stock: Stock, speaks: Language) -> ShelfRow:
    item, level = shelf.item, shelf.level
    enough, low = State(speaks.gettext("Enough"), "ok", "ok"), State(speaks.gettext("Low"), "less", "warn")
    return ShelfRow(
        address=f"/store/stock/{level.id}",
        item=speaks.name(item),
        gtin=item.gtin,
        place=speaks.name(shelf.place),
        on_hand=speaks.quantity(level.on_hand, item.unit),
        tone="t-warn" if shelf.low else "",
        safety=speaks.quantity(level.safety, item.unit) if level.safety else "–",
        state=low if shelf.low else enough,
        lots=[_shelf_lot(lot, item, stock, speaks) for lot in shelf.lots[:LOTS_SHOWN]],
        more=max(len(shelf.lots) - LOTS_SHOWN, 0),
    )


def _shelf_lot(lot: LotStock, item: TradeItem, stock: Stock, speaks: Language) -> ShelfLot:
    best_before, day = lot.best_before, stock.day
    past = best_before is not None and best_before < day
    near = best_before is not None and best_before <= day + NEAR_ITS_DATE
    tone = "t-stop" if past else "t-warn" if near else "mute"
    on_hand = speaks.quantity(lot.on_hand, item.unit)
    return ShelfLot(lot_link(item, lot.lot, stock.recalled), on_hand, best_before, tone, past)


def _no_stock(only: Only, words: str, speaks: Language) -> list[str]:
    """Why nothing is listed: in short, in full; where all items are, and the words that lead there."""
    everything = ["/store/stock", speaks.gettext("Show all items")]
    if words:
        return [speaks.gettext("No item matches."), "", *everything]
    if only is Only.LOW:
        return [
            speaks.gettext("Nothing runs low."), speaks.gettext("Every item is above its safety level."), *everything,
        ]  # fmt: skip
    if only is Only.NEAR:
        return [
            speaks.gettext("No lot is near its date."),
            speaks.gettext("Lots appear here three days before their best-before date."),
            *everything,
        ]
    return [
        speaks.gettext("No stock is known yet."),
        speaks.gettext("It appears here once your supermarket's system has been read."),
    ]
