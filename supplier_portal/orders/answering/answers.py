"""The supplier's answer to an order: every line confirmed, less, another day, or declined."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import Session, col

from hub import access
from hub.access import Actor, Permission
from hub.errors import Amount, HubError
from hub.inputs import Day, Figure
from hub.models.base import plain
from hub.models.trade import AnswerKind, AnswerLine, EarlierAnswer, OrderAnswer, OrderLine, PurchaseOrder
from supplier_portal.orders import news
from supplier_portal.orders.order_book import ANSWERED, UNANSWERED, status_of
from supplier_portal.orders.orders import PIECES, OrderNotOpen, hold, lines_of, today_there


class AnswerIncomplete(HubError):
    """Every line needs one answer."""

    code, status = "answer-incomplete", 409


class AnswerContradicts(HubError):
    """A line's answer and its figures do not agree."""

    code, status = "answer-contradicts", 409


class Said(BaseModel):
    """What a supplier says to a line; what a kind of answer leaves open is taken from the line.

    It is what the form, the API and this service read alike; each of them names the line in its own way.
    """

    model_config = ConfigDict(frozen=True)

    answer: AnswerKind | None = None
    quantity: Figure | None = Field(default=None, max_digits=18, decimal_places=6)
    deliver_on: Day | None = None
    reason: str = Field(default="", max_length=200)


class LineAnswer(Said):
    """What is said to a line of an order."""

    line: UUID


@dataclass(frozen=True)
class OrderResponse:
    """What a supplier says to an order, line by line, with a note to the buyer."""

    lines: Sequence[LineAnswer]
    note: str = ""


def confirm(
    session: Session, actor: Actor, order: PurchaseOrder, response: OrderResponse, *, at: datetime
) -> OrderAnswer:
    """Answer every line: confirmed, less, another date, or declined. The buyer sees it at once.

    After ``respond_by`` an answer still counts, and is marked late. The same answer again is the same answer. Another
    one takes its place until something was shipped; what was said before is kept, and the buyer sees both. What
    was declined as a whole is over, since the buyer orders elsewhere.
    """
    access.require(actor, Permission.ANSWER_ORDERS, order.supplier_id)
    hold(session, order)
    lines = {line.id: line for line in lines_of(session, order)}
    if sorted(answer.line for answer in response.lines) != sorted(lines):
        raise AnswerIncomplete
    today = today_there(session, order, at)
    settled = [
        settle(order, lines[answer.line], answer, today=today, at=f"lines.{place}")
        for place, answer in enumerate(response.lines)
    ]
    known = session.scalar(
        select(OrderAnswer).where(
            col(OrderAnswer.order_id) == order.id, col(OrderAnswer.owner_id) == actor.organization_id
        )
    )
    same = known is not None and {_words(line) for line in _said(session, known)} == set(map(_words, settled))
    if known is not None and same and known.note == response.note:
        return known
    state = status_of(session, order, at=at)
    if known is not None and state in ANSWERED:
        access.record(session, actor, "order.answer-anew", order.number)
        news.answered(session, order, at)
        return _answer_anew(session, known, settled, response.note, at)
    if state not in UNANSWERED:
        raise OrderNotOpen("Order %(number)s is not waiting for an answer.", number=order.number)
    late = order.respond_by is not None and at > order.respond_by
    given = OrderAnswer(**_parties(order), order_id=order.id, answered_at=at, late=late, note=response.note)
    session.add(given)
    session.flush()
    for line in settled:
        line.answer_id = given.id
    session.add_all(settled)
    access.record(session, actor, "order.answer", order.number, late=late)
    news.answered(session, order, at)
    return given


def _parties(order: PurchaseOrder) -> dict[str, Any]:
    """Whose an answer is, and who else reads it."""
    return {"owner_id": order.supplier_id, "buyer_id": order.owner_id, "haulier_id": order.haulier_id}


