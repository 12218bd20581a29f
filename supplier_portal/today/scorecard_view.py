"""What the buyer's list of its suppliers shows, decided and said in the buyer's language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from hub.inventory.assortment import Contested
from hub.lists import CountedPage
from hub.models.party import Organization
from hub.web.i18n import NN_, Language
from hub.web.view import Heading, Narrowed, Nothing, Paging, counted_paging
from supplier_portal.orders.scorecard import Scorecard, SupplierRow
from supplier_portal.today.stock_book import RecalledLot

_SUPPLIERS = "/buyer/suppliers"
_UNKNOWN = "–"
_MEASURED = NN_(
    "%(num)s supplier: how it answers and delivers, over the orders placed since %(day)s.",
    "%(num)s suppliers: how each answers and delivers, over the orders placed since %(day)s.",
)
_OPEN = NN_("%(num)s open", "%(num)s open")
_GOOD_IN_TIME, _GOOD_IN_FULL, _GOOD_FILL = 0.95, 0.9, 0.95
"""From what share on a supplier is good; from a little less on it is fair."""
_A_LITTLE = 0.15


@dataclass(frozen=True)
class SuppliersSheet:
    """A page of the suppliers that were looked for: measured since a moment, with what several of them offer."""

    found: CountedPage[SupplierRow]
    since: datetime
    recalled: Sequence[RecalledLot] = ()
    contested: Sequence[Contested] = ()


class Share(NamedTuple):
    """A share with its tone as a class: good, fair, bad; or that there is nothing to measure."""

    figure: str
    tone: str


@dataclass(frozen=True)
class SupplierCard:
    """How well a supplier answers and delivers; what is unknown is empty, ``recalls`` says how many are open."""

    name: str
    gln: str
    orders: int
    answers_after: str
    answers_worst: str
    need: str
    need_worst: str
    within_time: Share
    on_time_in_full: Share
    fill_rate: Share
    recalls: str


@dataclass(frozen=True)
class Offer:
    """Another supplier of an article number, and the item it would be."""

    item_id: UUID
    supplier: str


@dataclass(frozen=True)
class ContestedItem:
    """An item that several suppliers offer: from whom it is taken, and who else has it."""

    id: UUID
    name: str
    gtin: str
    supplier: str
    others: Sequence[Offer]


@dataclass(frozen=True)
class SuppliersPage:
    """The list of suppliers, or else ``nothing``, and what several of them offer.

    ``export`` is the address of the same list to take away.
    """

    lead: str
    search: str
    export: str
    columns: Sequence[Heading]
    cards: Sequence[SupplierCard]
    nothing: Nothing | None
    paging: Paging | None
    contested: Sequence[ContestedItem]


def suppliers_page(sheet: SuppliersSheet, speaks: Language) -> SuppliersPage:
    """The page of all suppliers."""
    found, here = sheet.found, Narrowed(_SUPPLIERS, sheet.found.search)
    day = speaks.day(sheet.since.date())
    return SuppliersPage(
        lead=speaks.ngettext(*_MEASURED, found.total, day=day) if found.total else "",
        search=found.search.words,
        export=here.address("/export.csv"),
        columns=_columns(here, speaks),
        cards=[_card(row, sheet.recalled, speaks) for row in found.rows],
        nothing=None if found.rows else _nothing(found.search.words, speaks),
        paging=counted_paging(here.address(), found, speaks) if found.rows else None,
        contested=[_contested(item, speaks) for item in sheet.contested],
    )


def suppliers_table(sheet: SuppliersSheet, speaks: Language) -> tuple[list[str], Iterator[list[Any]]]:
    """The same list to take away: the headings, and a row for each; hours and shares are plain figures."""
    _ = speaks.gettext
    answers = [_("Orders"), _("Answers after"), _("In time")]
    times = [_("Slowest answer"), _("Need to receipt"), _("Longest from need to receipt")]
    header = [_("Supplier"), "GLN", *answers, _("On time, in full"), _("Fill rate"), *times, _("Recalls")]
    return header, (
        [
            speaks.name(row.supplier),
            row.supplier.gln,
            row.card.orders if row.card else 0,
            *(_figures_of(row.card) if row.card else [None] * 7),
            _open_recalls(row.supplier, sheet.recalled),
        ]
        for row in sheet.found.rows
    )


def _figures_of(card: Scorecard) -> list[float | None]:
    figures = (
        *(card.median_hours, card.within_time, card.on_time_in_full, card.fill_rate),
        *(card.worst_hours, card.need_hours, card.worst_need_hours),
    )
    return [figure if figure is None else round(figure, 4) for figure in figures]


def _columns(here: Narrowed, speaks: Language) -> Sequence[Heading]:
    return [
        here.heading(speaks.gettext("Supplier"), f"name_{speaks.code}"),
        here.heading(speaks.gettext("Orders"), "orders", "num"),
        here.heading(speaks.gettext("Answers after"), "hours", "num"),
        here.heading(speaks.gettext("Need to receipt"), "need", "num hide-m"),
        here.heading(speaks.gettext("In time"), "within_time", "num"),
        here.heading(speaks.gettext("On time, in full"), "in_full", "num"),
        here.heading(speaks.gettext("Fill rate"), "fill_rate", "num"),
        Heading(speaks.gettext("Recalls")),
    ]


def _nothing(words: str, speaks: Language) -> Nothing:
    if words:
        text = speaks.gettext("Names and GLNs are searched.")
        return Nothing(speaks.gettext("Nothing is called that."), text, _SUPPLIERS, speaks.gettext("All suppliers"))
    text = speaks.gettext("An administrator relates suppliers to your organisation.")
    return Nothing(speaks.gettext("You work with no supplier yet."), text)


def _open_recalls(supplier: Organization, recalled: Sequence[RecalledLot]) -> int:
    return sum(recall.lot.owner_id == supplier.id for recall in recalled)


def _card(row: SupplierRow, recalled: Sequence[RecalledLot], speaks: Language) -> SupplierCard:
    supplier, card = row.supplier, row.card
    return SupplierCard(
        name=speaks.name(supplier),
        gln=supplier.gln,
        orders=card.orders if card else 0,
        answers_after=hours(card, speaks),
        answers_worst=_worst(card.worst_hours if card else None, speaks),
        need=_span(card.need_hours if card else None, speaks),
        need_worst=_worst(card.worst_need_hours if card else None, speaks),
        within_time=_share(card.within_time if card else None, _GOOD_IN_TIME, speaks),
        on_time_in_full=_share(card.on_time_in_full if card else None, _GOOD_IN_FULL, speaks),
        fill_rate=_share(card.fill_rate if card else None, _GOOD_FILL, speaks),
        recalls=speaks.counted(_OPEN, _open_recalls(supplier, recalled)),
    )


def hours(card: Scorecard | None, speaks: Language) -> str:
    """How long a supplier thinks about an order, empty where that is unknown."""
    return f"{speaks.number(card.median_hours, 1)} h" if card and card.median_hours is not None else ""


def _span(length: float | None, speaks: Language) -> str:
    return "" if length is None else speaks.span(timedelta(hours=length))


def _worst(length: float | None, speaks: Language) -> str:
    return "" if length is None else speaks.gettext("at worst %(span)s", span=_span(length, speaks))


def _share(share: float | None, good: float, speaks: Language) -> Share:
    if share is None:
        return Share(_UNKNOWN, "mute")
    tone = "t-ok" if share >= good else "t-warn" if share >= good - _A_LITTLE else "t-stop"
    return Share(speaks.percent(share), tone)


def _contested(contested: Contested, speaks: Language) -> ContestedItem:
    taken = contested.taken
    return ContestedItem(
        id=contested.row.id,
        name=speaks.name(taken.item),
        gtin=taken.item.gtin,
        supplier=speaks.name(taken.supplier),
        others=[Offer(other.item.id, speaks.name(other.supplier)) for other in contested.others],
    )
