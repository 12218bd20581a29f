"""What a supplier does not deliver is ordered from the items' fallback suppliers: by a click, or by its answer time.

Of an order that is overdue everything is withdrawn, under the order's lock, and ordered anew in the same transaction:
so an answer that comes at the same moment either counts, and then nothing is withdrawn, or is refused. Of one that was
declined, or confirmed in part, what is missing is ordered in addition; nothing has to be withdrawn for that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Integer, cast, func
from sqlmodel import Session, col, select

from hub import access, db, supply
from hub.access import Actor, Permission
from hub.errors import N_, HubError
from hub.models.notice import Notice
from hub.models.party import Organization, OrganizationKind, Place
from hub.models.trade import OrderAnswer, OrderLine, PurchaseOrder
from supplier_portal.orders import news, orders
from supplier_portal.orders.agreeing import agreement
from supplier_portal.orders.deadlines import registers, times
from supplier_portal.orders.deadlines.models import AnswerTime, Fallback, MovedLine
from supplier_portal.orders.order_book import OrderStatus, status_of
from supplier_portal.orders.orders import DraftLine, OrderDraft

WITHDRAWN = N_("Not answered in time: ordered elsewhere.")
"""Why an order was cancelled, as its supplier reads it in its own language."""
SHORT = frozenset({OrderStatus.DECLINED, OrderStatus.PARTLY})
MOVABLE = SHORT | {OrderStatus.OVERDUE}
"""States in which something may be ordered elsewhere."""
_LONGEST = timedelta(days=60)
_NOT_AS_AGREED = (supply.NotDeliveredThen, supply.OrderedTooLate, supply.BelowMinimum)
_REFUSED = (*_NOT_AS_AGREED, orders.ItemNotOffered, orders.PlaceClosed, orders.PartnerNoMore)


class NotToMove(HubError):
    """Order %(number)s is neither overdue, nor declined, nor confirmed in part: its supplier delivers it."""

    code, status = "not-to-move", 409


class NothingToMove(HubError):
    """Nothing of order %(number)s is missing that has a fallback supplier."""

    code, status = "nothing-to-move", 409


@dataclass(frozen=True)
class Missing:
    """How much of a line does not come, and the item that is ordered for it."""

    line: OrderLine
    quantity: Decimal
    item_id: UUID


@dataclass(frozen=True)
class Move:
    """What is ordered of one supplier instead, for a day; ``same`` where it is the supplier that failed."""

    supplier: Organization
    deliver_on: date
    lines: Sequence[Missing]
    same: bool = False


@dataclass(frozen=True)
class Plan:
    """What would be ordered where, if it were ordered now: of fallback suppliers, and the rest of the same one."""

    moves: Sequence[Move]
    withdraws: bool

    @property
    def helps(self) -> bool:
        """Whether anything goes elsewhere."""
        return any(not move.same for move in self.moves)


def plan(session: Session, order: PurchaseOrder, state: OrderStatus, *, at: datetime) -> Plan:
    """What of an order would be ordered elsewhere; of its buyer's session."""
    if state not in MOVABLE:
        return Plan([], False)
    withdraws = state is OrderStatus.OVERDUE
    missing = _missing(session, order)
    known = registers.fallbacks_of(session, order.owner_id, [line.trade_item_id for line, _ in missing])
    parts: dict[UUID, list[Missing]] = {}
    rest: list[Missing] = []
    for line, quantity in missing:
        fallback = known.get(line.trade_item_id)
        if fallback is not None:
            part = Missing(line, quantity, fallback.fallback_item_id)
            parts.setdefault(fallback.fallback_supplier_id, []).append(part)
        elif withdraws:
            rest.append(Missing(line, quantity, line.trade_item_id))
    moves = [_move(session, order, supplier, lines, at) for supplier, lines in sorted(parts.items())]
    if rest:
        moves.append(replace(_move(session, order, order.supplier_id, rest, at), same=True))
    return Plan(moves, withdraws)