def _answer_anew(
    session: Session, known: OrderAnswer, settled: Sequence[AnswerLine], note: str, at: datetime
) -> OrderAnswer:
    """Put an answer in the place of one that was given; that one is kept."""
    before = _said(session, known)
    session.add(
        EarlierAnswer(
            owner_id=known.owner_id,
            buyer_id=known.buyer_id,
            haulier_id=known.haulier_id,
            order_id=known.order_id,
            said_at=known.changed_at or known.answered_at,
            replaced_at=at,
            note=known.note,
            lines=[
                {
                    "line": str(line.order_line_id),
                    "kind": line.kind.value,
                    "quantity": plain(line.quantity),
                    "deliver_on": line.deliver_on.isoformat(),
                    "reason": line.reason,
                }
                for line in before
            ],
        )
    )
    anew = {line.order_line_id: line for line in settled}
    for line in before:
        of_it = anew[line.order_line_id]
        line.kind, line.quantity, line.deliver_on = of_it.kind, of_it.quantity, of_it.deliver_on
        line.reason = of_it.reason
        session.add(line)
    known.changed_at, known.note = at, note
    session.add(known)
    return known


def settle(order: PurchaseOrder, line: OrderLine, answer: Said, *, today: date, at: str) -> AnswerLine:
    """A line's answer made whole, not stored yet; refused where it is missing or contradicts itself or the line.

    ``today`` is the day at the place of delivery; ``at`` is what the answer is called where it came from.
    """
    kind, deliver_on = answer.answer, answer.deliver_on or order.deliver_on
    if kind is None:
        raise AnswerIncomplete("Choose an answer for line %(position)s.", at=f"{at}.answer", position=line.position)
    quantity = line.quantity if answer.quantity is None else answer.quantity
    figures: dict[str, str | int | date | Amount] = {
        "position": line.position,
        "ordered": Amount(line.quantity, line.unit),
        "day": order.deliver_on,
        "kind": kind.value,
    }
    if kind is AnswerKind.DECLINED:
        return _settled(order, line, kind, (Decimal(0), order.deliver_on, answer.reason))
    if kind is AnswerKind.LESS and not 0 < quantity < line.quantity:
        raise AnswerContradicts("Enter more than 0 and less than %(ordered)s.", at=f"{at}.quantity", **figures)
    if kind is AnswerKind.OTHER_DATE and not 0 < quantity <= line.quantity:
        raise AnswerContradicts("Enter more than 0, and at most %(ordered)s.", at=f"{at}.quantity", **figures)
    if kind is not AnswerKind.CONFIRMED and answer.quantity is not None and line.unit in PIECES and quantity % 1:
        raise AnswerContradicts("Enter a whole number.", at=f"{at}.quantity", **figures)
    if kind is AnswerKind.OTHER_DATE and (deliver_on == order.deliver_on or deliver_on < today):
        raise AnswerContradicts(
            "Choose another day than %(day)s, from %(today)s on.",
            at=f"{at}.deliver_on",
            today=today,
            **figures,
        )
    as_ordered = quantity == line.quantity and deliver_on == order.deliver_on
    if (kind is AnswerKind.CONFIRMED and not as_ordered) or (
        kind is AnswerKind.LESS and deliver_on != order.deliver_on
    ):
        raise AnswerContradicts(
            "Line %(position)s: the answer and its figures do not agree; %(ordered)s were ordered for %(day)s.",
            at=f"{at}.quantity",
            **figures,
        )
    return _settled(order, line, kind, (quantity, deliver_on, answer.reason))


def _settled(order: PurchaseOrder, line: OrderLine, kind: AnswerKind, settled: tuple[Decimal, date, str]) -> AnswerLine:
    quantity, deliver_on, reason = settled
    parties = _parties(order)
    return AnswerLine(
        **parties, order_line_id=line.id, kind=kind, quantity=quantity, deliver_on=deliver_on, reason=reason
    )


def _words(line: AnswerLine) -> tuple[UUID, AnswerKind, Decimal, date, str]:
    return line.order_line_id, line.kind, line.quantity, line.deliver_on, line.reason


def _said(session: Session, answer: OrderAnswer) -> list[AnswerLine]:
    lines = select(AnswerLine).where(col(AnswerLine.answer_id) == answer.id)
    return list(session.scalars(lines.with_for_update().execution_options(populate_existing=True)))
