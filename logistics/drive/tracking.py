"""On the way: arrivals, hand-overs, when the next stop is to be expected, and how cold it was."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access
from hub.access import Actor, Permission
from hub.errors import N_, HubError, InvalidInput, NotAllowed, NotFound
from hub.messages import NoticeGiven
from hub.models.catalogue import LIMITS, Lot, Temperature, TradeItem
from hub.models.party import Organization, Place, Role
from hub.models.trace import EventAudience
from hub.models.trade import Shipment, ShipmentLine
from hub.notices import desk
from hub.trace import records
from logistics.models import Excursion, Reading, Route, Stop, Vehicle


class NotArrived(HubError):
    """Record the arrival before the hand-over."""

    code, status = "not-arrived", 409


class AlreadyHandedOver(HubError):
    """This stop was handed over already, to somebody else."""

    code, status = "already-handed-over", 409


def find(session: Session, actor: Actor, stop_id: UUID) -> Stop:
    """A published stop that the actor drives, under lock; a dispatcher or a device may stand in for the driver."""
    access.require(actor, Permission.DRIVE)
    stop = session.get(Stop, stop_id, with_for_update=True)
    if stop is None or stop.owner_id != actor.organization_id or stop.published_at is None:
        raise NotFound
    if actor.role is Role.DRIVER and _vehicle(session, stop).driver_id != actor.user_id:
        raise NotAllowed
    return stop


def arrive(session: Session, actor: Actor, stop: Stop, *, at: datetime) -> Stop:
    """Record that the vehicle is there, and expect it later, or earlier, at the stops after it.

    Saying so again changes nothing.
    """
    access.require(actor, Permission.DRIVE, stop.owner_id)
    if stop.arrived_at is None:
        stop.arrived_at, stop.arrived_as = at, _speaks_as(actor)
        expect(session, stop.route_id)
        access.record(session, actor, "stop.arrive", stop.id, spoken_as=stop.arrived_as)
    return stop


def _speaks_as(actor: Actor) -> str:
    """In which role somebody says what the driver did: he himself, a dispatcher for him, or a device."""
    return actor.role.value if actor.role else "device"


def not_arrived(session: Session, actor: Actor, stop: Stop) -> Stop:
    """Take an arrival back that was recorded by mistake."""
    access.require(actor, Permission.DRIVE, stop.owner_id)
    if stop.delivered_at is not None:
        raise AlreadyHandedOver
    stop.arrived_at, stop.arrived_as = None, ""
    access.record(session, actor, "stop.not-arrived", stop.id, spoken_as=_speaks_as(actor))
    expect(session, stop.route_id)
    return stop


def deliver(session: Session, actor: Actor, stop: Stop, received_by: str, *, at: datetime) -> Stop:
    """Record the proof of delivery: who took the goods, and when. The same again changes nothing."""
    access.require(actor, Permission.DRIVE, stop.owner_id)
    name = " ".join(received_by.split())
    if not name:
        raise InvalidInput("Enter the name of whoever took the goods.", at="received_by")
    if stop.arrived_at is None:
        raise NotArrived
    if stop.delivered_at is not None and stop.received_by != name:
        raise AlreadyHandedOver
    if stop.delivered_at is None:
        stop.delivered_at, stop.delivered_as, stop.received_by = at, _speaks_as(actor), name
        expect(session, stop.route_id)
        access.record(session, actor, "stop.deliver", stop.id, received_by=name)
    return stop


def read_temperature(session: Session, actor: Actor, stop: Stop, celsius: Decimal, *, at: datetime) -> Excursion | None:
    """Keep a temperature of the goods on their way to a stop.

    Outside the limits of their class it is an excursion, one a stop above and one below, which the store sees
    before it accepts and which is captured as a sensor event. Returns the excursion this reading is part of.
    """
    access.require(actor, Permission.DRIVE, stop.owner_id)
    if not celsius.is_finite() or not -80 <= celsius <= 80:
        raise InvalidInput("Enter a temperature between -80 and 80 °C.", at="celsius")
    shipment = session.get_one(Shipment, stop.shipment_id)
    session.add(
        Reading(
            owner_id=stop.owner_id,
            buyer_id=stop.buyer_id,
            supplier_id=stop.supplier_id,
            stop_id=stop.id,
            shipment_id=shipment.id,
            celsius=celsius,
            read_at=at,
        )
    )
    lowest, highest = (Decimal(str(limit)) for limit in LIMITS[Temperature(shipment.temperature)])
    session.flush()
    if lowest <= celsius <= highest:
        return None
    return _excursion(session, stop, shipment, records.Breach(celsius, lowest, highest), at)


def call_of(session: Session, stop: Stop) -> list[Stop]:
    """The stops that a vehicle makes at one place in one go, of which this is one."""
    stops = _on_route(session, stop.route_id)
    here = next(n for n, candidate in enumerate(stops) if candidate.id == stop.id)
    first = last = here
    while first > 0 and stops[first - 1].place_id == stop.place_id:
        first -= 1
    while last + 1 < len(stops) and stops[last + 1].place_id == stop.place_id:
        last += 1
    return stops[first : last + 1]


def read_on_board(session: Session, actor: Actor, stop: Stop, celsius: Decimal, *, at: datetime) -> list[Excursion]:
    """Keep a temperature of the load space: it counts for all on the stop's vehicle that is not handed over yet."""
    aboard = [candidate for candidate in _on_route(session, stop.route_id) if candidate.delivered_at is None]
    outcomes = [read_temperature(session, actor, open_stop, celsius, at=at) for open_stop in aboard]
    return [excursion for excursion in outcomes if excursion is not None]


