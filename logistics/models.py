"""Vehicles, routes and stops; readings and excursions; what the store counted."""

from datetime import date, time
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from hub.models.base import (
    Quantity,
    Record,
    UtcDateTime,
    choice,
    document,
    identity,
    instant,
    owned,
    quantity,
)
from hub.models.catalogue import Temperature


class Vehicle(Record, table=True):
    """A van or lorry, its limits and its working day."""

    __table_args__ = identity(UniqueConstraint("owner_id", "plate"), owned("depot_id", "place"))

    plate: str = Field(max_length=20)
    depot_id: UUID
    driver_id: UUID | None = None
    capacity_kg: Quantity = quantity()
    capacity_pallets: Quantity = quantity()
    temperature: Temperature = choice(Temperature)
    shift_start: time = time(4, 0)
    shift_end: time = time(14, 0)
    fixed_cost: int = 300
    cost_per_km: int = 3
    retired_at: UtcDateTime | None = instant(default=None)


class PlanState(StrEnum):
    """A plan is asked for, made, looked at, and published to drivers and stores."""

    PLANNING = "planning"
    FAILED = "failed"
    DRAFT = "draft"
    PUBLISHED = "published"


class RoutePlan(Record, table=True):
    """The routes of one delivery day, and what could not be served with its reason.

    ``seconds`` is how long the search may take, ``begun_at`` when it last began, ``attempts`` how often. ``searched``
    is False where it failed and the routes were filled up stop by stop; ``failure`` says which figure kept a plan from
    being made at all.
    """

    __tablename__ = "route_plan"
    __table_args__ = identity()

    day: date = Field(index=True)
    state: PlanState = choice(PlanState, default=PlanState.DRAFT)
    planned_at: UtcDateTime = instant()
    published_at: UtcDateTime | None = instant(default=None)
    seconds: int = 10
    begun_at: UtcDateTime | None = instant(default=None)
    attempts: int = 0
    distance_m: int = 0
    cost: int = 0
    unserved: list[Any] = document(default_factory=list)
    searched: bool = True
    failure: dict[str, Any] = document(default_factory=dict)


class Route(Record, table=True):
    """One vehicle's day."""

    __table_args__ = identity(owned("plan_id", "route_plan"), owned("vehicle_id", "vehicle"))

    plan_id: UUID = Field(index=True)
    vehicle_id: UUID
    distance_m: int
    departs_at: UtcDateTime = instant()
    returns_at: UtcDateTime = instant()


class Stop(Record, table=True):
    """A shipment delivered on a route: planned, expected, arrived, handed over.

    Who gets it and who sent it read it once its plan is published. ``plate`` is for them, who cannot read vehicles.
    """

    __table_args__ = identity(UniqueConstraint("owner_id", "route_id", "sequence"), owned("route_id", "route"))
    read_if: ClassVar[str] = (
        "published_at is not null and (buyer_id = (select app_org()) or supplier_id = (select app_org()))"
    )

    buyer_id: UUID
    supplier_id: UUID
    route_id: UUID = Field(index=True)
    shipment_id: UUID = Field(index=True)
    place_id: UUID
    sequence: int
    plate: str = Field(max_length=20)
    opens_at: UtcDateTime = instant()
    closes_at: UtcDateTime = instant()
    planned_at: UtcDateTime = instant()
    leaves_at: UtcDateTime = instant()
    expected_at: UtcDateTime = instant()
    published_at: UtcDateTime | None = instant(default=None)
    arrived_at: UtcDateTime | None = instant(default=None)
    arrived_as: str = Field(default="", max_length=24)
    delivered_at: UtcDateTime | None = instant(default=None)
    delivered_as: str = Field(default="", max_length=24)
    received_by: str = Field(default="", max_length=80)


