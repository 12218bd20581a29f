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


class PlanState(StrEnum):
    """A plan is made, looked at, and published to drivers."""

    DRAFT = "draft"
    PUBLISHED = "published"


class RoutePlan(Record, table=True):
    """The routes of one delivery day, and what could not be served with its reason."""

    __tablename__ = "route_plan"
    __table_args__ = identity()

    day: date = Field(index=True)
    state: PlanState = choice(PlanState, default=PlanState.DRAFT)
    planned_at: UtcDateTime = instant()
    published_at: UtcDateTime | None = instant(default=None)
    distance_m: int = 0
    cost: int = 0
    unserved: list[Any] = document(default_factory=list)


class Route(Record, table=True):
    """One vehicle's day."""

    __table_args__ = identity(owned("plan_id", "route_plan"), owned("vehicle_id", "vehicle"))

    plan_id: UUID = Field(index=True)
    vehicle_id: UUID
    distance_m: int
    departs_at: UtcDateTime = instant()
    returns_at: UtcDateTime = instant()


class Stop(Record, table=True):
    """A shipment delivered on a route: planned, arrived, handed over."""

    __table_args__ = identity(
        UniqueConstraint("owner_id", "route_id", "sequence"), owned("route_id", "route")
    )
    readers: ClassVar[tuple[str, ...]] = ("buyer_id",)

    buyer_id: UUID
    supplier_id: UUID
    route_id: UUID = Field(index=True)
    shipment_id: UUID = Field(index=True)
    place_id: UUID
    sequence: int
    planned_at: UtcDateTime = instant()
    arrived_at: UtcDateTime | None = instant(default=None)
    delivered_at: UtcDateTime | None = instant(default=None)
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
    """A reading outside the limits of its cold-chain class, captured as a sensor event."""

    __table_args__ = identity(owned("stop_id", "stop"))
    readers: ClassVar[tuple[str, ...]] = ("buyer_id", "supplier_id")

    buyer_id: UUID
    supplier_id: UUID
    stop_id: UUID
    shipment_id: UUID = Field(index=True)
    celsius: Quantity = quantity()
    lowest: Quantity = quantity()
    highest: Quantity = quantity()
    read_at: UtcDateTime = instant()
    event_id: UUID | None = None


class Receipt(Record, table=True):
    """What the store counted of one shipment; said once."""

    __table_args__ = identity(
        UniqueConstraint("owner_id", "shipment_id"), owned("shipment_id", "shipment", by="supplier_id")
    )
    readers: ClassVar[tuple[str, ...]] = ("supplier_id", "haulier_id")

    supplier_id: UUID = Field(index=True)
    haulier_id: UUID | None = None
    shipment_id: UUID = Field(index=True)
    place_id: UUID
    received_at: UtcDateTime = instant()
    disputed: bool = False
    note: str = Field(default="", max_length=400)
    event_id: UUID | None = None


class ReceiptLine(Record, table=True):
    """How much of a shipment's line was there, and how much of that was accepted."""

    __tablename__ = "receipt_line"
    __table_args__ = identity(
        owned("receipt_id", "receipt"),
        owned("shipment_line_id", "shipment_line", by="supplier_id"),
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
    )
    readers: ClassVar[tuple[str, ...]] = ("supplier_id", "haulier_id")

    supplier_id: UUID
    haulier_id: UUID | None = None
    receipt_id: UUID = Field(index=True)
    shipment_line_id: UUID = Field(index=True)
    lot_id: UUID
    trade_item_id: UUID
    announced: Quantity = quantity()
    quantity: Quantity = quantity()
    reason: str = Field(default="", max_length=200)