def expect(session: Session, route_id: UUID) -> None:
    """Reckon anew when the stops that are still to come may be expected.

    The plan's driving and unloading times hold; a stop begins no earlier than its window opens.
    """
    late = timedelta(0)
    for stop in _on_route(session, route_id):
        if stop.delivered_at is not None:
            late = stop.delivered_at - stop.leaves_at
        elif stop.arrived_at is not None:
            late = max(stop.arrived_at, stop.opens_at) - stop.planned_at
        else:
            stop.expected_at = max(stop.planned_at + late, stop.opens_at)
            late = stop.expected_at - stop.planned_at
    session.flush()


def excursions(session: Session, shipment_ids: list[UUID]) -> dict[UUID, list[Excursion]]:
    """What was too warm or too cold, shipment by shipment, as far as the session may know."""
    by_shipment: dict[UUID, list[Excursion]] = {}
    statement = select(Excursion).where(col(Excursion.shipment_id).in_(shipment_ids))
    for excursion in session.exec(statement.order_by(col(Excursion.read_at))):
        by_shipment.setdefault(excursion.shipment_id, []).append(excursion)
    return by_shipment


def readings(session: Session, shipment_id: UUID) -> list[Reading]:
    """The temperatures of a shipment on its way, the first first."""
    statement = select(Reading).where(col(Reading.shipment_id) == shipment_id)
    return list(session.exec(statement.order_by(col(Reading.read_at), col(Reading.id))))


def _excursion(session: Session, stop: Stop, shipment: Shipment, breach: records.Breach, at: datetime) -> Excursion:
    above = breach.celsius > breach.highest
    known = select(Excursion).where(col(Excursion.stop_id) == stop.id, col(Excursion.above) == above)
    excursion = session.exec(known).one_or_none()
    if excursion is None:
        excursion = Excursion(
            owner_id=stop.owner_id,
            buyer_id=stop.buyer_id,
            supplier_id=stop.supplier_id,
            stop_id=stop.id,
            shipment_id=shipment.id,
            above=above,
            celsius=breach.celsius,
            lowest=breach.lowest,
            highest=breach.highest,
            read_at=at,
        )
        session.add(excursion)
        session.flush()
        excursion.event_id = _record(session, excursion, shipment, stop)
        session.flush()
        said = {"celsius": f"{breach.celsius:.1f}", "sscc": shipment.sscc}
        sentence = N_("Delivery %(sscc)s was at %(celsius)s ℃ on its way: outside its limits.")
        key, address = f"delivery.warm/{excursion.id}", f"/store/deliveries/{shipment.sscc}"
        notice = NoticeGiven("delivery.warm", key, sentence, said, address, place=str(stop.place_id))
        desk.tell(session, stop.buyer_id, notice)
    return excursion


def _record(session: Session, excursion: Excursion, shipment: Shipment, stop: Stop) -> UUID | None:
    """The sensor event, which buyer and supplier may read too; none from a haulier that is no member of the ledger.

    It names the logistic unit, and of its lots those that the haulier may know. Its place is where the goods
    were bound.
    """
    if session.get_one(Organization, excursion.owner_id).member is None:
        return None
    lots = session.exec(
        select(Lot, TradeItem)
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .join(ShipmentLine, col(ShipmentLine.lot_id) == col(Lot.id))
        .where(col(ShipmentLine.shipment_id) == shipment.id)
    ).all()
    event = records.excursion(
        session,
        shipment.sscc,
        [(lot, item) for lot, item in lots],
        records.Scene(session.get_one(Place, stop.place_id), excursion.read_at),
        records.Breach(excursion.celsius, excursion.lowest, excursion.highest),
    )
    known = set(session.exec(select(EventAudience.org_id).where(col(EventAudience.event_id) == event.id)).all())
    session.add_all(
        EventAudience(owner_id=event.owner_id, event_id=event.id, org_id=party)
        for party in {excursion.buyer_id, excursion.supplier_id} - {event.owner_id} - known
    )
    return event.id


def _on_route(session: Session, route_id: UUID) -> list[Stop]:
    return list(session.exec(select(Stop).where(col(Stop.route_id) == route_id).order_by(col(Stop.sequence))))


def _vehicle(session: Session, stop: Stop) -> Vehicle:
    return session.get_one(Vehicle, session.get_one(Route, stop.route_id).vehicle_id)
