"""Stock and sales as the supermarket's core tells them, and what the hub tells the core."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from hub.models.base import Quantity, Record, UtcDateTime, choice, document, identity, instant, quantity, waits

NEAR_ITS_DATE = timedelta(days=3)
"""So long before its best-before date a lot is near it: for buyers, stores and the head office alike."""


class CoreKind(StrEnum):
    """Which language a retailer's core speaks."""

    REST = "rest"
    TRYTON = "tryton"


class CoreConnection(Record, table=True):
    """How a retailer's core is reached; the token is sealed to this very row."""

    __tablename__ = "core_connection"
    __table_args__ = identity(UniqueConstraint("owner_id"))

    kind: CoreKind = choice(CoreKind)
    url: str = Field(max_length=300)
    database: str = Field(default="", max_length=60)
    token: str


class Assortment(Record, table=True):
    """A retailer carries an item of a supplier, under its core's own codes."""

    __table_args__ = identity(UniqueConstraint("owner_id", "trade_item_id"), UniqueConstraint("owner_id", "core_code"))
    readers: ClassVar[tuple[str, ...]] = ("supplier_id",)

    supplier_id: UUID
    trade_item_id: UUID = Field(index=True)
    core_code: str = Field(max_length=60)
    ended_on: date | None = None


class StockLevel(Record, table=True):
    """How much of an item is at a place, the level below which an order is proposed, and the level it fills to."""

    __tablename__ = "stock_level"
    __table_args__ = identity(UniqueConstraint("owner_id", "place_id", "trade_item_id"))

    place_id: UUID
    trade_item_id: UUID
    on_hand: Quantity = quantity()
    safety: Quantity = quantity(default=0)
    target: Quantity = quantity(default=0)
    as_of: UtcDateTime = instant()


class LotStock(Record, table=True):
    """How much of a lot is at a place."""

    __tablename__ = "lot_stock"
    __table_args__ = identity(UniqueConstraint("owner_id", "place_id", "trade_item_id", "lot"))

    place_id: UUID
    trade_item_id: UUID
    lot: str = Field(max_length=20)
    on_hand: Quantity = quantity()
    best_before: date | None = None


class SalesDay(Record, table=True):
    """What one place sold of one item on one business date."""

    __tablename__ = "sales_day"
    __table_args__ = identity(UniqueConstraint("owner_id", "place_id", "trade_item_id", "day"))

    place_id: UUID
    trade_item_id: UUID
    day: date
    quantity: Quantity = quantity()


class CoreCursor(Record, table=True):
    """How far each feed of the core has been read, and which of its names the hub did not know on the way."""

    __tablename__ = "core_cursor"
    __table_args__ = identity(UniqueConstraint("owner_id", "feed"))

    feed: str = Field(max_length=24)
    cursor: str = Field(default="", max_length=200)
    unknown: list[str] = document(default_factory=list)
    read_at: UtcDateTime | None = instant(default=None)


class CommandState(StrEnum):
    """What became of a write to the core."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


class CoreCommand(Record, table=True):
    """A write the core must take exactly once, under a key that says the same thing for ever."""

    __tablename__ = "core_command"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "key"), waits("wait_core_command_due", "next_at", until="state = 'waiting'")
    )

    key: str = Field(max_length=80)
    kind: str = Field(max_length=24)
    body: dict[str, Any] = document(default_factory=dict)
    state: CommandState = choice(CommandState, default=CommandState.WAITING)
    attempts: int = 0
    next_at: UtcDateTime = instant()
    settled_at: UtcDateTime | None = instant(default=None)
    answer: str = ""
    trace: UUID | None = None


class Drift(Record, table=True):
    """A difference between hub and core that a comparison found."""

    __table_args__ = identity()

    place_id: UUID
    trade_item_id: UUID
    lot: str = Field(default="", max_length=20)
    hub: Quantity = quantity()
    core: Quantity = quantity()
    found_at: UtcDateTime = instant()
    settled_at: UtcDateTime | None = instant(default=None)
