"""Goods on the move: the fleet, yesterday's receipts, today's routes with one excursion and one disputed delivery."""

import random
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import zip_longest

from sqlmodel import Session, col, select

from hub import db
from hub.access import Actor
from hub.demo import builder
from hub.demo.founding import World
from hub.demo.growing import at
from hub.demo.trading import SEEN, Sent
from hub.models.base import now
from hub.models.catalogue import Temperature
from hub.models.party import Role
from hub.models.trade import Shipment
from logistics.drive import tracking
from logistics.models import Stop
from logistics.plan import dispatch
from logistics.receive import contents, receiving
from logistics.receive.receiving import Counted, LineCount

_FLEET = (
    ("鲁A·K3071", 4001, 3000, 8, Temperature.CHILLED), ("鲁A·K3072", 4001, 3000, 8, Temperature.CHILLED),
    ("鲁A·K3080", 4001, 5000, 14, Temperature.CHILLED), ("鲁A·D5110", 4001, 2500, 8, Temperature.AMBIENT),
    ("鲁A·F2201", 4001, 2000, 6, Temperature.FROZEN), ("鲁G·K8805", 4002, 3000, 8, Temperature.CHILLED),
    ("鲁G·K8806", 4002, 4000, 10, Temperature.CHILLED), ("鲁G·D1020", 4002, 2500, 8, Temperature.AMBIENT),
)  # fmt: skip
_DRIVERS = ("driver@luyun.example.com", "driver2@luyun.example.com")


def vehicles(world: World) -> None:
    """The haulier's fleet at its two depots; two vehicles have their drivers."""
    for (plate, depot, kilograms, pallets, temperature), driver in zip_longest(_FLEET, _DRIVERS):
        builder.vehicle(
            world.organizations["luyun"],
            world.places[depot],
            plate,
            kilograms,
            pallets,
            temperature=temperature,
            shift_end=time(18),
            driver_id=world.people.get(driver),
        )


def receive_past(world: World, sent: Sequence[Sent], dice: random.Random) -> None:
    """What should have arrived before today was counted: mostly whole, here and there short, once disputed."""
    arrivals = [arrival for arrival in sent if arrival.deliver_on < world.today]
    middle = len(arrivals) // 2
    for number, arrival in enumerate(arrivals):
        disputed = number == middle
        short = disputed or dice.random() < 0.08
        receive(world, arrival, at(arrival.deliver_on, 6, dice.randint(5, 55)), short=short, disputed=disputed)


def receive(world: World, arrival: Sent, moment: datetime, *, short: bool = False, disputed: bool = False) -> None:
    """A store, or a distribution centre for its chain, counts a shipment."""
    deal, note = arrival.deal, "司机说装车时就少两箱，供应商不认。" if disputed else ""
    actor = world.actor(deal.chain, Role.STORE, deal.store)
    with db.session(world.who(deal.chain)) as session:
        shipment = session.get_one(Shipment, arrival.shipment.id)
        lines = []
        for place, part in enumerate(contents.announced(session, shipment)):
            less = part.line.quantity * Decimal("0.9") if short and place == 0 else part.line.quantity
            whole = less.quantize(Decimal(1))
            reason = "damaged" if whole < part.line.quantity else ""
            lines.append(LineCount(line=part.line.id, quantity=whole, reason=reason))
        count = Counted(lines=lines, note=note, disputed=disputed)
        receiving.receive(session, actor, shipment, count, at=moment)


def today(world: World, sent: Sequence[Sent]) -> None:
    """Today's shipments are planned and published; what should have been by now is delivered, one of them too warm."""
    dispatcher = world.actor("luyun", Role.DISPATCHER)
    moment = now()
    with db.session(world.who("luyun")) as session:
        plan = dispatch.plan_day(session, dispatcher, world.today, at=moment - timedelta(hours=3), seconds=5)
        plan_id = plan.id
    with db.session(world.who("luyun")) as session:
        dispatch.publish(
            session, dispatcher, dispatch.find(session, dispatcher, plan_id), at=moment - timedelta(hours=3)
        )
    by_shipment = {arrival.shipment.id: arrival for arrival in sent}
    with db.session(world.who("luyun")) as session:
        stops = list(session.exec(select(Stop).order_by(col(Stop.planned_at))))
        due = sum(stop.planned_at < moment - timedelta(minutes=30) for stop in stops)
        calls = stops[: max(3, min(due, len(stops) - 4))]
        for number, stop in enumerate(calls):
            came = min(stop.planned_at + timedelta(minutes=number % 7), moment - timedelta(minutes=40 - number % 7))
            _deliver(session, dispatcher, stop, came, warm=number == 1)
        arrivals = [by_shipment[stop.shipment_id] for stop in calls if stop.shipment_id in by_shipment]
    for number, arrival in enumerate(arrival for arrival in arrivals[2:] if arrival.deal.store != SEEN):
        receive(world, arrival, moment - timedelta(minutes=20) + timedelta(seconds=number))


def _deliver(session: Session, actor: Actor, stop: Stop, moment: datetime, *, warm: bool) -> None:
    tracking.read_temperature(session, actor, stop, Decimal("4.1"), at=moment - timedelta(minutes=40))
    if warm:
        tracking.read_temperature(session, actor, stop, Decimal("13.1"), at=moment - timedelta(minutes=20))
    tracking.arrive(session, actor, stop, at=moment)
    tracking.deliver(session, actor, stop, "张敏", at=moment + timedelta(minutes=12))
