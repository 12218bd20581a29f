"""Orders as each side reads them: their state, which follows from both sides' rows, and lists of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select
from sqlmodel import Session, col

from hub import prices, sought
from hub.access import Actor
from hub.errors import NotFound
from hub.lists import CountedPage, Search
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, OrganizationKind, Place
from hub.models.trade import (
    AnswerKind,
    AnswerLine,
    EarlierAnswer,
    OrderAnswer,
    OrderLine,
    OrderTurn,
    PurchaseOrder,
    Shipment,
    ShipmentLine,
)
from hub.prices import Asked
from supplier_portal.models import Commitment, ProposalReason


class OrderStatus(StrEnum):
    """How far an order has come."""

    PROPOSED = "proposed"
    DRAFT = "draft"
    TO_APPROVE = "to-approve"
    AWAITING = "awaiting"
    OVERDUE = "overdue"
    ASKED = "asked"
    COUNTERED = "countered"
    CONFIRMED = "confirmed"
    PARTLY = "partly"
    DECLINED = "declined"
    SHIPPED = "shipped"
    PART_RECEIVED = "part-received"
    RECEIVED = "received"
    CANCELLED = "cancelled"


UNPLACED = frozenset({OrderStatus.PROPOSED, OrderStatus.DRAFT, OrderStatus.TO_APPROVE})
"""States in which nobody but the buyer sees an order."""
UNANSWERED = frozenset({OrderStatus.AWAITING, OrderStatus.OVERDUE})
TALKING = frozenset({OrderStatus.ASKED, OrderStatus.COUNTERED})
"""States in which something is not agreed: what the supplier wants, or what the buyer does."""
TO_ANSWER = UNANSWERED | {OrderStatus.COUNTERED}
"""States in which the supplier has something to answer; in `ASKED` the buyer has."""
ANSWERED = frozenset({OrderStatus.ASKED, OrderStatus.COUNTERED, OrderStatus.CONFIRMED, OrderStatus.PARTLY})
"""States of what was answered and of which nothing has left; while both still talk, what is agreed may leave."""
TO_SEND = ANSWERED | {OrderStatus.SHIPPED, OrderStatus.PART_RECEIVED}
"""States in which a supplier may send what is confirmed and has not left."""
OPEN = UNPLACED | UNANSWERED | TO_SEND
"""States in which goods are still to come."""


def status(at: datetime) -> ColumnElement[str]:
    """An order's state at a moment, as SQL over ``purchase_order``.

    Only the rows of the order's own supplier count: anybody may write a row that names an order.
    """
    order, supplier = col(PurchaseOrder.id), col(PurchaseOrder.supplier_id)
    answered = (
        exists()
        .where(col(OrderAnswer.order_id) == order, col(OrderAnswer.owner_id) == supplier)
        .correlate(PurchaseOrder)
    )
    shipments = (
        select(func.count())
        .where(col(Shipment.order_id) == order, col(Shipment.owner_id) == supplier)
        .correlate(PurchaseOrder)
        .scalar_subquery()
    )
    sent = (
        select(func.coalesce(func.sum(col(ShipmentLine.quantity)), 0))
        .where(col(ShipmentLine.order_line_id) == col(OrderLine.id), col(ShipmentLine.owner_id) == supplier)
        .correlate(PurchaseOrder, OrderLine)
        .scalar_subquery()
    )

    def some_line(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return (
            exists()
            .where(
                col(OrderLine.order_id) == order,
                col(AnswerLine.order_line_id) == col(OrderLine.id),
                col(AnswerLine.owner_id) == supplier,
                *conditions,
            )
            .correlate(PurchaseOrder)
        )

    talking = (
        select(case((col(OrderTurn.pending), col(OrderTurn.owner_id))))
        .where(col(OrderTurn.order_id) == order, col(OrderTurn.owner_id).in_([col(PurchaseOrder.owner_id), supplier]))
        .order_by(col(OrderTurn.number).desc())
        .limit(1)
        .correlate(PurchaseOrder)
        .scalar_subquery()
    )
    to_come = some_line(col(AnswerLine.quantity) > sent) & col(PurchaseOrder.closed_at).is_(None)
    return case(
        (col(PurchaseOrder.cancelled_at).is_not(None), OrderStatus.CANCELLED.value),
        (col(PurchaseOrder.placed_at).is_(None), _unplaced()),
        (shipments > col(PurchaseOrder.receipts), OrderStatus.SHIPPED.value),
        ((shipments > 0) & ~to_come, OrderStatus.RECEIVED.value),
        (shipments > 0, OrderStatus.PART_RECEIVED.value),
        (~answered & (col(PurchaseOrder.respond_by) < at), OrderStatus.OVERDUE.value),
        (~answered, OrderStatus.AWAITING.value),
        (talking == supplier, OrderStatus.ASKED.value),
        (talking == col(PurchaseOrder.owner_id), OrderStatus.COUNTERED.value),
        (~some_line(col(AnswerLine.kind) != AnswerKind.DECLINED), OrderStatus.DECLINED.value),
        (some_line(col(AnswerLine.kind) != AnswerKind.CONFIRMED), OrderStatus.PARTLY.value),
        else_=OrderStatus.CONFIRMED.value,
    )


def _unplaced() -> ColumnElement[str]:
    """The state of an order that nobody but its buyer sees."""
    return case(
        (~col(PurchaseOrder.drafted), OrderStatus.PROPOSED.value),
        (col(PurchaseOrder.asked_at).is_(None), OrderStatus.DRAFT.value),
        else_=OrderStatus.TO_APPROVE.value,
    )


def status_of(session: Session, order: PurchaseOrder, *, at: datetime) -> OrderStatus:
    """An order's state at a moment."""
    state = session.execute(select(status(at)).where(col(PurchaseOrder.id) == order.id)).scalar_one()
    return OrderStatus(state)


