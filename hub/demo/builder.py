"""What worlds are made of, one function a noun: parties with their places, items, people and vehicles, and their trade.

The sample world and the worlds of the tests are lists of these. Each is founded through the hub's services, in a
transaction of the party whose it is; what a world leaves unsaid, such as a number or a price, is given.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from sqlmodel import Session

from hub import access, db, parties
from hub.access import Actor, Permission
from hub.gs1 import digital_link
from hub.ledger.log import members
from hub.models.catalogue import Lot, Temperature, TradeItem
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind, Role, User
from hub.parties import ItemDetails, PartyDetails, PersonDetails, PlaceDetails
from hub.trace import records
from hub.trace.records import Environment, Goods, Reading, Report, Residue, Scene, Treatment
from logistics.fleet import fleet
from logistics.models import Vehicle

PREFIX = "690123"
"""The company prefix of what has no number of its own in its world."""
SINCE = date(2020, 1, 1)
TOMATOES: dict[str, Any] = {
    "category": "vegetables",
    "unit": "KGM",
    "price": Decimal("4.20"),
    "temperature": Temperature.CHILLED,
    "shelf_life_days": 8,
    "case_quantity": Decimal(10),
    "unit_weight_kg": Decimal(1),
}
_serials = count(1)


def gln(serial: int, prefix: str = PREFIX) -> str:
    """The Global Location Number of a company's party or place."""
    body = prefix + str(serial).zfill(12 - len(prefix))
    return body + digital_link.check_digit(body)


def gtin(serial: int, prefix: str = PREFIX) -> str:
    """The number of a company's trade item."""
    return digital_link.gtin(gln(serial, prefix))


def party(kind: OrganizationKind, name: str = "Qinghe", zh: str = "", **more: Any) -> Organization:
    """An organisation that has joined the hub."""
    unsaid = {"gln": gln(next(_serials))}
    return parties.found(kind, PartyDetails(name_en=name, name_zh=zh or name, **unsaid | more))


def member(party: Organization, own_address: str | None = None) -> Organization:
    """A party that is now a member of the ledger, with the key of that address or one that the hub holds."""
    with db.hub_session() as session:
        members.enrol(session, party, own_address)
    return party


def place(
    party: Organization, kind: PlaceKind = PlaceKind.STORE, name: str = "Lixia store", zh: str = "", **more: Any
) -> Place:
    """Somewhere of a party."""
    serial = next(_serials)
    unsaid: dict[str, Any] = {
        "gln": gln(500_000 + serial),
        "latitude": 36.65 + serial / 1000,
        "longitude": 117.0 + serial / 1000,
    }
    with _session(party) as session:
        return parties.add_place(session, kind, PlaceDetails(name_en=name, name_zh=zh or name, **unsaid | more))


def item(party: Organization, name: str = "Tomatoes", zh: str = "", **more: Any) -> TradeItem:
    """Something that a supplier sells; what is not said of it is as of tomatoes."""
    unsaid = TOMATOES | {"gtin": gtin(next(_serials))}
    with _session(party) as session:
        return parties.list_item(session, ItemDetails(name_en=name, name_zh=zh or name, **unsaid | more))


def person(party: Organization, role: Role, password: str, email: str = "", name: str = "Li", **more: Any) -> User:
    """Somebody who can sign in and act for a party."""
    address = email or f"{role}-{party.id}@example.org"
    with _session(party) as session:
        return parties.add_person(session, PersonDetails(address, name, password), role, **more)


def actor(party: Organization, role: Role, *, person: UUID | None = None, place: UUID | None = None) -> Actor:
    """Somebody of a party, in a role."""
    return Actor(party.id, party.kind, access.GRANTS[role], person, role=role, place_id=place, via="demo")


def key(party: Organization, name: str, *scopes: Permission) -> str:
    """What a machine of a party's signs in with."""
    with _session(party) as session:
        return access.make_api_key(session, party.id, name, scopes)


def relation(party: Organization, partner: Organization, since: date = SINCE) -> None:
    """Both say that they trade with each other."""
    word(party, partner, since)
    word(partner, party, since)


def word(party: Organization, partner: Organization, since: date = SINCE) -> None:
    """One party alone says that it works with another."""
    with _session(party) as session:
        parties.relate(session, partner.id, partner.kind, since=since)


def assortment(retailer: Organization, items: Mapping[str, TradeItem]) -> None:
    """What a retailer sells, by its core's own codes."""
    with _session(retailer) as session:
        for code, item in items.items():
            parties.carry(session, item, code)


@dataclass(frozen=True)
class Harvest:
    """How much was harvested and when, where it grew and where it was packed; the air was ``measured`` in between."""

    field: Place
    packhouse: Place
    at: datetime
    quantity: int
    measured: bool = False


def lot(item: TradeItem, number: str, harvest: Harvest) -> Lot:
    """Goods that were planted, sprayed, harvested, tested and packed."""
    at, field, packhouse = harvest.at, harvest.field, harvest.packhouse
    planted, quantity = at - timedelta(days=60), Decimal(harvest.quantity)
    cases = int(quantity / item.case_quantity)
    residue = Residue("啶虫脒", "acetamiprid", Decimal("0.06"), Decimal(1))
    treatment = Treatment("10%苯醚甲环唑水分散粒剂", "difenoconazole", Decimal(30), "GRM", 7)
    with db.session(db.Who(item.owner_id, None, "demo")) as session:
        lot = records.plant(session, item, number, Scene(field, planted), area_m2=Decimal(2000))
        records.spray(session, lot, item, Scene(field, at - timedelta(days=20)), treatment)
        if harvest.measured:
            air = Environment(planted, [Reading("Temperature", "CEL", 22.5, 14.0, 31.5)])
            records.grow(session, lot, item, Scene(field, at - timedelta(days=4)), air)
        goods = Goods(lot, item, quantity)
        records.harvest(session, goods, Scene(field, at))
        report = Report("Shandong Food Lab", f"R-{number}", [residue])
        records.test(session, lot, item, Scene(packhouse, at + timedelta(hours=4)), report)
        records.pack(session, goods, Scene(packhouse, at + timedelta(hours=6)), cases=cases)
    return lot


def vehicle(haulier: Organization, depot: Place, plate: str, kg: int, pallets: int, **more: Any) -> Vehicle:
    """A vehicle of a haulier's, chilled where nothing else is said."""
    unsaid: dict[str, Any] = {"temperature": Temperature.CHILLED, "shift_start": time(4), "shift_end": time(14)}
    description = fleet.Description(plate, depot.id, Decimal(kg), Decimal(pallets), **unsaid | more)
    with _session(haulier) as session:
        return fleet.add(session, actor(haulier, Role.DISPATCHER), description)


def _session(party: Organization) -> AbstractContextManager[Session]:
    return db.session(db.Who(party.id, None, "demo"))
