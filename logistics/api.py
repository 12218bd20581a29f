"""Logistics over HTTP: a driver's or a device's app reports from the way, a store's system counts what came.

Quantities come as text and are taken as text or numbers, in the line's unit (UN/ECE Recommendation 20); shipments are
named by the number of their dispatch advice, or by their SSCC.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from hub.access import Permission
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.inputs import Day, Moment
from hub.lists import Search
from hub.models.base import now, plain
from hub.models.trade import Shipment
from hub.trace.labels import logistic_zpl
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.idempotency import KeyReused, OnceDep
from hub.web.problems import problems
from hub.web.routing import Router
from hub.web.xml import Xml
from logistics import labels, papers, shipments
from logistics.drive import tracking
from logistics.models import Excursion, Receipt, Stop
from logistics.receive import contents, receiving, undoing
from logistics.receive.contents import Announced
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
    search = Search(q, page, size)
    standings = shipments.standings(session, actor, search, day=deliver_on, place_id=actor.place_id)
    return {"shipments": [_standing(standing) for standing in standings.rows], "page": page, "size": size}


@router.get(
    "/shipments/{number}.xml", response_class=Xml, dependencies=[_READS],
    responses=problems(NotFound, shipments.NumberNotUnique),
)  # fmt: skip
def shipment_in_ubl(number: str, session: SessionDep, supplier: Supplier = "") -> Response:
    """A shipment as a DespatchAdvice of UBL 2.3: its lots with what each is for, under its SSCC."""
    return Xml.of(papers.despatch_advice(session, shipments.find(session, number, supplier)))


@router.get(
    "/shipments/{number}/receipt.xml", response_class=Xml, dependencies=[_READS],
    responses=problems(NotFound, shipments.NumberNotUnique),
)  # fmt: skip
def receipt_in_ubl(number: str, session: SessionDep, supplier: Supplier = "") -> Response:
    """What a store counted of a shipment, as a ReceiptAdvice of UBL 2.3; nothing until it was counted."""
    return Xml.of(papers.receipt_advice(session, shipments.find(session, number, supplier)))


Copies = Annotated[int, Query(ge=1, le=20)]


@router.get(
    "/shipments/{number}/label.pdf", dependencies=[_READS], response_class=Response,
    responses=problems(NotFound, shipments.NumberNotUnique),
)  # fmt: skip
def label_to_print(number: str, session: SessionDep, supplier: Supplier = "", copies: Copies = 1) -> Response:
    """A shipment's GS1 logistic label, A6: its SSCC, content, count, lot and date as GS1-128 and GS1 DataMatrix."""
    from hub.trace.labels import logistic_pdf  # it reads a library that is for nothing else

    said = labels.label(session, shipments.find(session, number, supplier))
    headers = {"Content-Disposition": f'inline; filename="label-{said.sscc}.pdf"'}
    return Response(logistic_pdf.labels(said, copies), media_type="application/pdf", headers=headers)


@router.get(
    "/shipments/{number}/label.zpl", dependencies=[_READS], response_class=Response,
    responses=problems(NotFound, shipments.NumberNotUnique),
)  # fmt: skip
def label_for_zebra(number: str, session: SessionDep, supplier: Supplier = "", copies: Copies = 1) -> Response:
    """The same label as a Zebra printer takes it."""
    said = labels.label(session, shipments.find(session, number, supplier))
    headers = {"Content-Disposition": f'attachment; filename="label-{said.sscc}.zpl"'}
    return Response(logistic_zpl.labels(said, copies), media_type="text/plain; charset=utf-8", headers=headers)


