"""Shipments and receipts as documents for other systems."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from hub.errors import NotFound
from hub.models.party import Organization, Place
from hub.models.trade import OrderLine, PurchaseOrder, Shipment
from hub.ubl.papers import DespatchAdvice, DespatchLine, Party, ReceiptAdvice, ReceiptLine
from logistics.receive import contents, receiving
from logistics.receive.contents import Announced


def despatch_advice(session: Session, shipment: Shipment) -> DespatchAdvice:
    """A shipment as its sender announced it."""
    place = session.get_one(Place, shipment.deliver_to_id)
    rows = contents.announced(session, shipment)
    positions = _positions(session, rows)
    return DespatchAdvice(
        number=shipment.number,
        issued=place.clock(shipment.shipped_at),
        order=session.get_one(PurchaseOrder, shipment.order_id).number,
        supplier=_party(session, shipment.owner_id),
        buyer=_party(session, shipment.buyer_id),
        ship_from=_place(session, shipment.ship_from_id),
        deliver_to=Party(place.gln, place.name_zh),
        deliver_on=shipment.deliver_on,
        lines=[
            DespatchLine(
                id=str(number),
                gtin=row.item.gtin,
                name=row.item.name_zh,
                quantity=row.line.quantity,
                unit=row.line.unit,
                order_line=positions.get(row.line.order_line_id, ""),
                lot=row.lot.number,
                best_before=row.lot.best_before,
            )
            for number, row in enumerate(rows, 1)
        ],
        ssccs=(shipment.sscc,),
        weight_kg=shipment.weight_kg,
    )


def receipt_advice(session: Session, shipment: Shipment) -> ReceiptAdvice:
    """What a store counted of a shipment; its lines are numbered as those of the advice."""
    receipt = receiving.receipt_of(session, shipment)
    if receipt is None:
        raise NotFound("Shipment %(number)s is not counted yet.", number=shipment.number)
    place = session.get_one(Place, receipt.place_id)
    rows, counted = contents.announced(session, shipment), contents.counted(session, receipt)
    positions = _positions(session, rows)
    return ReceiptAdvice(
        number=f"RA-{shipment.number}",
        issued=place.clock(receipt.received_at),
        order=session.get_one(PurchaseOrder, shipment.order_id).number,
        despatch=shipment.number,
        supplier=_party(session, shipment.owner_id),
        buyer=_party(session, shipment.buyer_id),
        deliver_to=Party(place.gln, place.name_zh),
        lines=[
            ReceiptLine(
                id=str(number),
                gtin=row.item.gtin,
                name=row.item.name_zh,
                quantity=count.quantity,
                unit=row.line.unit,
                order_line=positions.get(row.line.order_line_id, ""),
                lot=row.lot.number,
                short=max(count.announced - count.quantity, count.quantity * 0),
                reason=count.reason,
            )
            for number, row in enumerate(rows, 1)
            if (count := counted.get(row.line.id)) is not None
        ],
        ssccs=(shipment.sscc,),
        note=receipt.note,
    )


def _positions(session: Session, rows: Iterable[Announced]) -> dict[UUID, str]:
    """The numbers of an order's lines, by their ids."""
    lines = select(OrderLine).where(col(OrderLine.id).in_({row.line.order_line_id for row in rows}))
    return {line.id: str(line.position) for line in session.exec(lines)}


def _party(session: Session, party: UUID) -> Party:
    known = session.get_one(Organization, party)
    return Party(known.gln, known.name_zh)


def _place(session: Session, place: UUID) -> Party:
    known = session.get(Place, place)
    return Party(known.gln, known.name_zh) if known else Party("")
