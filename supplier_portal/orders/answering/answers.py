"""The supplier's answer to an order: every line confirmed, otherwise, or declined.

What is confirmed as it was ordered is agreed with that. What is otherwise waits for the buyer's yes, unless it is what
the buyer wants by now; what was declined is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from hub import access
from hub.access import Actor, Permission
from hub.errors import Amount, HubError, InvalidInput
from hub.inputs import Day, Figure
from hub.models.catalogue import TradeItem
from hub.models.trade import AnswerKind, OrderAnswer, OrderLine, PurchaseOrder
from supplier_portal.orders import news
from supplier_portal.orders.agreeing import agreement
from supplier_portal.orders.agreeing.agreement import Talk
from supplier_portal.orders.agreeing.terms import Part, Says, Side, Terms, Word
from supplier_portal.orders.order_book import ANSWERED, UNANSWERED, answer_to, status_of
from supplier_portal.orders.orders import PIECES, OrderNotOpen, hold, lines_of, today_there


class AnswerIncomplete(HubError):
    """Every line needs one answer."""

    code, status = "answer-incomplete", 409


class AnswerContradicts(HubError):
    """A line's answer and its figures do not agree."""

    code, status = "answer-contradicts", 409


class NoSubstitute(HubError):
    """This item cannot come in the place of the one ordered."""

    code, status = "no-substitute", 409


class PartSaid(BaseModel):
    """How much can come on a day; without a quantity, nothing is said."""

    model_config = ConfigDict(frozen=True)

    quantity: Figure | None = Field(default=None, max_digits=18, decimal_places=6)
    deliver_on: Day | None = None


class Said(BaseModel):
    """What a supplier says to a line; what a kind of answer leaves open is taken from the line.

    Otherwise than ordered it may come in several parts, ``quantity`` on ``deliver_on`` and then ``parts``, at another
    ``price``. It is what the form, the API and this service read alike; each of them names the line in its own way.
    """

    model_config = ConfigDict(frozen=True)

    answer: AnswerKind | None = None
    quantity: Figure | None = Field(default=None, max_digits=18, decimal_places=6)
    deliver_on: Day | None = None
    parts: list[PartSaid] = Field(default_factory=list, max_length=12)
    price: Figure | None = Field(default=None, max_digits=18, decimal_places=4)
    reason: str = Field(default="", max_length=200)


class LineAnswer(Said):
    """What is said to a line of an order, and which item would come in its place."""

    line: UUID
    substitute: UUID | None = None


@dataclass(frozen=True)
class OrderResponse:
    """What a supplier says to an order, line by line, with a note to the buyer."""

    lines: Sequence[LineAnswer]
    note: str = ""


