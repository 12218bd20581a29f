"""The trade over HTTP: a supplier's system reads orders and forecasts, answers, announces and commits.

Quantities come as text and are taken as text or numbers, in the line's unit (UN/ECE Recommendation 20); items are
named by GTIN, places and buyers by GLN, orders by the buyer's number.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.errors import InvalidInput, NotFound
from hub.gs1 import digital_link
from hub.inputs import Day
from hub.lists import Search
from hub.models.base import now, plain
from hub.models.party import Organization
from hub.models.trade import AnswerKind, OrderLine, PurchaseOrder, Shipment
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.idempotency import KeyReused, OnceDep
from hub.web.problems import problems
from hub.web.routing import Router
from supplier_portal import lookup
from supplier_portal.dispatch import dispatch_advice
from supplier_portal.forecast import collaboration
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.answering import answers
from supplier_portal.orders.order_book import OrderSheet, OrderStatus

router = Router(prefix="/api", tags=["Trade"])
_READS = requires(Permission.ANSWER_ORDERS, Permission.PLACE_ORDERS)
_ANSWERS = requires(Permission.ANSWER_ORDERS)
_COMMITS = requires(Permission.COMMIT_TO_FORECASTS)
Amount = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)]
Gln = Annotated[str, Query(max_length=13, description="The buyer's GLN, where two buyers use the same number.")]


class ItemAnswer(answers.Said):
    """What you say to one line; what the answer leaves open is taken from the order.

    `otherwise` may come in several parts (`quantity` on `deliver_on`, then `parts`), at another `price`, or be an item
    of yours `instead`, by its GTIN.
    """

    gtin: str = Field(max_length=14)
    answer: AnswerKind
    quantity: Amount | None = None
    instead: str = Field(default="", max_length=14)


class Confirmation(BaseModel):
    """An answer to every line of an order."""

    lines: list[ItemAnswer] = Field(min_length=1, max_length=500)
    note: str = Field(default="", max_length=400)


class PackedLot(BaseModel):
    """Some of a lot, packed for the order's line of its item."""

    gtin: str = Field(max_length=14)
    lot: str = Field(max_length=20)
    quantity: Amount


class DispatchAdvice(BaseModel):
    """What leaves, from where, for which day."""

    ship_from: str = Field(max_length=13, description="GLN of the place it leaves from.")
    deliver_on: Day | None = None
    lines: list[PackedLot] = Field(min_length=1, max_length=500)


class PromisedWeek(BaseModel):
    """How much of an item you will have in an ISO week, named by its Monday."""

    gtin: str = Field(max_length=14)
    week: Day
    quantity: Decimal = Field(ge=0, max_digits=18, decimal_places=6)


class Commitments(BaseModel):
    """What you commit to towards one buyer."""

    buyer: str = Field(max_length=13, description="The buyer's GLN.")
    weeks: list[PromisedWeek] = Field(min_length=1, max_length=2000)


