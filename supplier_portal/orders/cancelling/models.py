"""Until when a supplier lets a buyer call an order off for nothing, what is owed after that, and what came of it."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Numeric, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Money, Record, UtcDateTime, document, identity, instant, money, owned


class CancelTerm(Record, table=True):
    """What a supplier asks of one buyer: ``free_hours`` before the day of delivery cancelling costs nothing any more.

    After that ``share`` of a line's value is owed. A later one takes its place once its buyer agrees; with a share of 0
    nothing is owed.
    """

    __tablename__ = "cancel_term"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "buyer_id", "version"),
        CheckConstraint("free_hours >= 0 and share between 0 and 1", name="possible"),
    )
    append_only: ClassVar[bool] = True
    readers: ClassVar[tuple[str, ...]] = ("buyer_id",)

    buyer_id: UUID = Field(index=True)
    version: int = Field(sa_type=BigInteger)
    free_hours: int = Field(sa_type=BigInteger)
    share: Decimal = Field(sa_type=Numeric(4, 3))
    stated_at: UtcDateTime = instant()


class CancelTermReply(Record, table=True):
    """What a buyer says to such a term: its own row, one for each."""

    __tablename__ = "cancel_term_reply"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "term_id"), owned("term_id", "cancel_term", by="supplier_id")
    )
    append_only: ClassVar[bool] = True
    readers: ClassVar[tuple[str, ...]] = ("supplier_id",)

    supplier_id: UUID = Field(index=True)
    term_id: UUID = Field(index=True)
    agrees: bool
    words: str = Field(default="", max_length=400)
    replied_at: UtcDateTime = instant()


class Cancellation(Record, table=True):
    """An order on which both had agreed, called off by its buyer: what of it no longer comes, and what is owed for it.

    ``lines`` is a list of {line, item, gtin, quantity, unit, price, owed}, in the order's currency and before tax;
    ``version`` the turn of the talk up to which it was agreed, ``term_id`` by which term it was reckoned.
    """

    __table_args__ = identity(UniqueConstraint("owner_id", "order_id"), owned("order_id", "purchase_order"))
    append_only: ClassVar[bool] = True
    readers: ClassVar[tuple[str, ...]] = ("supplier_id",)

    supplier_id: UUID = Field(index=True)
    order_id: UUID
    number: str = Field(max_length=30)
    version: int = Field(sa_type=BigInteger)
    term_id: UUID | None = None
    cancelled_at: UtcDateTime = instant()
    day: date
    owed: Money = money()
    currency: str = Field(max_length=3)
    lines: list[Any] = document(default_factory=list)
