"""What is behind each figure: lines of orders, receipts, shipments and weeks between two, as either side reads them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from hub.models.catalogue import TradeItem
from hub.models.claims import Claim, ClaimOutcome
from hub.models.party import Organization
from hub.models.settling import MatchedLine
from hub.models.trade import AnswerLine, OrderAnswer, OrderLine, PurchaseOrder, Shipment
from supplier_portal.forecast.collaboration import monday
from supplier_portal.models import Commitment, SharedForecast
from supplier_portal.orders.agreeing.terms import Part, parts_of
from supplier_portal.scoring.figures import Line, in_time
from supplier_portal.scoring.models import Measure

MOST = 5_000
"""Rows that are read for a figure."""
_WEEK = timedelta(days=7)
_ONE = Decimal(1)


@dataclass(frozen=True)
class Span:
    """Between whom something is measured, from a moment until another."""

    buyer: Organization
    supplier: Organization
    since: datetime
    until: datetime

    @property
    def today(self) -> date:
        """The day it is at its end, by the buyer's clock."""
        return self.buyer.day(self.until)


def of(session: Session, span: Span, measure: Measure) -> list[Line]:
    """The lines behind a figure, the worst first."""
    if measure in _OF_ORDERS:
        return _worst_first(_OF_ORDERS[measure](span, _ordered(session, span)))
    return _worst_first(_READERS[measure](session, span))


def every(session: Session, span: Span) -> dict[Measure, list[Line]]:
    """The lines behind every figure; orders are read once for all that are made of them."""
    ordered = _ordered(session, span)
    found = {measure: lines(span, ordered) for measure, lines in _OF_ORDERS.items()}
    found |= {measure: lines(session, span) for measure, lines in _READERS.items()}
    return {measure: _worst_first(found[measure]) for measure in Measure}


def _worst_first(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.got / line.of if line.of else _ONE, str(line.subject_id)))


@dataclass(frozen=True)
class _Ordered:
    """A line of an order with what was agreed of it, and what came of it on which days."""

    order: PurchaseOrder
    line: OrderLine
    answer: AnswerLine | None
    came: tuple[Part, ...]

    @property
    def agreed(self) -> tuple[Part, ...]:
        """What both agreed on; nothing where they did not, or that nothing comes."""
        answer = self.answer
        if answer is None or answer.open or not answer.quantity:
            return ()
        return parts_of(answer.parts) if answer.parts else (Part(answer.deliver_on, answer.quantity),)

    @property
    def total(self) -> Decimal:
        """How much came."""
        return sum((part.quantity for part in self.came), Decimal(0))

    def over(self, today: date) -> bool:
        """Whether no more is to be waited for: its last day has passed, or all has come."""
        agreed = self.agreed
        if not agreed:
            return self.order.deliver_on < today
        quantity = sum((part.quantity for part in agreed), Decimal(0))
        return max(part.deliver_on for part in agreed) < today or self.total >= quantity


def _ordered(session: Session, span: Span) -> list[_Ordered]:
    rows = session.exec(
        select(PurchaseOrder, OrderLine, AnswerLine)
        .join(OrderLine, col(OrderLine.order_id) == col(PurchaseOrder.id))
        .join(
            AnswerLine,
            (col(AnswerLine.order_line_id) == col(OrderLine.id))
            & (col(AnswerLine.owner_id) == col(PurchaseOrder.supplier_id)),
            isouter=True,
        )
        .where(*_placed(span))
        .order_by(col(PurchaseOrder.number), col(OrderLine.position))
        .limit(MOST)
    ).all()
    came = _came(session, [line.id for _, line, _ in rows])
    return [_Ordered(order, line, answer, _what_came(order, line, came)) for order, line, answer in rows]


def _placed(span: Span) -> tuple[ColumnElement[bool], ...]:
    return (
        col(PurchaseOrder.owner_id) == span.buyer.id,
        col(PurchaseOrder.supplier_id) == span.supplier.id,
        col(PurchaseOrder.placed_at).between(span.since, span.until),
        col(PurchaseOrder.cancelled_at).is_(None),
    )


def _came(session: Session, lines: Sequence[UUID]) -> Mapping[UUID, list[Part]]:
    found: defaultdict[UUID, list[Part]] = defaultdict(list)
    for row in session.exec(select(MatchedLine).where(col(MatchedLine.order_line_id).in_(lines))):
        found[row.order_line_id].append(Part(row.day, row.accepted))
    return found


