"""Claims: opened by what a store counted, answered by the supplier, closed by the buyer.

Each side writes only its own rows, so what both change at once is settled under one lock for each claim.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Integer, cast, func
from sqlmodel import Session, col, select

from hub import access, db, outbox
from hub.access import Actor, Permission
from hub.errors import Amount, HubError, Sum
from hub.inputs import Figure
from hub.messages import ClaimReplied, GoodsReceived, Message, ReceivedLine
from hub.models.claims import Claim, ClaimKind, ClaimOutcome, ClaimReply, ReplyKind
from hub.models.party import Organization, Place
from hub.models.trade import OrderLine, Shipment, ShipmentLine
from hub.prices import cents
from hub.settings import settings
from supplier_portal.claims import news
from supplier_portal.orders.order_book import agreed_price

ROUNDS = 2
"""A buyer insists once: then somebody else at its supplier's looks at the claim, and what is said then stands."""
KINDS = {
    "missing": ClaimKind.SHORT,
    "too-much": ClaimKind.OVER,
    "damaged": ClaimKind.DAMAGED,
    "too-warm": ClaimKind.WARM,
    "wrong": ClaimKind.WRONG_LOT,
    "wrong-lot": ClaimKind.WRONG_LOT,
    "too-old": ClaimKind.NEAR_DATE,
}
"""What a store may choose as the reason of a difference; what is written in other words is another difference."""


class ClaimNotOpen(HubError):
    """Claim %(number)s is not waiting for this: it was answered or closed in the meantime."""

    code, status = "claim-not-open", 409


class OfferContradicts(HubError):
    """Offer more than nothing and less than the whole claim; to bear all of it, accept it."""

    code, status = "offer-contradicts", 409


class ReasonMissing(HubError):
    """Say why: the other side reads it."""

    code, status = "claim-reason-missing", 409


def goods_received(session: Session, message: Message) -> None:
    """Open a claim for every line of a receipt that differs, in its buyer's name; again opens none."""
    if not isinstance(message, GoodsReceived):
        raise TypeError(message)
    shipment = session.get(Shipment, message.shipment_id)
    if shipment is None:
        return
    for received in message.lines:
        difference = _difference(received)
        part = session.get(ShipmentLine, UUID(received["shipment_line_id"]))
        if difference is None or part is None:
            continue
        _open(session, message, shipment, part, difference)


@dataclass(frozen=True)
class _Difference:
    """How a line differed, and by how much."""

    kind: ClaimKind
    quantity: Decimal
    counted: Decimal
    lot: str
    words: str


def _difference(line: ReceivedLine) -> _Difference | None:
    counted, reason = Decimal(line["quantity"]), line.get("reason", "")
    missing = Decimal(line.get("announced", line["quantity"])) - counted
    much = max(missing, Decimal(line.get("concerned", "0")))
    if much <= 0:
        return None
    kind = KINDS.get(reason, ClaimKind.OTHER)
    return _Difference(kind, much, counted, line["lot"], "" if reason in KINDS else reason)


def _open(
    session: Session, message: GoodsReceived, shipment: Shipment, part: ShipmentLine, difference: _Difference
) -> None:
    buyer = session.info["who"].org
    known = select(Claim.id).where(col(Claim.shipment_line_id) == part.id, col(Claim.owner_id) == buyer)
    line = session.get(OrderLine, part.order_line_id)
    if line is None or session.exec(known).first() is not None:
        return
    at = datetime.fromisoformat(message.received_at)
    price = agreed_price(session, line, shipment.owner_id)
    # What came beyond the announced is not paid for: it goes back, and there is nothing to credit.
    priced = Decimal(0) if difference.kind is ClaimKind.OVER else difference.quantity
    claim = Claim(
        owner_id=buyer,
        number=_number(session, at, session.get_one(Place, message.place_id)),
        supplier_id=shipment.owner_id,
        order_id=shipment.order_id,
        order_line_id=line.id,
        shipment_id=shipment.id,
        shipment_line_id=part.id,
        receipt_id=message.receipt_id,
        place_id=message.place_id,
        trade_item_id=part.trade_item_id,
        lot_id=part.lot_id,
        lot_number=difference.lot,
        kind=difference.kind,
        announced=part.quantity,
        counted=difference.counted,
        quantity=difference.quantity,
        unit=part.unit,
        price=price,
        value=cents(priced * price),
        currency=line.currency,
        words=difference.words,
        note=message.note,
        temperature=shipment.temperature,
        readings=list(message.readings),
        opened_at=at,
        due_at=at + patience(),
    )
    session.add(claim)
    session.flush()
    news.opened(session, claim)


