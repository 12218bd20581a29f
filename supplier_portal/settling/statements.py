"""Self-billing: a buyer states for each month what it owes a supplier, and the supplier agrees or says what is wrong.

Every line of goods that a store counted is matched with what was ordered and announced. The month's goods are charged
as they were announced, at the price that both agreed on; what was short or bad is taken off by the credits of claims
that were settled in the month. A claim that is still open takes nothing off until it is settled. What both agreed is
owed for goods that the buyer called off late stands beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func, select
from sqlmodel import Session, col

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import N_, HubError, InvalidInput, NotFound
from hub.messages import GoodsReceived, Message, NoticeGiven
from hub.models.base import plain
from hub.models.catalogue import TradeItem
from hub.models.claims import Claim
from hub.models.party import Organization, Place
from hub.models.settling import MatchedLine, Statement, StatementReply
from hub.models.trade import OrderLine, PurchaseOrder, Shipment, ShipmentLine
from hub.notices import desk
from hub.prices import cents
from supplier_portal.orders.cancelling import cancelling
from supplier_portal.orders.cancelling.models import Cancellation
from supplier_portal.orders.order_book import agreed_price


class MonthNotOver(HubError):
    """A statement is issued once its month is over, from %(day)s on."""

    code, status = "month-not-over", 409


class NothingOwed(HubError):
    """Nothing was counted from this supplier in this month."""

    code, status = "nothing-owed", 409


class CurrenciesDiffer(HubError):
    """This month has prices in several currencies; they cannot be added up."""

    code, status = "currencies-differ", 409


class StatementAnswered(HubError):
    """This statement has been answered."""

    code, status = "statement-answered", 409


@dataclass(frozen=True)
class Account:
    """A month between a buyer and a supplier: goods, credits, what is still claimed, and the sums before tax.

    ``late`` are cancellations for which something is owed.
    """

    lines: Sequence[tuple[MatchedLine, TradeItem, str, str]]
    credits: Sequence[Claim]
    open: Sequence[Claim]
    currency: str
    late: Sequence[Cancellation] = ()

    @property
    def goods(self) -> Decimal:
        """What was announced, at the agreed prices."""
        return sum((amount(line) for line, *_ in self.lines), Decimal(0))

    @property
    def credit(self) -> Decimal:
        """What settled claims take off."""
        return sum((claim.credit or Decimal(0) for claim in self.credits), Decimal(0))

    @property
    def total(self) -> Decimal:
        """What is owed."""
        return self.goods - self.credit + self.cancelled

    @property
    def cancelled(self) -> Decimal:
        """What is owed for goods that were called off late."""
        return sum((row.owed for row in self.late), Decimal(0))


def amount(line: MatchedLine) -> Decimal:
    """What a line costs, in cents."""
    return cents(line.announced * line.price)


def goods_received(session: Session, message: Message) -> None:
    """Match what a store counted with what was ordered and announced; heard again, it changes nothing."""
    if not isinstance(message, GoodsReceived):
        raise TypeError(message)
    shipment, buyer = session.get(Shipment, message.shipment_id), session.info["who"].org
    if shipment is None:
        return
    day = session.get_one(Place, message.place_id).day(datetime.fromisoformat(message.received_at))
    known = set(
        session.scalars(
            select(col(MatchedLine.shipment_line_id)).where(
                col(MatchedLine.owner_id) == buyer, col(MatchedLine.shipment_id) == shipment.id
            )
        )
    )
    for received in message.lines:
        part = session.get(ShipmentLine, UUID(received["shipment_line_id"]))
        line = session.get(OrderLine, part.order_line_id) if part else None
        if part is None or line is None or part.id in known:
            continue
        session.add(
            MatchedLine(
                owner_id=buyer,
                supplier_id=shipment.owner_id,
                order_id=shipment.order_id,
                order_line_id=line.id,
                shipment_id=shipment.id,
                shipment_line_id=part.id,
                place_id=message.place_id,
                trade_item_id=part.trade_item_id,
                lot_number=received["lot"],
                ordered=line.quantity,
                announced=part.quantity,
                accepted=Decimal(received["quantity"]),
                unit=part.unit,
                price=agreed_price(session, line, shipment.owner_id),
                currency=line.currency,
                day=day,
            )
        )
    session.flush()


def account(session: Session, buyer: UUID, supplier: UUID, month: date) -> Account:
    """A month between the two, as far as the session reads it; ``month`` is its first day."""
    after = _next(month)
    rows = session.execute(
        select(MatchedLine, TradeItem, col(PurchaseOrder.number), col(Shipment.number))
        .join(TradeItem, col(TradeItem.id) == col(MatchedLine.trade_item_id))
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(MatchedLine.order_id))
        .join(Shipment, col(Shipment.id) == col(MatchedLine.shipment_id))
        .where(
            col(MatchedLine.owner_id) == buyer,
            col(MatchedLine.supplier_id) == supplier,
            col(MatchedLine.day) >= month,
            col(MatchedLine.day) < after,
        )
        .order_by(col(MatchedLine.day), col(Shipment.number), col(TradeItem.gtin), col(MatchedLine.id))
    )
    lines = [(line, item, order, shipment) for line, item, order, shipment in rows]
    own = session.get_one(Organization, buyer)
    claims = session.scalars(
        select(Claim)
        .where(col(Claim.owner_id) == buyer, col(Claim.supplier_id) == supplier)
        .order_by(col(Claim.number))
    ).all()
    settled = [
        claim for claim in claims if claim.closed_at and claim.credit and month <= own.day(claim.closed_at) < after
    ]
    waiting = [claim for claim in claims if claim.closed_at is None and month <= own.day(claim.opened_at) < after]
    late = cancelling.owed_in(session, buyer, supplier, (month, after))
    currencies = {line.currency for line, *_ in lines} | {claim.currency for claim in settled}
    currencies |= {row.currency for row in late}
    if len(currencies) > 1:
        raise CurrenciesDiffer
    return Account(lines, settled, waiting, min(currencies, default=""), late)


def issue(session: Session, actor: Actor, supplier: Organization, month: date, *, at: datetime) -> Statement:
    """State what is owed for a month that is over; anew where the supplier has said that the last one is wrong.

    Issued twice it is issued once.
    """
    access.require(actor, Permission.PLACE_ORDERS)
    buyer = session.get_one(Organization, actor.organization_id)
    month = month.replace(day=1)
    if buyer.day(at) < _next(month):
        raise MonthNotOver(day=_next(month))
    db.in_turn(session, f"statement/{buyer.id}/{supplier.id}/{month}")
    last = latest(session, buyer.id, supplier.id, month)
    if last is not None:
        reply = reply_to(session, last)
        if reply is None or reply.agrees:
            return last
    owed = account(session, buyer.id, supplier.id, month)
    if not owed.lines and not owed.credits and not owed.late:
        raise NothingOwed
    version = last.version + 1 if last else 1
    statement = Statement(
        owner_id=buyer.id,
        supplier_id=supplier.id,
        number=f"ST-{month:%Y%m}-{supplier.gln}{f'-{version}' if version > 1 else ''}",
        month=month,
        version=version,
        goods=owed.goods,
        credit=owed.credit,
        cancelled=owed.cancelled,
        total=owed.total,
        currency=owed.currency,
        lines=[charged(*row) for row in owed.lines],
        credits=[deducted(buyer, claim) for claim in owed.credits],
        cancellations=[called_off(row) for row in owed.late],
        issued_at=at,
    )
    session.add(statement)
    session.flush()
    access.record(session, actor, "statement.issue", statement.number)
    said = {"who": desk.names(buyer), "number": statement.number}
    sentence = N_("%(who)s states what it owes you: %(number)s. Agree, or say what is wrong.")
    address = f"/supplier/statements/{statement.id}"
    key = f"statement.issued/{statement.id}"
    desk.tell(session, supplier.id, NoticeGiven("statement.issued", key, sentence, said, address))
    return statement


def reply(
    session: Session, actor: Actor, statement: Statement, *, agrees: bool, words: str = "", at: datetime
) -> StatementReply:
    """Agree to a statement, or say what is wrong with it; the same again is the same."""
    access.require(actor, Permission.ANSWER_ORDERS, statement.supplier_id)
    db.in_turn(session, f"statement/{statement.id}")
    known = reply_to(session, statement)
    if known is not None:
        if known.agrees is agrees:
            return known
        raise StatementAnswered
    if not agrees and not words.strip():
        raise InvalidInput("Say what is wrong: your buyer reads it.", at="words")
    given = StatementReply(
        owner_id=statement.supplier_id,
        buyer_id=statement.owner_id,
        statement_id=statement.id,
        agrees=agrees,
        words=words.strip(),
        replied_at=at,
    )
    session.add(given)
    session.flush()
    access.record(session, actor, "statement.reply", statement.number, agrees=agrees)
    supplier = session.get_one(Organization, statement.supplier_id)
    said = {"who": desk.names(supplier), "number": statement.number}
    sentence = N_("%(who)s agrees to statement %(number)s.")
    if not agrees:
        sentence = N_("%(who)s says that statement %(number)s is wrong.")
    address, key = f"/buyer/statements/{statement.id}", f"statement.answered/{statement.id}"
    desk.tell(session, statement.owner_id, NoticeGiven("statement.answered", key, sentence, said, address))
    desk.over(session, f"statement.issued/{statement.id}")
    return given


def find(session: Session, actor: Actor, statement_id: UUID) -> Statement:
    """A statement that the actor's organisation issued or was sent."""
    statement = session.get(Statement, statement_id)
    if statement is None or actor.organization_id not in (statement.owner_id, statement.supplier_id):
        raise NotFound("There is no such statement, or it is not yours to see.")
    return statement


