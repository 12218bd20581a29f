"""What both sides' pages show of orders, decided and said in the reader's language; their templates lay it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import quote
from uuid import UUID

from hub.models.catalogue import TradeItem
from hub.models.party import Organization, Place
from hub.models.trade import AnswerKind, AnswerLine, PurchaseOrder
from hub.web.i18n import N_, Language
from hub.web.view import State
from supplier_portal.claims import claim_book
from supplier_portal.claims.claim_book import ClaimRow
from supplier_portal.claims.words import claim_address, claim_state, kind_of
from supplier_portal.dispatch.consignments import Sent, SentLine
from supplier_portal.lots.view import record_state
from supplier_portal.models import ProposalReason
from supplier_portal.orders.agreeing.points_view import Points, Reading, on_a_day, open_state, said_words
from supplier_portal.orders.agreeing.terms import parts_of
from supplier_portal.orders.cancelling.cancelling import Cost
from supplier_portal.orders.cancelling.models import Cancellation
from supplier_portal.orders.cancelling.view import owed_said
from supplier_portal.orders.deadlines.elsewhere_view import Elsewhere
from supplier_portal.orders.deadlines.fallback import WITHDRAWN
from supplier_portal.orders.order_book import Earlier, EarlierLine, OrderSheet, OrderStatus, SheetLine

_STATES: Mapping[OrderStatus, State] = {
    OrderStatus.PROPOSED: State(N_("Proposed"), "draft"),
    OrderStatus.DRAFT: State(N_("Draft"), "draft"),
    OrderStatus.TO_APPROVE: State(N_("To approve"), "clock", "warn"),
    OrderStatus.AWAITING: State(N_("Awaiting the supplier"), "clock", "warn"),
    OrderStatus.OVERDUE: State(N_("Overdue"), "stop", "stop"),
    OrderStatus.ASKED: State(N_("You to answer"), "ask", "act"),
    OrderStatus.COUNTERED: State(N_("Supplier to answer"), "clock", "warn"),
    OrderStatus.CONFIRMED: State(N_("Confirmed"), "ok", "ok"),
    OrderStatus.PARTLY: State(N_("Confirmed in part"), "less", "warn"),
    OrderStatus.DECLINED: State(N_("Declined"), "no", "stop"),
    OrderStatus.SHIPPED: State(N_("On the way"), "truck", "act"),
    OrderStatus.PART_RECEIVED: State(N_("Partly received"), "less", "act"),
    OrderStatus.RECEIVED: State(N_("Received"), "ok", "ok"),
    OrderStatus.CANCELLED: State(N_("Cancelled"), "no"),
}
_TO_ITS_SUPPLIER: Mapping[OrderStatus, State] = {
    OrderStatus.AWAITING: State(N_("Awaiting you"), "clock", "warn"),
    OrderStatus.ASKED: State(N_("Buyer to answer"), "clock", "warn"),
    OrderStatus.COUNTERED: State(N_("You to answer"), "ask", "act"),
}


@dataclass(frozen=True)
class Dossier:
    """An order as one of its parties reads it, ``own``, with what has left for it.

    ``reasons`` say why lines were proposed; they are the buyer's alone. ``reading`` is what both said of it since,
    ``offered`` what its supplier could send instead of an item, as long as it answers; ``people`` what those of the
    buyer are called who asked for it and approved it, for the buyer alone. ``claims`` are for what differed of it.
    ``elsewhere`` is what its buyer may order of fallback suppliers, and did; ``cost`` what calling it off costs now,
    and ``cancellation`` what that came to.
    """

    sheet: OrderSheet
    at: datetime
    own: Organization
    buyer: Organization
    supplier: Organization
    place: Place
    sent: Sequence[Sent] = ()
    reasons: Mapping[UUID, ProposalReason] = field(default_factory=dict)
    reading: Reading | None = None
    offered: Sequence[TradeItem] = ()
    people: Mapping[UUID, str] = field(default_factory=dict)
    claims: Sequence[ClaimRow] = ()
    elsewhere: Elsewhere | None = None
    cost: Cost | None = None
    cancellation: Cancellation | None = None

    @property
    def order(self) -> PurchaseOrder:
        """The order itself."""
        return self.sheet.order

    @property
    def by_supplier(self) -> bool:
        """Whether it is the supplier who reads it."""
        return self.own.id == self.supplier.id


@dataclass(frozen=True)
class Line:
    """A line with what was answered, shipped and received of it; ``answer`` is None where there is none.

    ``proposed`` says why the hub proposed it, if it did; ``open`` what one side wants otherwise; ``short`` that less
    came than was shipped.
    """

    position: int
    item: str
    gtin: str
    ordered: str
    answer: State | None
    reason: str
    proposed: str
    open: State | None
    shipped: str
    received: str
    short: bool


@dataclass(frozen=True)
class SentLot:
    """How much of a lot left, and the page of the lot; without its number where the lot is not to be seen."""

    number: str
    address: str
    amount: str


@dataclass(frozen=True)
class Shipment:
    """What left together, when, for which day, and the record of it."""

    number: str
    comments: str
    sscc: str
    lots: Sequence[SentLot]
    departed: str
    arrives: date
    record: State | None


@dataclass(frozen=True)
class Claimed:
    """A claim for something of the order: what differed, and how far it is."""

    number: str
    address: str
    what: str
    state: State


@dataclass(frozen=True)
class SaidLine:
    """What had been said to a line."""

    item: str
    answer: State
    reason: str


@dataclass(frozen=True)
class Step:
    """Something that happened to an order: ``kind`` is plain, or open for a record that is not sealed yet, else empty.

    An answer that was changed has ``before`` and ``note``: what had been said. A turn of the talk has ``said``.
    """

    when: str
    text: str
    kind: str = "plain"
    reason: str = ""
    before: Sequence[SaidLine] = ()
    note: str = ""
    said: Sequence[SaidLine] = ()


class Paper(NamedTuple):
    """A document of an order to take away: what it is called, and where it is."""

    word: str
    address: str


@dataclass(frozen=True)
class Order:
    """What both sides read on the page of an order; ``lead`` may be empty.

    ``answers`` is what the column of answers is called, and ``silence`` what stands there where there is none;
    ``points`` is the form that answers what is open, and ``talk`` says in one line how it stands.
    ``papers`` are the documents that another system can read, ``comments`` where people speak of it.
    """

    number: str
    state: State
    lead: str
    facts: Sequence[tuple[str, str]]
    answers: str
    silence: str
    lines: Sequence[Line]
    note: str
    shipments: Sequence[Shipment]
    claims: Sequence[Claimed]
    history: Sequence[Step]
    talk: str
    points: Points | None
    papers: Sequence[Paper]
    comments: str


def order_state(status: OrderStatus, speaks: Language, *, supplier: bool = False) -> State:
    """How far an order is, in the words of whoever reads it."""
    state = _TO_ITS_SUPPLIER.get(status, _STATES[status]) if supplier else _STATES[status]
    return state._replace(word=speaks.gettext(state.word))


def order_address(order: PurchaseOrder, buyer: Organization) -> str:
    """The supplier's page of an order: a number is its buyer's own, so the buyer is named too."""
    return f"/supplier/orders/{quote(order.number)}?buyer={buyer.gln}"


def lot_address(gtin: str, number: str, own: Organization) -> str:
    """The page of a lot that the shoppers of a retailer see."""
    return f"/product/{gtin}/{quote(number)}?r={own.gln}"


def answer_state(answer: AnswerLine | EarlierLine, unit: str, speaks: Language, instead: str = "") -> State:
    """What a supplier said to a line; ``instead`` is what the item is called that comes in its place."""
    amount, day = speaks.quantity(answer.quantity, unit), speaks.day(answer.deliver_on)
    match answer.kind:
        case AnswerKind.CONFIRMED:
            return State(speaks.gettext("Confirmed"), "ok", "ok")
        case AnswerKind.LESS:
            return State(speaks.gettext("Less: %(amount)s", amount=amount), "less", "warn")
        case AnswerKind.OTHER_DATE:
            return State(speaks.gettext("On %(day)s: %(amount)s", day=day, amount=amount), "date", "warn")
        case AnswerKind.SPLIT if isinstance(answer, AnswerLine):
            parts = " + ".join(on_a_day(part, unit, speaks) for part in parts_of(answer.parts))
            return State(parts, "date", "warn")
        case AnswerKind.OTHER_PRICE if isinstance(answer, AnswerLine) and answer.price is not None:
            price = speaks.number(answer.price, 2)
            said = speaks.gettext("On %(day)s: %(amount)s at %(price)s", day=day, amount=amount, price=price)
            return State(said, "less", "warn")
        case AnswerKind.SUBSTITUTE:
            return State(speaks.gettext("Instead: %(amount)s of %(item)s", amount=amount, item=instead), "less", "warn")
    return State(speaks.gettext("Declined"), "no", "stop")


def lines_of(dossier: Dossier, speaks: Language) -> list[Line]:
    """An order's lines, with what became of each."""
    return [_line(row, dossier, speaks) for row in dossier.sheet.lines]


