"""A small supermarket with its suppliers, items and stores, for tests of the trade."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from fastapi.testclient import TestClient

from hub import access, db
from hub.access import Actor
from hub.app import create_app
from hub.demo import builder
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Organization, OrganizationKind, PlaceKind, Role
from hub.web.deps import login_cookie

PASSWORD = "a long enough password"


def signed_in(organization: Organization, role: Role, email: str = "somebody@example.org") -> TestClient:
    """The browser of somebody who is signed in, in English."""
    builder.person(organization, role, PASSWORD, email)
    token = access.sign_in(email, PASSWORD, "127.0.0.1")
    client = stranger()
    client.cookies.set(login_cookie(), token)
    return client


def stranger() -> TestClient:
    """The browser of somebody who is not signed in, in English."""
    client = TestClient(create_app(), follow_redirects=False)
    client.headers |= {"accept": "text/html", "accept-language": "en", "sec-fetch-site": "same-origin"}
    return client


def lot(of: TradeItem, number: str = "L1", quantity: int = 500, made_on: date = date(2026, 11, 20)) -> Lot:
    """Some of an item, made together."""
    row = Lot(
        owner_id=of.owner_id,
        trade_item_id=of.id,
        number=number,
        made_on=made_on,
        best_before=made_on + timedelta(days=of.shelf_life_days),
        quantity=Decimal(quantity),
    )
    with db.session(db.Who(of.owner_id)) as session:
        session.add(row)
    return row


@dataclass
class Supermarket:
    """A retailer with two stores, a grower that sells it tomatoes and eggs, and a haulier."""

    chain: Organization = field(default_factory=lambda: builder.party(OrganizationKind.RETAILER, "Hejia"))
    farm: Organization = field(default_factory=lambda: builder.party(OrganizationKind.SUPPLIER, "Qinghe"))
    haulier: Organization = field(default_factory=lambda: builder.party(OrganizationKind.HAULIER, "Luyun"))

    def __post_init__(self) -> None:
        builder.relation(self.chain, self.farm)
        builder.relation(self.chain, self.haulier)
        self.stores = [builder.place(self.chain, name=f"Store {n}") for n in (1, 2)]
        self.packhouse = builder.place(self.farm, PlaceKind.PACKHOUSE, "Packhouse")
        self.tomato = builder.item(self.farm, "Tomato")
        self.eggs = builder.item(
            self.farm, "Eggs", unit="H87", case_quantity=Decimal(30), unit_weight_kg=Decimal("0.06")
        )

    @property
    def buyer(self) -> Actor:
        """Somebody who orders for the chain."""
        return builder.actor(self.chain, Role.BUYER)

    @property
    def grower(self) -> Actor:
        """Somebody who answers for the farm."""
        return builder.actor(self.farm, Role.SUPPLIER)

    @property
    def administrator(self) -> Actor:
        """Somebody who sets the chain's installation up."""
        return builder.actor(self.chain, Role.ADMINISTRATOR)