def order_elsewhere(
    session: Session, actor: Actor, order: PurchaseOrder, *, at: datetime, automatic: bool = False
) -> list[PurchaseOrder]:
    """Order what does not come from the fallback suppliers, and withdraw it where it was not answered.

    All of it or nothing; the same click again gives the same orders. What has no fallback supplier is ordered anew of
    the same one, with a new deadline, or kept as a draft where that one delivers it no more.
    """
    access.require(actor, Permission.PLACE_ORDERS, order.owner_id)
    orders.hold(session, order)
    before = moved(session, order)
    state = status_of(session, order, at=at)
    if state not in MOVABLE:
        if before:
            return before
        raise NotToMove(number=order.number)
    wanted = plan(session, order, state, at=at)
    if not wanted.helps:
        if before:
            return before
        raise NothingToMove(number=order.number)
    if wanted.withdraws:
        order.cancelled_at, order.cancel_reason = at, WITHDRAWN
        session.add(order)
        session.flush()
    made = [_ordered(session, actor, order, move, at=at, automatic=automatic) for move in wanted.moves]
    if wanted.withdraws:
        news.withdrawn(session, order)
    numbers = " ".join(new.number for new in made)
    access.record(session, actor, "order.elsewhere", order.number, orders=numbers, automatic=automatic)
    session.flush()
    return made


def moved(session: Session, order: PurchaseOrder) -> list[PurchaseOrder]:
    """The orders that were written in place of one, the first first."""
    ids = select(MovedLine.new_order_id).where(
        col(MovedLine.order_id) == order.id, col(MovedLine.owner_id) == order.owner_id
    )
    return list(
        session.exec(select(PurchaseOrder).where(col(PurchaseOrder.id).in_(ids)).order_by(col(PurchaseOrder.number)))
    )


def instead_of(session: Session, order: PurchaseOrder) -> list[PurchaseOrder]:
    """The orders in whose place one was written."""
    ids = select(MovedLine.order_id).where(
        col(MovedLine.new_order_id) == order.id, col(MovedLine.owner_id) == order.owner_id
    )
    return list(
        session.exec(select(PurchaseOrder).where(col(PurchaseOrder.id).in_(ids)).order_by(col(PurchaseOrder.number)))
    )


def _missing(session: Session, order: PurchaseOrder) -> list[tuple[OrderLine, Decimal]]:
    """How much of each line nobody has promised, less what was ordered elsewhere already."""
    lines = orders.lines_of(session, order)
    talk = agreement.talk(session, order, lines)
    elsewhere = _elsewhere(session, order)
    missing = []
    for line in lines:
        held = talk.lines[line.id].held
        left = line.quantity - (held.quantity if held else Decimal(0)) - elsewhere.get(line.id, Decimal(0))
        if left > 0:
            missing.append((line, left))
    return missing


def _elsewhere(session: Session, order: PurchaseOrder) -> Mapping[UUID, Decimal]:
    """How much of each line was ordered elsewhere, and is wanted still."""
    rows = session.exec(
        select(MovedLine.order_line_id, func.sum(col(MovedLine.quantity)))
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(MovedLine.new_order_id))
        .where(
            col(MovedLine.order_id) == order.id,
            col(MovedLine.owner_id) == order.owner_id,
            col(PurchaseOrder.cancelled_at).is_(None),
        )
        .group_by(col(MovedLine.order_line_id))
    )
    return dict(rows.all())


def _move(session: Session, order: PurchaseOrder, supplier_id: UUID, lines: Sequence[Missing], at: datetime) -> Move:
    """For the order's own day where that can be, else for the supplier's first after it."""
    supplier = session.get_one(Organization, supplier_id)
    terms = supply.terms(session, [supplier_id], order.owner_id).get(supplier_id)
    day = max(order.deliver_on, session.get_one(Place, order.deliver_to_id).day(at))
    if terms is not None:
        day = terms.next_day(max(day, supply.earliest(terms, supplier, at)))
    return Move(supplier, day, lines)