def _what_came(order: PurchaseOrder, line: OrderLine, came: Mapping[UUID, list[Part]]) -> tuple[Part, ...]:
    """What was counted, by day; of receipts from before they were matched, what the order says itself."""
    if line.id in came:
        days: defaultdict[date, Decimal] = defaultdict(Decimal)
        for part in came[line.id]:
            days[part.deliver_on] += part.quantity
        return tuple(Part(day, quantity) for day, quantity in sorted(days.items()))
    if line.received and order.received_at is not None:
        return (Part(order.received_at.date(), line.received),)
    return ()


def _on_time_in_full(span: Span, ordered: Sequence[_Ordered]) -> list[Line]:
    return [
        Line(
            subject_id=row.line.id,
            got=_ONE if in_time(row.agreed, row.came) else Decimal(0),
            of=_ONE,
            number=row.order.number,
            item_id=row.line.trade_item_id,
            agreed=row.agreed,
            came=row.came,
            unit=row.line.unit,
        )
        for row in ordered
        if row.agreed and row.over(span.today)
    ]


def _fill(span: Span, ordered: Sequence[_Ordered]) -> list[Line]:
    """Of what was ordered; lines of different units are added up by what they cost."""
    return [
        Line(
            subject_id=row.line.id,
            got=min(row.total, row.line.quantity) * row.line.price,
            of=row.line.quantity * row.line.price,
            number=row.order.number,
            item_id=row.line.trade_item_id,
            agreed=(Part(row.order.deliver_on, row.line.quantity),),
            came=row.came,
            unit=row.line.unit,
        )
        for row in ordered
        if row.over(span.today)
    ]


def _response(session: Session, span: Span) -> list[Line]:
    """Answered in time, or not; what is not answered yet and not due is neither."""
    rows = session.exec(
        select(PurchaseOrder, OrderAnswer)
        .join(
            OrderAnswer,
            (col(OrderAnswer.order_id) == col(PurchaseOrder.id))
            & (col(OrderAnswer.owner_id) == col(PurchaseOrder.supplier_id)),
            isouter=True,
        )
        .where(*_placed(span))
        .order_by(col(PurchaseOrder.number))
        .limit(MOST)
    ).all()
    lines = []
    for order, answer in rows:
        if order.placed_at is None or order.respond_by is None:
            continue
        if answer is None and order.respond_by >= span.until:
            continue
        took = ((answer.answered_at if answer else span.until) - order.placed_at).total_seconds() / 3600
        good = answer is not None and answer.answered_at <= order.respond_by
        lines.append(Line(order.id, _ONE if good else Decimal(0), _ONE, order.number, hours=took))
    return lines


def _quality(session: Session, span: Span) -> list[Line]:
    """Of what was sent, less what claims came to that its supplier accepted or shared."""
    rows = session.exec(
        select(MatchedLine, PurchaseOrder, Claim)
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(MatchedLine.order_id))
        .join(
            Claim,
            (col(Claim.shipment_line_id) == col(MatchedLine.shipment_line_id))
            & (col(Claim.owner_id) == col(MatchedLine.owner_id)),
            isouter=True,
        )
        .where(
            col(MatchedLine.owner_id) == span.buyer.id,
            col(MatchedLine.supplier_id) == span.supplier.id,
            col(MatchedLine.day) >= span.buyer.day(span.since),
            col(MatchedLine.day) <= span.today,
        )
        .order_by(col(MatchedLine.day), col(MatchedLine.id))
        .limit(MOST)
    ).all()
    lines = []
    for row, order, claim in rows:
        if claim is not None and claim.closed_at is None:
            continue  # nobody knows yet
        borne = claim is not None and claim.outcome in (ClaimOutcome.ACCEPTED, ClaimOutcome.SHARED)
        lost = (claim.credit or Decimal(0)) if borne and claim is not None else Decimal(0)
        value = row.announced * row.price
        lines.append(
            Line(
                row.id, max(value - lost, Decimal(0)), value, order.number, row.trade_item_id,
                (Part(row.day, row.announced),), (Part(row.day, row.accepted),), row.unit,
            )
        )  # fmt: skip
    return lines


def _documents(session: Session, span: Span) -> list[Line]:
    """Announced no later than its day, and recorded."""
    rows = session.exec(
        select(Shipment)
        .where(
            col(Shipment.buyer_id) == span.buyer.id,
            col(Shipment.owner_id) == span.supplier.id,
            col(Shipment.shipped_at).between(span.since, span.until),
        )
        .order_by(col(Shipment.number))
        .limit(MOST)
    ).all()
    return [
        Line(
            row.id,
            _ONE if row.event_id is not None and span.buyer.day(row.shipped_at) <= row.deliver_on else Decimal(0),
            _ONE,
            row.number,
        )
        for row in rows
    ]