def patience() -> timedelta:
    """How long each side may take for its turn."""
    return timedelta(hours=settings().claim_hours)


class Reply(BaseModel):
    """What a supplier says to a claim; a share is offered as so much of the goods, or as so much money."""

    model_config = ConfigDict(frozen=True)

    kind: ReplyKind
    quantity: Figure | None = Field(default=None, ge=0, max_digits=18, decimal_places=6)
    credit: Figure | None = Field(default=None, ge=0, max_digits=18, decimal_places=2)
    reason: str = Field(default="", max_length=400)


def reply(session: Session, actor: Actor, claim: Claim, said: Reply, *, at: datetime) -> ClaimReply:
    """Accept a claim, offer to bear a share of it, or refuse it with a reason; the buyer is told at once.

    The same reply again is the same reply; another one is refused, since the buyer may have acted on the first.
    """
    access.require(actor, Permission.ANSWER_ORDERS, claim.supplier_id)
    hold(session, claim)
    credit = _credit(claim, said)
    known = reply_of(session, claim)
    if known is not None:
        if (known.kind, known.credit, known.reason) == (said.kind, credit, said.reason.strip()):
            return known
        raise ClaimNotOpen(number=claim.number)
    if claim.closed_at is not None:
        raise ClaimNotOpen(number=claim.number)
    if said.kind is ReplyKind.REFUSED and not said.reason.strip():
        raise ReasonMissing(at="reason")
    given = ClaimReply(
        owner_id=claim.supplier_id,
        buyer_id=claim.owner_id,
        claim_id=claim.id,
        round=claim.round,
        kind=said.kind,
        quantity=said.quantity if said.kind is ReplyKind.SHARED else None,
        credit=credit,
        reason=said.reason.strip(),
        replied_at=at,
    )
    session.add(given)
    session.flush()
    outbox.publish(session, ClaimReplied(claim_id=claim.id), claim.owner_id)
    access.record(session, actor, f"claim.{said.kind.value}", claim.number)
    news.replied(session, claim, given)
    return given


def _credit(claim: Claim, said: Reply) -> Decimal:
    """What a reply would credit; refused where an offer is nothing, or no less than all."""
    if said.kind is ReplyKind.ACCEPTED:
        return claim.value
    if said.kind is ReplyKind.REFUSED:
        return Decimal(0)
    if said.credit is None and said.quantity is None:
        raise OfferContradicts("Enter how much you bear: of the goods, or in money.", at="credit")
    if said.credit is not None and said.quantity is not None:
        raise OfferContradicts("Enter one of the two: how much of the goods, or how much money.", at="credit")
    if said.quantity is not None and not 0 < said.quantity < claim.quantity:
        most = Amount(claim.quantity, claim.unit)
        raise OfferContradicts("Enter more than 0 and less than %(most)s.", at="quantity", most=most)
    credit = said.credit if said.credit is not None else cents((said.quantity or Decimal(0)) * claim.price)
    if not 0 < credit < claim.value:
        place = "credit" if said.credit is not None else "quantity"
        whole = Sum(claim.value, claim.currency)
        raise OfferContradicts("Enter more than 0 and less than %(most)s.", at=place, most=whole)
    return credit


def replied(session: Session, message: Message) -> None:
    """Close the buyer's claim once its supplier has accepted it; again changes nothing."""
    if not isinstance(message, ClaimReplied):
        raise TypeError(message)
    claim = session.get_one(Claim, message.claim_id)
    hold(session, claim)
    given = reply_of(session, claim)
    if given is None or given.kind is not ReplyKind.ACCEPTED or claim.closed_at is not None:
        return
    _close(session, claim, ClaimOutcome.ACCEPTED, given.credit, given.replied_at)


