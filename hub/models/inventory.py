"""Stock and sales as the supermarket's core tells them, and what the hub tells the core."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Quantity, Record, UtcDateTime, choice, document, identity, instant, owned, quantity, waits

NEAR_ITS_DATE = timedelta(days=3)
"""So long before its best-before date a lot is near it: for buyers, stores and the head office alike."""


class CoreKind(StrEnum):
    """Which language a retailer's core speaks."""

    REST = "rest"
    TRYTON = "tryton"


class CoreConnection(Record, table=True):
    """How a retailer's core is reached; the token is sealed to this very row.

    A connection that is paused is not asked; one that has ended has no token, and what waits for it goes on waiting.
    ``trouble`` is the code of what the last round met, and empty when the core answered. Nothing is known of whether
    both agree before ``compared_at``.
    """

    __tablename__ = "core_connection"
    __table_args__ = identity(UniqueConstraint("owner_id"))

    kind: CoreKind = choice(CoreKind)
    url: str = Field(max_length=300)
    database: str = Field(default="", max_length=60)
    token: str
    paused_at: UtcDateTime | None = instant(default=None)
    ended_at: UtcDateTime | None = instant(default=None)
    asked_at: UtcDateTime | None = instant(default=None)
    answered_at: UtcDateTime | None = instant(default=None)
    compared_at: UtcDateTime | None = instant(default=None)
    trouble: str = Field(default="", max_length=40)


class PlaceInCore(Record, table=True):
    """A store as the core knows it, and which place of the retailer it is; ``set_aside`` when it is none of them."""

    __tablename__ = "place_in_core"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "code"), UniqueConstraint("owner_id", "place_id"), owned("place_id", "place")
    )

    code: str = Field(max_length=60)
    name: str = Field(max_length=200)
    place_id: UUID | None = None
    set_aside: bool = False


class ItemInCore(Record, table=True):
    """An item as the core knows it. Which item of the assortment it is, that one's ``core_code`` says."""

    __tablename__ = "item_in_core"
    __table_args__ = identity(UniqueConstraint("owner_id", "code"))

    code: str = Field(max_length=60)
    gtin: str = Field(max_length=60)
    name: str = Field(max_length=200)
    unit: str = Field(max_length=12)
    set_aside: bool = False


class Assortment(Record, table=True):
    """A retailer carries an item of a supplier, under its core's own codes.

    Where it says so, each store keeps ``safety`` of it in reserve, an order lasts for ``review_days``, and on receipt a
    lot has ``least_days_left`` until its best-before date.
    """

    __table_args__ = identity(UniqueConstraint("owner_id", "trade_item_id"), UniqueConstraint("owner_id", "core_code"))
    readers: ClassVar[tuple[str, ...]] = ("supplier_id",)

    supplier_id: UUID
    trade_item_id: UUID = Field(index=True)
    core_code: str = Field(max_length=60)
    safety: Quantity | None = quantity(default=None)
    review_days: int | None = Field(default=None, sa_type=BigInteger)
    least_days_left: int | None = Field(default=None, sa_type=BigInteger)
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
    """How far each feed of the core has been read, and which of its names the hub did not know on the way.

    ``begun_at`` is when it was begun from the start, ``filled_at`` when it was first read to its end, ``rows_read`` how
    many rows that took so far, and ``rows_left`` how many the core says are to come.
    """

    __tablename__ = "core_cursor"
    __table_args__ = identity(UniqueConstraint("owner_id", "feed"))

    feed: str = Field(max_length=24)
    cursor: str = Field(default="", max_length=200)
    unknown: list[str] = document(default_factory=list)
    read_at: UtcDateTime | None = instant(default=None)
    begun_at: UtcDateTime | None = instant(default=None)
    filled_at: UtcDateTime | None = instant(default=None)
    rows_read: int = Field(default=0, sa_type=BigInteger)
    rows_left: int | None = Field(default=None, sa_type=BigInteger)


class CommandState(StrEnum):
    """What became of a write to the core."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    UNTOLD = "untold"
    """Nobody is to hear it: the retailer had no core when it came to be."""


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
