"""Goods written off and marked down, stock-takes with their counts, transfers between stores: a chain's own rows."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from hub.models.base import (
    Money,
    Quantity,
    Record,
    UtcDateTime,
    choice,
    identity,
    instant,
    money,
    owned,
    quantity,
    waits,
)


class WriteOffReason(StrEnum):
    """Why goods leave the stock without being sold."""

    SPOILED = "spoiled"
    EXPIRED = "expired"
    DAMAGED = "damaged"
    THEFT = "theft"
    OWN_USE = "own-use"
    TASTING = "tasting"
    DONATED = "donated"


def _made_once(*more: Any) -> tuple[Any, ...]:
    """Who sends a thing names it, so that what is sent again is there once."""
    return identity(UniqueConstraint("owner_id", "said_as"), owned("place_id", "place"), *more)


class WriteOff(Record, table=True):
    """Goods of one lot that left a store's stock unsold, why, and to whom they were given where they were donated."""

    __tablename__ = "write_off"
    __table_args__ = _made_once()

    place_id: UUID = Field(index=True)
    trade_item_id: UUID
    lot: str = Field(default="", max_length=20)
    best_before: date | None = None
    quantity: Quantity = quantity()
    unit: str = Field(max_length=12)
    reason: WriteOffReason = choice(WriteOffReason)
    recipient: str = Field(default="", max_length=120)
    note: str = Field(default="", max_length=200)
    said_as: UUID
    written_at: UtcDateTime = instant()
    undone_at: UtcDateTime | None = instant(default=None)


class Markdown(Record, table=True):
    """A lower price of one lot at one store, until a day; ``was`` is what it cost before, where the store said."""

    __table_args__ = _made_once()

    place_id: UUID = Field(index=True)
    trade_item_id: UUID
    lot: str = Field(default="", max_length=20)
    best_before: date | None = None
    price: Money = money()
    was: Money | None = money(default=None)
    currency: str = Field(max_length=3)
    ends_on: date
    said_as: UUID
    written_at: UtcDateTime = instant()
    undone_at: UtcDateTime | None = instant(default=None)


class Listing(StrEnum):
    """Which items a count sheet has."""

    ALL = "all"
    CATEGORY = "category"
    ABC = "abc"
    ODD = "odd"
    """Stock below zero, or other than what the stock system says."""


class StockTake(Record, table=True):
    """A count sheet of a store; ``part`` is the category or the class (A, B, C) that it lists.

    Lines whose difference is worth more than ``threshold`` are counted again, by somebody else, once counting is over.
    """

    __tablename__ = "stock_take"
    __table_args__ = _made_once(
        waits("wait_stock_take_open", "place_id", until="approved_at is null and dropped_at is null")
    )

    place_id: UUID = Field(index=True)
    listing: Listing = choice(Listing)
    part: str = Field(default="", max_length=60)
    blind: bool = True
    threshold: Money = money()
    said_as: UUID
    begun_at: UtcDateTime = instant()
    counted_at: UtcDateTime | None = instant(default=None)
    approved_at: UtcDateTime | None = instant(default=None)
    approved_by: UUID | None = None
    dropped_at: UtcDateTime | None = instant(default=None)


class StockTakeLine(Record, table=True):
    """An item on a count sheet: what the books said when the sheet was made, and what it costs.

    ``again`` says that it is to be counted once more; ``difference`` is what the approval told the stock system.
    """

    __tablename__ = "stock_take_line"
    __table_args__ = identity(UniqueConstraint("owner_id", "take_id", "trade_item_id"), owned("take_id", "stock_take"))

    take_id: UUID
    trade_item_id: UUID
    expected: Quantity = quantity()
    price: Money = money()
    currency: str = Field(max_length=3)
    again: bool = False
    difference: Quantity | None = quantity(default=None)


class StockCount(Record, table=True):
    """What one person counted of a line at one spot; all counts of a round together are what there is.

    ``on_hand`` is what the books said as it was counted, so that what is sold in between is no difference.
    """

    __tablename__ = "stock_count"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "said_as"),
        owned("take_id", "stock_take"),
        owned("line_id", "stock_take_line"),
    )

    take_id: UUID = Field(index=True)
    line_id: UUID = Field(index=True)
    round: int = Field(default=1, sa_type=BigInteger)
    on_hand: Quantity = quantity()
    quantity: Quantity = quantity()
    said_as: UUID
    counted_at: UtcDateTime = instant()
    undone_at: UtcDateTime | None = instant(default=None)


class Transfer(Record, table=True):
    """Goods of one item from one store to another of the chain, with who did each step when.

    ``offered`` is what the other store can give, ``shipped`` what left it of a lot, ``received`` what came.
    """

    __tablename__ = "stock_transfer"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "said_as"),
        owned("from_id", "place"),
        owned("to_id", "place"),
        waits("wait_stock_transfer", "from_id", "to_id", until="received_at is null and declined_at is null"),
    )

    from_id: UUID = Field(index=True)
    to_id: UUID = Field(index=True)
    trade_item_id: UUID
    unit: str = Field(max_length=12)
    said_as: UUID
    note: str = Field(default="", max_length=200)
    asked: Quantity = quantity()
    asked_at: UtcDateTime = instant()
    offered: Quantity | None = quantity(default=None)
    offered_at: UtcDateTime | None = instant(default=None)
    offered_by: UUID | None = None
    declined_at: UtcDateTime | None = instant(default=None)
    declined_by: UUID | None = None
    lot: str = Field(default="", max_length=20)
    best_before: date | None = None
    shipped: Quantity | None = quantity(default=None)
    shipped_at: UtcDateTime | None = instant(default=None)
    shipped_by: UUID | None = None
    received: Quantity | None = quantity(default=None)
    received_at: UtcDateTime | None = instant(default=None)
    received_by: UUID | None = None