def take(session: Session, actor: Actor, claim: Claim, *, at: datetime) -> Claim:
    """Take the share that the supplier offers: the claim is settled with it. Taken twice is taken once."""
    given = _to_close(session, actor, claim)
    if claim.outcome is ClaimOutcome.SHARED:
        return claim
    if claim.closed_at is not None or given is None or given.kind is not ReplyKind.SHARED:
        raise ClaimNotOpen(number=claim.number)
    _close(session, claim, ClaimOutcome.SHARED, given.credit, at)
    access.record(session, actor, "claim.take-share", claim.number)
    news.settled(session, claim)
    return claim


def withdraw(session: Session, actor: Actor, claim: Claim, *, at: datetime, words: str = "") -> Claim:
    """Take a claim back; one that its supplier refused is settled as refused. Without credit either way.

    As long as the supplier has not answered, nothing has come of it: a count that was wrong is put right so.
    """
    given = _to_close(session, actor, claim)
    if claim.outcome in (ClaimOutcome.WITHDRAWN, ClaimOutcome.REFUSED):
        return claim
    if claim.closed_at is not None or (given is not None and given.kind is ReplyKind.ACCEPTED):
        raise ClaimNotOpen(number=claim.number)
    refused = given is not None and given.kind is ReplyKind.REFUSED
    claim.closing_words = words.strip()
    _close(session, claim, ClaimOutcome.REFUSED if refused else ClaimOutcome.WITHDRAWN, Decimal(0), at)
    access.record(session, actor, "claim.withdraw", claim.number)
    news.settled(session, claim)
    return claim


def insist(session: Session, actor: Actor, claim: Claim, because: str, *, at: datetime) -> Claim:
    """Ask once more, with a reason: the claim goes to somebody else at the supplier's, with a deadline of its own."""
    given = _to_close(session, actor, claim)
    because = because.strip()
    if claim.round == ROUNDS and claim.insisted_because == because and given is None and claim.closed_at is None:
        return claim
    accepted = given is not None and given.kind is ReplyKind.ACCEPTED
    if claim.closed_at is not None or given is None or accepted or claim.round >= ROUNDS:
        raise ClaimNotOpen(number=claim.number)
    if not because:
        raise ReasonMissing(at="words")
    claim.round, claim.insisted_at, claim.insisted_because, claim.due_at = ROUNDS, at, because, at + patience()
    session.add(claim)
    session.flush()
    access.record(session, actor, "claim.insist", claim.number)
    news.insisted(session, claim)
    return claim


def _to_close(session: Session, actor: Actor, claim: Claim) -> ClaimReply | None:
    """What stands on a claim that its buyer is about to close."""
    access.require(actor, Permission.PLACE_ORDERS, claim.owner_id)
    hold(session, claim)
    return reply_of(session, claim)


def _close(session: Session, claim: Claim, outcome: ClaimOutcome, credit: Decimal, at: datetime) -> None:
    claim.outcome, claim.credit, claim.closed_at = outcome, credit, at
    session.add(claim)
    session.flush()


def reply_of(session: Session, claim: Claim) -> ClaimReply | None:
    """What the supplier says in the claim's present round, if it has said something."""
    statement = select(ClaimReply).where(
        col(ClaimReply.claim_id) == claim.id,
        col(ClaimReply.owner_id) == claim.supplier_id,
        col(ClaimReply.round) == claim.round,
    )
    return session.exec(statement).one_or_none()


def hold(session: Session, claim: Claim) -> None:
    """Let nobody else settle this claim in the meantime, and read it as it now is."""
    db.in_turn(session, f"claim/{claim.id}")
    session.refresh(claim)


def _number(session: Session, at: datetime, place: Place) -> str:
    """The next claim number of the retailer's day, which begins with its number on the ledger like its orders'."""
    buyer, day = session.info["who"].org, place.clock(at)
    db.in_turn(session, f"claim-numbers/{buyer}")
    prefix = f"CL{session.get_one(Organization, buyer).member or ''}-{day:%y%m%d}-"
    counted = cast(func.split_part(col(Claim.number), "-", 3), Integer)
    mine = (col(Claim.owner_id) == buyer) & col(Claim.number).startswith(prefix)
    last = session.exec(select(func.max(counted)).where(mine)).one()
    return f"{prefix}{(last or 0) + 1:04d}"