def _ordered(
    session: Session, actor: Actor, order: PurchaseOrder, move: Move, *, at: datetime, automatic: bool
) -> PurchaseOrder:
    wanted: dict[UUID, Decimal] = {}
    for part in move.lines:  # two lines of one item, or two items with the same fallback
        wanted[part.item_id] = wanted.get(part.item_id, Decimal(0)) + part.quantity
    lines = [DraftLine(item, quantity) for item, quantity in wanted.items()]
    new = orders.draft(session, OrderDraft(move.supplier.id, order.deliver_to_id, move.deliver_on, lines), at=at)
    new.drafted = True
    session.add(new)
    for part in move.lines:
        session.add(
            MovedLine(
                owner_id=order.owner_id,
                order_id=order.id,
                order_line_id=part.line.id,
                new_order_id=new.id,
                quantity=part.quantity,
                automatic=automatic,
                moved_at=at,
            )
        )
    session.flush()
    if not move.same:
        return orders.place(session, actor, new, at=at)
    try:
        with session.begin_nested():
            orders.place(session, actor, new, at=at)
    except _REFUSED:
        session.refresh(new)  # it stays a draft for its buyer to look at
    return new


class _WaitsForApproval(HubError):
    """What is ordered instead is worth so much that a second person approves it first."""

    code, status = "waits-for-approval", 409


def move_overdue(at: datetime) -> int:
    """Order elsewhere what is overdue so long that its supplier's answer time says so; return of how many orders."""
    with db.hub_session() as session:
        late = (
            select(PurchaseOrder.owner_id, PurchaseOrder.id)
            .join(
                AnswerTime,
                (col(AnswerTime.owner_id) == col(PurchaseOrder.owner_id))
                & (col(AnswerTime.supplier_id) == col(PurchaseOrder.supplier_id)),
            )
            .where(
                col(AnswerTime.fallback_hours).is_not(None),
                col(AnswerTime.ended_on).is_(None),
                col(PurchaseOrder.placed_at).is_not(None),
                col(PurchaseOrder.cancelled_at).is_(None),
                col(PurchaseOrder.closed_at).is_(None),
                col(PurchaseOrder.respond_by).between(
                    at - _LONGEST, at - func.make_interval(0, 0, 0, 0, cast(col(AnswerTime.fallback_hours), Integer))
                ),
                ~select(OrderAnswer.id)
                .where(
                    col(OrderAnswer.order_id) == col(PurchaseOrder.id),
                    col(OrderAnswer.owner_id) == col(PurchaseOrder.supplier_id),
                )
                .exists(),
                select(OrderLine.id)
                .join(
                    Fallback,
                    (col(Fallback.owner_id) == col(OrderLine.owner_id))
                    & (col(Fallback.trade_item_id) == col(OrderLine.trade_item_id)),
                )
                .where(col(OrderLine.order_id) == col(PurchaseOrder.id), col(Fallback.ended_on).is_(None))
                .exists(),
                # Whose buyer was told that it cannot be is a person's to look at.
                ~select(Notice.id)
                .where(col(Notice.key) == func.concat("order.stays/", col(PurchaseOrder.id)))
                .exists(),
            )
            .order_by(col(PurchaseOrder.respond_by), col(PurchaseOrder.id))
        )
        rows = session.exec(late).all()
    return sum(_moved_by_rule(owner, order_id, at) for owner, order_id in rows)


def _moved_by_rule(owner: UUID, order_id: UUID, at: datetime) -> bool:
    """Whether an order was ordered elsewhere; where that is refused, its buyer is told once, and it stays."""
    actor = Actor(owner, OrganizationKind.RETAILER, frozenset({Permission.PLACE_ORDERS}), via="deadline")
    with db.session(db.Who(owner, via="deadline")) as session:
        order = session.get_one(PurchaseOrder, order_id)
        orders.hold(session, order)
        held = times.of(session, owner, order.supplier_id)
        state = status_of(session, order, at=at)
        if held is None or held.fallback_hours is None or state is not OrderStatus.OVERDUE:
            return False
        try:
            with session.begin_nested():
                made = order_elsewhere(session, actor, order, at=at, automatic=True)
                if any(new.placed_at is None and new.supplier_id != order.supplier_id for new in made):
                    raise _WaitsForApproval
        except NothingToMove:
            return False
        except HubError as refusal:
            news.stays(session, order, refusal)
            return False
        news.moved(session, order, [new.number for new in made])
        return True
