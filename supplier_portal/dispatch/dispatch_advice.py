"""The supplier sends: a dispatch advice with lots under an SSCC, and the shipping event that says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlmodel import Session, col

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import Amount, HubError, InvalidInput, NotFound
from hub.gs1 import digital_link
from hub.inputs import Figure
from hub.models.catalogue import Lot, RecallNotice, Temperature, TradeItem
from hub.models.party import Organization, Place
from hub.models.trade import AnswerLine, OrderLine, PurchaseOrder, Shipment, ShipmentLine
from hub.trace import capture, records
from supplier_portal.dispatch.sscc import sscc
from supplier_portal.orders.agreeing import agreement
from supplier_portal.orders.order_book import TO_SEND, status_of
from supplier_portal.orders.orders import OrderNotOpen, hold, lines_of


class MoreThanConfirmed(HubError):
    """No more can be sent than was confirmed."""

    code, status = "more-than-confirmed", 409


class LotUsedUp(HubError):
    """There is not so much left of this lot."""

    code, status = "lot-used-up", 409


class WrongLot(HubError):
    """This lot is of another item than the line orders."""

    code, status = "wrong-lot", 409


class LotRecalled(HubError):
    """This lot is recalled and must not be sent."""

    code, status = "lot-recalled", 409


class SsccUsed(HubError):
    """Other goods left under this SSCC already."""

    code, status = "sscc-used", 409


class TemperaturesDiffer(HubError):
    """Frozen goods travel apart: announce them as a shipment of their own."""

    code, status = "temperatures-differ", 409


_FARTHEST = timedelta(days=60)


class Packed(BaseModel):
    """Some of a lot, packed for a line of an order; without a quantity, none of it."""

    model_config = ConfigDict(frozen=True)

    line: UUID
    lot: UUID
    quantity: Figure | None = Field(default=None, max_digits=18, decimal_places=6)


@dataclass(frozen=True)
class DispatchAdvice:
    """What leaves for an order, lot by lot, from where, and for which day if that is not the order's own.

    ``sscc`` is what the goods bear already; without one the hub gives them the supplier's next.
    """

    lines: Sequence[Packed]
    ship_from: Place
    deliver_on: date | None = None
    sscc: str = ""


def announce_shipment(
    session: Session, actor: Actor, order: PurchaseOrder, advice: DispatchAdvice, *, at: datetime
) -> Shipment:
    """Announce what leaves for an order, lot by lot; buyer and haulier see it, and the buyer may read the lots.

    The same lots and quantities again are another shipment: a second lorry carries what the first one does. Whether a
    request is a repeat its door knows, by its Idempotency-Key.
    """
    access.require(actor, Permission.ANSWER_ORDERS, order.supplier_id)
    access.require(actor, Permission.ANSWER_ORDERS, advice.ship_from.owner_id)
    hold(session, order)
    agreement.bring_up_to_date(session, order)
    if status_of(session, order, at=at) not in TO_SEND:
        raise OrderNotOpen("Order %(number)s is not confirmed, or no more is to come for it.", number=order.number)
    if not any(part.quantity for part in advice.lines):
        raise InvalidInput("Enter how much leaves of at least one lot.", at="lines.0.quantity")
    lines = {line.id: line for line in lines_of(session, order)}
    agreed = _agreed(session, lines)
    parts = [
        _part(session, lines, agreed, part, f"lines.{place}")
        for place, part in enumerate(advice.lines)
        if part.quantity
    ]
    _within_what_was_confirmed(session, parts, agreed)
    _within_the_lots(session, parts)
    goods = [part.goods for part in parts]
    shipment = _shipment(session, order, advice, goods, at)
    for part in parts:
        session.add(
            ShipmentLine(
                owner_id=shipment.owner_id,
                buyer_id=shipment.buyer_id,
                haulier_id=shipment.haulier_id,
                shipment_id=shipment.id,
                order_line_id=part.line.id,
                lot_id=part.goods.lot.id,
                trade_item_id=part.goods.item.id,
                quantity=part.goods.quantity,
                unit=part.line.unit,
            )
        )
        capture.grant(session, part.goods.lot, part.goods.item, order.owner_id)
    shipment.event_id = _record(session, order, shipment, goods, advice.ship_from)
    session.flush()
    access.record(session, actor, "shipment.announce", shipment.number, order=order.number)
    return shipment


def _day(session: Session, order: PurchaseOrder, day: date | None, at: datetime) -> date:
    """The day of delivery: as said, if it is still to come; else the order's, or today where that has passed."""
    place = session.get_one(Place, order.deliver_to_id)
    today = place.day(at)
    if day is None:
        return max(order.deliver_on, today)
    if not today <= day <= today + _FARTHEST:
        raise InvalidInput(
            "A day of delivery is between %(today)s and %(last)s.",
            at="deliver_on",
            today=today,
            last=today + _FARTHEST,
        )
    return day


