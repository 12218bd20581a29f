"""The talk about a placed order: what each side said in its turns, and what of it holds between the two.

Each side writes only its own turns. The supplier's answer lines follow from all of them: its own session brings them up
to date when it speaks, when it sends, and when it hears that its buyer has spoken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from hub import access, outbox
from hub.access import Actor, Permission
from hub.errors import Amount, HubError, InvalidInput, NotFound
from hub.inputs import Day, Figure
from hub.messages import Message, OrderTurned
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, Place
from hub.models.trade import (
    AnswerKind,
    AnswerLine,
    OrderAnswer,
    OrderLine,
    OrderTurn,
    PurchaseOrder,
    ShipmentLine,
)
from hub.trace import agreements
from supplier_portal.orders import news
from supplier_portal.orders.agreeing.terms import (
    Part,
    Says,
    Side,
    Standing,
    Terms,
    Turn,
    Word,
    after_turn,
    parts_of,
    standings,
)
from supplier_portal.orders.deadlines import times
from supplier_portal.orders.order_book import TO_SEND, answer_to, status_of
from supplier_portal.orders.orders import PIECES, OrderNotOpen, hold, lines_of, today_there


class OutdatedTurn(HubError):
    """Something was said of this order meanwhile: look at it, and answer that."""

    code, status = "outdated-turn", 409


class PointsLeftOpen(HubError):
    """Every line that waits for you needs an answer."""

    code, status = "points-left-open", 409


class NothingSaid(HubError):
    """Nothing is said that was not agreed already."""

    code, status = "nothing-said", 409


class AlreadySent(HubError):
    """%(sent)s of line %(position)s is on its way already."""

    code, status = "already-sent", 409


class MoreThanApproved(HubError):
    """This is worth more than anybody approved: order the rest anew, so that a second person approves it."""

    code, status = "more-than-approved", 409


@dataclass(frozen=True)
class Talk:
    """All that was said of an order so far, and how each of its lines stands."""

    ordered: Mapping[UUID, Terms]
    turns: Sequence[OrderTurn]
    lines: Mapping[UUID, Standing]
    answered: bool

    @property
    def number(self) -> int:
        """The number of the last turn; the first is the supplier's first answer."""
        return self.turns[-1].number if self.turns else int(self.answered)

    def waiting(self, side: Side) -> list[UUID]:
        """The lines that a side has to answer."""
        return [line for line, standing in self.lines.items() if standing.waits_for(side)]

    @property
    def reply_by(self) -> datetime | None:
        """Until when what is open should be answered."""
        return self.turns[-1].reply_by if self.turns and self.turns[-1].pending else None


class LineReply(BaseModel):
    """What is said to a line: yes, no, or something else; what an offer leaves out stays as it is on the table."""

    model_config = ConfigDict(frozen=True)

    line: UUID
    says: Says | None = None
    quantity: Figure | None = Field(default=None, max_digits=18, decimal_places=6)
    deliver_on: Day | None = None
    price: Figure | None = Field(default=None, max_digits=18, decimal_places=4)
    reason: str = Field(default="", max_length=200)


@dataclass(frozen=True)
class Reply:
    """What a side says to an order, having read all up to ``turn``."""

    turn: int
    lines: Sequence[LineReply]
    note: str = ""


def side_of(order: PurchaseOrder, organization: UUID) -> Side:
    """On which side of an order an organisation stands; `NotFound` if on none."""
    if organization == order.owner_id:
        return Side.BUYER
    if organization == order.supplier_id:
        return Side.SUPPLIER
    raise NotFound("There is no such order, or it is not yours to see.")


def talk(
    session: Session, order: PurchaseOrder, lines: Sequence[OrderLine] | None = None, *, until: int | None = None
) -> Talk:
    """What was said of an order, as both its sides read it; ``until`` a turn, where that is given."""
    lines = lines_of(session, order) if lines is None else lines
    ordered = {line.id: ordered_terms(order, line) for line in lines}
    statement = select(OrderTurn).where(
        col(OrderTurn.order_id) == order.id, col(OrderTurn.owner_id).in_([order.owner_id, order.supplier_id])
    )
    if until is not None:
        statement = statement.where(col(OrderTurn.number) <= until)
    turns = session.scalars(statement.order_by(col(OrderTurn.number))).all()
    answered = session.scalar(select(answer_to(order).exists())) or False
    # An answer from before turns were kept took effect as it was given.
    before = {} if not answered or (turns and turns[0].number == 1) else _held_before(session, order, ordered)
    said = [Turn(side_of(order, turn.owner_id), [Word.read(word) for word in turn.words]) for turn in turns]
    return Talk(ordered, turns, standings(ordered, said, before), answered)


