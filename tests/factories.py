"""One factory a noun: the least that makes a row whole."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from hub import access, db
from hub.gs1 import digital_link
from hub.models.base import uuid7
from hub.models.catalogue import Temperature, TradeItem
from hub.models.party import (
    Membership,
    Organization,
    OrganizationKind,
    Place,
    PlaceKind,
    Role,
    TradeRelation,
    User,
)


def gln(number: int) -> str:
    """A Global Location Number with its check digit."""
    body = f"690123{number:06d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


_made = 0


def organization(kind: OrganizationKind, name: str = "Qinghe") -> Organization:
    """An organisation that owns itself."""
    global _made
    _made += 1
    made = uuid7()
    row = Organization(id=made, owner_id=made, kind=kind, name_zh=name, name_en=name, gln=gln(_made))
    with db.session(db.Who(made)) as session:
        session.add(row)
    return row


def relation(retailer: Organization, partner: Organization) -> None:
    """Both say that they trade with each other."""
    for one, other in ((retailer, partner), (partner, retailer)):
        says(one, other)


def says(one: Organization, other: Organization, since: date = date(2020, 1, 1)) -> None:
    """One organisation alone says that it works with another."""
    with db.session(db.Who(one.id)) as session:
        session.add(TradeRelation(owner_id=one.id, partner_id=other.id, kind=other.kind, valid_from=since))


def person(org: Organization, role: Role, password: str, email: str = "") -> UUID:
    """Somebody who can sign in."""
    user = User(
        owner_id=org.id,
        email=email or f"{role}-{org.id}@example.org",
        name="Li",
        password=access.hash_password(password),
    )
    with db.session(db.Who(org.id)) as session:
        session.add(user)
        session.flush()
        session.add(Membership(owner_id=org.id, user_id=user.id, role=role))
    return user.id


def actor(org: Organization, role: Role) -> access.Actor:
    """Somebody of that organisation in that role."""
    return access.Actor(org.id, org.kind, access.GRANTS[role], role=role)


def place(org: Organization, kind: PlaceKind = PlaceKind.STORE, name: str = "Lixia store") -> Place:
    """Somewhere of that organisation, not yet stored."""
    global _made
    _made += 1
    return Place(
        owner_id=org.id,
        kind=kind,
        name_zh=name,
        name_en=name,
        gln=gln(500_000 + _made),
        latitude=36.65 + _made / 1000,
        longitude=117.0 + _made / 1000,
    )


def item(org: Organization, name: str = "Tomatoes", unit: str = "KGM") -> TradeItem:
    """A trade item of that organisation, not yet stored."""
    global _made
    _made += 1
    body = f"0690123{_made:06d}"
    return TradeItem(
        owner_id=org.id,
        gtin=body + digital_link.check_digit(body),
        name_zh=name,
        name_en=name,
        category="vegetables",
        unit=unit,
        price=Decimal("4.20"),
        temperature=Temperature.CHILLED,
        shelf_life_days=8,
        case_quantity=Decimal(10),
        unit_weight_kg=Decimal(1),
    )