class Reading(Record, table=True):
    """A temperature on the way, in °C."""

    __table_args__ = identity(owned("stop_id", "stop"))
    readers: ClassVar[tuple[str, ...]] = ("buyer_id", "supplier_id")

    buyer_id: UUID
    supplier_id: UUID
    stop_id: UUID = Field(index=True)
    shipment_id: UUID = Field(index=True)
    celsius: Quantity = quantity()
    read_at: UtcDateTime = instant()


class Excursion(Record, table=True):
    """The first reading of a stop above, or below, the limits of its cold-chain class; captured as a sensor event."""

    __table_args__ = identity(UniqueConstraint("owner_id", "stop_id", "above"), owned("stop_id", "stop"))
    readers: ClassVar[tuple[str, ...]] = ("buyer_id", "supplier_id")

    buyer_id: UUID
    supplier_id: UUID
    stop_id: UUID
    shipment_id: UUID = Field(index=True)
    above: bool
    celsius: Quantity = quantity()
    lowest: Quantity = quantity()
    highest: Quantity = quantity()
    read_at: UtcDateTime = instant()
    event_id: UUID | None = None


class Receipt(Record, table=True):
    """What the store counted of one shipment; said once.

    Until it is ``told`` nobody but its store knows of it and it may be undone: then an `EarlierReceipt` keeps what it
    said. ``final_at`` is when it is told by itself; of those that were told at once there is none.
    """

    __table_args__ = identity(
        UniqueConstraint("owner_id", "shipment_id"), owned("shipment_id", "shipment", by="supplier_id")
    )
    read_if: ClassVar[str] = (
        "(final_at is null or told_at is not null)"
        " and (supplier_id = (select app_org()) or haulier_id = (select app_org()))"
    )

    supplier_id: UUID = Field(index=True)
    haulier_id: UUID | None = None
    shipment_id: UUID = Field(index=True)
    place_id: UUID
    received_at: UtcDateTime = instant()
    final_at: UtcDateTime | None = instant(default=None)
    told_at: UtcDateTime | None = instant(default=None)
    disputed: bool = False
    note: str = Field(default="", max_length=400)
    event_id: UUID | None = None

    @property
    def told(self) -> bool:
        """Whether others know of it."""
        return self.final_at is None or self.told_at is not None


class ReceiptLine(Record, table=True):
    """How much of a shipment's line was there, how much of that was accepted, and how much was wrong in some way."""

    __tablename__ = "receipt_line"
    __table_args__ = identity(
        owned("receipt_id", "receipt"),
        owned("shipment_line_id", "shipment_line", by="supplier_id"),
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
    )
    read_if: ClassVar[str] = (
        "(supplier_id = (select app_org()) or haulier_id = (select app_org()))"
        " and exists (select 1 from receipt r where r.id = receipt_line.receipt_id)"
    )

    supplier_id: UUID
    haulier_id: UUID | None = None
    receipt_id: UUID = Field(index=True)
    shipment_line_id: UUID = Field(index=True)
    lot_id: UUID
    trade_item_id: UUID
    announced: Quantity = quantity()
    concerned: Quantity = quantity(default=0)
    quantity: Quantity = quantity()
    reason: str = Field(default="", max_length=200)


class EarlierReceipt(Record, table=True):
    """A receipt that its store undid before anybody was told, as it stood.

    Its lines are a list of {line, quantity, concerned, reason}.
    """

    __tablename__ = "earlier_receipt"
    __table_args__ = identity()
    append_only: ClassVar[bool] = True

    shipment_id: UUID = Field(index=True)
    receipt_id: UUID
    received_at: UtcDateTime = instant()
    undone_at: UtcDateTime = instant()
    disputed: bool = False
    note: str = Field(default="", max_length=400)
    lines: list[Any] = document(default_factory=list)


class ReceiptPart(Record, table=True):
    """What a store counted of a shipment while more of it was still to come; ``lines`` as an `EarlierReceipt` has."""

    __tablename__ = "receipt_part"
    __table_args__ = identity()

    shipment_id: UUID = Field(index=True)
    counted_at: UtcDateTime = instant()
    lines: list[Any] = document(default_factory=list)
