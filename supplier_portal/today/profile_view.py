"""What the buyer's page of one supplier shows, decided and said in the buyer's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from hub.lists import CountedPage
from hub.models.party import Organization
from hub.web.i18n import Language
from hub.web.view import KeyFigure, Paging, State, counted_paging
from supplier_portal.lots.lot_book import LotRow
from supplier_portal.lots.view import lot_state
from supplier_portal.orders.scorecard import Scorecard
from supplier_portal.orders.view import lot_address
from supplier_portal.today.scorecard_view import hours
from supplier_portal.today.stock_book import RecalledLot
from supplier_portal.today.view import Recall, recall_of

_UNKNOWN = "–"


@dataclass(frozen=True)
class SupplierSheet:
    """One supplier of the buyer ``own`` as it was read: measured since a moment, with a page of the lots that came."""

    supplier: Organization
    own: Organization
    since: datetime
    lots: CountedPage[LotRow]
    card: Scorecard | None = None
    recalled: Sequence[RecalledLot] = ()


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
        KeyFigure(speaks.gettext("Answers after"), hours(card, speaks) or _UNKNOWN, speaks.gettext("median")),
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