def latest(session: Session, buyer: UUID, supplier: UUID, month: date) -> Statement | None:
    """The last version of a month's statement."""
    return session.scalar(
        select(Statement)
        .where(col(Statement.owner_id) == buyer, col(Statement.supplier_id) == supplier, col(Statement.month) == month)
        .order_by(col(Statement.version).desc())
        .limit(1)
    )


def reply_to(session: Session, statement: Statement) -> StatementReply | None:
    """What its supplier said to a statement."""
    return session.scalar(
        select(StatementReply).where(
            col(StatementReply.statement_id) == statement.id, col(StatementReply.owner_id) == statement.supplier_id
        )
    )


@dataclass(frozen=True)
class MonthRow:
    """A month with the other side: how many lines were counted, and its statement with the reply, if there is one."""

    other_id: UUID
    month: date
    lines: int
    statement: Statement | None
    reply: StatementReply | None


def months(session: Session, actor: Actor) -> list[MonthRow]:
    """All months in which goods were counted or that were stated, with each other side, the newest first."""
    buys = Permission.PLACE_ORDERS in actor.permissions
    mine = col(Statement.owner_id) if buys else col(Statement.supplier_id)
    statements = session.scalars(
        select(Statement).where(mine == actor.organization_id).order_by(col(Statement.version))
    )
    stated = {(s.supplier_id if buys else s.owner_id, s.month): s for s in statements}
    month = cast(func.date_trunc("month", col(MatchedLine.day)), Date)
    other = col(MatchedLine.supplier_id) if buys else col(MatchedLine.owner_id)
    owner = col(MatchedLine.owner_id) if buys else col(MatchedLine.supplier_id)
    counted = session.execute(
        select(other, month, func.count()).where(owner == actor.organization_id).group_by(other, month)
    )
    found = {(party, first): count for party, first, count in counted}
    keys = sorted(
        found.keys() | stated.keys() | _called_off_in(session, actor, buys=buys),
        key=lambda key: (key[1], str(key[0])),
        reverse=True,
    )
    replies = {
        reply.statement_id: reply
        for reply in session.scalars(
            select(StatementReply).where(col(StatementReply.statement_id).in_([s.id for s in stated.values()]))
        )
    }
    rows = []
    for key in keys:
        statement = stated.get(key)
        rows.append(
            MonthRow(key[0], key[1], found.get(key, 0), statement, replies.get(statement.id) if statement else None)
        )
    return rows


