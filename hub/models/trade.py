"""Orders, the answers to them, and what was shipped."""

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


class PurchaseOrder(Record, table=True):
    """A buyer's order to one supplier for one place; a proposal, and the buyer's alone, until it is placed.

    Before that it is a draft once a person keeps it: then nothing but a person withdraws it. Above a sum of the buyer's
    own somebody asks for it to be approved, and it is placed when another does; ``returned`` says why it was not.
    What a standing order wrote for a day keeps that day, ``standing_day``, whatever becomes of it.
    Its later states follow from others' rows. Closed, when nothing more of it is wanted after a part has come.
    """

    __tablename__ = "purchase_order"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "number"),
        UniqueConstraint("owner_id", "standing_id", "standing_day"),
        owned("deliver_to_id", "place"),
        waits("wait_order_unplaced", "owner_id", until="placed_at is null and cancelled_at is null"),
    )
    read_if: ClassVar[str] = (
        "placed_at is not null and (supplier_id = (select app_org()) or haulier_id = (select app_org()))"
    )

    number: str = Field(max_length=30)
    supplier_id: UUID = Field(index=True)
    haulier_id: UUID | None = None
    deliver_to_id: UUID
    deliver_on: date
    proposed_at: UtcDateTime = instant()
    drafted: bool = False
    asked_at: UtcDateTime | None = instant(default=None)
    asked_by: UUID | None = None
    approved_by: UUID | None = None
    returned: str = Field(default="", max_length=200)
    standing_id: UUID | None = None
    standing_day: date | None = None
    placed_at: UtcDateTime | None = instant(default=None)
    respond_by: UtcDateTime | None = instant(default=None, index=True)
    cancelled_at: UtcDateTime | None = instant(default=None)
    cancel_reason: str = Field(default="", max_length=200)
    received_at: UtcDateTime | None = instant(default=None)
    closed_at: UtcDateTime | None = instant(default=None)
    receipts: int = 0


class StandingOrder(Record, table=True):
    """What a buyer wants of a supplier every week: written anew for each of its days, so many days ahead.

    ``weekdays`` are ISO numbers with blanks between, ``lines`` a list of {item, quantity}, ``days_off`` days on which
    nothing comes. What it writes is a draft, unless it ``places`` it too. ``kept_by`` is who said last how it is: in
    their name it is written.
    """

    __tablename__ = "standing_order"
    __table_args__ = identity(
        owned("deliver_to_id", "place"),
        waits("wait_standing_order", "owner_id", until="ended_at is null and not paused"),
    )

    supplier_id: UUID
    deliver_to_id: UUID
    weekdays: str = Field(max_length=13)
    lines: list[Any] = document(default_factory=list)
    days_off: list[Any] = document(default_factory=list)
    days_ahead: int = Field(default=2, sa_type=BigInteger)
    valid_from: date
    valid_to: date | None = None
    places: bool = False
    kept_by: UUID | None = None
    paused: bool = False
    ended_at: UtcDateTime | None = instant(default=None)


class OrderLine(Record, table=True):
    """How much of which item, at which price before tax.

    ``least_days_left`` is how long its lots are to last on receipt, as the buyer asked when the order was placed.
    """

    __tablename__ = "order_line"
    __table_args__ = identity(
        owned("order_id", "purchase_order"), CheckConstraint("quantity > 0", name="quantity_positive")
    )
    read_if: ClassVar[str] = (
        "(supplier_id = (select app_org()) or haulier_id = (select app_org()))"
        " and exists (select 1 from purchase_order o where o.id = order_line.order_id)"
    )

    order_id: UUID = Field(index=True)
    supplier_id: UUID
    haulier_id: UUID | None = None
    position: int
    trade_item_id: UUID
    received: Quantity = quantity(default=0)
    quantity: Quantity = quantity()
    unit: str = Field(max_length=3)
    price: Money = money()
    currency: str = Field(default="CNY", max_length=3)
    least_days_left: int | None = Field(default=None, sa_type=BigInteger)


class AnswerKind(StrEnum):
    """What a supplier says to a line; ``OTHERWISE`` is only said, and kept as what is most otherwise about it."""

    CONFIRMED = "confirmed"
    LESS = "less"
    OTHER_DATE = "other_date"
    SPLIT = "split"
    OTHER_PRICE = "other_price"
    SUBSTITUTE = "substitute"
    OTHERWISE = "otherwise"
    DECLINED = "declined"