def ordered_terms(order: PurchaseOrder, line: OrderLine) -> Terms:
    """What a line asks for, as it was ordered."""
    return Terms((Part(order.deliver_on, line.quantity),), line.price, line.trade_item_id)


def terms_of(ordered: Terms, line: AnswerLine) -> Terms:
    """What an answer line says will come."""
    parts = parts_of(line.parts) if line.parts else (Part(line.deliver_on, line.quantity),)
    return Terms(
        parts if line.quantity else (),
        ordered.price if line.price is None else line.price,
        line.trade_item_id or ordered.trade_item_id,
    )


def kind_of(ordered: Terms, terms: Terms) -> AnswerKind:
    """What differs most between what was ordered and what is said to it."""
    if not terms.parts:
        return AnswerKind.DECLINED
    if terms.trade_item_id != ordered.trade_item_id:
        return AnswerKind.SUBSTITUTE
    if len(terms.parts) > 1:
        return AnswerKind.SPLIT
    if terms.price != ordered.price:
        return AnswerKind.OTHER_PRICE
    if terms.deliver_on != ordered.deliver_on:
        return AnswerKind.OTHER_DATE
    return AnswerKind.CONFIRMED if terms.quantity == ordered.quantity else AnswerKind.LESS


def reply(session: Session, actor: Actor, order: PurchaseOrder, said: Reply, *, at: datetime) -> OrderTurn:
    """Answer what the other side wants, or ask for a change of what was agreed; until both say the same, that holds.

    Whoever has not read the other's last turn is refused; the same reply again is the same reply.
    """
    side = side_of(order, actor.organization_id)
    access.require(actor, Permission.PLACE_ORDERS if side is Side.BUYER else Permission.ANSWER_ORDERS)
    hold(session, order)
    lines = lines_of(session, order)
    so_far = talk(session, order, lines)
    today = today_there(session, order, at)
    if said.turn != so_far.number:
        return _same_again(session, actor, order, said, today)
    if status_of(session, order, at=at) not in TO_SEND or not so_far.answered:
        raise OrderNotOpen("Order %(number)s is not open to this.", number=order.number)
    sent = _sent(session, order)
    words = _words(lines, so_far, said, today)
    for word in words:
        _require_sent(lines, word, sent.get(word.line, Decimal(0)), said)
    if set(so_far.waiting(side)) - {word.line for word in words}:
        raise PointsLeftOpen
    if not words:
        raise NothingSaid
    if side is Side.BUYER:
        _require_approved(session, order, so_far, words)
    return speak(session, actor, order, so_far, words, note=said.note, at=at)


def speak(
    session: Session,
    actor: Actor,
    order: PurchaseOrder,
    so_far: Talk,
    words: Sequence[Word],
    *,
    at: datetime,
    note: str = "",
) -> OrderTurn:
    """Take a side's turn in the talk about an order that is held; the other side is told."""
    side = side_of(order, actor.organization_id)
    turn = Turn(side, words)
    after = after_turn(so_far.lines, turn)
    pending = any(standing.waits_for(side.other) for standing in after.values())
    row = OrderTurn(
        owner_id=actor.organization_id,
        buyer_id=order.owner_id,
        supplier_id=order.supplier_id,
        order_id=order.id,
        number=so_far.number + 1,
        said_at=at,
        reply_by=at + times.patience(session, order.owner_id, order.supplier_id) if pending else None,
        pending=pending,
        note=note,
        words=[word.body() for word in words],
    )
    session.add(row)
    session.flush()
    if side is Side.SUPPLIER:
        so_far = replace(so_far, turns=[*so_far.turns, row], lines=after, answered=True)
        bring_up_to_date(session, order, so_far)
    access.record(session, actor, "order.turn", order.number, turn=row.number)
    if row.number > 1 or pending:
        news.turned(session, order, row)
    for party in (order.owner_id, order.supplier_id):
        outbox.publish(session, OrderTurned(order_id=order.id, number=row.number), party)
    return row