@dataclass(frozen=True)
class OrderRow:
    """An order in a list; where the two still talk, what is open should be answered by ``reply_by``."""

    order: PurchaseOrder
    status: OrderStatus
    lines: int
    value: Decimal
    currency: str = ""
    reply_by: datetime | None = None

    @property
    def answer_by(self) -> datetime | None:
        """Until when whoever has to answer should."""
        return self.reply_by or self.order.respond_by


def supplier_orders(
    session: Session,
    actor: Actor,
    search: Search = Search(),
    *,
    at: datetime,
    states: Collection[OrderStatus] = (),
) -> CountedPage[OrderRow]:
    """A supplier's orders, those to answer first, by their deadline."""
    statement = select(PurchaseOrder).where(
        col(PurchaseOrder.supplier_id) == actor.organization_id, col(PurchaseOrder.placed_at).is_not(None)
    )
    to_answer = case((status(at).in_([s.value for s in TO_ANSWER]), 0), else_=1)
    order_by = (
        to_answer,
        case((to_answer == 0, col(PurchaseOrder.respond_by))),
        col(PurchaseOrder.deliver_on).desc(),
        col(PurchaseOrder.number),
    )
    return _page(session, _in_states(statement, states, at), order_by, search, at)


def buyer_orders(
    session: Session,
    actor: Actor,
    search: Search = Search(),
    *,
    at: datetime,
    states: Collection[OrderStatus] = (),
) -> CountedPage[OrderRow]:
    """A buyer's orders, newest delivery first."""
    statement = select(PurchaseOrder).where(col(PurchaseOrder.owner_id) == actor.organization_id)
    order_by = (col(PurchaseOrder.deliver_on).desc(), col(PurchaseOrder.number))
    return _page(session, _in_states(statement, states, at), order_by, search, at)


def counts(session: Session, actor: Actor, *, at: datetime) -> dict[OrderStatus, int]:
    """How many orders of the actor's organisation are in each state."""
    mine = col(PurchaseOrder.owner_id) == actor.organization_id
    if actor.kind is OrganizationKind.SUPPLIER:
        mine = (col(PurchaseOrder.supplier_id) == actor.organization_id) & col(PurchaseOrder.placed_at).is_not(None)
    states = select(status(at).label("state")).where(mine).subquery()
    rows = session.execute(select(states.c.state, func.count()).group_by(states.c.state))
    return dict.fromkeys(OrderStatus, 0) | {OrderStatus(state): count for state, count in rows}


def _in_states(statement: Select[Any], states: Collection[OrderStatus], at: datetime) -> Select[Any]:
    if states and UNPLACED.issuperset(states):
        statement = statement.where(col(PurchaseOrder.placed_at).is_(None), col(PurchaseOrder.cancelled_at).is_(None))
    return statement.where(status(at).in_([state.value for state in states])) if states else statement


def _called(named: Any, column: Any, by: Any) -> Any:
    """What a party or place of the order is called, as SQL over ``purchase_order``."""
    return select(column).where(col(named.id) == by).scalar_subquery()