class OrderAnswer(Record, table=True):
    """The supplier's answer to an order: its own row.

    In time is what was in time at first, however often it changed since.
    """

    __tablename__ = "order_answer"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "order_id"), owned("order_id", "purchase_order", by="buyer_id")
    )
    readers: ClassVar[tuple[str, ...]] = ("buyer_id", "haulier_id")

    buyer_id: UUID = Field(index=True)
    haulier_id: UUID | None = None
    order_id: UUID = Field(index=True)
    answered_at: UtcDateTime = instant()
    changed_at: UtcDateTime | None = instant(default=None)
    late: bool = False
    note: str = Field(default="", max_length=400)


class AnswerLine(Record, table=True):
    """The supplier's answer to one line: what it will deliver, or, while it is ``open``, would if its buyer agreed.

    ``parts`` says how much comes on which day where that is more than one, as a list of {deliver_on, quantity};
    ``price`` and ``trade_item_id`` what is other than ordered.
    """

    __tablename__ = "answer_line"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "order_line_id"),
        owned("answer_id", "order_answer"),
        owned("order_line_id", "order_line", by="buyer_id"),
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
    )
    readers: ClassVar[tuple[str, ...]] = ("buyer_id", "haulier_id")

    buyer_id: UUID
    haulier_id: UUID | None = None
    answer_id: UUID = Field(index=True)
    order_line_id: UUID = Field(index=True)
    kind: AnswerKind = choice(AnswerKind)
    quantity: Quantity = quantity()
    deliver_on: date
    reason: str = Field(default="", max_length=200)
    open: bool = False
    parts: list[Any] = document(default_factory=list)
    price: Money | None = money(default=None)
    trade_item_id: UUID | None = None


class OrderTurn(Record, table=True):
    """What one side said of a placed order at once: kept as it was said, and numbered through both sides.

    ``words`` is a list of {line, says, reason, terms}; ``pending`` says whether the other side has something to answer,
    and ``reply_by`` until when.
    """

    __tablename__ = "order_turn"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "order_id", "number"),
        owned("order_id", "purchase_order", by="buyer_id"),
        waits("ix_order_turn_waits", "reply_by", until="pending"),
    )
    readers: ClassVar[tuple[str, ...]] = ("buyer_id", "supplier_id")

    buyer_id: UUID = Field(index=True)
    supplier_id: UUID = Field(index=True)
    order_id: UUID = Field(index=True)
    number: int = Field(sa_type=BigInteger)
    said_at: UtcDateTime = instant()
    reply_by: UtcDateTime | None = instant(default=None)
    pending: bool = False
    note: str = Field(default="", max_length=400)
    words: list[Any] = document(default_factory=list)


class EarlierAnswer(Record, table=True):
    """What a supplier answered before it changed its mind: kept for both sides to read.

    Its lines are a list of {line, kind, quantity, deliver_on, reason}, as they stood.
    """

    __tablename__ = "earlier_answer"
    __table_args__ = identity(owned("order_id", "purchase_order", by="buyer_id"))
    readers: ClassVar[tuple[str, ...]] = ("buyer_id", "haulier_id")

    buyer_id: UUID
    haulier_id: UUID | None = None
    order_id: UUID = Field(index=True)
    said_at: UtcDateTime = instant()
    replaced_at: UtcDateTime = instant()
    note: str = Field(default="", max_length=400)
    lines: list[Any] = document(default_factory=list)


class Shipment(Record, table=True):
    """A dispatch advice: what the supplier sends for an order, under one SSCC."""

    __table_args__ = identity(
        UniqueConstraint("owner_id", "number"), owned("order_id", "purchase_order", by="buyer_id")
    )
    readers: ClassVar[tuple[str, ...]] = ("buyer_id", "haulier_id")

    buyer_id: UUID = Field(index=True)
    haulier_id: UUID | None = Field(default=None, index=True)
    order_id: UUID = Field(index=True)
    number: str = Field(max_length=30)
    sscc: str = Field(max_length=18, index=True)
    ship_from_id: UUID
    deliver_to_id: UUID
    deliver_on: date
    shipped_at: UtcDateTime = instant()
    temperature: str = Field(max_length=24)
    weight_kg: Quantity = quantity()
    pallets: Quantity = quantity()
    event_id: UUID | None = None


class ShipmentLine(Record, table=True):
    """How much of which lot is in a shipment."""

    __tablename__ = "shipment_line"
    __table_args__ = identity(owned("shipment_id", "shipment"), owned("lot_id", "lot"))
    readers: ClassVar[tuple[str, ...]] = ("buyer_id", "haulier_id")

    buyer_id: UUID
    haulier_id: UUID | None = None
    shipment_id: UUID = Field(index=True)
    order_line_id: UUID = Field(index=True)
    lot_id: UUID = Field(index=True)
    trade_item_id: UUID
    quantity: Quantity = quantity()
    unit: str = Field(max_length=3)
