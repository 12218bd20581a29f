"""From forecast to order: when a store is about to run short, and how much fills it again."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from uuid import UUID

from sqlalchemy import case, func, or_, select, update
from sqlmodel import Session, col

from hub import access, supply
from hub.access import Actor, Permission
from hub.errors import N_
from hub.messages import NoticeGiven
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment, StockLevel
from hub.models.party import Organization, Place, day_of
from hub.models.supply import SupplyTerms
from hub.models.trade import AnswerLine, OrderLine, PurchaseOrder
from hub.notices import desk
from supplier_portal.forecast import days
from supplier_portal.models import ProposalReason, SupplyPolicy
from supplier_portal.orders import orders
from supplier_portal.orders.order_book import OPEN, status

_ENDS = (TradeItem.ended_on, Place.ended_on, Assortment.ended_on)
"""Nothing is proposed of what is offered or carried no longer, nor for a closed place."""
_PROPOSED = (
    col(PurchaseOrder.placed_at).is_(None),
    col(PurchaseOrder.cancelled_at).is_(None),
    ~col(PurchaseOrder.drafted),
)
"""What the hub proposed and nobody keeps: that it may withdraw."""


def order_quantity(short: Decimal, case: Decimal) -> Decimal:
    """What is short, in whole cases."""
    return (short / case).to_integral_value(ROUND_CEILING) * case


def policies(session: Session) -> dict[UUID, SupplyPolicy]:
    """How the retailer orders from each supplier that has terms of its own."""
    mine = select(SupplyPolicy).where(col(SupplyPolicy.owner_id) == session.info["who"].org)
    return {policy.supplier_id: policy for policy in session.scalars(mine)}


def policy_for(session: Session, supplier_id: UUID) -> SupplyPolicy:
    """How the retailer orders from a supplier; with no terms of its own, every day for the day after."""
    usual = SupplyPolicy(owner_id=session.info["who"].org, supplier_id=supplier_id)
    return policies(session).get(supplier_id, usual)


def lead_days(policy: SupplyPolicy, terms: SupplyTerms | None) -> int:
    """How long the supplier needs: as the retailer reckons, or longer where the supplier says so."""
    return max(policy.lead_days, terms.lead_days if terms else 0)


@dataclass(frozen=True)
class Short:
    """A store short of an item: what is there, what is coming, and what would fill it."""

    place_id: UUID
    item: TradeItem
    on_hand: Decimal
    on_order: Decimal
    reorder: Decimal
    target: Decimal

    @property
    def quantity(self) -> Decimal:
        """How much to order, in whole cases."""
        return order_quantity(self.target - self.on_hand - self.on_order, self.item.case_quantity)


def shortages(session: Session, *, at: datetime) -> list[Short]:
    """Where stock and what is on order together lie below the reorder point."""
    mine = session.info["who"].org
    coming = _on_order(session, at)
    rows = session.execute(
        select(StockLevel, TradeItem)
        .join(Assortment, col(Assortment.trade_item_id) == col(StockLevel.trade_item_id))
        .join(TradeItem, col(TradeItem.id) == col(StockLevel.trade_item_id))
        .join(Place, col(Place.id) == col(StockLevel.place_id))
        .where(
            col(StockLevel.owner_id) == mine,
            col(Assortment.owner_id) == mine,
            *(or_(col(end).is_(None), col(end) > day_of(mine, at)) for end in _ENDS),
            col(StockLevel.on_hand) < col(StockLevel.safety),
        )
        .order_by(col(StockLevel.place_id), col(StockLevel.trade_item_id))
    )
    shortages = [
        Short(
            level.place_id,
            item,
            level.on_hand,
            coming.get((level.place_id, item.id), Decimal(0)),
            level.safety,
            level.target,
        )
        for level, item in rows
    ]
    return [short for short in shortages if short.on_hand + short.on_order < short.reorder and short.quantity > 0]


def _on_order(session: Session, at: datetime) -> dict[tuple[UUID, UUID], Decimal]:
    """What is still to come to each place of each item, as answered, else as ordered.

    Among it are proposals and drafts, as long as their day has not come.
    """
    mine = session.info["who"].org
    expected = func.coalesce(col(AnswerLine.quantity), col(OrderLine.quantity)) - col(OrderLine.received)
    item = func.coalesce(col(AnswerLine.trade_item_id), col(OrderLine.trade_item_id))
    rows = session.execute(
        select(
            col(PurchaseOrder.deliver_to_id),
            item,
            func.sum(case((expected > 0, expected), else_=0)),
        )
        .join(OrderLine, col(OrderLine.order_id) == col(PurchaseOrder.id))
        .outerjoin(
            AnswerLine,
            (col(AnswerLine.order_line_id) == col(OrderLine.id))
            & (col(AnswerLine.owner_id) == col(PurchaseOrder.supplier_id)),
        )
        .where(
            col(PurchaseOrder.owner_id) == mine,
            status(at).in_([state.value for state in OPEN]),
            or_(col(PurchaseOrder.placed_at).is_not(None), col(PurchaseOrder.deliver_on) > day_of(mine, at)),
        )
        .group_by(col(PurchaseOrder.deliver_to_id), item)
    )
    return {(place, item): quantity for place, item, quantity in rows}


def propose(session: Session, *, at: datetime) -> list[PurchaseOrder]:
    """Propose an order for each supplier and store where something runs short; none for what is on its way.

    It is for the first day on which its supplier delivers, not sooner than the supplier needs.
    Proposals too old to be delivered in time are withdrawn first. For the retailer that the session serves.
    """
    today = days.business_date(session, at)
    _withdraw_stale(session, today, at)
    _withdraw_impossible(session, at)
    by_order: dict[tuple[UUID, UUID], list[Short]] = defaultdict(list)
    for short in shortages(session, at=at):
        by_order[short.item.owner_id, short.place_id].append(short)
    known, mine = policies(session), session.info["who"].org
    terms = supply.terms(session, {supplier for supplier, _place in by_order}, mine)
    proposals = []
    for (supplier, place), lines in by_order.items():
        policy = known.get(supplier) or SupplyPolicy(owner_id=mine, supplier_id=supplier)
        arrives = today + timedelta(days=lead_days(policy, terms.get(supplier)))
        if supplier in terms:
            first = supply.earliest(terms[supplier], session.get_one(Organization, supplier), at)
            arrives = terms[supplier].next_day(max(arrives, first))
        draft = orders.OrderDraft(
            supplier,
            place,
            deliver_on=arrives,
            lines=[orders.DraftLine(short.item.id, short.quantity) for short in lines],
        )
        order = orders.draft(session, draft, at=at)
        for line, short in zip(orders.lines_of(session, order), lines, strict=True):
            session.add(
                ProposalReason(
                    owner_id=order.owner_id,
                    order_id=order.id,
                    order_line_id=line.id,
                    on_hand=short.on_hand,
                    on_order=short.on_order,
                    reorder=short.reorder,
                    target=short.target,
                )
            )
        proposals.append(order)
    if proposals:
        sentence = N_("Stock runs short: %(count)s orders are proposed.")
        said, key = {"count": str(len(proposals))}, f"shortage/{proposals[0].id}"
        notice = NoticeGiven("shortage", key, sentence, said, "/buyer/proposals")
        desk.tell(session, session.info["who"].org, notice)
    return proposals


def _withdraw_stale(session: Session, today: date, at: datetime) -> None:
    session.execute(
        update(PurchaseOrder)
        .where(
            col(PurchaseOrder.owner_id) == session.info["who"].org,
            *_PROPOSED,
            col(PurchaseOrder.deliver_on) <= today,
        )
        .values(cancelled_at=at)
    )


def _withdraw_impossible(session: Session, at: datetime) -> None:
    """Withdraw what its supplier's terms no longer let come on its day, so that it is proposed for another."""
    mine = session.info["who"].org
    proposed = session.scalars(
        select(PurchaseOrder).where(
            col(PurchaseOrder.owner_id) == mine,
            *_PROPOSED,
        )
    ).all()
    terms = supply.terms(session, {order.supplier_id for order in proposed}, mine)
    for order in proposed:
        held = terms.get(order.supplier_id)
        supplier = session.get_one(Organization, order.supplier_id)
        if held is not None and not supply.possible(held, supplier, order.deliver_on, at):
            order.cancelled_at = at
            session.add(order)
    session.flush()


def reasons(session: Session, actor: Actor, orders: Sequence[PurchaseOrder]) -> dict[UUID, ProposalReason]:
    """Why each line of the actor's own orders was proposed, by the line's id; nothing for what a person wrote."""
    for order in orders:
        access.require(actor, Permission.PLACE_ORDERS, order.owner_id)
    of_them = col(ProposalReason.order_id).in_([order.id for order in orders])
    return {reason.order_line_id: reason for reason in session.scalars(select(ProposalReason).where(of_them))}


def ask(session: Session, actor: Actor, *, at: datetime) -> list[PurchaseOrder]:
    """Look for shortages now, and propose orders."""
    access.require(actor, Permission.PLACE_ORDERS)
    return propose(session, at=at)