def confirm(
    session: Session, actor: Actor, order: PurchaseOrder, response: OrderResponse, *, at: datetime
) -> OrderAnswer:
    """Answer every line. The buyer sees it at once, and what is otherwise than ordered waits for its yes.

    After ``respond_by`` an answer still counts, and is marked late. The same answer again is the same answer. Another
    one changes what is not agreed yet, and asks for a change of what is, until something was shipped. What was
    declined as a whole is over, since the buyer orders elsewhere.
    """
    access.require(actor, Permission.ANSWER_ORDERS, order.supplier_id)
    hold(session, order)
    lines = {line.id: line for line in lines_of(session, order)}
    if sorted(answer.line for answer in response.lines) != sorted(lines):
        raise AnswerIncomplete
    today = today_there(session, order, at)
    wanted = {
        answer.line: settle(session, order, lines[answer.line], answer, today=today, at=f"lines.{place}")
        for place, answer in enumerate(response.lines)
    }
    reasons = {answer.line: answer.reason for answer in response.lines}
    so_far = agreement.talk(session, order, list(lines.values()))
    known: OrderAnswer | None = session.scalar(answer_to(order))
    state = status_of(session, order, at=at)
    if known is not None:
        words = _anew(so_far, wanted, reasons)
        if not words and known.note == response.note:
            return known
        if state not in ANSWERED:
            raise OrderNotOpen("Order %(number)s is not waiting for an answer.", number=order.number)
        known.changed_at, known.note = at, response.note
        session.add(known)
        access.record(session, actor, "order.answer-anew", order.number)
        if words:
            agreement.speak(session, actor, order, so_far, words, at=at, note=response.note)
        else:
            news.answered(session, order, at)
        return known
    if order.cancelled_at is not None:
        raise OrderNotOpen(
            "Order %(number)s was withdrawn before you answered: send nothing for it.", number=order.number
        )
    if state not in UNANSWERED:
        raise OrderNotOpen("Order %(number)s is not waiting for an answer.", number=order.number)
    late = order.respond_by is not None and at > order.respond_by
    given = OrderAnswer(
        owner_id=order.supplier_id,
        buyer_id=order.owner_id,
        haulier_id=order.haulier_id,
        order_id=order.id,
        answered_at=at,
        late=late,
        note=response.note,
    )
    session.add(given)
    session.flush()
    words = [_first(so_far.ordered[line], line, terms, reasons[line]) for line, terms in wanted.items()]
    turn = agreement.speak(session, actor, order, so_far, words, at=at, note=response.note)
    access.record(session, actor, "order.answer", order.number, late=late)
    if not turn.pending:
        news.answered(session, order, at)
    news.no_more_waiting(session, order)
    return given


def _first(ordered: Terms, line: UUID, terms: Terms, reason: str) -> Word:
    if terms == ordered:
        return Word(line, Says.ACCEPT)
    return Word(line, Says.OFFER, terms, reason) if terms.parts else Word(line, Says.REFUSE, reason=reason)


def _anew(so_far: Talk, wanted: dict[UUID, Terms], reasons: dict[UUID, str]) -> list[Word]:
    """What a further answer says that was not said before; what the buyer waits for is answered anew."""
    words = []
    for line, terms in wanted.items():
        standing = so_far.lines[line]
        if standing.over:
            if terms.parts:
                raise OrderNotOpen("A line that was declined is over: the buyer orders what it needs anew.")
            continue
        if terms == standing.wanted_by(Side.SUPPLIER) and not standing.waits_for(Side.SUPPLIER):
            continue
        if not terms.parts and standing.held is None:
            words.append(Word(line, Says.REFUSE, reason=reasons[line]))
        else:
            words.append(Word(line, Says.OFFER, terms, reasons[line]))
    return words


def settle(
    session: Session, order: PurchaseOrder, line: OrderLine, answer: LineAnswer, *, today: date, at: str
) -> Terms:
    """What a line's answer comes to; refused where it is missing or contradicts itself or the line.

    ``today`` is the day at the place of delivery; ``at`` is what the answer is called where it came from.
    """
    ordered, kind = agreement.ordered_terms(order, line), answer.answer
    if kind is None:
        raise AnswerIncomplete("Choose an answer for line %(position)s.", at=f"{at}.answer", position=line.position)
    if kind is AnswerKind.DECLINED:
        return ordered.nothing
    case = _Case(order, line, answer, today, at)
    if kind not in (AnswerKind.CONFIRMED, AnswerKind.LESS, AnswerKind.OTHER_DATE):
        return _otherwise(session, case, ordered)
    quantity, deliver_on = case.quantity, answer.deliver_on or order.deliver_on
    if kind is AnswerKind.LESS and not 0 < quantity < line.quantity:
        raise case.contradicts("Enter more than 0 and less than %(ordered)s.", "quantity")
    if kind is AnswerKind.OTHER_DATE:
        case.require_amount("quantity", quantity)
        if deliver_on == order.deliver_on or deliver_on < today:
            raise case.contradicts("Choose another day than %(day)s, from %(today)s on.", "deliver_on")
    elif deliver_on != order.deliver_on or (kind is AnswerKind.CONFIRMED and quantity != line.quantity):
        raise case.contradicts(
            "Line %(position)s: the answer and its figures do not agree; %(ordered)s were ordered for %(day)s.",
            "quantity",
        )
    if kind is not AnswerKind.CONFIRMED and answer.quantity is not None:
        case.require_whole("quantity", quantity)
    return Terms((Part(deliver_on, quantity),), line.price, line.trade_item_id)


