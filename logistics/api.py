"""Logistics over HTTP: a driver's or a device's app reports from the way, a store's system counts what came.

Quantities come as text and are taken as text or numbers, in the line's unit (UN/ECE Recommendation 20); shipments are
named by the number of their dispatch advice, or by their SSCC.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.inputs import Day, Moment
from hub.models.base import now, plain
from hub.models.trade import Shipment
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.idempotency import KeyReused, OnceDep
from hub.web.problems import problems
from hub.web.routing import Router
from logistics import shipments
from logistics.drive import tracking
from logistics.models import Excursion, Receipt, Stop
from logistics.receive import receiving
from logistics.receive.receiving import Announced
from logistics.shipments import Standing

router = Router(prefix="/api", tags=["Logistics"])
_READS = requires(
    Permission.PLAN_ROUTES,
    Permission.DRIVE,
    Permission.RECEIVE_GOODS,
    Permission.ANSWER_ORDERS,
    Permission.PLACE_ORDERS,
)
_DRIVES = requires(Permission.DRIVE)
_COUNTS = requires(Permission.RECEIVE_GOODS)
_SKEW = timedelta(minutes=5)


class Happened(BaseModel):
    """When something happened, where it was not just now."""

    at: Moment | None = None


class HandOver(Happened):
    """Who took the goods."""

    received_by: str = Field(min_length=1, max_length=80)


class Temperature(Happened):
    """What a thermometer beside the goods showed."""

    celsius: Decimal = Field(ge=-80, le=80, max_digits=5, decimal_places=2)


Supplier = Annotated[str, Query(max_length=13, description="The supplier's GLN, where two sent one number.")]


@router.get("/shipments", dependencies=[_READS])
def list_shipments(
    actor: ActorDep,
    session: SessionDep,
    deliver_on: Day | None = None,
    q: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """The shipments you send, drive or receive, the latest day first. `q` searches numbers, SSCCs and places."""
    found = shipments.standings(
        session,
        actor,
        day=deliver_on,
        search=q,
        place_id=actor.place_id,
        offset=(page - 1) * size,
        limit=size,
    )
    return {"shipments": [_standing(one) for one in found], "page": page, "size": size}


@router.get("/shipments/{number}", dependencies=[_READS], responses=problems(NotFound, shipments.NumberNotUnique))
def show_shipment(number: str, session: SessionDep, supplier: Supplier = "") -> dict[str, Any]:
    """One shipment with the lines you may see, its excursions, and its receipt once it was counted."""
    shipment = shipments.find(session, number, supplier)
    receipt = receiving.receipt_of(session, shipment)
    return _head(shipment) | {
        "lines": [_line(one) for one in receiving.announced(session, shipment)],
        "excursions": [_excursion(one) for one in tracking.excursions(session, [shipment.id]).get(shipment.id, [])],
        "receipt": None if receipt is None else _receipt(session, receipt),
    }


@router.post(
    "/shipments/{number}/receipt", status_code=201, dependencies=[_COUNTS],
    responses=problems(NotFound, NotAllowed, shipments.NumberNotUnique, receiving.AlreadyReceived,
                       receiving.MoreThanAnnounced, receiving.ReasonNeeded, InvalidInput, KeyReused),
)  # fmt: skip
def receive_shipment(
    number: str, count: receiving.Counted, actor: ActorDep, session: SessionDep, once: OnceDep, supplier: Supplier = ""
) -> JSONResponse:
    """Count every line of a shipment, once; a line that is short says why."""
    shipment = shipments.find(session, number, supplier)

    def work() -> dict[str, Any]:
        return _receipt(session, receiving.receive(session, actor, shipment, count, at=now()))

    return once.answer(session, work, status=201)


@router.post("/stops/{stop_id}/arrival", dependencies=[_DRIVES], responses=problems(NotFound, NotAllowed, InvalidInput))
def arrive(stop_id: UUID, actor: ActorDep, session: SessionDep, said: Happened | None = None) -> dict[str, Any]:
    """The vehicle is at a stop; said again, the first time counts."""
    stop = tracking.find(session, actor, stop_id)
    return _stop(tracking.arrive(session, actor, stop, at=_moment(said)))


@router.post(
    "/stops/{stop_id}/delivery", dependencies=[_DRIVES],
    responses=problems(NotFound, NotAllowed, tracking.NotArrived, tracking.AlreadyHandedOver, InvalidInput),
)  # fmt: skip
def deliver(stop_id: UUID, said: HandOver, actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """Somebody took the goods of a stop."""
    stop = tracking.find(session, actor, stop_id)
    return _stop(tracking.deliver(session, actor, stop, said.received_by, at=_moment(said)))


@router.post(
    "/stops/{stop_id}/temperatures", status_code=201, dependencies=[_DRIVES],
    responses=problems(NotFound, NotAllowed, InvalidInput, KeyReused),
)  # fmt: skip
def read_temperature(
    stop_id: UUID, said: Temperature, actor: ActorDep, session: SessionDep, once: OnceDep
) -> JSONResponse:
    """A temperature of the goods for a stop; the answer says whether it was outside their limits."""
    stop, at = tracking.find(session, actor, stop_id), _moment(said)

    def work() -> dict[str, Any]:
        found = tracking.read_temperature(session, actor, stop, said.celsius, at=at)
        excursion = None if found is None else _excursion(found)
        return {"celsius": str(said.celsius), "at": at.isoformat(), "excursion": excursion}

    return once.answer(session, work, status=201)


def _moment(said: Happened | None) -> datetime:
    at = now()
    if said is None or said.at is None:
        return at
    if said.at > at + _SKEW:
        raise InvalidInput("This time is still to come.", at="at")
    return said.at


def _head(shipment: Shipment) -> dict[str, Any]:
    return {
        "number": shipment.number,
        "sscc": shipment.sscc,
        "deliver_on": shipment.deliver_on.isoformat(),
        "shipped_at": shipment.shipped_at.isoformat(),
        "temperature": shipment.temperature,
        "weight_kg": plain(shipment.weight_kg),
        "pallets": plain(shipment.pallets),
    }


def _standing(one: Standing) -> dict[str, Any]:
    return _head(one.shipment) | {
        "deliver_to": one.place.gln if one.place else None,
        "buyer": one.buyer.gln if one.buyer else None,
        "stop": _stop(one.stop) if one.stop else None,
        "received_at": one.receipt.received_at.isoformat() if one.receipt else None,
    }


def _line(one: Announced) -> dict[str, Any]:
    return {
        "line": str(one.line.id),
        "gtin": one.item.gtin,
        "lot": one.lot.number,
        "unit": one.line.unit,
        "best_before": one.lot.best_before.isoformat() if one.lot.best_before else None,
        "quantity": plain(one.line.quantity),
    }


def _stop(stop: Stop) -> dict[str, Any]:
    return {
        "id": str(stop.id),
        "plate": stop.plate,
        "sequence": stop.sequence,
        "planned_at": stop.planned_at.isoformat(),
        "expected_at": stop.expected_at.isoformat(),
        "arrived_at": stop.arrived_at.isoformat() if stop.arrived_at else None,
        "delivered_at": stop.delivered_at.isoformat() if stop.delivered_at else None,
        "received_by": stop.received_by,
    }


def _excursion(one: Excursion) -> dict[str, Any]:
    return {
        "celsius": plain(one.celsius),
        "lowest": plain(one.lowest),
        "highest": plain(one.highest),
        "at": one.read_at.isoformat(),
    }


def _receipt(session: SessionDep, receipt: Receipt) -> dict[str, Any]:
    lines = receiving.counted(session, receipt).values()
    return {
        "id": str(receipt.id),
        "received_at": receipt.received_at.isoformat(),
        "disputed": receipt.disputed,
        "note": receipt.note,
        "lines": [
            {
                "line": str(line.shipment_line_id),
                "announced": plain(line.announced),
                "quantity": plain(line.quantity),
                "reason": line.reason,
            }
            for line in sorted(lines, key=lambda line: line.shipment_line_id)
        ],
    }
