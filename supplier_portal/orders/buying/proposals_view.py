"""What the buyer's page of proposed orders shows, decided and said in the buyer's language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.lists import CountedPage, Search
from hub.models.party import Organization, Place
from hub.web.forms import Filled
from hub.web.i18n import NN_, Language
from hub.web.view import Choice, Narrowed, Nothing, Paging, counted_paging
from supplier_portal.models import ProposalReason
from supplier_portal.orders.buying.drafts import Placed
from supplier_portal.orders.order_book import OrderRow, OrderSheet, SheetLine

_PROPOSALS = "/buyer/proposals"
_UNKNOWN = "–"
_PROPOSED = NN_(
    "%(num)s order is proposed, because something runs short. Nobody but you sees it until you place it.",
    "%(num)s orders are proposed, because something runs short. Nobody but you sees them until you place them.",
)
_FOUND = NN_("%(num)s proposal mentions “%(words)s”.", "%(num)s proposals mention “%(words)s”.")
_TO_APPROVE = NN_("%(num)s waits for somebody else to approve it.", "%(num)s wait for somebody else to approve them.")
_PASSED = NN_("%(num)s is too late to place.", "%(num)s are too late to place.")
_AGAINST = NN_(
    "%(num)s does not keep its supplier's terms: place it alone to read why.",
    "%(num)s do not keep their suppliers' terms: place them one by one to read why.",
)
_STAY = NN_(
    "%(num)s cannot be placed as it stands: place it alone to read why.",
    "%(num)s cannot be placed as they stand: place them one by one to read why.",
)
_PLACE = NN_("Place %(num)s order?", "Place all %(num)s orders?")


@dataclass(frozen=True)
class Proposed:
    """Proposed orders as they were read, one page of those that were searched.

    ``sheets`` may begin with one that is not on the page: the one that ``form`` was sent for, by its ``chosen`` id.
    """

    page: CountedPage[OrderRow]
    sheets: Sequence[OrderSheet]
    form: Filled[Any]
    organizations: Mapping[UUID, Organization] = field(default_factory=dict)
    places: Mapping[UUID, Place] = field(default_factory=dict)
    reasons: Mapping[UUID, ProposalReason] = field(default_factory=dict)

    @property
    def chosen(self) -> str:
        """The id of the order that the form was sent for, empty where it was not sent."""
        return str(self.form.value("order"))


@dataclass(frozen=True)
class Field:
    """Where the buyer types how much of a line it orders."""

    name: str
    id: str
    label: str
    value: str
    unit: str
    error: str


@dataclass(frozen=True)
class Line:
    """A proposed line with the figures it follows from, ``short`` if nothing is left.

    ``reason`` says them in a sentence, for narrow pages; ``about`` is what else is to be known of the line.
    """

    id: UUID
    named: str
    item: str
    reason: str
    about: str
    on_hand: str
    coming: str
    below: str
    target: str
    short: bool
    quantity: Field


@dataclass(frozen=True)
class Proposal:
    """A proposed order, and the addresses that place and dismiss it.

    ``refused`` if it was not placed because something was wrong in its form.
    """

    place: str
    dismiss: str
    number: str
    title: str
    day: str
    value: str
    caption: str
    refused: bool
    lines: Sequence[Line]


@dataclass(frozen=True)
class ProposalsPage:
    """The page of proposals, or else ``nothing``; ``sorts`` are the orders they can be brought into.

    ``place_all`` asks whether all that were looked for shall be placed, if there are any, and ``all_address`` does it;
    ``export`` is the address of the same proposals to take away.
    """

    lead: str
    search: str
    sorts: Sequence[Choice]
    export: str
    place_all: str
    all_address: str
    proposals: Sequence[Proposal]
    nothing: Nothing | None
    paging: Paging


def here(search: Search) -> Narrowed:
    """The address of the proposals that a search finds."""
    return Narrowed(_PROPOSALS, search)


def proposals_page(proposed: Proposed, speaks: Language) -> ProposalsPage:
    """The page of what runs short and is proposed to be ordered."""
    page, narrowed = proposed.page, here(proposed.page.search)
    return ProposalsPage(
        lead=_lead(page, speaks),
        search=page.search.words,
        sorts=_sorts(narrowed, speaks),
        export=narrowed.address("/export.csv"),
        place_all=speaks.counted(_PLACE, page.total),
        all_address=narrowed.address("/place-all"),
        proposals=[_proposal(number, sheet, proposed, speaks) for number, sheet in enumerate(proposed.sheets)],
        nothing=None if proposed.sheets else _nothing(page.search.words, speaks),
        paging=counted_paging(narrowed.address(), page, speaks),
    )


def placed_words(done: Placed, speaks: Language) -> str:
    """What is said after many orders were placed at once."""
    said = [
        speaks.ngettext("%(num)s order placed.", "%(num)s orders placed.", done.placed),
        speaks.counted(_TO_APPROVE, done.asked),
        speaks.counted(_PASSED, done.passed),
        speaks.counted(_AGAINST, done.against),
        speaks.counted(_STAY, done.stay),
    ]
    return speaks.paragraph(*(sentence for sentence in said if sentence))


def proposals_table(proposed: Proposed, speaks: Language) -> tuple[list[str], Iterator[list[Any]]]:
    """The same proposals to take away: the headings, and a row for each line."""
    _ = speaks.gettext
    order = [_("Order"), _("Supplier"), _("Deliver to"), _("Arrives"), _("Item"), "GTIN"]
    figures = [_("On hand"), _("Coming"), _("Order below"), _("Fill up to"), _("To order"), _("Unit")]
    header = [*order, *figures, _("Price"), _("Currency")]
    return header, (
        [
            sheet.order.number,
            speaks.name(proposed.organizations[sheet.order.supplier_id]),
            speaks.name(proposed.places[sheet.order.deliver_to_id]),
            sheet.order.deliver_on,
            speaks.name(row.item),
            row.item.gtin,
            *_figures(proposed.reasons.get(row.line.id)),
            row.line.quantity,
            row.line.unit,
            row.price,
            sheet.currency,
        ]
        for sheet in proposed.sheets
        for row in sheet.lines
    )


def _figures(reason: ProposalReason | None) -> list[Any]:
    return [reason.on_hand, reason.on_order, reason.reorder, reason.target] if reason else [None] * 4


def _lead(page: CountedPage[OrderRow], speaks: Language) -> str:
    if words := page.search.words:
        return speaks.ngettext(*_FOUND, page.total, words=words) if page.total else ""
    return speaks.counted(_PROPOSED, page.total) or speaks.gettext("Nothing runs short that has not been ordered.")


def _sorts(narrowed: Narrowed, speaks: Language) -> list[Choice]:
    columns = [
        narrowed.heading(speaks.gettext("Stock left"), "left"),
        narrowed.heading(speaks.gettext("Supplier"), f"supplier_{speaks.code}"),
        narrowed.heading(speaks.gettext("Deliver to"), f"store_{speaks.code}"),
        narrowed.heading(speaks.gettext("Arrives"), "arrives"),
        narrowed.heading(speaks.gettext("Order"), "number"),
    ]
    return [choice for column in columns for choice in column.choices]


def _nothing(words: str, speaks: Language) -> Nothing:
    if words:
        title = speaks.gettext("No proposal mentions “%(words)s”.", words=words)
        return Nothing(title, "", _PROPOSALS, speaks.gettext("See all proposals"))
    return Nothing(
        speaks.gettext("No proposal waits for you."),
        speaks.gettext(
            "Stock and what is on its way are held against the forecast every ten minutes; "
            "what runs short is proposed here."
        ),
        "/buyer/stock",
        speaks.gettext("See all stock"),
    )


def _proposal(number: int, sheet: OrderSheet, proposed: Proposed, speaks: Language) -> Proposal:
    order, reasons = sheet.order, proposed.reasons
    supplier, store = proposed.organizations[order.supplier_id], proposed.places[order.deliver_to_id]
    refused = proposed.chosen == str(order.id)
    form = proposed.form if refused else None
    fields = [
        _quantity(place, row, form, f"f-lines-{place}-quantity" if refused else f"f-{number}-{place}", speaks)
        for place, row in enumerate(sheet.lines)
    ]
    narrowed = here(proposed.page.search)
    return Proposal(
        place=narrowed.address(f"/{order.id}/place"),
        dismiss=narrowed.address(f"/{order.id}/dismiss"),
        number=order.number,
        title=f"{speaks.name(supplier)} → {speaks.name(store)}",
        day=speaks.gettext("for %(day)s", day=speaks.day(order.deliver_on)),
        value=speaks.money(sheet.value, sheet.currency),
        caption=speaks.gettext("Lines of %(number)s", number=order.number),
        refused=refused,
        lines=[
            _line(row, reasons.get(row.line.id), quantity, speaks)
            for row, quantity in zip(sheet.lines, fields, strict=True)
        ],
    )


def _line(row: SheetLine, reason: ProposalReason | None, quantity: Field, speaks: Language) -> Line:
    cases = speaks.quantity(row.item.case_quantity, row.item.unit)
    return Line(
        id=row.line.id,
        named=quantity.name.replace("quantity", "line"),
        item=speaks.name(row.item),
        reason=_reason(reason, speaks) if reason else "",
        about=speaks.gettext("in cases of %(amount)s", amount=cases) if reason else speaks.gettext("added by hand"),
        on_hand=speaks.number(reason.on_hand) if reason else _UNKNOWN,
        coming=speaks.number(reason.on_order) if reason else _UNKNOWN,
        below=speaks.number(reason.reorder, 0) if reason else _UNKNOWN,
        target=speaks.number(reason.target, 0) if reason else _UNKNOWN,
        short=reason is not None and reason.on_hand <= 0,
        quantity=quantity,
    )


def _reason(reason: ProposalReason, speaks: Language) -> str:
    return speaks.gettext(
        "%(here)s on hand, %(coming)s coming; order below %(level)s",
        here=speaks.number(reason.on_hand),
        coming=speaks.number(reason.on_order),
        level=speaks.number(reason.reorder, 0),
    )


def _quantity(place: int, row: SheetLine, form: Filled[Any] | None, id: str, speaks: Language) -> Field:
    """The field of a line, with what was typed into it, else what is proposed."""
    name = f"lines.{place}.quantity"
    proposed = speaks.number(row.line.quantity).replace(",", "")
    return Field(
        name=name,
        id=id,
        label=speaks.gettext("Order of %(item)s", item=speaks.name(row.item)),
        value=form.value(name) if form else proposed,
        unit=speaks.unit(row.line.unit),
        error=form.error(name) if form else "",
    )