def _called_off_in(session: Session, actor: Actor, *, buys: bool) -> set[tuple[UUID, date]]:
    """The months in which something is owed for what was called off late, with the other sides."""
    month = cast(func.date_trunc("month", col(Cancellation.day)), Date)
    other, own = col(Cancellation.owner_id), col(Cancellation.supplier_id)
    if buys:
        other, own = own, other
    rows = select(other, month).where(own == actor.organization_id, col(Cancellation.owed) > 0).distinct()
    return {(party, first) for party, first in session.execute(rows)}


def charged(line: MatchedLine, item: TradeItem, order: str, shipment: str) -> dict[str, Any]:
    """A line as a statement keeps it."""
    return {
        "item": {"zh": item.name_zh, "en": item.name_en},
        "gtin": item.gtin,
        "order": order,
        "shipment": shipment,
        "lot": line.lot_number,
        "day": line.day.isoformat(),
        "ordered": plain(line.ordered),
        "quantity": plain(line.announced),
        "accepted": plain(line.accepted),
        "unit": line.unit,
        "price": plain(line.price),
        "amount": plain(amount(line)),
    }


def deducted(buyer: Organization, claim: Claim) -> dict[str, Any]:
    """A settled claim as a statement keeps it."""
    closed = buyer.day(claim.closed_at) if claim.closed_at else None
    return {
        "claim": claim.number,
        "kind": claim.kind.value,
        "closed_on": closed.isoformat() if closed else "",
        "amount": plain(claim.credit or Decimal(0)),
    }


def called_off(row: Cancellation) -> dict[str, Any]:
    """A late cancellation as a statement keeps it."""
    return {"order": row.number, "day": row.day.isoformat(), "amount": plain(row.owed)}


def _next(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