def bring_up_to_date(session: Session, order: PurchaseOrder, so_far: Talk | None = None) -> None:
    """Write into the supplier's answer what holds now, or what it offers; in the supplier's own session."""
    answer = session.scalar(answer_to(order))
    if answer is None:
        return
    so_far = so_far or talk(session, order)
    known = {line.order_line_id: line for line in session.scalars(_answer_lines(answer))}
    reasons = _reasons(order, so_far)
    for line_id, standing in so_far.lines.items():
        ordered = so_far.ordered[line_id]
        terms = standing.wanted_by(Side.SUPPLIER) if standing.held is None else standing.held
        terms = ordered.nothing if standing.over or terms is None else terms
        line = known.get(line_id) or AnswerLine(
            owner_id=order.supplier_id,
            buyer_id=order.owner_id,
            haulier_id=order.haulier_id,
            answer_id=answer.id,
            order_line_id=line_id,
            kind=AnswerKind.CONFIRMED,
            deliver_on=order.deliver_on,
        )
        line.kind = kind_of(ordered, terms)
        line.quantity, line.deliver_on = terms.quantity, terms.deliver_on or order.deliver_on
        line.parts = terms.body()["parts"] if len(terms.parts) > 1 else []
        line.price = terms.price if terms.price != ordered.price else None
        line.trade_item_id = terms.trade_item_id if terms.trade_item_id != ordered.trade_item_id else None
        line.open = standing.held is None and not standing.over
        line.reason = reasons.get(line_id, line.reason)
        session.add(line)
    session.flush()


def turned(session: Session, message: Message) -> None:
    """Keep a side's rows in step with what was said, and record in its stream what both agreed on by that turn.

    Who is no member of the ledger yet records nothing.
    """
    if not isinstance(message, OrderTurned):
        raise TypeError(message)
    order, side = session.get_one(PurchaseOrder, message.order_id), session.info["who"].org
    so_far = talk(session, order, until=message.number)
    if side == order.supplier_id and so_far.turns[-1].owner_id != side:  # of its own words it is up to date already
        hold(session, order)
        bring_up_to_date(session, order)
    party = session.get_one(Organization, side)
    held = [standing.held for standing in so_far.lines.values() if standing.held is not None and standing.held.parts]
    if so_far.turns[-1].pending or not held or party.member is None:
        return
    agreements.record(session, _agreed(session, order, so_far, held))


def _agreed(session: Session, order: PurchaseOrder, so_far: Talk, held: Sequence[Terms]) -> agreements.Agreed:
    turn = so_far.turns[-1]
    ids = {terms.trade_item_id for terms in held}
    items = {item.id: item for item in session.scalars(select(TradeItem).where(col(TradeItem.id).in_(ids)))}
    lines = {str(line): standing.held.body() if standing.held else None for line, standing in so_far.lines.items()}
    return agreements.Agreed(
        buyer=session.get_one(Organization, order.owner_id),
        supplier=session.get_one(Organization, order.supplier_id),
        place=session.get_one(Place, order.deliver_to_id),
        number=order.number,
        version=turn.number,
        at=turn.said_at,
        items=[
            agreements.AgreedItem(item, _comes(held, key), item.unit)
            for key, item in sorted(items.items(), key=lambda pair: pair[1].gtin)
        ],
        # Only the two sides know the turn's id: it is what salts the hash.
        terms={"order": order.number, "turn": str(turn.id), "lines": lines},
    )


def _comes(held: Sequence[Terms], item: UUID) -> Decimal:
    """How much of an item comes in all."""
    return sum((terms.quantity for terms in held if terms.trade_item_id == item), Decimal(0))


def _reasons(order: PurchaseOrder, so_far: Talk) -> dict[UUID, str]:
    """Why the supplier said last what it said to each line."""
    reasons: dict[UUID, str] = {}
    for turn in so_far.turns:
        if turn.owner_id == order.supplier_id:
            reasons |= {word.line: word.reason for word in map(Word.read, turn.words) if word.says is not Says.ACCEPT}
    return reasons


def _answer_lines(answer: OrderAnswer) -> Select[Any]:
    return select(AnswerLine).where(col(AnswerLine.answer_id) == answer.id, col(AnswerLine.owner_id) == answer.owner_id)


def _held_before(session: Session, order: PurchaseOrder, ordered: Mapping[UUID, Terms]) -> dict[UUID, Terms]:
    lines = session.scalars(
        select(AnswerLine).where(
            col(AnswerLine.order_line_id).in_(ordered), col(AnswerLine.owner_id) == order.supplier_id
        )
    )
    return {line.order_line_id: terms_of(ordered[line.order_line_id], line) for line in lines}


