"""Claims: what of a delivery differed from what was announced, what its supplier says, and how both settle it."""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from hub.models.base import (
    Money,
    Quantity,
    Record,
    UtcDateTime,
    choice,
    document,
    identity,
    instant,
    money,
    owned,
    quantity,
    waits,
)


class ClaimKind(StrEnum):
    """How goods differed from what was announced."""

    SHORT = "short"
    OVER = "over"
    DAMAGED = "damaged"
    WARM = "warm"
    WRONG_LOT = "wrong-lot"
    NEAR_DATE = "near-date"
    OTHER = "other"


class ClaimOutcome(StrEnum):
    """How a claim ended: its supplier bore it, both shared it, the buyer took the refusal, or took the claim back."""

    ACCEPTED = "accepted"
    SHARED = "shared"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Claim(Record, table=True):
    """A buyer's claim for one line of a receipt, as it was counted, and how the buyer closed it.

    ``value`` is what is claimed at the order's price. ``round`` is 2 once the buyer has insisted; each round has one
    reply of the supplier's. ``readings`` are the temperatures on the way as they were known at the count: a list of
    {at, celsius}.
    """

    __table_args__ = identity(
        UniqueConstraint("owner_id", "number"),
        UniqueConstraint("owner_id", "shipment_line_id"),
        owned("order_id", "purchase_order"),
        owned("order_line_id", "order_line"),
        owned("shipment_line_id", "shipment_line", by="supplier_id"),
        CheckConstraint("quantity > 0 and value >= 0", name="something_is_claimed"),
        waits("wait_claim_open", "due_at", until="closed_at is null"),
    )
    readers: ClassVar[tuple[str, ...]] = ("supplier_id",)

    number: str = Field(max_length=30)
    supplier_id: UUID = Field(index=True)
    order_id: UUID = Field(index=True)
    order_line_id: UUID
    shipment_id: UUID
    shipment_line_id: UUID
    receipt_id: UUID
    place_id: UUID
    trade_item_id: UUID
    lot_id: UUID
    lot_number: str = Field(max_length=20)
    kind: ClaimKind = choice(ClaimKind)
    announced: Quantity = quantity()
    counted: Quantity = quantity()
    quantity: Quantity = quantity()
    unit: str = Field(max_length=3)
    price: Money = money()
    value: Money = money()
    currency: str = Field(max_length=3)
    words: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=400)
    temperature: str = Field(default="", max_length=24)
    readings: list[Any] = document(default_factory=list)
    opened_at: UtcDateTime = instant()
    due_at: UtcDateTime = instant()
    round: int = Field(default=1, sa_type=BigInteger)
    insisted_at: UtcDateTime | None = instant(default=None)
    insisted_because: str = Field(default="", max_length=400)
    closed_at: UtcDateTime | None = instant(default=None)
    outcome: ClaimOutcome | None = choice(ClaimOutcome, default=None)
    credit: Money | None = money(default=None)
    closing_words: str = Field(default="", max_length=400)


class ReplyKind(StrEnum):
    """What a supplier says to a claim."""

    ACCEPTED = "accepted"
    SHARED = "shared"
    REFUSED = "refused"


class ClaimReply(Record, table=True):
    """A supplier's reply to a claim, one in each round: its own row. ``credit`` is what it owes if it stays at that."""

    __tablename__ = "claim_reply"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "claim_id", "round"),
        owned("claim_id", "claim", by="buyer_id"),
        CheckConstraint("credit >= 0", name="credit_not_negative"),
    )
    append_only: ClassVar[bool] = True
    readers: ClassVar[tuple[str, ...]] = ("buyer_id",)

    buyer_id: UUID
    claim_id: UUID = Field(index=True)
    round: int = Field(default=1, sa_type=BigInteger)
    kind: ReplyKind = choice(ReplyKind)
    quantity: Quantity | None = quantity(default=None)
    credit: Money = money()
    reason: str = Field(default="", max_length=400)
    replied_at: UtcDateTime = instant()


class ReceiptPhoto(Record, table=True):
    """A photo of a line of a delivery, taken as it was counted and made anew as a JPEG; both sides look at it.

    ``receipt_id`` is the count it was taken for; older ones have none.
    """

    __tablename__ = "receipt_photo"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "shipment_line_id", "receipt_id"),
        owned("shipment_line_id", "shipment_line", by="supplier_id"),
    )
    append_only: ClassVar[bool] = True
    readers: ClassVar[tuple[str, ...]] = ("supplier_id",)

    supplier_id: UUID
    shipment_line_id: UUID
    receipt_id: UUID | None = None
    content: bytes


class GoodsReturn(Record, table=True):
    """Goods of a claim that a buyer sends back: announced by the buyer."""

    __tablename__ = "goods_return"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "claim_id"),
        owned("claim_id", "claim"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )
    readers: ClassVar[tuple[str, ...]] = ("supplier_id",)

    supplier_id: UUID
    claim_id: UUID
    quantity: Quantity = quantity()
    leaves_on: date
    words: str = Field(default="", max_length=200)
    announced_at: UtcDateTime = instant()


class ReturnReceipt(Record, table=True):
    """That returned goods came back to their supplier, and how much of them: the supplier's own row."""

    __tablename__ = "return_receipt"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "return_id"),
        owned("return_id", "goods_return", by="buyer_id"),
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
    )
    append_only: ClassVar[bool] = True
    readers: ClassVar[tuple[str, ...]] = ("buyer_id",)

    buyer_id: UUID
    return_id: UUID
    quantity: Quantity = quantity()
    words: str = Field(default="", max_length=200)
    received_at: UtcDateTime = instant()