def shipments_of(dossier: Dossier, speaks: Language) -> list[Shipment]:
    """What has left for an order."""
    return [
        Shipment(
            number=sent.shipment.number,
            comments=f"/{'supplier' if dossier.by_supplier else 'buyer'}/comments/shipment/{sent.shipment.id}",
            sscc=sent.shipment.sscc,
            lots=[_sent_lot(line, dossier, speaks) for line in sent.lines],
            departed=speaks.moment(sent.shipment.shipped_at, dossier.own),
            arrives=sent.shipment.deliver_on,
            record=record_state(sent.record, speaks) if sent.record else None,
        )
        for sent in dossier.sent
    ]


def claims_of(dossier: Dossier, speaks: Language) -> list[Claimed]:
    """The claims for what differed of an order."""
    sold = dossier.by_supplier
    return [
        Claimed(
            number=row.claim.number,
            address=claim_address(row.claim, supplier=sold),
            what=f"{kind_of(row.claim, speaks)} · {speaks.name(row.item)} · "
            + speaks.quantity(row.claim.quantity, row.claim.unit),
            state=claim_state(
                row.state, speaks, supplier=sold, overdue=claim_book.overdue(row.claim, row.state, dossier.at)
            ),
        )
        for row in dossier.claims
    ]


def history_of(dossier: Dossier, speaks: Language) -> list[Step]:
    """What happened to an order, the latest first."""
    order, answer = dossier.order, dossier.sheet.answer
    buyer, place = speaks.name(dossier.buyer), speaks.name(dossier.place)

    def step(at: datetime | None, text: str, reason: str = "") -> list[Step]:
        return [Step(speaks.moment(at, dossier.own), text, reason=reason)] if at else []

    why = (why_cancelled(order.cancel_reason, speaks), owed_said(dossier.cancellation, speaks))
    in_time = speaks.gettext("Answered, late") if answer and answer.late else speaks.gettext("Answered in time")
    return [
        *step(
            order.cancelled_at,
            speaks.gettext("Cancelled by %(who)s", who=buyer),
            " · ".join(filter(None, why)),
        ),
        *step(order.received_at, speaks.gettext("Received at %(place)s", place=place)),
        *(_shipped(sent, dossier, speaks) for sent in reversed(dossier.sent)),
        *_turns(dossier, speaks),
        *(_changed(earlier, dossier, speaks) for earlier in dossier.sheet.earlier),
        *step(answer.answered_at if answer else None, in_time),
        *step(order.placed_at, speaks.gettext("Placed by %(who)s", who=buyer)),
        *([] if dossier.by_supplier else step(order.asked_at, _asked(dossier, speaks))),
        *([] if dossier.by_supplier or not order.drafted else step(order.proposed_at, _written(dossier, speaks))),
    ]


