"""What the reference core is told, as it reads it (docs/reference/core-profile.md)."""

from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, Field


class ReceivedLine(BaseModel):
    """One lot of one item in a delivery."""

    item: str
    lot: str = Field(max_length=20)
    best_before: date | None = None
    quantity: Decimal = Field(gt=0)
    unit: str


class Receipt(BaseModel):
    """A delivery as a store accepted it."""

    reference: str
    supplier: str
    place: str
    received_at: datetime
    lines: list[ReceivedLine] = Field(min_length=1)


class AdjustedLine(BaseModel):
    """How much more, or less, there is of an item, of a lot where one is known."""

    item: str
    lot: str | None = Field(default=None, max_length=20)
    best_before: date | None = None
    quantity: Decimal
    unit: str


class Adjustment(BaseModel):
    """Stock that changed otherwise than by a delivery or a sale."""

    reference: str
    reason: str
    place: str
    other_place: str | None = None
    at: datetime
    note: str = ""
    lines: list[AdjustedLine] = Field(min_length=1)


class Markdown(BaseModel):
    """A lower price of a lot at a place."""

    reference: str
    place: str
    item: str
    lot: str | None = None
    price: Decimal = Field(ge=0)
    currency: str
    ends_on: date
    at: datetime


class SoldLine(BaseModel):
    """A line at the till."""

    item: str
    quantity: Decimal = Field(gt=0)


class Till(BaseModel):
    """What a store sold on a business date."""

    place: str
    day: date
    lines: list[SoldLine]