def _same_again(session: Session, actor: Actor, order: PurchaseOrder, said: Reply, today: date) -> OrderTurn:
    """The last turn, if it is this side's own and said just this to the turn before: the same click twice."""
    lines = lines_of(session, order)
    before, last = talk(session, order, lines, until=said.turn), talk(session, order, lines).turns[-1:]
    own = last and last[0].owner_id == actor.organization_id and last[0].number == said.turn + 1
    if own and [word.body() for word in _words(lines, before, said, today)] == last[0].words:
        return last[0]
    raise OutdatedTurn


def _words(lines: Sequence[OrderLine], so_far: Talk, said: Reply, today: date) -> list[Word]:
    """What a reply says to each line that it says anything to."""
    words = (_word(lines, so_far, line, today, f"lines.{place}") for place, line in enumerate(said.lines))
    return [word for word in words if word is not None]


def _word(lines: Sequence[OrderLine], so_far: Talk, said: LineReply, today: date, at: str) -> Word | None:
    """What is said to a line, made whole; nothing where it says what holds already."""
    line = next((line for line in lines if line.id == said.line), None)
    if line is None:
        raise NotFound("There is no such line.", at=f"{at}.line")
    standing = so_far.lines[line.id]
    if said.says is None:
        return None
    if said.says is Says.ACCEPT or said.says is Says.REFUSE:
        return Word(line.id, said.says, reason=said.reason) if standing.by is not None else None
    on_table = standing.offered or standing.held
    if on_table is None or standing.over:
        raise OrderNotOpen("Line %(position)s is over: order what you need of it anew.", position=line.position)
    terms = _offer(line, on_table, said, today, at)
    return None if terms == standing.held and standing.by is None else Word(line.id, Says.OFFER, terms, said.reason)


def _offer(line: OrderLine, on_table: Terms, said: LineReply, today: date, at: str) -> Terms:
    """Terms like those on the table but for what is said otherwise; a quantity of 0 asks that nothing comes."""
    quantity = on_table.quantity if said.quantity is None else said.quantity
    price = on_table.price if said.price is None else said.price
    day = said.deliver_on or on_table.deliver_on or today
    if not quantity.is_finite() or quantity < 0:
        raise InvalidInput("Enter a quantity of 0 or more.", at=f"{at}.quantity")
    if line.unit in PIECES and quantity % 1:
        raise InvalidInput("Enter a whole number.", at=f"{at}.quantity")
    if price <= 0:
        raise InvalidInput("Enter a price above 0.", at=f"{at}.price")
    if said.deliver_on is not None and day < today:
        raise InvalidInput("Choose a day from %(today)s on.", at=f"{at}.deliver_on", today=today)
    as_before = quantity == on_table.quantity and said.deliver_on in (None, on_table.deliver_on)
    parts = on_table.parts if as_before else (Part(day, quantity),)
    return replace(on_table, parts=parts if quantity else (), price=price)


def _require_approved(session: Session, order: PurchaseOrder, so_far: Talk, words: Sequence[Word]) -> None:
    """Refuse to raise an order above the buyer's own sum, and above what it was placed at, by a later word."""
    limit = session.get_one(Organization, order.owner_id).approve_above
    if limit is None:
        return
    after = after_turn(so_far.lines, Turn(Side.BUYER, words))
    stands_for = [standing.wanted_by(Side.BUYER) or standing.held for standing in after.values() if not standing.over]
    worth = sum((terms.quantity * terms.price for terms in stands_for if terms is not None), Decimal(0))
    placed = sum((terms.quantity * terms.price for terms in so_far.ordered.values()), Decimal(0))
    if worth > max(limit, placed):
        raise MoreThanApproved


def _sent(session: Session, order: PurchaseOrder) -> dict[UUID, Decimal]:
    """How much of each line has left already."""
    rows = session.execute(
        select(col(ShipmentLine.order_line_id), func.sum(col(ShipmentLine.quantity)))
        .join(OrderLine, col(OrderLine.id) == col(ShipmentLine.order_line_id))
        .where(col(OrderLine.order_id) == order.id, col(ShipmentLine.owner_id) == order.supplier_id)
        .group_by(col(ShipmentLine.order_line_id))
    )
    return {row[0]: row[1] for row in rows}


def _require_sent(lines: Sequence[OrderLine], word: Word, sent: Decimal, said: Reply) -> None:
    """Refuse to want less of a line than has left."""
    if word.terms is None or word.terms.quantity >= sent:
        return
    line = next(line for line in lines if line.id == word.line)
    place = next(place for place, said_line in enumerate(said.lines) if said_line.line == word.line)
    raise AlreadySent(at=f"lines.{place}.quantity", sent=Amount(sent, line.unit), position=line.position)
