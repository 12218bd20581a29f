"""Plain values that the pages of logistics are shown from: parties, places, a lorry and its calls; no database."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hub.models.base import uuid7
from hub.models.catalogue import Temperature
from hub.models.party import OrganizationKind, Place, PlaceKind, User
from hub.models.trade import Shipment
from hub.web.i18n import language
from logistics.models import Excursion, Route, Stop, Vehicle
from logistics.plan.board import Call, Tour
from tests import rows
from tests.logistics.conftest import WEDNESDAY, morning

EN, ZH = language("en"), language("zh")
PLATE = "鲁A·K3071"


HAULIER = rows.party(OrganizationKind.HAULIER, "Luyun")
CHAIN = rows.party(OrganizationKind.RETAILER, "Hejia")
FARM = rows.party(OrganizationKind.SUPPLIER, "Qinghe")
DEPOT = rows.place(HAULIER, PlaceKind.DEPOT, "Jinan depot")
STORE, OTHER = (rows.place(CHAIN, PlaceKind.STORE, name) for name in ("Store 1", "Store 2"))
LORRY = Vehicle(owner_id=HAULIER.id, plate=PLATE, depot_id=DEPOT.id, temperature=Temperature.CHILLED,
                capacity_kg=Decimal(4000), capacity_pallets=Decimal(8))  # fmt: skip
ZHAO = User(owner_id=HAULIER.id, name="Zhao", email="zhao@example.org", password="")


def shipment(number: str = "S-1", kg: float = 120.4) -> Shipment:
    """A chilled shipment from the farm to the first store."""
    return Shipment(
        id=uuid7(),
        owner_id=FARM.id,
        buyer_id=CHAIN.id,
        number=number,
        sscc="369012300000000016",
        deliver_to_id=STORE.id,
        deliver_on=WEDNESDAY,
        temperature=Temperature.CHILLED,
        weight_kg=Decimal(str(kg)),
        pallets=Decimal("0.5"),
    )


def stop(planned: datetime, **more: Any) -> Stop:
    """A stop that is planned for then, takes ten minutes, and whose place closes at nine."""
    times = {"planned_at": planned, "expected_at": planned, "leaves_at": planned + timedelta(minutes=10)}
    return Stop(id=uuid7(), plate=PLATE, opens_at=morning(5), closes_at=morning(9), **(times | more))


def call(number: int, *stops: Stop, where: Place = STORE) -> Call:
    """What the lorry does at a place: one shipment a stop."""
    return Call(number, where, stops, [shipment(f"S-{number}") for _stop in stops], CHAIN)


def handed_over(at: datetime) -> dict[str, Any]:
    """What a stop says once somebody took its goods."""
    return {"arrived_at": at, "delivered_at": at + timedelta(minutes=10), "received_by": "Wang"}


def tour(
    *calls: Call,
    published: bool = True,
    excursions: list[Excursion] | None = None,
    number: int = 1,
    day: date = WEDNESDAY,
) -> Tour:
    """The lorry's route, driven by Zhao from five to eight."""
    route = Route(distance_m=12_600, departs_at=morning(5), returns_at=morning(8))
    return Tour(f"R{number}", number, route, LORRY, DEPOT, ZHAO, published, calls, excursions or [], day)


def excursion(celsius: float, *, above: bool = True) -> Excursion:
    """What was measured at six of chilled goods."""
    return Excursion(
        above=above, celsius=Decimal(str(celsius)), lowest=Decimal(0), highest=Decimal(8), read_at=morning(6)
    )


ON_TIME = tour(call(1, stop(morning(6), **handed_over(morning(6)))), call(2, stop(morning(7)), where=OTHER))
ON_ROUTE, AT_DOOR = stop(morning(7)), stop(morning(6), arrived_at=morning(6), arrived_as="driver")
