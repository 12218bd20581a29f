"""What stands here of orders, answers and forecasts, as documents for other systems."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from hub.access import Actor
from hub.errors import NotFound
from hub.models.base import plain
from hub.models.party import Organization, Place
from hub.models.settling import Statement
from hub.models.trade import AnswerKind, PurchaseOrder
from hub.ubl.papers import (
    Allowance,
    Forecast,
    ForecastLine,
    InvoiceLine,
    Order,
    OrderLine,
    OrderResponse,
    Party,
    ResponseLine,
    SelfBilledInvoice,
)
from supplier_portal import lookup
from supplier_portal.exchange import codes
from supplier_portal.forecast import collaboration
from supplier_portal.forecast.collaboration import ItemWeeks, Week
from supplier_portal.orders import order_book
from supplier_portal.orders.agreeing.terms import parts_of
from supplier_portal.orders.order_book import OrderSheet, SheetLine


def order(session: Session, actor: Actor, placed: PurchaseOrder, *, at: datetime) -> Order:
    """An order that was placed, as its buyer says it."""
    if placed.placed_at is None:
        raise NotFound("Order %(number)s is not placed yet.", number=placed.number)
    sheet = order_book.sheet(session, actor, placed.id, at=at)
    place = session.get_one(Place, placed.deliver_to_id)
    return Order(
        number=placed.number,
        issued=place.clock(placed.placed_at),
        buyer=_party(session, placed.owner_id),
        seller=_party(session, placed.supplier_id),
        deliver_to=Party(place.gln, place.name_zh),
        deliver_on=placed.deliver_on,
        currency=sheet.currency,
        lines=[_order_line(row) for row in sheet.lines],
        respond_by=place.clock(placed.respond_by) if placed.respond_by else None,
    )


def _order_line(row: SheetLine) -> OrderLine:
    line = row.line
    return OrderLine(
        str(line.position), row.item.gtin, row.item.name_zh, line.quantity, line.unit, row.price, line.currency
    )


def response(session: Session, actor: Actor, placed: PurchaseOrder, *, at: datetime) -> OrderResponse:
    """The supplier's answer to an order, as it stands now."""
    sheet = order_book.sheet(session, actor, placed.id, at=at)
    if sheet.answer is None:
        raise NotFound("Order %(number)s is not answered yet.", number=placed.number)
    place = session.get_one(Place, placed.deliver_to_id)
    return OrderResponse(
        number=f"{placed.number}-R{len(sheet.earlier) + 1}",
        issued=place.clock(sheet.answer.changed_at or sheet.answer.answered_at),
        order=placed.number,
        buyer=_party(session, placed.owner_id),
        seller=_party(session, placed.supplier_id),
        lines=_response_lines(sheet),
        code=codes.code_of({row.answer.kind for row in sheet.lines if row.answer}),
        note=sheet.answer.note,
    )


def _response_lines(sheet: OrderSheet) -> list[ResponseLine]:
    return [
        ResponseLine(
            id=str(row.line.position),
            gtin=row.item.gtin,
            name=row.item.name_zh,
            quantity=row.answer.quantity,
            unit=row.line.unit,
            status=codes.CODES[row.answer.kind],
            deliver_on=None if row.answer.kind is AnswerKind.DECLINED else row.answer.deliver_on,
            reason=row.answer.reason,
            price=row.answer.price,
            currency=row.line.currency if row.answer.price is not None else "",
            parts=tuple((part.deliver_on, part.quantity) for part in parts_of(row.answer.parts)),
            instead=row.instead.gtin if row.instead else "",
        )
        for row in sheet.lines
        if row.answer is not None
    ]


def forecast(session: Session, actor: Actor, buyer: Organization, *, at: datetime) -> Forecast:
    """What a buyer shared of the weeks that lie ahead: P50 a week and item, P10 and P90 beside it."""
    grid = collaboration.supplier_grid(session, actor, buyer.id, at=at, past=0)
    lines = _forecast_lines(session, grid)
    if not lines:
        raise NotFound("This buyer shares no forecast of weeks to come with you.")
    return Forecast(
        number=f"FC-{buyer.gln}-{buyer.clock(at):%y%m%d%H%M}",
        issued=buyer.clock(at),
        buyer=Party(buyer.gln, buyer.name_zh),
        seller=_party(session, actor.organization_id),
        lines=lines,
    )


def _forecast_lines(session: Session, grid: Sequence[ItemWeeks]) -> list[ForecastLine]:
    items = lookup.items(session, {row.trade_item_id for row in grid})
    weeks = [(items[row.trade_item_id], week) for row in grid for week in row.weeks if week.actual is None]
    return [
        ForecastLine(
            id=str(number),
            gtin=item.gtin,
            name=item.name_zh,
            quantity=week.p50,
            unit=item.unit,
            first=week.monday,
            last=week.monday + timedelta(days=6),
            figures=_figures(week),
        )
        for number, (item, week) in enumerate(weeks, 1)
    ]


def _figures(week: Week) -> list[tuple[str, str]]:
    said: list[tuple[str, Decimal | None]] = [("P10", week.p10), ("P90", week.p90), ("Committed", week.committed)]
    return [(name, plain(value)) for name, value in said if value is not None]


_LATE = "called off late"
"""Why a charge stands in an invoice."""


def invoice(session: Session, statement: Statement) -> SelfBilledInvoice:
    """What a buyer stated that it owes for a month, as it stands there; before tax."""
    if not statement.lines:
        raise NotFound("No goods stand in %(number)s, and UBL has no invoice without a line.", number=statement.number)
    buyer = session.get_one(Organization, statement.owner_id)
    return SelfBilledInvoice(
        number=statement.number,
        issued=buyer.clock(statement.issued_at),
        buyer=_party(session, statement.owner_id),
        supplier=_party(session, statement.supplier_id),
        first=statement.month,
        last=statement.month.replace(day=monthrange(statement.month.year, statement.month.month)[1]),
        currency=statement.currency,
        lines=[_invoice_line(number, line) for number, line in enumerate(statement.lines, 1)],
        allowances=[
            *(Allowance(row["claim"], row["kind"], Decimal(row["amount"])) for row in statement.credits),
            *(Allowance(row["order"], _LATE, Decimal(row["amount"]), charge=True) for row in statement.cancellations),
        ],
    )


def _invoice_line(number: int, line: dict[str, Any]) -> InvoiceLine:
    return InvoiceLine(
        id=str(number),
        gtin=line["gtin"],
        name=line["item"]["zh"],
        quantity=Decimal(line["quantity"]),
        unit=line["unit"],
        price=Decimal(line["price"]),
        amount=Decimal(line["amount"]),
        order=line["order"],
        despatch=line["shipment"],
        lot=line["lot"],
        delivered=date.fromisoformat(line["day"]),
    )


def _party(session: Session, party: UUID) -> Party:
    known = session.get_one(Organization, party)
    return Party(known.gln, known.name_zh)
