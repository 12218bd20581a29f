"""How a supplier's answers are said in UBL: one table, read and written by. Pure.

The codes are those of UN/EDIFACT that Peppol uses too: of a line 1229, of a whole response 4343.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hub.errors import HubError
from hub.models.trade import AnswerKind
from hub.ubl.papers import ResponseLine

ACCEPTED, CHANGED, REJECTED = "5", "3", "7"
CODES: dict[AnswerKind, str] = {
    AnswerKind.CONFIRMED: ACCEPTED,
    AnswerKind.LESS: CHANGED,
    AnswerKind.OTHER_DATE: CHANGED,
    AnswerKind.SPLIT: CHANGED,
    AnswerKind.OTHER_PRICE: CHANGED,
    AnswerKind.SUBSTITUTE: CHANGED,
    AnswerKind.DECLINED: REJECTED,
}
"""What is said of a line by each kind of answer; which change is meant, its figures say."""
_ALSO = {"Revised": CHANGED, "Cancelled": REJECTED, "NoStatus": ""}
"""UBL's own words for the same."""
ACKNOWLEDGED, ALL_ACCEPTED, SOME_CHANGED, ALL_REJECTED = "AB", "AP", "CA", "RE"
WHOLE: dict[str, AnswerKind] = {ALL_ACCEPTED: AnswerKind.CONFIRMED, ALL_REJECTED: AnswerKind.DECLINED}
"""What a response that names no line says of each."""


class UnknownCode(HubError):
    """This code says nothing that an answer can say here."""

    code, status = "unknown-answer-code", 422


@dataclass(frozen=True)
class Ordered:
    """What a line ordered: how much, for which day, at which price."""

    quantity: Decimal
    deliver_on: date
    price: Decimal


def kind_of(line: ResponseLine, ordered: Ordered, at: str) -> AnswerKind:
    """Which answer a line gives: by its code, and by its figures where that says only that something changed."""
    status = _ALSO.get(line.status, line.status)
    if status not in ("", ACCEPTED, CHANGED, REJECTED):
        raise UnknownCode("Line %(position)s: code %(given)s is not one of 5, 3 and 7.", at=f"{at}.status",
                          position=line.id, given=line.status[:20])  # fmt: skip
    if status == REJECTED or (not status and line.quantity == 0):
        return AnswerKind.DECLINED
    if status == ACCEPTED:
        return AnswerKind.CONFIRMED
    if len(line.parts) > 1 or line.instead or line.price not in (None, ordered.price):
        return AnswerKind.OTHERWISE
    if line.deliver_on not in (None, ordered.deliver_on):
        return AnswerKind.OTHER_DATE
    if status == CHANGED or line.quantity not in (None, ordered.quantity):
        return AnswerKind.LESS
    return AnswerKind.CONFIRMED


def code_of(kinds: set[AnswerKind]) -> str:
    """What is said of an answer as a whole."""
    if kinds == {AnswerKind.CONFIRMED}:
        return ALL_ACCEPTED
    return ALL_REJECTED if kinds == {AnswerKind.DECLINED} else SOME_CHANGED
