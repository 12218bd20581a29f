"""A small supermarket with its suppliers, items and stores, for tests of the trade."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from hub import db
from hub.access import Actor
from hub.models.catalogue import Lot, Temperature, TradeItem
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind, Role
from tests import factories

_made = 0


def _number() -> int:
    global _made
    _made += 1
    return _made


def place(owner: Organization, name: str, kind: PlaceKind = PlaceKind.STORE) -> Place:
    """Somewhere of an organisation."""
    row = Place(
        owner_id=owner.id, kind=kind, name_zh=name, name_en=name, gln=factories.gln(500_000 + _number()),
        latitude=36.65, longitude=117.12,
    )  # fmt: skip
    with db.session(db.Who(owner.id)) as session:
        session.add(row)
    return row


def item(supplier: Organization, name: str, **more: object) -> TradeItem:
    """Something a supplier sells."""
    said = {
        "category": "vegetables", "unit": "KGM", "price": Decimal("7.20"), "temperature": Temperature.CHILLED,
        "shelf_life_days": 7, "case_quantity": Decimal(10), "unit_weight_kg": Decimal(1),
    }  # fmt: skip
    gtin = f"{69012300000000 + _number():014d}"
    row = TradeItem(owner_id=supplier.id, gtin=gtin, name_zh=name, name_en=name, **(said | more))
    with db.session(db.Who(supplier.id)) as session:
        session.add(row)
    return row


def lot(of: TradeItem, number: str = "L1", quantity: int = 500, made_on: date = date(2026, 11, 20)) -> Lot:
    """Some of an item, made together."""
    row = Lot(
        owner_id=of.owner_id, trade_item_id=of.id, number=number, made_on=made_on,
        best_before=made_on + timedelta(days=of.shelf_life_days), quantity=Decimal(quantity),
    )  # fmt: skip
    with db.session(db.Who(of.owner_id)) as session:
        session.add(row)
    return row


@dataclass
class Supermarket:
    """A retailer with two stores, a grower that sells it tomatoes and eggs, and a haulier."""

    chain: Organization = field(
        default_factory=lambda: factories.organization(OrganizationKind.RETAILER, "Hejia")
    )
    farm: Organization = field(
        default_factory=lambda: factories.organization(OrganizationKind.SUPPLIER, "Qinghe")
    )
    haulier: Organization = field(
        default_factory=lambda: factories.organization(OrganizationKind.HAULIER, "Luyun")
    )

    def __post_init__(self) -> None:
        factories.relation(self.chain, self.farm)
        factories.relation(self.chain, self.haulier)
        self.stores = [place(self.chain, f"Store {n}") for n in (1, 2)]
        self.packhouse = place(self.farm, "Packhouse", PlaceKind.PACKHOUSE)
        self.tomato = item(self.farm, "Tomato")
        self.eggs = item(
            self.farm, "Eggs", unit="H87", case_quantity=Decimal(30), unit_weight_kg=Decimal("0.06")
        )

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