def _forecast(session: Session, span: Span) -> list[Line]:
    """The buyer's forecast of each week as it was shared last before it, against what was sold then."""
    newest: dict[tuple[UUID, date], tuple[SharedForecast, TradeItem]] = {}
    rows = session.exec(
        select(SharedForecast, TradeItem)
        .join(TradeItem, col(TradeItem.id) == col(SharedForecast.trade_item_id))
        .where(
            col(SharedForecast.owner_id) == span.buyer.id,
            col(SharedForecast.supplier_id) == span.supplier.id,
            col(SharedForecast.actual).is_not(None),
            col(SharedForecast.week) >= span.buyer.day(span.since),
            col(SharedForecast.week) <= span.today,
        )
        .order_by(col(SharedForecast.created_at), col(SharedForecast.id))
        .limit(MOST)
    )
    for row, item in rows:
        if span.buyer.day(row.created_at) <= row.week:
            newest[row.trade_item_id, row.week] = (row, item)
    lines = []
    for row, item in newest.values():
        sold = row.actual or Decimal(0)
        off = abs(sold - row.p50)
        agreed, came = (Part(row.week, row.p50),), (Part(row.week, sold),)
        got = max(sold - off, Decimal(0)) * item.price
        lines.append(Line(row.id, got, sold * item.price, "", item.id, agreed, came, item.unit))
    return lines


def _commitment(session: Session, span: Span) -> list[Line]:
    """What a supplier committed to for a week, as far as it was ordered for it, against what came in that week."""
    first = span.buyer.day(span.since)
    rows = session.exec(
        select(Commitment, TradeItem)
        .join(TradeItem, col(TradeItem.id) == col(Commitment.trade_item_id))
        .where(
            col(Commitment.owner_id) == span.supplier.id,
            col(Commitment.buyer_id) == span.buyer.id,
            col(Commitment.week) >= first,
            col(Commitment.week) <= span.today - _WEEK,
        )
        .order_by(col(Commitment.week), col(Commitment.id))
        .limit(MOST)
    ).all()
    ordered, came = _by_week(session, span, first)
    lines = []
    for row, item in rows:
        key = (row.trade_item_id, row.week)
        due = min(row.quantity, ordered.get(key, Decimal(0)))
        got = min(came.get(key, Decimal(0)), due)
        agreed, there = (Part(row.week, due),), (Part(row.week, came.get(key, Decimal(0))),)
        lines.append(Line(row.id, got * item.price, due * item.price, "", item.id, agreed, there, item.unit))
    return [line for line in lines if line.of]


_Weeks = Mapping[tuple[UUID, date], Decimal]


def _by_week(session: Session, span: Span, first: date) -> tuple[_Weeks, _Weeks]:
    """How much of each item was ordered for each week, and how much came in it."""
    ordered: defaultdict[tuple[UUID, date], Decimal] = defaultdict(Decimal)
    came: defaultdict[tuple[UUID, date], Decimal] = defaultdict(Decimal)
    wanted = session.exec(
        select(col(OrderLine.trade_item_id), col(PurchaseOrder.deliver_on), col(OrderLine.quantity))
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(OrderLine.order_id))
        .where(
            col(PurchaseOrder.owner_id) == span.buyer.id,
            col(PurchaseOrder.supplier_id) == span.supplier.id,
            col(PurchaseOrder.placed_at).is_not(None),
            col(PurchaseOrder.cancelled_at).is_(None),
            col(PurchaseOrder.deliver_on) >= first,
        )
    )
    for item, day, quantity in wanted:
        ordered[item, monday(day)] += quantity
    counted = session.exec(
        select(col(MatchedLine.trade_item_id), col(MatchedLine.day), col(MatchedLine.accepted)).where(
            col(MatchedLine.owner_id) == span.buyer.id,
            col(MatchedLine.supplier_id) == span.supplier.id,
            col(MatchedLine.day) >= first,
        )
    )
    for item, day, quantity in counted:
        came[item, monday(day)] += quantity
    return ordered, came


_OF_ORDERS: Mapping[Measure, Callable[[Span, Sequence[_Ordered]], list[Line]]] = {
    Measure.ON_TIME_IN_FULL: _on_time_in_full,
    Measure.FILL: _fill,
}
_READERS: Mapping[Measure, Callable[[Session, Span], list[Line]]] = {
    Measure.RESPONSE: _response,
    Measure.QUALITY: _quality,
    Measure.DOCUMENTS: _documents,
    Measure.FORECAST: _forecast,
    Measure.COMMITMENT: _commitment,
}