_SUPPLIER, _STORE = col(PurchaseOrder.supplier_id), col(PurchaseOrder.deliver_to_id)
_SORTS: dict[str, Any] = {
    "number": col(PurchaseOrder.number),
    "arrives": col(PurchaseOrder.deliver_on),
    "answer": col(PurchaseOrder.respond_by),
    "supplier_zh": _called(Organization, col(Organization.name_zh), _SUPPLIER),
    "supplier_en": _called(Organization, col(Organization.name_en), _SUPPLIER),
    "store_zh": _called(Place, col(Place.name_zh), _STORE),
    "store_en": _called(Place, col(Place.name_en), _STORE),
    "left": select(func.min(col(ProposalReason.on_hand) / func.nullif(col(ProposalReason.reorder), 0)))
    .where(col(ProposalReason.order_id) == col(PurchaseOrder.id))
    .scalar_subquery(),
}
"""``left`` is how much there is, of what is to be there, of that item of a proposal that is nearest to running out."""


def _page(
    session: Session, statement: Select[Any], order_by: Sequence[Any], search: Search, at: datetime
) -> CountedPage[OrderRow]:
    statement = statement.where(*(_mentions(like) for like in sought.patterns(search.words)))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    order = col(PurchaseOrder.id)
    lines = select(func.count()).where(col(OrderLine.order_id) == order).scalar_subquery()
    value = (
        select(func.coalesce(func.sum(col(OrderLine.quantity) * col(OrderLine.price)), 0))
        .where(col(OrderLine.order_id) == order)
        .scalar_subquery()
    )
    currency = (
        select(func.coalesce(func.min(col(OrderLine.currency)), "")).where(col(OrderLine.order_id) == order)
    ).scalar_subquery()
    columns = statement.add_columns(status(at), lines, value, currency)
    order_by = search.order(_SORTS | {"lines": lines, "value": value}, *order_by)
    rows = session.execute(columns.order_by(*order_by).limit(search.size).offset(search.before))
    orders = [OrderRow(order, OrderStatus(state), *figures) for order, state, *figures in rows]
    return CountedPage(_with_deadlines(session, _at_todays_prices(session, orders, at)), total, search)


def _with_deadlines(session: Session, rows: Sequence[OrderRow]) -> list[OrderRow]:
    """The same, with the time until which what is talked about should be answered."""
    talking = {row.order.id: row.order for row in rows if row.status in TALKING}
    if not talking:
        return list(rows)
    turns = select(OrderTurn).where(col(OrderTurn.order_id).in_(talking), col(OrderTurn.pending))
    by = {
        turn.order_id: turn.reply_by
        for turn in session.scalars(turns.order_by(col(OrderTurn.number)))
        if turn.owner_id in (talking[turn.order_id].owner_id, talking[turn.order_id].supplier_id)
    }
    return [replace(row, reply_by=by.get(row.order.id)) for row in rows]


def _at_todays_prices(session: Session, rows: Sequence[OrderRow], at: datetime) -> list[OrderRow]:
    """The same, with what is not placed yet at the prices that hold now; only its buyer sees such an order."""
    proposed = [row.order.id for row in rows if row.status in UNPLACED]
    if not proposed:
        return list(rows)
    lines = session.execute(
        select(OrderLine, TradeItem)
        .join(TradeItem, col(TradeItem.id) == col(OrderLine.trade_item_id))
        .where(col(OrderLine.order_id).in_(proposed))
    ).all()
    asked = prices.holding(session, session.info["who"].org, [item for _line, item in lines], at)
    values = dict.fromkeys(proposed, Decimal(0))
    for line, item in lines:
        values[line.order_id] += line.quantity * asked[item.id].at(line.quantity)
    return [replace(row, value=values.get(row.order.id, row.value)) for row in rows]


def _mentions(like: str) -> ColumnElement[bool]:
    """The order's number, an item's name or GTIN, or the other party's name."""
    item = (
        select(col(OrderLine.id))
        .join(TradeItem, col(TradeItem.id) == col(OrderLine.trade_item_id))
        .where(
            col(OrderLine.order_id) == col(PurchaseOrder.id),
            sought.has(col(TradeItem.sought), like),
        )
    )
    party = select(col(Organization.id)).where(
        col(Organization.id).in_([col(PurchaseOrder.supplier_id), col(PurchaseOrder.owner_id)]),
        sought.has(col(Organization.sought), like),
    )
    return or_(col(PurchaseOrder.number).ilike(like), item.exists(), party.exists())


