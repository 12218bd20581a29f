"""The published language: what happened, told by one part of the house to another."""

from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, NotRequired, Self, TypedDict
from uuid import UUID


@dataclass(frozen=True)
class Message:
    """Something that happened; its fields are ids and words, never rows."""

    def body(self) -> dict[str, Any]:
        """The message as JSON."""
        return {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(self).items()}

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        """The message out of its JSON."""
        # A message may be older than one of its fields, which then has a default.
        optional = {f.name for f in fields(cls) if f.default is not MISSING or f.default_factory is not MISSING}
        said = [f for f in fields(cls) if f.name in body or f.name not in optional]
        return cls(**{f.name: UUID(body[f.name]) if f.type is UUID else body[f.name] for f in said})


class ReceivedLine(TypedDict):
    """What was accepted of one line of a shipment; ``best_before`` is an ISO date, or empty.

    ``announced`` is what should have come, ``concerned`` how much of it there is a complaint about, and ``reason`` why.
    """

    shipment_line_id: str
    trade_item_id: str
    lot: str
    best_before: str
    quantity: str
    unit: str
    announced: NotRequired[str]
    concerned: NotRequired[str]
    reason: NotRequired[str]


class MeasuredOnTheWay(TypedDict):
    """A temperature on the way, in °C, and when it was measured: an ISO time with its offset."""

    at: str
    celsius: str


@dataclass(frozen=True)
class GoodsReceived(Message):
    """A store counted a shipment; told to its own organisation, whose core must hear of it.

    ``reference`` is the number of the dispatch advice, ``received_at`` an ISO time with its offset. ``readings`` are
    the temperatures that were measured on the way, and ``note`` is what the store wrote to the supplier.
    """

    receipt_id: UUID
    shipment_id: UUID
    supplier_id: UUID
    place_id: UUID
    reference: str
    received_at: str
    lines: list[ReceivedLine]
    readings: list[MeasuredOnTheWay] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class ReceiptFinal(Message):
    """A receipt can be undone no more, if it was not; told to its store's own organisation, which then tells others."""

    receipt_id: UUID


@dataclass(frozen=True)
class ClaimReplied(Message):
    """A supplier replied to a claim; told to the buyer whose claim it is."""

    claim_id: UUID


@dataclass(frozen=True)
class HandoverDue(Message):
    """A receipt waits to be written down as the second half of its hand-over; told to the receiver itself."""

    receipt_id: UUID


@dataclass(frozen=True)
class OrderTurned(Message):
    """One side of an order has said something of it, by this number of turn; told to both."""

    order_id: UUID
    number: int


@dataclass(frozen=True)
class OrderCancelled(Message):
    """A buyer called off an order on which both had agreed; told to both."""

    cancellation_id: UUID


@dataclass(frozen=True)
class MemberEnrolled(Message):
    """An organisation has its number and its key on the ledger; told to itself."""

    organization_id: UUID


@dataclass(frozen=True)
class NoticeGiven(Message):
    """Something that people of an organisation are to be told: told to that organisation.

    Under one ``key`` each is told once. ``sentence`` is translated where it is shown; of what it says (``said``) names
    may be ``{"zh": …, "en": …}``, days ``{"day": …}``, and moments ``{"at": …, "zone": …}``. ``place`` narrows it to
    the people of a place; ``but`` is who caused it, and need not be told; ``only`` is the one person who is told.
    """

    kind: str
    key: str
    sentence: str
    said: dict[str, Any]
    address: str
    place: str = ""
    but: str = ""
    only: str = ""


@dataclass(frozen=True)
class PasswordLinkAsked(Message):
    """Somebody who knows this address asked for a link to set a new password; told to the hub itself.

    It is told whether or not anybody is known by the address: who asked learns nothing from how long it takes.
    """

    email: str


KINDS: dict[str, type[Message]] = {
    kind.__name__: kind
    for kind in (
        ClaimReplied,
        GoodsReceived,
        HandoverDue,
        ReceiptFinal,
        OrderTurned,
        OrderCancelled,
        MemberEnrolled,
        NoticeGiven,
        PasswordLinkAsked,
    )
}
"""What is published, and heard: a message of another name waits for a person (`hub.outbox`)."""
