"""On which terms a supplier sells: its prices for everybody and for one buyer, and how it delivers."""

from datetime import date, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from hub.models.base import Money, Record, document, identity, money, owned
from hub.models.party import PARTNERS

FOR_PARTNERS = f"buyer_id is null and {PARTNERS.format(owner='owner_id')}"
"""What is for everybody is for whom the supplier works with; what is for one buyer, that one reads, and no other."""
_EVERYBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
_DAYS = (
    "daterange(valid_from, least(valid_to + 1,"
    " case when ended_on is null then null else greatest(ended_on, valid_from) end))"
)
"""The days on which a price is one: of what was taken back before it began there are none."""


class Price(Record, table=True):
    """What a supplier asks for one unit of an item before tax, from a day until another, of one buyer or of everybody.

    Of one item for one buyer there is at most one a day. From ``ended_on`` on it is a price no more. ``breaks`` are
    what a unit costs from a quantity of a line on, as a list of {from, price} by their quantities.
    """

    __table_args__ = identity(
        owned("trade_item_id", "trade_item"),
        CheckConstraint("valid_to is null or valid_to >= valid_from", name="ends_after_it_begins"),
        CheckConstraint("price >= 0", name="not_negative"),
        ExcludeConstraint(
            (text("uuidrange(trade_item_id, trade_item_id, '[]')"), "&&"),
            (text(f"uuidrange(coalesce(buyer_id, {_EVERYBODY}), coalesce(buyer_id, {_EVERYBODY}), '[]')"), "&&"),
            (text(_DAYS), "&&"),
            name="ex_price_one_a_day",
            using="gist",
        ),
    )
    readers: ClassVar[tuple[str, ...]] = ("buyer_id",)
    read_if: ClassVar[str] = FOR_PARTNERS

    trade_item_id: UUID = Field(index=True)
    buyer_id: UUID | None = Field(default=None, index=True)
    valid_from: date
    valid_to: date | None = None
    price: Money = money()
    currency: str = Field(default="CNY", max_length=3)
    breaks: list[dict[str, str]] = document(default_factory=list)
    ended_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it is the price on a day."""
        ends = self.valid_to or date.max
        return self.valid_from <= day <= ends and (self.ended_on is None or day < self.ended_on)


class SupplyTerms(Record, table=True):
    """How a supplier delivers, to one buyer or to everybody: how long after an order, on which days, from what sum on.

    ``weekdays`` are ISO numbers with blanks between, empty for every day; ``days_off`` are days without deliveries.
    """

    __tablename__ = "supply_terms"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "buyer_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("lead_days >= 0 and minimum >= 0", name="not_negative"),
    )
    readers: ClassVar[tuple[str, ...]] = ("buyer_id",)
    read_if: ClassVar[str] = FOR_PARTNERS

    buyer_id: UUID | None = Field(default=None, index=True)
    lead_days: int = Field(sa_type=BigInteger)
    weekdays: str = Field(default="", max_length=13)
    minimum: Money = money(default=0)
    currency: str = Field(default="CNY", max_length=3)
    days_off: list[str] = document(default_factory=list)
    ended_on: date | None = None

    def delivers(self, day: date) -> bool:
        """Whether goods come on a day."""
        on = not self.weekdays or str(day.isoweekday()) in self.weekdays.split()
        return on and day.isoformat() not in self.days_off

    def next_day(self, day: date) -> date:
        """The first day not before another on which goods come."""
        while not self.delivers(day):
            day += timedelta(days=1)
        return day