@dataclass(frozen=True)
class SheetLine:
    """A line with its item, the supplier's answer and earlier promise, and what was shipped of it.

    ``asked`` is what its item costs now, as long as the order is not placed; ``instead`` the item that comes, or would
    come, in the place of the one ordered.
    """

    line: OrderLine
    item: TradeItem
    answer: AnswerLine | None
    committed: Decimal | None
    shipped: Decimal
    asked: Asked | None = None
    instead: TradeItem | None = None

    @property
    def comes(self) -> TradeItem:
        """The item that comes."""
        return self.instead or self.item

    @property
    def price(self) -> Decimal:
        """What a unit costs: as it was ordered, else as it would be."""
        return self.asked.at(self.line.quantity) if self.asked else self.line.price


@dataclass(frozen=True)
class EarlierLine:
    """What had been said to a line before it was said otherwise."""

    item: TradeItem
    unit: str
    kind: AnswerKind
    quantity: Decimal
    deliver_on: date
    reason: str


@dataclass(frozen=True)
class Earlier:
    """An answer that another took the place of: when, its note, and its lines that were said otherwise then."""

    said_at: datetime
    replaced_at: datetime
    note: str
    lines: list[EarlierLine]


@dataclass(frozen=True)
class OrderSheet:
    """All there is to one order; earlier answers come the newest first."""

    order: PurchaseOrder
    status: OrderStatus
    lines: list[SheetLine]
    answer: OrderAnswer | None
    shipments: list[Shipment]
    earlier: list[Earlier]

    @property
    def value(self) -> Decimal:
        """What was ordered, at the prices it was ordered at; what is not placed yet, at those that hold now."""
        return sum((row.line.quantity * row.price for row in self.lines), Decimal(0))

    @property
    def currency(self) -> str:
        """In which it is reckoned: that of its lines."""
        return min((row.line.currency for row in self.lines), default="")


def sheet(session: Session, actor: Actor, order_id: UUID, *, at: datetime) -> OrderSheet:
    """One order, as the actor's organisation may see it."""
    order = find(session, actor, order_id)
    by_supplier = order.supplier_id
    answer = session.scalar(answer_to(order))
    shipments = session.scalars(
        select(Shipment)
        .where(col(Shipment.order_id) == order.id, col(Shipment.owner_id) == by_supplier)
        .order_by(col(Shipment.shipped_at))
    )
    shipped = (
        select(func.coalesce(func.sum(col(ShipmentLine.quantity)), 0))
        .where(col(ShipmentLine.order_line_id) == col(OrderLine.id), col(ShipmentLine.owner_id) == by_supplier)
        .scalar_subquery()
    )
    week = order.deliver_on - timedelta(days=order.deliver_on.weekday())
    promised = (
        (col(Commitment.owner_id) == by_supplier)
        & (col(Commitment.buyer_id) == order.owner_id)
        & (col(Commitment.trade_item_id) == col(OrderLine.trade_item_id))
        & (col(Commitment.week) == week)
    )
    rows = session.execute(
        select(OrderLine, TradeItem, AnswerLine, col(Commitment.quantity), shipped)
        .join(TradeItem, col(TradeItem.id) == col(OrderLine.trade_item_id))
        .outerjoin(
            AnswerLine,
            (col(AnswerLine.order_line_id) == col(OrderLine.id)) & (col(AnswerLine.owner_id) == by_supplier),
        )
        .outerjoin(Commitment, promised)
        .where(col(OrderLine.order_id) == order.id)
        .order_by(col(OrderLine.position))
    )
    lines = _with_substitutes(session, [SheetLine(*row) for row in rows])
    if order.placed_at is None and order.cancelled_at is None:
        asked = prices.holding(session, order.owner_id, [row.item for row in lines], at)
        lines = [replace(row, asked=asked[row.item.id]) for row in lines]
    earlier = _earlier(session, order, lines)
    return OrderSheet(order, status_of(session, order, at=at), lines, answer, list(shipments), earlier)


def _with_substitutes(session: Session, lines: Sequence[SheetLine]) -> list[SheetLine]:
    ids = {row.answer.trade_item_id for row in lines if row.answer and row.answer.trade_item_id}
    if not ids:
        return list(lines)
    items = {item.id: item for item in session.scalars(select(TradeItem).where(col(TradeItem.id).in_(ids)))}
    return [
        replace(row, instead=items.get(row.answer.trade_item_id)) if row.answer and row.answer.trade_item_id else row
        for row in lines
    ]


