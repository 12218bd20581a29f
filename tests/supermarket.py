"""A small supermarket with its suppliers, items and stores, for tests of the trade."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from fastapi.testclient import TestClient

from hub import access, db, keys
from hub.access import Actor
from hub.app import create_app
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import KeyHolder, Organization, OrganizationKind, Place, PlaceKind, Role, SigningKey
from hub.web.deps import login_cookie
from tests import factories

PASSWORD = "a long enough password"


def signed_in(organization: Organization, role: Role, email: str = "somebody@example.org") -> TestClient:
    """The browser of somebody who is signed in, in English."""
    factories.person(organization, role, PASSWORD, email)
    token = access.sign_in(email, PASSWORD, "127.0.0.1")
    client = TestClient(create_app(), cookies={login_cookie(): token}, follow_redirects=False)
    client.headers |= {"accept-language": "en", "sec-fetch-site": "same-origin"}
    return client


def _stored(row: Any) -> Any:
    with db.session(db.Who(row.owner_id)) as session:
        session.add(row)
    return row


def place(owner: Organization, name: str, kind: PlaceKind = PlaceKind.STORE) -> Place:
    """Somewhere of an organisation."""
    return _stored(factories.place(owner, kind, name))


def item(supplier: Organization, called: str, unit: str = "KGM", **more: object) -> TradeItem:
    """Something a supplier sells."""
    row = factories.item(supplier, called, unit)
    for name, value in more.items():
        setattr(row, name, value)
    return _stored(row)


def lot(of: TradeItem, number: str = "L1", quantity: int = 500, made_on: date = date(2026, 11, 20)) -> Lot:
    """Some of an item, made together."""
    return _stored(
        Lot(
            owner_id=of.owner_id,
            trade_item_id=of.id,
            number=number,
            made_on=made_on,
            best_before=made_on + timedelta(days=of.shelf_life_days),
            quantity=Decimal(quantity),
        )
    )


def enrol(organization: Organization, member: int) -> None:
    """Give an organisation a number on the ledger and a key that the hub holds."""
    with db.session(db.Who(organization.id)) as session:
        session.get(Organization, organization.id).member = member
        address, _secret = keys.new_signing_key()
        session.add(SigningKey(owner_id=organization.id, address=address, held_by=KeyHolder.HUB))


@dataclass
class Supermarket:
    """A retailer with two stores, a grower that sells it tomatoes and eggs, and a haulier."""

    chain: Organization = field(default_factory=lambda: factories.organization(OrganizationKind.RETAILER, "Hejia"))
    farm: Organization = field(default_factory=lambda: factories.organization(OrganizationKind.SUPPLIER, "Qinghe"))
    haulier: Organization = field(default_factory=lambda: factories.organization(OrganizationKind.HAULIER, "Luyun"))

    def __post_init__(self) -> None:
        factories.relation(self.chain, self.farm)
        factories.relation(self.chain, self.haulier)
        self.stores = [place(self.chain, f"Store {n}") for n in (1, 2)]
        self.packhouse = place(self.farm, "Packhouse", PlaceKind.PACKHOUSE)
        self.tomato = item(self.farm, "Tomato")
        self.eggs = item(self.farm, "Eggs", unit="H87", case_quantity=Decimal(30), unit_weight_kg=Decimal("0.06"))

    @property
    def buyer(self) -> Actor:
        """Somebody who orders for the chain."""
        return factories.actor(self.chain, Role.BUYER)

    @property
    def grower(self) -> Actor:
        """Somebody who answers for the farm."""
        return factories.actor(self.farm, Role.SUPPLIER)

    @property
    def administrator(self) -> Actor:
        """Somebody who sets the chain's installation up."""
        return factories.actor(self.chain, Role.ADMINISTRATOR)
