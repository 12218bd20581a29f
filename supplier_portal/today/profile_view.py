"""What the buyer's page of one supplier shows, decided and said in the buyer's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from hub import supply
from hub.documents import FileAltered
from hub.lists import CountedPage
from hub.models.catalogue import Certificate
from hub.models.party import Organization
from hub.models.supply import SupplyTerms
from hub.registry.terms import as_list
from hub.web.i18n import NN_, Language
from hub.web.view import Heading, KeyFigure, Narrowed, Paging, State, counted_paging
from hub.web.words import WEEKDAYS
from supplier_portal.lots.lot_book import LotRow
from supplier_portal.lots.view import lot_state
from supplier_portal.orders.scorecard import Scorecard
from supplier_portal.orders.view import lot_address
from supplier_portal.today.scorecard_view import hours
from supplier_portal.today.stock_book import RecalledLot
from supplier_portal.today.view import Recall, recall_of

_UNKNOWN = "–"
_SOON = timedelta(days=30)
"""So long before a certificate ends its buyer is warned."""
_ENDS = NN_("Ends in %(num)s day", "Ends in %(num)s days")
Facts = list[tuple[str, str]]
"""Labels and what stands under them."""


@dataclass(frozen=True)
class SupplierSheet:
    """One supplier of the buyer ``own`` as it was read: measured since a moment, with a page of the lots that came.

    ``terms`` are those it delivers by to this buyer, if it has named any; ``files`` what the files of its ``papers``
    hash to now, by their owner and the hash that they were stated with.
    """

    supplier: Organization
    own: Organization
    at: datetime
    since: datetime
    lots: CountedPage[LotRow]
    card: Scorecard | None = None
    recalled: Sequence[RecalledLot] = ()
    terms: SupplyTerms | None = None
    papers: Sequence[Certificate] = ()
    files: Mapping[tuple[UUID, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Paper:
    """A certificate: how long it is valid, how it stands, and where its file is opened or why it is not shown."""

    name: str
    number: str
    issuer: str
    valid_from: str
    valid_to: str
    state: State
    file: str
    refusal: str


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
    columns: Sequence[Heading]
    rows: Sequence[Lot]
    total: int
    search: str
    paging: Paging | None


@dataclass(frozen=True)
class SupplierPage:
    """The page of one supplier: its figures since a day, its recalls, how it delivers, its certificates, its lots.

    ``agreed`` says whose terms they are, or that there are none.
    """

    name: str
    gln: str
    phone: str
    since: date
    figures: Sequence[KeyFigure]
    recalls: Sequence[Recall]
    contact: Facts
    agreed: str
    terms: Facts
    papers: Sequence[Paper]
    lots: Lots


def supplier_page(sheet: SupplierSheet, speaks: Language) -> SupplierPage:
    """The page of one supplier."""
    supplier, today = sheet.supplier, sheet.own.day(sheet.at)
    return SupplierPage(
        name=speaks.name(supplier),
        gln=supplier.gln,
        phone=supplier.phone,
        since=sheet.since.date(),
        figures=_figures(sheet.card, speaks),
        recalls=[recall_of(recall, sheet.own, speaks) for recall in sheet.recalled],
        contact=_contact(supplier, speaks),
        agreed=_agreed(sheet.terms, speaks),
        terms=_terms(sheet.terms, sheet, speaks) if sheet.terms else [],
        papers=[_paper(paper, sheet.files, today, speaks) for paper in sheet.papers],
        lots=_lots(sheet, speaks),
    )


def _contact(supplier: Organization, speaks: Language) -> Facts:
    phones = [(speaks.gettext("Phone"), supplier.phone), (speaks.gettext("Phone for shoppers"), supplier.service_phone)]
    return [("GLN", supplier.gln), *((label, number) for label, number in phones if number)]


def _agreed(terms: SupplyTerms | None, speaks: Language) -> str:
    if terms is None:
        return speaks.gettext("It has named no terms: orders for whatever day and sum reach it.")
    return speaks.gettext("Named for you.") if terms.buyer_id else speaks.gettext("Named for every buyer.")


def _terms(terms: SupplyTerms, sheet: SupplierSheet, speaks: Language) -> Facts:
    days, today = terms.weekdays.split(), sheet.supplier.day(sheet.at)
    named = ("、" if speaks.code == "zh" else ", ").join(speaks.gettext(word) for day, word in WEEKDAYS if day in days)
    off = as_list([day for day in map(date.fromisoformat, terms.days_off) if day >= today])
    first = supply.earliest(terms, sheet.supplier, sheet.at)
    facts = [
        (speaks.gettext("Lead time"), speaks.ngettext("%(num)s day", "%(num)s days", terms.lead_days)),
        (speaks.gettext("Delivery days"), named or speaks.gettext("every day")),
        (speaks.gettext("Minimum order"), speaks.money(terms.minimum, terms.currency) if terms.minimum else _UNKNOWN),
        (speaks.gettext("Ordered now, it comes from"), speaks.day(first)),
    ]
    return [*facts, (speaks.gettext("Days without deliveries"), off)] if off else facts


def _paper(paper: Certificate, files: Mapping[tuple[UUID, str], str], today: date, speaks: Language) -> Paper:
    stated = paper.file_sha256
    kept = bool(stated) and files.get((paper.owner_id, stated)) == stated
    return Paper(
        name=speaks.name(paper),
        number=paper.number,
        issuer=paper.issuer,
        valid_from=speaks.long_date(paper.valid_from),
        valid_to=speaks.long_date(paper.valid_to) if paper.valid_to else speaks.gettext("no end"),
        state=_state(paper, today, speaks),
        file=f"/settings/files/{stated}" if kept else "",
        refusal=speaks.sentence(FileAltered().sentence, {}) if stated and not kept else "",
    )


def _state(paper: Certificate, today: date, speaks: Language) -> State:
    """How a certificate stands on a day; its last day counts."""
    if today < paper.valid_from:
        return State(speaks.gettext("Not valid yet"), "date")
    if paper.valid_to is None or paper.valid_to > today + _SOON:
        return State(speaks.gettext("Valid"), "ok", "ok")
    if paper.valid_to < today:
        return State(speaks.gettext("Expired"), "stop", "stop")
    left = (paper.valid_to - today).days
    word = (
        speaks.ngettext("Ends in %(num)s day", "Ends in %(num)s days", left) if left else speaks.gettext("Ends today")
    )
    return State(word, "clock", "warn")


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
    lots = sheet.lots
    here = Narrowed(f"/buyer/suppliers/{sheet.supplier.gln}", lots.search)
    return Lots(
        address=here.path,
        columns=[
            here.heading(speaks.gettext("Lot"), "number"),
            here.heading(speaks.gettext("Item"), f"item_{speaks.code}"),
            Heading(speaks.gettext("State")),
            here.heading(speaks.gettext("Made on"), "made"),
            here.heading(speaks.gettext("Best before"), "until"),
        ],
        rows=[_lot(row, sheet.own, speaks) for row in lots.rows],
        total=lots.total,
        search=lots.search.words,
        paging=counted_paging(here.address(), lots, speaks) if lots.rows else None,
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
