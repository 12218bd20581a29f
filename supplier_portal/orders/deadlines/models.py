"""How long each supplier may think about an order, who else hears of it, and whose item comes in its place."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Quantity, Record, UtcDateTime, identity, instant, owned, quantity


class AnswerTime(Record, table=True):
    """How long a buyer lets one supplier think, where that is not as with its others.

    ``fallback_hours`` after the deadline what is not answered is ordered from the items' fallback suppliers; never by
    itself where it says nothing. The supplier reads both.
    """

    __tablename__ = "answer_time"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "supplier_id"),
        CheckConstraint("hours > 0 and fallback_hours >= 0", name="hours_not_negative"),
    )
    readers: ClassVar[tuple[str, ...]] = ("supplier_id",)

    supplier_id: UUID = Field(index=True)
    hours: int = Field(sa_type=BigInteger)
    fallback_hours: int | None = Field(default=None, sa_type=BigInteger)
    ended_on: date | None = None


class SecondPerson(Record, table=True):
    """Whom a supplier tells of a buyer's order that nobody has answered: ``hours_before`` its deadline.

    Without a buyer it is for all that have none of their own; without a person it is the administrators.
    """

    __tablename__ = "second_person"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "buyer_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("hours_before >= 0", name="hours_not_negative"),
    )

    buyer_id: UUID | None = None
    user_id: UUID | None = None
    hours_before: int = Field(default=0, sa_type=BigInteger)
    ended_on: date | None = None


class Fallback(Record, table=True):
    """If one supplier's item fails, a buyer asks for another's: both are in its assortment. The buyer's alone."""

    __table_args__ = identity(
        UniqueConstraint("owner_id", "trade_item_id"),
        CheckConstraint("trade_item_id <> fallback_item_id", name="another_item"),
    )

    trade_item_id: UUID
    supplier_id: UUID
    fallback_item_id: UUID
    fallback_supplier_id: UUID
    ended_on: date | None = None


class MovedLine(Record, table=True):
    """What of an order's line was ordered anew by another order, as its supplier failed; the buyer's alone.

    ``automatic`` where nobody clicked.
    """

    __tablename__ = "moved_line"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "order_line_id", "new_order_id"),
        owned("order_line_id", "order_line"),
        owned("new_order_id", "purchase_order"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    order_id: UUID = Field(index=True)
    order_line_id: UUID
    new_order_id: UUID
    quantity: Quantity = quantity()
    automatic: bool = False
    moved_at: UtcDateTime = instant()
