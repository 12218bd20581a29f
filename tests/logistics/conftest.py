"""A haulier between a grower and the stores of a supermarket, and shipments ordered, confirmed and announced."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from hub import db
from hub.access import Actor
from hub.demo import builder
from hub.ledger.log import sealing
from hub.models.catalogue import Temperature
from hub.models.party import PlaceKind, Role
from hub.models.trade import AnswerKind, PurchaseOrder, Shipment
from logistics.models import RoutePlan, Stop, Vehicle
from logistics.plan import dispatch
from supplier_portal.dispatch import dispatch_advice
from supplier_portal.dispatch.dispatch_advice import DispatchAdvice, Packed
from supplier_portal.orders import orders
from supplier_portal.orders.answering import answers
from tests import supermarket
from tests.hub.growers import keys_of_the_hub
from tests.supermarket import Supermarket

__all__ = ["keys_of_the_hub"]
WEDNESDAY = date(2026, 11, 25)
EVENING = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
"""Eight in the evening in Jinan."""


def morning(hour: int, minute: int = 0) -> datetime:
    """A moment of Wednesday morning in Jinan."""
    return (
        datetime(2026, 11, 25, hour - 8, minute, tzinfo=UTC)
        if hour >= 8
        else (datetime(2026, 11, 24, hour + 16, minute, tzinfo=UTC))
    )


@dataclass
class Region(Supermarket):
    """The supermarket with its haulier: a depot, a chilled lorry, an ambient van, and Zhao, who drives the lorry."""

    day: date = WEDNESDAY
    at: datetime = EVENING

    def __post_init__(self) -> None:
        super().__post_init__()
        for party in (self.farm, self.chain, self.haulier):
            builder.member(party)
        builder.assortment(self.chain, {"T-1": self.tomato, "E-1": self.eggs})
        self.depot = builder.place(self.haulier, PlaceKind.DEPOT, "Jinan depot")
        self.zhao = builder.person(self.haulier, Role.DRIVER, "a long enough sentence", "zhao@example.org").id
        self.lorry = self.vehicle("鲁A·K3071", driver_id=self.zhao)
        self.van = self.vehicle("鲁A·K3088", kg=900, pallets=2, temperature=Temperature.AMBIENT, fixed_cost=100)
        self.lots = {"tomato": supermarket.lot(self.tomato, "T-88"), "eggs": supermarket.lot(self.eggs, "E-12")}

    @property
    def dispatcher(self) -> Actor:
        """Somebody who plans for the haulier."""
        return builder.actor(self.haulier, Role.DISPATCHER)

    @property
    def driver(self) -> Actor:
        """Zhao."""
        return builder.actor(self.haulier, Role.DRIVER, person=self.zhao)

    def keeper(self, store: int = 0) -> Actor:
        """Somebody who receives at a store."""
        return builder.actor(self.chain, Role.STORE, place=self.stores[store].id)

    def vehicle(self, plate: str, kg: int = 4000, pallets: int = 8, **more: Any) -> Vehicle:
        """One more vehicle of the haulier."""
        return builder.vehicle(self.haulier, self.depot, plate, kg, pallets, **more)

    def confirmed(self, store: int = 0, **quantities: int) -> PurchaseOrder:
        """Ordered for a store and confirmed: ``tomato=120``, ``eggs=60``."""
        items = {"tomato": self.tomato, "eggs": self.eggs}
        wanted = [orders.DraftLine(items[name].id, Decimal(q)) for name, q in (quantities or {"tomato": 120}).items()]
        draft = orders.OrderDraft(self.farm.id, self.stores[store].id, self.day, wanted)
        with db.session(self.buyer.who) as session:
            order = orders.write(session, self.buyer, draft, at=self.at - timedelta(days=1))
            orders.place(session, self.buyer, order, at=self.at - timedelta(days=1))
            lines = orders.lines_of(session, order)
        with db.session(self.grower.who) as session:
            held = session.get_one(PurchaseOrder, order.id)
            given = [answers.LineAnswer(line=line.id, answer=AnswerKind.CONFIRMED) for line in lines]
            response = answers.OrderResponse(given)
            answers.confirm(session, self.grower, held, response, at=self.at - timedelta(hours=20))
        return order

    def shipped(self, store: int = 0, **quantities: int) -> Shipment:
        """Ordered for a store, confirmed and announced: ``tomato=120``, ``eggs=60``."""
        order = self.confirmed(store, **quantities)
        lots = {self.tomato.id: self.lots["tomato"].id, self.eggs.id: self.lots["eggs"].id}
        with db.session(self.grower.who) as session:
            held = session.get_one(PurchaseOrder, order.id)
            packed = [
                Packed(line=line.id, lot=lots[line.trade_item_id], quantity=line.quantity)
                for line in orders.lines_of(session, held)
            ]
            return dispatch_advice.announce_shipment(
                session, self.grower, held, DispatchAdvice(packed, self.packhouse), at=self.at - timedelta(hours=2)
            )

    def planned(self, *, publish: bool = False, at: datetime | None = None) -> RoutePlan:
        """The day's plan."""
        with db.session(self.dispatcher.who) as session:
            plan = dispatch.plan_day(session, self.dispatcher, self.day, at=at or self.at, seconds=1)
            if publish:
                dispatch.publish(session, self.dispatcher, plan, at=at or self.at)
        return plan

    def stops(self, plan: RoutePlan) -> list[Stop]:
        """A plan's stops in order."""
        with db.session(self.dispatcher.who) as session:
            return dispatch.stops_of(session, plan)


def seal() -> None:
    """Seal what was captured."""
    with db.hub_session() as session:
        sealing.seal(session, patient=False)


def seen_by(organization: UUID, kind: type) -> list[Any]:
    """Every row of a kind that an organisation can read."""
    from sqlmodel import select

    with db.session(db.Who(organization)) as session:
        return list(session.exec(select(kind)))


@pytest.fixture
def region(clean: str, keys_of_the_hub: None) -> Region:
    """The region, ready to ship."""
    return Region()
