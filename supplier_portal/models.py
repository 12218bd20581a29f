"""What the two sides of the trade tell each other about demand."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Quantity, Record, UtcDateTime, choice, identity, instant, owned, quantity
from hub.models.party import PARTNERS

_SHARED = "supplier_id = (select app_org()) and exists (select 1 from forecast f where f.id = {table}.forecast_id)"


class Forecast(Record, table=True):
    """A run of forecasts of one retailer, made at one time from sales up to a day; its own until shared."""

    __table_args__ = identity()
    read_if: ClassVar[str] = f"shared_at is not null and {PARTNERS.format(owner='owner_id')}"

    made_at: UtcDateTime = instant(index=True)
    through: date
    method: str = Field(max_length=40)
    series: int = 0
    shared_at: UtcDateTime | None = instant(default=None)


class ForecastLine(Record, table=True):
    """What one place will sell of one item in one ISO week (Monday): P10, P50, P90 of the week's sum."""

    __tablename__ = "forecast_line"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "forecast_id", "place_id", "trade_item_id", "week"),
        owned("forecast_id", "forecast"),
    )
    read_if: ClassVar[str] = _SHARED.format(table="forecast_line")

    forecast_id: UUID
    supplier_id: UUID = Field(index=True)
    place_id: UUID
    trade_item_id: UUID
    week: date
    p10: Quantity = quantity()
    p50: Quantity = quantity()
    p90: Quantity = quantity()


class SharedForecast(Record, table=True):
    """The retailer's demand for one item in one ISO week over all its places, as its supplier sees it.

    ``actual`` is what was sold, written once the week is over, so that the error of exactly this forecast shows.
    """

    __tablename__ = "shared_forecast"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "forecast_id", "trade_item_id", "week"), owned("forecast_id", "forecast")
    )
    read_if: ClassVar[str] = _SHARED.format(table="shared_forecast")

    forecast_id: UUID
    supplier_id: UUID = Field(index=True)
    trade_item_id: UUID
    week: date
    p10: Quantity = quantity()
    p50: Quantity = quantity()
    p90: Quantity = quantity()
    actual: Quantity | None = quantity(default=None)


class CommitmentKind(StrEnum):
    """A supplier commits to what was asked, or answers lower."""

    FULL = "full"
    LOWER = "lower"


class Commitment(Record, table=True):
    """How much of an item a supplier will have for a retailer in an ISO week (Monday)."""

    __table_args__ = identity(
        UniqueConstraint("owner_id", "buyer_id", "trade_item_id", "week"),
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
    )
    readers: ClassVar[tuple[str, ...]] = ("buyer_id",)

    buyer_id: UUID = Field(index=True)
    trade_item_id: UUID
    week: date
    kind: CommitmentKind = choice(CommitmentKind)
    asked: Quantity = quantity()
    quantity: Quantity = quantity()
    committed_at: UtcDateTime = instant()


class SupplyPolicy(Record, table=True):
    """How a retailer orders from a supplier: days until it delivers, days between looks, and the service aimed at."""

    __tablename__ = "supply_policy"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "supplier_id"),
        CheckConstraint("lead_days >= 1 and review_days >= 1", name="days_positive"),
        CheckConstraint("service > 0 and service < 1", name="service_is_a_share"),
    )

    supplier_id: UUID
    lead_days: int = 1
    review_days: int = 1
    service: float = 0.95


class ProposalReason(Record, table=True):
    """Why a line was proposed: the store's figures of that moment, which stay the buyer's alone."""

    __tablename__ = "proposal_reason"
    __table_args__ = identity(UniqueConstraint("owner_id", "order_line_id"), owned("order_id", "purchase_order"))

    order_id: UUID = Field(index=True)
    order_line_id: UUID
    on_hand: Quantity = quantity()
    on_order: Quantity = quantity()
    reorder: Quantity = quantity()
    target: Quantity = quantity()


class AnswerLink(Record, table=True):
    """A link in a letter by which a person answers one order of the organisation's, once; kept as its SHA-256."""

    __tablename__ = "answer_link"
    __table_args__ = identity(UniqueConstraint("token_hash"))

    order_id: UUID = Field(index=True)
    user_id: UUID
    token_hash: bytes
    expires_at: UtcDateTime = instant(index=True)
    used_at: UtcDateTime | None = instant(default=None)