@dataclass(frozen=True)
class _Part:
    """Goods for a line, and what they are called where they came from."""

    line: OrderLine
    goods: records.Goods
    at: str


def _agreed(session: Session, lines: Mapping[UUID, OrderLine]) -> dict[UUID, AnswerLine]:
    """What was agreed to come of each line; nothing of those that are still talked about."""
    rows = session.scalars(
        select(AnswerLine).where(
            col(AnswerLine.order_line_id).in_(lines),
            col(AnswerLine.owner_id) == session.info["who"].org,
            col(AnswerLine.open).is_(False),
        )
    )
    return {row.order_line_id: row for row in rows}


def _part(
    session: Session, lines: Mapping[UUID, OrderLine], agreed: Mapping[UUID, AnswerLine], packed: Packed, at: str
) -> _Part:
    line, lot, quantity = lines.get(packed.line), session.get(Lot, packed.lot), packed.quantity or Decimal(0)
    if line is None or lot is None or lot.owner_id != session.info["who"].org:
        raise NotFound("There is no such line or lot.", at=f"{at}.lot")
    if quantity <= 0:
        raise InvalidInput("A quantity sent is more than 0.", at=f"{at}.quantity")
    answer = agreed.get(line.id)
    item_id = (answer.trade_item_id if answer else None) or line.trade_item_id
    if lot.trade_item_id != item_id:
        raise WrongLot(
            "Lot %(lot)s is not of the item in line %(position)s.",
            at=f"{at}.lot",
            lot=lot.number,
            position=line.position,
        )
    recalled = select(RecallNotice).where(col(RecallNotice.lot_id) == lot.id, col(RecallNotice.closed_at).is_(None))
    if session.scalar(select(recalled.exists())):
        raise LotRecalled("Lot %(lot)s is recalled and must not be sent.", at=f"{at}.lot", lot=lot.number)
    return _Part(line, records.Goods(lot, session.get_one(TradeItem, item_id), quantity), at)


def _within_what_was_confirmed(session: Session, parts: Sequence[_Part], agreed: Mapping[UUID, AnswerLine]) -> None:
    mine = session.info["who"].org
    for line in {part.line.id: part.line for part in parts}.values():
        shipped = select(func.coalesce(func.sum(col(ShipmentLine.quantity)), 0)).where(
            col(ShipmentLine.order_line_id) == line.id, col(ShipmentLine.owner_id) == mine
        )
        confirmed = agreed[line.id].quantity if line.id in agreed else Decimal(0)
        sent = session.scalar(shipped) or Decimal(0)
        at = _too_much([part for part in parts if part.line is line], confirmed - sent)
        if at:
            raise MoreThanConfirmed(
                "Line %(position)s: %(confirmed)s confirmed, %(sent)s sent already.",
                at=at,
                position=line.position,
                confirmed=Amount(confirmed, line.unit),
                sent=Amount(sent, line.unit),
            )


def _within_the_lots(session: Session, parts: Sequence[_Part]) -> None:
    lots = {part.goods.lot.id: part.goods for part in parts}
    db.in_turn(session, *(f"lot/{lot_id}" for lot_id in lots))
    for lot_id, goods in lots.items():
        shipped = select(func.coalesce(func.sum(col(ShipmentLine.quantity)), 0)).where(
            col(ShipmentLine.lot_id) == lot_id, col(ShipmentLine.owner_id) == goods.lot.owner_id
        )
        left = goods.lot.quantity - (session.scalar(shipped) or 0)
        at = _too_much([part for part in parts if part.goods.lot.id == lot_id], left)
        if at:
            raise LotUsedUp(
                "%(left)s is left of lot %(lot)s.", at=at, lot=goods.lot.number, left=Amount(left, goods.item.unit)
            )