def why_cancelled(reason: str, speaks: Language) -> str:
    """Why an order was called off: a person's words, or the hub's own in the reader's language."""
    return speaks.gettext(WITHDRAWN) if reason == WITHDRAWN else reason


def _written(dossier: Dossier, speaks: Language) -> str:
    """By whom an order was written that nobody has placed at once."""
    if dossier.order.standing_id:
        return speaks.gettext("Written by a standing order")
    return speaks.gettext("Proposed") if dossier.reasons else speaks.gettext("Written by hand")


def _asked(dossier: Dossier, speaks: Language) -> str:
    """Who asked for it to be approved, and who approved it."""
    order, people = dossier.order, dossier.people
    asker = people.get(order.asked_by, "") if order.asked_by else ""
    said = [speaks.gettext("%(who)s asked for approval", who=asker) if asker else speaks.gettext("Approval asked for")]
    if order.approved_by:
        said += [speaks.gettext("%(who)s approved", who=people.get(order.approved_by, ""))]
    return " · ".join(said)


def comments_of(dossier: Dossier) -> str:
    """Where people speak of an order; nobody does of one that was not placed."""
    side = "supplier" if dossier.by_supplier else "buyer"
    return f"/{side}/comments/order/{dossier.order.id}" if dossier.order.placed_at else ""