@router.get("/orders", dependencies=[_READS])
def list_orders(
    actor: ActorDep,
    session: SessionDep,
    status: Annotated[list[OrderStatus] | None, Query()] = None,
    q: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Your orders, those to answer first. `status` may be repeated; `q` searches numbers, items and parties."""
    list_ = order_book.supplier_orders if _is_supplier(actor) else order_book.buyer_orders
    order_page = list_(session, actor, Search(q, page, size), at=now(), states=status or ())
    parties = lookup.organizations(
        session, {p for r in order_page.rows for p in (r.order.owner_id, r.order.supplier_id)}
    )
    places = lookup.places(session, {row.order.deliver_to_id for row in order_page.rows})
    rows = [
        _head(row.order, row.status, parties)
        | {"deliver_to": places[row.order.deliver_to_id].gln, "lines": row.lines, "value": _figure(row.value)}
        for row in order_page.rows
    ]
    return {"orders": rows, "total": order_page.total, "page": page, "size": size}


@router.get("/orders/{number}", dependencies=[_READS], responses=problems(NotFound, lookup.OrderAmbiguous))
def show_order(number: str, actor: ActorDep, session: SessionDep, buyer: Gln = "") -> dict[str, Any]:
    """One order with its lines, your answer to each, and its shipments."""
    order = lookup.order(session, actor, number, buyer)
    return shown(session, order_book.sheet(session, actor, order.id, at=now()))


@router.post(
    "/orders/{number}/confirmation", dependencies=[_ANSWERS],
    responses=problems(NotFound, lookup.UnknownGtin, orders.OrderNotOpen, answers.AnswerIncomplete,
                       answers.AnswerContradicts, answers.NoSubstitute, InvalidInput, KeyReused),
)  # fmt: skip
def confirm_order(
    number: str, confirmation: Confirmation, actor: ActorDep, session: SessionDep, once: OnceDep, buyer: Gln = ""
) -> JSONResponse:
    """Answer every line: `confirmed`, `less` (a quantity), `other_date` (a day), `otherwise` or `declined`."""
    order = lookup.order(session, actor, number, buyer)

    def work() -> dict[str, Any]:
        by_item = lines_by_item(session, order)
        lines = [
            answers.LineAnswer(
                line=line_of(by_item, answer.gtin),
                substitute=lookup.own_item(session, actor, answer.instead).id if answer.instead else None,
                **answer.model_dump(exclude={"gtin", "instead"}),
            )
            for answer in confirmation.lines
        ]
        answers.confirm(session, actor, order, answers.OrderResponse(lines, confirmation.note), at=now())
        return shown(session, order_book.sheet(session, actor, order.id, at=now()))

    return once.answer(session, work)


@router.post(
    "/orders/{number}/shipments", status_code=201, dependencies=[_ANSWERS],
    responses=problems(NotFound, lookup.UnknownGtin, orders.OrderNotOpen, dispatch_advice.MoreThanConfirmed,
                       dispatch_advice.LotUsedUp, dispatch_advice.LotRecalled, dispatch_advice.TemperaturesDiffer,
                       InvalidInput, KeyReused),
)  # fmt: skip
def announce_shipment(
    number: str, advice: DispatchAdvice, actor: ActorDep, session: SessionDep, once: OnceDep, buyer: Gln = ""
) -> JSONResponse:
    """Announce what leaves for an order, lot by lot; the answer names the SSCC to put on it."""
    order = lookup.order(session, actor, number, buyer)

    def work() -> dict[str, Any]:
        of_item = {gtin: lines[0] for gtin, lines in lines_by_item(session, order).items()}
        packed = []
        for line in advice.lines:
            item = lookup.own_item(session, actor, line.gtin)
            if item.gtin not in of_item:
                raise lookup.UnknownGtin("The order has no line of GTIN %(gtin)s.", gtin=item.gtin)
            lot = lookup.lot(session, actor, item, line.lot)
            packed.append(dispatch_advice.Packed(line=of_item[item.gtin], lot=lot.id, quantity=line.quantity))
        announced = dispatch_advice.DispatchAdvice(
            packed, lookup.place(session, actor, advice.ship_from), advice.deliver_on
        )
        return _shipment(dispatch_advice.announce_shipment(session, actor, order, announced, at=now()))

    return once.answer(session, work, status=201)


@router.get("/forecast", dependencies=[_COMMITS], responses=problems(NotFound))
def show_forecast(
    actor: ActorDep,
    session: SessionDep,
    buyer: Annotated[str, Query(max_length=13, description="The buyer's GLN.")],
) -> dict[str, Any]:
    """What a buyer expects of your items in each ISO week (P10, P50, P90), and what you committed to."""
    at = now()
    grid = collaboration.supplier_grid(session, actor, lookup.buyer(session, buyer).id, at=at)
    items = lookup.items(session, {row.trade_item_id for row in grid})
    return {
        "buyer": buyer,
        "items": [
            {
                "gtin": items[row.trade_item_id].gtin,
                "unit": items[row.trade_item_id].unit,
                "wape": row.wape,
                "bias": row.bias,
                "weeks": [
                    {
                        "week": week.monday,
                        "p10": _figure(week.p10),
                        "p50": _figure(week.p50),
                        "p90": _figure(week.p90),
                        "actual": _figure(week.actual),
                        "committed": _figure(week.committed),
                        "commitment": week.kind,
                    }
                    for week in row.weeks
                ],
            }
            for row in grid
        ],
    }


@router.post(
    "/forecast/commitments", dependencies=[_COMMITS],
    responses=problems(NotFound, lookup.UnknownGtin, collaboration.WeekBegun, InvalidInput, KeyReused),
)  # fmt: skip
def commit(commitments: Commitments, actor: ActorDep, session: SessionDep, once: OnceDep) -> JSONResponse:
    """Commit to what was asked, or to less; a later word on the same week replaces the earlier one."""

    def work() -> dict[str, Any]:
        promises = [
            collaboration.Promise(lookup.own_item(session, actor, promise.gtin).id, promise.week, promise.quantity)
            for promise in commitments.weeks
        ]
        given = collaboration.commit(session, actor, lookup.buyer(session, commitments.buyer).id, promises, at=now())
        weeks = [
            {
                "gtin": promise.gtin,
                "week": promise.week,
                "asked": _figure(kept.asked),
                "quantity": _figure(kept.quantity),
                "commitment": kept.kind,
            }
            for promise, kept in zip(commitments.weeks, given, strict=True)
        ]
        return {"buyer": commitments.buyer, "weeks": weeks}

    return once.answer(session, work)


def _figure(value: Decimal | None) -> str | None:
    """A figure as text, which every JSON reader takes as it is."""
    return None if value is None else plain(value)


def _is_supplier(actor: Actor) -> bool:
    return Permission.ANSWER_ORDERS in actor.permissions


def lines_by_item(session: Session, order: PurchaseOrder) -> dict[str, list[UUID]]:
    """The order's line ids by GTIN, in the order of the lines."""
    lines: Sequence[OrderLine] = orders.lines_of(session, order)
    items = lookup.items(session, {line.trade_item_id for line in lines})
    by_gtin: dict[str, list[UUID]] = {}
    for line in lines:
        by_gtin.setdefault(items[line.trade_item_id].gtin, []).append(line.id)
    return by_gtin


def line_of(by_item: dict[str, list[UUID]], gtin: str) -> UUID:
    """The next line of an item: where it stands on several, they are answered in their order."""
    number = digital_link.gtin(gtin)
    if not by_item.get(number):
        raise lookup.UnknownGtin("The order has no line of GTIN %(gtin)s.", gtin=number)
    return by_item[number].pop(0)


def _head(order: PurchaseOrder, status: OrderStatus, parties: dict[UUID, Organization]) -> dict[str, Any]:
    return {
        "number": order.number,
        "status": status,
        "buyer": parties[order.owner_id].gln,
        "supplier": parties[order.supplier_id].gln,
        "deliver_on": order.deliver_on,
        "placed_at": order.placed_at,
        "respond_by": order.respond_by,
    }


def shown(session: Session, sheet: OrderSheet) -> dict[str, Any]:
    """An order as the API shows it."""
    order = sheet.order
    parties = lookup.organizations(session, {order.owner_id, order.supplier_id})
    return _head(order, sheet.status, parties) | {
        "deliver_to": lookup.places(session, {order.deliver_to_id})[order.deliver_to_id].gln,
        "answered_at": sheet.answer.answered_at if sheet.answer else None,
        "changed_at": sheet.answer.changed_at if sheet.answer else None,
        "late": sheet.answer.late if sheet.answer else None,
        "cancel_reason": order.cancel_reason,
        "lines": [
            {
                "line": row.line.position,
                "gtin": row.item.gtin,
                "ordered": _figure(row.line.quantity),
                "unit": row.line.unit,
                "price": _figure(row.price),
                "currency": row.line.currency,
                "committed": _figure(row.committed),
                "answer": row.answer.kind if row.answer else None,
                "quantity": _figure(row.answer.quantity) if row.answer else None,
                "deliver_on": row.answer.deliver_on if row.answer else None,
                "reason": row.answer.reason if row.answer else None,
                "agreed": not row.answer.open if row.answer else False,
                "parts": row.answer.parts if row.answer else [],
                "agreed_price": _figure(row.answer.price) if row.answer and row.answer.price is not None else None,
                "instead": row.instead.gtin if row.instead else None,
                "shipped": _figure(row.shipped),
                "received": _figure(row.line.received),
            }
            for row in sheet.lines
        ],
        "shipments": [_shipment(shipment) for shipment in sheet.shipments],
        "earlier_answers": [
            {
                "said_at": before.said_at,
                "replaced_at": before.replaced_at,
                "note": before.note,
                "lines": [
                    {
                        "gtin": line.item.gtin,
                        "answer": line.kind,
                        "quantity": _figure(line.quantity),
                        "deliver_on": line.deliver_on,
                        "reason": line.reason,
                    }
                    for line in before.lines
                ],
            }
            for before in sheet.earlier
        ],
    }


def _shipment(sent: Shipment) -> dict[str, Any]:
    return {
        "number": sent.number,
        "sscc": sent.sscc,
        "shipped_at": sent.shipped_at,
        "deliver_on": sent.deliver_on,
        "temperature": sent.temperature,
        "weight_kg": _figure(sent.weight_kg),
        "pallets": _figure(sent.pallets),
    }
