"""What the buyer's pages of its suppliers show, decided and said in the buyer's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import quote
from uuid import UUID

from hub.inventory.assortment import Contested
from hub.lists import CountedPage
from hub.models.party import Organization
from hub.web.i18n import NN_, Language
from hub.web.view import KeyFigure, Paging, State, counted_paging
from supplier_portal.lots.lot_book import LotRow
from supplier_portal.lots.view import lot_state
from supplier_portal.orders.scorecard import Scorecard
from supplier_portal.orders.view import lot_address
from supplier_portal.today.stock_book import RecalledLot
from supplier_portal.today.view import Recall, recall_of

_UNKNOWN = "–"
_OPEN = NN_("%(num)s open", "%(num)s open")
_GOOD_IN_TIME, _GOOD_IN_FULL, _GOOD_FILL = 0.95, 0.9, 0.95
"""From what share on a supplier is good; from a little less on it is fair."""
_A_LITTLE = 0.15


@dataclass(frozen=True)
class SuppliersSheet:
    """All suppliers as they were read, in their order: measured since a moment, with what several of them offer."""

    suppliers: Sequence[Organization]
    since: datetime
    cards: Sequence[Scorecard] = ()
    recalled: Sequence[RecalledLot] = ()
    contested: Sequence[Contested] = ()


@dataclass(frozen=True)
class SupplierSheet:
    """One supplier of the buyer ``own`` as it was read: measured since a moment, with a page of the lots that came."""

    supplier: Organization
    own: Organization
    since: datetime
    lots: CountedPage[LotRow]
    card: Scorecard | None = None
    recalled: Sequence[RecalledLot] = ()


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
    """The page of all suppliers, measured since a day, and of what several of them offer."""

    since: date
    cards: Sequence[SupplierCard]
    contested: Sequence[ContestedItem]


@dataclass(frozen=True)
class Lot:
    """A lot that came from a supplier, and the page of it that shoppers see."""

    number: str
    address: str
    item: str
    state: State
    made_on: date | None
    best_before: date | None


@dataclass(frozen=True)
class Lots:
    """One page of the lots of a supplier that were looked for, how many there are in all, and where to look."""

    address: str
    rows: Sequence[Lot]
    total: int
    search: str
    paging: Paging | None


@dataclass(frozen=True)
class SupplierPage:
    """The page of one supplier: its figures since a day, its recalls, its lots."""

    name: str
    gln: str
    since: date
    figures: Sequence[KeyFigure]
    recalls: Sequence[Recall]
    lots: Lots


def suppliers_page(sheet: SuppliersSheet, speaks: Language) -> SuppliersPage:
    """The page of all suppliers."""
    known = {card.supplier_id: card for card in sheet.cards}
    return SuppliersPage(
        since=sheet.since.date(),
        cards=[_card(supplier, known.get(supplier.id), sheet.recalled, speaks) for supplier in sheet.suppliers],
        contested=[_contested(item, speaks) for item in sheet.contested],
    )


def _card(
    supplier: Organization, card: Scorecard | None, recalled: Sequence[RecalledLot], speaks: Language
) -> SupplierCard:
    recalls = sum(recall.lot.owner_id == supplier.id for recall in recalled)
    return SupplierCard(
        name=speaks.name(supplier),
        gln=supplier.gln,
        orders=card.orders if card else 0,
        answers_after=_hours(card, speaks),
        within_time=_share(card.within_time if card else None, _GOOD_IN_TIME, speaks),
        on_time_in_full=_share(card.on_time_in_full if card else None, _GOOD_IN_FULL, speaks),
        fill_rate=_share(card.fill_rate if card else None, _GOOD_FILL, speaks),
        recalls=speaks.counted(_OPEN, recalls),
    )


def _hours(card: Scorecard | None, speaks: Language) -> str:
    return f"{speaks.number(card.median_hours, 1)} h" if card and card.median_hours is not None else ""


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


def supplier_page(sheet: SupplierSheet, speaks: Language) -> SupplierPage:
    """The page of one supplier."""
    return SupplierPage(
        name=speaks.name(sheet.supplier),
        gln=sheet.supplier.gln,
        since=sheet.since.date(),
        figures=_figures(sheet.card, speaks),
        recalls=[recall_of(recall, sheet.own, speaks) for recall in sheet.recalled],
        lots=_lots(sheet, speaks),
    )


def _figures(card: Scorecard | None, speaks: Language) -> list[KeyFigure]:
    def share(of: float | None) -> str:
        return _UNKNOWN if of is None else speaks.percent(of)

    delivered = speaks.ngettext("of %(num)s order", "of %(num)s orders", card.delivered) if card else ""
    return [
        KeyFigure(speaks.gettext("Answers after"), _hours(card, speaks) or _UNKNOWN, speaks.gettext("median")),
        KeyFigure(speaks.gettext("In time"), share(card.within_time if card else None)),
        KeyFigure(speaks.gettext("On time, in full"), share(card.on_time_in_full if card else None), delivered),
        KeyFigure(speaks.gettext("Fill rate"), share(card.fill_rate if card else None)),
    ]


def _lots(sheet: SupplierSheet, speaks: Language) -> Lots:
    address, lots = f"/buyer/suppliers/{sheet.supplier.gln}", sheet.lots
    words = lots.search.words
    return Lots(
        address=address,
        rows=[_lot(row, sheet.own, speaks) for row in lots.rows],
        total=lots.total,
        search=words,
        paging=counted_paging(f"{address}?q={quote(words)}", lots, speaks) if lots.rows else None,
    )


def _lot(row: LotRow, own: Organization, speaks: Language) -> Lot:
    return Lot(
        number=row.lot.number,
        address=lot_address(row.item.gtin, row.lot.number, own),
        item=speaks.name(row.item),
        state=lot_state(row.state, speaks),
        made_on=row.lot.made_on,
        best_before=row.lot.best_before,
    )
