"""What two sides say to a line of an order, turn by turn, and what of it both have said; pure.

A line is agreed when both sides say the same of it. What was agreed holds until something else is: whoever wants it
otherwise asks, and the other accepts, refuses, or says what it wants instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from hub.models.base import plain


class Side(StrEnum):
    """One of the two who trade."""

    BUYER = "buyer"
    SUPPLIER = "supplier"

    @property
    def other(self) -> "Side":
        """Whom it trades with."""
        return Side.SUPPLIER if self is Side.BUYER else Side.BUYER


class Says(StrEnum):
    """What a side says to a line: yes to what the other wants, something else, or no."""

    ACCEPT = "accept"
    OFFER = "offer"
    REFUSE = "refuse"


@dataclass(frozen=True, order=True)
class Part:
    """How much comes on a day."""

    deliver_on: date
    quantity: Decimal


@dataclass(frozen=True)
class Terms:
    """What of which item comes when, at which price a unit before tax; without parts nothing comes."""

    parts: tuple[Part, ...]
    price: Decimal
    trade_item_id: UUID

    @property
    def quantity(self) -> Decimal:
        """How much comes in all."""
        return sum((part.quantity for part in self.parts), Decimal(0))

    @property
    def deliver_on(self) -> date | None:
        """The first day on which some of it comes."""
        return min((part.deliver_on for part in self.parts), default=None)

    @property
    def nothing(self) -> "Terms":
        """The same line with nothing to come."""
        return replace(self, parts=())

    def body(self) -> dict[str, Any]:
        """As JSON: amounts as text, days in ISO 8601."""
        return {
            "parts": [
                {"deliver_on": part.deliver_on.isoformat(), "quantity": plain(part.quantity)} for part in self.parts
            ],
            "price": plain(self.price),
            "item": str(self.trade_item_id),
        }

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Terms":
        """Out of their JSON."""
        return cls(parts_of(body["parts"]), Decimal(body["price"]), UUID(body["item"]))


def parts_of(body: Iterable[Mapping[str, Any]]) -> tuple[Part, ...]:
    """Parts out of their JSON, by day."""
    return tuple(sorted(Part(date.fromisoformat(part["deliver_on"]), Decimal(part["quantity"])) for part in body))


@dataclass(frozen=True)
class Word:
    """What a side says to a line, and why; an offer has terms."""

    line: UUID
    says: Says
    terms: Terms | None = None
    reason: str = ""

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "line": str(self.line),
            "says": self.says.value,
            "reason": self.reason,
            **({"terms": self.terms.body()} if self.terms else {}),
        }

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Word":
        """Out of its JSON."""
        terms = Terms.read(body["terms"]) if "terms" in body else None
        return cls(UUID(body["line"]), Says(body["says"]), terms, body["reason"])


@dataclass(frozen=True)
class Standing:
    """How a line stands: what both agreed on, what each wants otherwise, and who spoke last of what is open.

    ``over`` is a line that was refused before anything was agreed: nothing comes of it.
    """

    held: Terms | None = None
    wishes: Mapping[Side, Terms] = field(default_factory=dict)
    by: Side | None = None
    over: bool = False

    @property
    def offered(self) -> Terms | None:
        """What waits for an answer of the other side than ``by``."""
        return self.wishes.get(self.by) if self.by else None

    def wanted_by(self, side: Side) -> Terms | None:
        """What a side would have last said of it: what it wants, else what both agreed on."""
        return self.wishes.get(side, self.held)

    def waits_for(self, side: Side) -> bool:
        """Whether a side has something to answer."""
        return self.by is side.other

    def after(self, side: Side, word: Word) -> "Standing":
        """How it stands once a side has said something."""
        match word.says:
            case Says.ACCEPT if self.waits_for(side):
                return Standing(held=self.offered)
            case Says.REFUSE if self.by is not None:
                return Standing(held=self.held, over=self.held is None)
            case Says.OFFER if word.terms is not None and not self.over:
                return self._offered(side, word.terms)
        return self

    def _offered(self, side: Side, terms: Terms) -> "Standing":
        if terms == self.wishes.get(side.other):
            return Standing(held=terms)
        if terms == self.held:
            return Standing(held=self.held)
        return replace(self, wishes={**self.wishes, side: terms}, by=side)


@dataclass(frozen=True)
class Turn:
    """All that a side says at once."""

    side: Side
    words: Sequence[Word]


def standings(
    ordered: Mapping[UUID, Terms], turns: Iterable[Turn], held: Mapping[UUID, Terms] | None = None
) -> dict[UUID, Standing]:
    """How each line stands after some turns; at first it is what the buyer ordered, and its supplier's to answer.

    ``held`` is what was agreed before turns were kept.
    """
    lines = {line: Standing(wishes={Side.BUYER: terms}, by=Side.BUYER) for line, terms in ordered.items()}
    for line, terms in (held or {}).items():
        lines[line] = Standing(held=terms, over=not terms.parts)
    for turn in turns:
        lines = after_turn(lines, turn)
    return lines


def after_turn(lines: Mapping[UUID, Standing], turn: Turn) -> dict[UUID, Standing]:
    """How each line stands after one more turn."""
    after = dict(lines)
    for word in turn.words:
        after[word.line] = after[word.line].after(turn.side, word)
    return after
