"""What a buyer owes a supplier for a month: each line of goods as it was ordered, sent and counted, less credits."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Money, Quantity, Record, UtcDateTime, document, identity, instant, money, owned, quantity


class MatchedLine(Record, table=True):
    """A line of goods that a store counted: the three-way match of what was ordered, announced and accepted.

    ``price`` is the one that both agreed on, a unit before tax; ``day`` the one of the receipt where it was counted.
    """

    __tablename__ = "matched_line"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "shipment_line_id"),
        owned("order_line_id", "order_line"),
        owned("shipment_line_id", "shipment_line", by="supplier_id"),
    )
    readers: ClassVar[tuple[str, ...]] = ("supplier_id",)

    supplier_id: UUID = Field(index=True)
    order_id: UUID
    order_line_id: UUID
    shipment_id: UUID
    shipment_line_id: UUID
    place_id: UUID
    trade_item_id: UUID
    lot_number: str = Field(max_length=20)
    ordered: Quantity = quantity()
    announced: Quantity = quantity()
    accepted: Quantity = quantity()
    unit: str = Field(max_length=3)
    price: Money = money()
    currency: str = Field(max_length=3)
    day: date = Field(index=True)


class Statement(Record, table=True):
    """What a buyer says it owes a supplier for a month, as it issued it; a further version answers a dispute.

    ``lines`` is a list of {item, gtin, order, shipment, lot, day, quantity, unit, price, amount}, ``credits`` one of
    {claim, kind, closed_on, amount}, ``cancellations`` one of {order, day, share, amount}: what is owed for goods that
    were called off late; amounts are before tax.
    """

    __table_args__ = identity(
        UniqueConstraint("owner_id", "number"), UniqueConstraint("owner_id", "supplier_id", "month", "version")
    )
    readers: ClassVar[tuple[str, ...]] = ("supplier_id",)

    supplier_id: UUID = Field(index=True)
    number: str = Field(max_length=40)
    month: date
    version: int = Field(default=1, sa_type=BigInteger)
    goods: Money = money()
    credit: Money = money()
    cancelled: Money = money(default=0)
    total: Money = money()
    currency: str = Field(max_length=3)
    lines: list[Any] = document(default_factory=list)
    credits: list[Any] = document(default_factory=list)
    cancellations: list[Any] = document(default_factory=list)
    issued_at: UtcDateTime = instant()


class StatementReply(Record, table=True):
    """What a supplier says to a statement: its own row, one for each."""

    __tablename__ = "statement_reply"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "statement_id"), owned("statement_id", "statement", by="buyer_id")
    )
    append_only: ClassVar[bool] = True
    readers: ClassVar[tuple[str, ...]] = ("buyer_id",)

    buyer_id: UUID
    statement_id: UUID = Field(index=True)
    agrees: bool
    words: str = Field(default="", max_length=400)
    replied_at: UtcDateTime = instant()