@router.get("/shipments/{number}", dependencies=[_READS], responses=problems(NotFound, shipments.NumberNotUnique))
def show_shipment(number: str, session: SessionDep, supplier: Supplier = "") -> dict[str, Any]:
    """One shipment with the lines you may see, its excursions, and its receipt once it was counted."""
    shipment = shipments.find(session, number, supplier)
    receipt = receiving.receipt_of(session, shipment)
    return _head(shipment) | {
        "lines": [_line(row) for row in contents.announced(session, shipment)],
        "excursions": [
            _excursion(excursion) for excursion in tracking.excursions(session, [shipment.id]).get(shipment.id, [])
        ],
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


@router.post(
    "/shipments/{number}/receipt/undo", dependencies=[_COUNTS],
    responses=problems(NotFound, NotAllowed, shipments.NumberNotUnique, undoing.ToldAlready, undoing.NothingToUndo),
)  # fmt: skip
def undo_receipt(number: str, actor: ActorDep, session: SessionDep, supplier: Supplier = "") -> dict[str, Any]:
    """Take a receipt back before anybody was told of it; it is kept as it stood, and the shipment counted anew."""
    undone = undoing.undo(session, actor, shipments.find(session, number, supplier), at=now())
    return {"receipt": str(undone.receipt_id), "undone_at": undone.undone_at.isoformat()}


@router.post("/stops/{stop_id}/arrival", dependencies=[_DRIVES], responses=problems(NotFound, NotAllowed, InvalidInput))
def arrive(stop_id: UUID, actor: ActorDep, session: SessionDep, said: Happened | None = None) -> dict[str, Any]:
    """The vehicle is at a stop; said again, the first time counts."""
    stop = tracking.find(session, actor, stop_id)
    return _stop(tracking.arrive(session, actor, stop, at=_moment(said)))


@router.post(
    "/stops/{stop_id}/delivery", dependencies=[_DRIVES],
    responses=problems(NotFound, NotAllowed, tracking.NotArrived, tracking.AlreadyHandedOver, InvalidInput),
)  # fmt: skip
def deliver(stop_id: UUID, handover: HandOver, actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """Somebody took the goods of a stop."""
    stop = tracking.find(session, actor, stop_id)
    return _stop(tracking.deliver(session, actor, stop, handover.received_by, at=_moment(handover)))


@router.post(
    "/stops/{stop_id}/temperatures", status_code=201, dependencies=[_DRIVES],
    responses=problems(NotFound, NotAllowed, InvalidInput, KeyReused),
)  # fmt: skip
def read_temperature(
    stop_id: UUID, reading: Temperature, actor: ActorDep, session: SessionDep, once: OnceDep
) -> JSONResponse:
    """A temperature of the goods for a stop; the answer says whether it was outside their limits."""
    stop, at = tracking.find(session, actor, stop_id), _moment(reading)

    def work() -> dict[str, Any]:
        excursion = tracking.read_temperature(session, actor, stop, reading.celsius, at=at)
        outside = None if excursion is None else _excursion(excursion)
        return {"celsius": str(reading.celsius), "at": at.isoformat(), "excursion": outside}

    return once.answer(session, work, status=201)


def _moment(report: Happened | None) -> datetime:
    at = now()
    if report is None or report.at is None:
        return at
    if report.at > at + _SKEW:
        raise InvalidInput("This time is still to come.", at="at")
    return report.at


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


def _standing(standing: Standing) -> dict[str, Any]:
    return _head(standing.shipment) | {
        "deliver_to": standing.place.gln if standing.place else None,
        "buyer": standing.buyer.gln if standing.buyer else None,
        "stop": _stop(standing.stop) if standing.stop else None,
        "received_at": standing.receipt.received_at.isoformat() if standing.receipt else None,
    }


def _line(row: Announced) -> dict[str, Any]:
    return {
        "line": str(row.line.id),
        "gtin": row.item.gtin,
        "lot": row.lot.number,
        "unit": row.line.unit,
        "best_before": row.lot.best_before.isoformat() if row.lot.best_before else None,
        "quantity": plain(row.line.quantity),
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


def _excursion(excursion: Excursion) -> dict[str, Any]:
    return {
        "celsius": plain(excursion.celsius),
        "lowest": plain(excursion.lowest),
        "highest": plain(excursion.highest),
        "at": excursion.read_at.isoformat(),
    }


def _receipt(session: SessionDep, receipt: Receipt) -> dict[str, Any]:
    lines = contents.counted(session, receipt).values()
    return {
        "id": str(receipt.id),
        "received_at": receipt.received_at.isoformat(),
        "final_at": receipt.final_at.isoformat() if receipt.final_at else None,
        "told_at": receipt.told_at.isoformat() if receipt.told_at else None,
        "disputed": receipt.disputed,
        "note": receipt.note,
        "lines": [
            {
                "line": str(line.shipment_line_id),
                "announced": plain(line.announced),
                "quantity": plain(line.quantity),
                "concerned": plain(line.concerned),
                "reason": line.reason,
            }
            for line in sorted(lines, key=lambda line: line.shipment_line_id)
        ],
    }