def papers_of(dossier: Dossier, speaks: Language) -> list[Paper]:
    """An order, its answer, its shipments and, once all are counted, their receipts, in UBL; nothing of a proposal."""
    order, sheet = dossier.order, dossier.sheet
    if order.placed_at is None:
        return []
    here, buyer = f"/api/orders/{quote(order.number)}", f"?buyer={dossier.buyer.gln}"
    papers = [Paper(speaks.gettext("Order"), f"{here}.xml{buyer}")]
    if sheet.answer is not None:
        papers.append(Paper(speaks.gettext("Answer to an order"), f"{here}/response.xml{buyer}"))
    counted = order.receipts >= len(sheet.shipments)
    for sent in sheet.shipments:
        there, supplier = f"/api/shipments/{quote(sent.number)}", f"?supplier={dossier.supplier.gln}"
        papers.append(Paper(f"{speaks.gettext('Dispatch advice')} {sent.number}", f"{there}.xml{supplier}"))
        label = speaks.gettext("Logistic label")
        for kind in ("pdf", "zpl"):
            papers.append(Paper(f"{label} {sent.number} {kind.upper()}", f"{there}/label.{kind}{supplier}"))
        if counted:
            received = f"{speaks.gettext('Receipt advice')} {sent.number}"
            papers.append(Paper(received, f"{there}/receipt.xml{supplier}"))
    return papers


def _line(row: SheetLine, dossier: Dossier, speaks: Language) -> Line:
    line, answer, reason = row.line, row.answer, dossier.reasons.get(row.line.id)
    instead = speaks.name(row.instead) if row.instead else ""
    return Line(
        position=line.position,
        item=speaks.name(row.item),
        gtin=row.item.gtin,
        ordered=speaks.quantity(line.quantity, line.unit),
        answer=answer_state(answer, line.unit, speaks, instead) if answer and not answer.open else None,
        reason=answer.reason if answer else "",
        proposed=_proposed(reason, speaks) if reason else "",
        open=open_state(row, dossier.reading, speaks) if dossier.reading else None,
        shipped=speaks.number(row.shipped),
        received=speaks.number(line.received) if line.received else "",
        short=line.received < row.shipped,
    )


def _proposed(reason: ProposalReason, speaks: Language) -> str:
    return speaks.gettext(
        "Proposed with %(here)s on hand, %(coming)s coming, to fill up to %(target)s",
        here=speaks.number(reason.on_hand),
        coming=speaks.number(reason.on_order),
        target=speaks.number(reason.target, 0),
    )


def _sent_lot(sent: SentLine, dossier: Dossier, speaks: Language) -> SentLot:
    line, lot = sent.line, sent.lot
    amount = speaks.quantity(line.quantity, line.unit)
    if lot is None:
        return SentLot("", "", amount)
    if dossier.by_supplier:
        return SentLot(lot.number, f"/supplier/lots/{lot.id}", amount)
    gtin = next(row.item.gtin for row in dossier.sheet.lines if row.item.id == line.trade_item_id)
    return SentLot(lot.number, lot_address(gtin, lot.number, dossier.own), amount)


def _shipped(sent: Sent, dossier: Dossier, speaks: Language) -> Step:
    when, record = speaks.moment(sent.shipment.shipped_at, dossier.own), sent.record
    if record and record.append and record.append.block_number:
        block = speaks.gettext("block %(number)s", number=speaks.number(record.append.block_number))
        when = f"{when} · {block}"
    shipped = speaks.gettext("Shipped: %(number)s", number=sent.shipment.number)
    return Step(when, shipped, "" if record and record.sealed else "open")


def _turns(dossier: Dossier, speaks: Language) -> list[Step]:
    """What both sides said after the first answer, the latest first; with the first answer what was not as ordered."""
    reading = dossier.reading
    if reading is None:
        return []
    steps = []
    for turn in reversed(reading.talk.turns):
        who = dossier.buyer if turn.owner_id == dossier.buyer.id else dossier.supplier
        words = [SaidLine(*word) for word in said_words(reading, turn, speaks)]
        if turn.number == 1:
            words = [word for word in words if word.answer.tone != "ok"]
            if not words:
                continue
        steps.append(
            Step(
                when=speaks.moment(turn.said_at, dossier.own),
                text=speaks.gettext("%(who)s said", who=speaks.name(who)),
                said=words,
                note=turn.note if turn.number > 1 else "",
            )
        )
    return steps


def _changed(earlier: Earlier, dossier: Dossier, speaks: Language) -> Step:
    return Step(
        when=speaks.moment(earlier.replaced_at, dossier.own),
        text=speaks.gettext("Answer changed"),
        before=[
            SaidLine(speaks.name(line.item), answer_state(line, line.unit, speaks), line.reason)
            for line in earlier.lines
        ],
        note=earlier.note,
    )