def _too_much(parts: Sequence[_Part], most: Decimal) -> str:
    """The field of the first part with which they are more than there is, empty if they are not."""
    amounts = accumulate(part.goods.quantity for part in parts)
    return next((f"{part.at}.quantity" for part, amount in zip(parts, amounts, strict=True) if amount > most), "")


def _temperature(goods: Sequence[records.Goods]) -> Temperature:
    classes = {good.item.temperature for good in goods}
    if Temperature.FROZEN in classes and len(classes) > 1:
        raise TemperaturesDiffer
    coldest = [t for t in (Temperature.FROZEN, Temperature.CHILLED, Temperature.AMBIENT) if t in classes]
    if not coldest:
        raise InvalidInput("A shipment has at least one line.", at="lines")
    return coldest[0]


def _shipment(
    session: Session,
    order: PurchaseOrder,
    advice: DispatchAdvice,
    goods: Sequence[records.Goods],
    at: datetime,
) -> Shipment:
    deliver_on = _day(session, order, advice.deliver_on, at)
    supplier = session.get_one(Organization, order.supplier_id)
    db.in_turn(session, f"shipment/{supplier.id}")
    before = session.scalar(select(func.count()).where(col(Shipment.owner_id) == supplier.id)) or 0
    day = advice.ship_from.clock(at)
    cases = [(good.quantity / good.item.case_quantity, good.item.cases_per_pallet) for good in goods]
    shipment = Shipment(
        owner_id=supplier.id,
        buyer_id=order.owner_id,
        haulier_id=order.haulier_id,
        order_id=order.id,
        # With the supplier's number on the ledger: a store never hears one number from two suppliers.
        number=f"DA{supplier.member or ''}-{day:%y%m%d}-{before + 1:04d}",
        sscc=_sscc(session, supplier, advice.sscc, before, at),
        ship_from_id=advice.ship_from.id,
        deliver_to_id=order.deliver_to_id,
        deliver_on=deliver_on,
        shipped_at=at,
        temperature=_temperature(goods),
        weight_kg=sum((good.quantity * good.item.unit_weight_kg for good in goods), Decimal(0)),
        pallets=sum((count / on_pallet for count, on_pallet in cases), Decimal(0)).quantize(Decimal("0.01")),
    )
    session.add(shipment)
    session.flush()
    return shipment


_AGAIN = timedelta(days=365)
"""An SSCC is given anew a year after its goods have left, not before (GS1 General Specifications, 4.4.1)."""


def _sscc(session: Session, supplier: Organization, said: str, serial: int, at: datetime) -> str:
    """The SSCC that the goods bear; refused where it is none, or other goods bear it. Without one, the next."""
    if said:
        digital_link.sscc_link(said)
        if _borne(session, said, at):
            raise SsccUsed("Other goods left under SSCC %(sscc)s already.", at="sscc", sscc=said)
        return said
    while _borne(session, sscc(supplier.gln, serial), at):
        serial += 1
    return sscc(supplier.gln, serial)


def _borne(session: Session, number: str, at: datetime) -> bool:
    borne = select(Shipment).where(
        col(Shipment.owner_id) == session.info["who"].org,
        col(Shipment.sscc) == number,
        col(Shipment.shipped_at) > at - _AGAIN,
    )
    return bool(session.scalar(select(borne.exists())))


def _record(
    session: Session,
    order: PurchaseOrder,
    shipment: Shipment,
    goods: Sequence[records.Goods],
    ship_from: Place,
) -> UUID:
    event = records.shipping(
        session,
        goods,
        records.Handover(
            sscc=shipment.sscc,
            sender=session.get_one(Organization, order.supplier_id),
            receiver=session.get_one(Organization, order.owner_id),
            ship_from=ship_from,
            deliver_to=session.get_one(Place, order.deliver_to_id),
            order_number=order.number,
        ),
        advice_number=shipment.number,
        at=shipment.shipped_at,
    )
    return event.id