def _otherwise(session: Session, case: "_Case", ordered: Terms) -> Terms:
    """What comes in several parts, at another price, or instead of what was ordered; each as far as it is said."""
    item = _substitute(session, case) if case.answer.substitute else ordered.trade_item_id
    terms = Terms(case.parts(), case.price(), item)
    if terms == ordered:
        raise case.contradicts("Say what would be otherwise: how much on which days, the price, or the item.", "answer")
    return terms


@dataclass(frozen=True)
class _Case:
    """An answer to a line, and what its refusals speak of."""

    order: PurchaseOrder
    line: OrderLine
    answer: LineAnswer
    today: date
    at: str

    @property
    def quantity(self) -> Decimal:
        return self.line.quantity if self.answer.quantity is None else self.answer.quantity

    def contradicts(self, sentence: str, field: str) -> AnswerContradicts:
        return AnswerContradicts(
            sentence,
            at=f"{self.at}.{field}",
            position=self.line.position,
            ordered=Amount(self.line.quantity, self.line.unit),
            day=self.order.deliver_on,
            today=self.today,
            kind=self.answer.answer.value if self.answer.answer else "",
        )

    def require_amount(self, field: str, quantity: Decimal) -> None:
        if not 0 < quantity <= self.line.quantity:
            raise self.contradicts("Enter more than 0, and at most %(ordered)s.", field)

    def require_whole(self, field: str, quantity: Decimal) -> None:
        if self.line.unit in PIECES and quantity % 1:
            raise self.contradicts("Enter a whole number.", field)

    def price(self) -> Decimal:
        """The price that is asked, or that of the order where none is."""
        if self.answer.price is not None and self.answer.price <= 0:
            raise self.contradicts("Enter a price above 0.", "price")
        return self.line.price if self.answer.price is None else self.answer.price

    def parts(self) -> tuple[Part, ...]:
        """How much comes on which day, or on which of several."""
        first = PartSaid(quantity=self.quantity, deliver_on=self.answer.deliver_on or self.order.deliver_on)
        further = [(f"parts.{place}.", part) for place, part in enumerate(self.answer.parts)]
        parts: dict[date, Decimal] = {}
        for name, part in [("", first), *further]:
            if part.quantity is None and part.deliver_on is None:
                continue
            quantity, day = part.quantity or Decimal(0), part.deliver_on
            self.require_amount(f"{name}quantity", quantity)
            self.require_whole(f"{name}quantity", quantity)
            if day is None or day < self.today or day in parts:
                raise self.contradicts("Choose a day from %(today)s on, another for each part.", f"{name}deliver_on")
            parts[day] = quantity
        if sum(parts.values()) > self.line.quantity:
            raise self.contradicts("The parts are more than the %(ordered)s that were ordered.", "quantity")
        return tuple(Part(day, quantity) for day, quantity in sorted(parts.items()))


def _substitute(session: Session, case: _Case) -> UUID:
    """The item that would come instead: the supplier's own, offered still, and counted in the same unit."""
    item = session.get(TradeItem, case.answer.substitute) if case.answer.substitute else None
    at = f"{case.at}.substitute"
    if item is None or item.owner_id != case.order.supplier_id or item.id == case.line.trade_item_id:
        raise InvalidInput("Choose the item that would come instead.", at=at)
    if item.unit != case.line.unit:
        raise NoSubstitute("%(item)s is counted in another unit than what was ordered.", at=at, item=item.name_zh)
    if item.ended_on is not None and item.ended_on <= case.today:
        raise NoSubstitute("%(item)s is offered no longer.", at=at, item=item.name_zh)
    return item.id