def answer_to(order: PurchaseOrder) -> Select[Any]:
    """The answer that an order's own supplier gave."""
    return select(OrderAnswer).where(
        col(OrderAnswer.order_id) == order.id, col(OrderAnswer.owner_id) == order.supplier_id
    )


def agreed_price(session: Session, line: OrderLine, supplier: UUID) -> Decimal:
    """What a unit of an order's line costs: as both agreed, else as it was ordered."""
    price = session.scalar(
        select(col(AnswerLine.price)).where(
            col(AnswerLine.order_line_id) == line.id,
            col(AnswerLine.owner_id) == supplier,
            col(AnswerLine.open).is_(False),
        )
    )
    return line.price if price is None else price


def drafts(session: Session, actor: Actor, order_ids: Sequence[UUID], *, at: datetime) -> list[OrderSheet]:
    """The actor's own orders before they are placed, in this order: nobody has said anything of them yet."""
    rows = session.execute(
        select(PurchaseOrder, OrderLine, TradeItem)
        .join(OrderLine, col(OrderLine.order_id) == col(PurchaseOrder.id))
        .join(TradeItem, col(TradeItem.id) == col(OrderLine.trade_item_id))
        .where(col(PurchaseOrder.id).in_(order_ids), col(PurchaseOrder.owner_id) == actor.organization_id)
        .order_by(col(OrderLine.position))
    ).all()
    asked = prices.holding(session, actor.organization_id, [item for _order, _line, item in rows], at)
    sheets: dict[UUID, OrderSheet] = {}
    for order, line, item in rows:
        sheet = sheets.setdefault(order.id, OrderSheet(order, OrderStatus.PROPOSED, [], None, [], []))
        sheet.lines.append(SheetLine(line, item, None, None, Decimal(0), asked[item.id]))
    return [sheets[order_id] for order_id in order_ids if order_id in sheets]


def _earlier(session: Session, order: PurchaseOrder, lines: Sequence[SheetLine]) -> list[Earlier]:
    """The supplier's earlier answers, each by what was said otherwise after it."""
    kept = session.scalars(
        select(EarlierAnswer)
        .where(col(EarlierAnswer.order_id) == order.id, col(EarlierAnswer.owner_id) == order.supplier_id)
        .order_by(col(EarlierAnswer.replaced_at).desc(), col(EarlierAnswer.id).desc())
    )
    of_line = {row.line.id: row for row in lines}
    after = {
        line.line.id: EarlierLine(
            line.item,
            line.line.unit,
            line.answer.kind,
            line.answer.quantity,
            line.answer.deliver_on,
            line.answer.reason,
        )
        for line in lines
        if line.answer is not None
    }
    answers = []
    for row in kept:
        by_line = {}
        for entry in row.lines:
            line = of_line[UUID(entry["line"])]
            by_line[line.line.id] = EarlierLine(
                line.item,
                line.line.unit,
                AnswerKind(entry["kind"]),
                Decimal(entry["quantity"]),
                date.fromisoformat(entry["deliver_on"]),
                entry["reason"],
            )
        otherwise = [answer for line_id, answer in by_line.items() if answer != after.get(line_id)]
        answers.append(Earlier(row.said_at, row.replaced_at, row.note, otherwise))
        after = by_line
    return answers


@dataclass(frozen=True)
class ChangedAnswer:
    """An order whose answer was changed, and when."""

    order: PurchaseOrder
    changed_at: datetime


def changed_answers(session: Session, actor: Actor, *, since: datetime) -> list[ChangedAnswer]:
    """The buyer's orders whose supplier changed its answer since a moment, the newest change first."""
    rows = session.execute(
        select(PurchaseOrder, col(OrderAnswer.changed_at))
        .join(OrderAnswer, col(OrderAnswer.order_id) == col(PurchaseOrder.id))
        .where(
            col(PurchaseOrder.owner_id) == actor.organization_id,
            col(PurchaseOrder.cancelled_at).is_(None),
            col(OrderAnswer.owner_id) == col(PurchaseOrder.supplier_id),
            col(OrderAnswer.changed_at) > since,
        )
        .order_by(col(OrderAnswer.changed_at).desc())
        .limit(20)
    )
    return [ChangedAnswer(order, changed_at) for order, changed_at in rows]


def find(session: Session, actor: Actor, order_id: UUID) -> PurchaseOrder:
    """An order the actor's organisation has a part in."""
    order = session.get(PurchaseOrder, order_id)
    if order is None or actor.organization_id not in (order.owner_id, order.supplier_id, order.haulier_id):
        raise NotFound("There is no such order, or it is not yours to see.")
    return order
