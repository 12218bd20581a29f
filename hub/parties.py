"""Organisations and what belongs to them: places, people, relations, and what they make or carry."""

from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access, db
from hub.errors import HubError
from hub.gs1 import digital_link
from hub.models.base import uuid7
from hub.models.catalogue import Certificate, Temperature, TradeItem
from hub.models.inventory import Assortment
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


class AlreadyKnown(HubError):
    """This is here already under that number."""

    code, status = "already-known", 409


class NoSuchBuyer(HubError):
    """None of the retailers that you work with has this GLN."""

    code, status, at = "no-such-buyer", 409, "buyer"


@dataclass(frozen=True)
class PartyDetails:
    """What an organisation is called and how it is reached: ``phone`` by partners, ``service_phone`` by everybody."""

    name_zh: str
    name_en: str
    gln: str
    phone: str = ""
    service_phone: str = ""
    time_zone: str = "Asia/Shanghai"


def found(kind: OrganizationKind, details: PartyDetails) -> Organization:
    """Admit an organisation, which owns itself from then on. Has a transaction of its own, since nobody is it yet."""
    with db.session(db.Who(uuid7(), via="admission")) as session:
        return admit(session, kind, details)


def admit(session: Session, kind: OrganizationKind, details: PartyDetails) -> Organization:
    """Admit the organisation that the session speaks for already, under an id of the opener's choice."""
    digital_link.party_link(details.gln)  # refuses a wrong check digit
    own = _owner(session)
    row = Organization(id=own, owner_id=own, kind=kind, **vars(details))
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True)
class PlaceDetails:
    """What a place is called, where it lies, when and at how many docks it takes goods in, and what serves it."""

    name_zh: str
    name_en: str
    gln: str
    latitude: float
    longitude: float
    time_zone: str = "Asia/Shanghai"
    opens: time = time(6, 0)
    closes: time = time(20, 0)
    served_from_id: UUID | None = None
    docks: int | None = None
    closed_on: str = ""


def add_place(session: Session, kind: PlaceKind, details: PlaceDetails) -> Place:
    """Name a place of the session's organisation."""
    digital_link.place_link(details.gln)
    row = Place(owner_id=_owner(session), kind=kind, **vars(details))
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True)
class PersonDetails:
    """Who somebody is: how they sign in, what they are called, and which language they read."""

    email: str
    name: str
    password: str
    language: str = ""


def add_person(session: Session, details: PersonDetails, role: Role, *, place: UUID | None = None) -> User:
    """Let a person act for the session's organisation in a role; somebody known by this address gets the role too."""
    known = access.account_of(details.email)
    own = known.user_id if known else uuid7()
    with db.on_behalf(session, own):
        if known is None:
            session.add(_person(own, details))
        person = session.get_one(User, own)
    session.add(Membership(owner_id=_owner(session), user_id=own, role=role, place_id=place))
    session.flush()
    return person


def _person(own: UUID, details: PersonDetails) -> User:
    return User(
        id=own,
        owner_id=own,
        email=details.email.lower(),
        name=details.name,
        password=access.hash_password(details.password),
        language=details.language,
    )


def relate(
    session: Session, partner: UUID, kind: OrganizationKind, *, since: date, until: date | None = None
) -> TradeRelation:
    """The session's organisation says that it works with a partner from a day on.

    Once the partner has said the same, each sees the other's places and items; until then neither does.
    """
    row = TradeRelation(owner_id=_owner(session), partner_id=partner, kind=kind, valid_from=since, valid_to=until)
    session.add(row)
    session.flush()
    return row


def buyer(session: Session, gln: str) -> Organization | None:
    """The retailer of a GLN that the session's organisation works with; None where no GLN is said: every buyer."""
    if not gln:
        return None
    number = digital_link.gln(gln)
    # Of all others, a session sees those alone with whom both have said that they work with each other.
    retailers = select(Organization).where(col(Organization.kind) == OrganizationKind.RETAILER)
    found = session.exec(retailers.where(col(Organization.gln) == number)).one_or_none()
    if found is None:
        raise NoSuchBuyer
    return found


def gln_of(session: Session, organization_id: UUID | None) -> str:
    """The GLN of an organisation; empty where none is named."""
    return session.get_one(Organization, organization_id).gln if organization_id else ""


@dataclass(frozen=True)
class ItemDetails:
    """What an item is called, how it is sold and packed, and how it is kept."""

    gtin: str
    name_zh: str
    name_en: str
    category: str
    unit: str
    price: Decimal
    temperature: Temperature
    shelf_life_days: int
    case_quantity: Decimal
    unit_weight_kg: Decimal
    picture_sha256: str = ""


def list_item(session: Session, details: ItemDetails) -> TradeItem:
    """Offer a trade item of the session's organisation."""
    number = digital_link.gtin(details.gtin)
    known = select(TradeItem).where(col(TradeItem.gtin) == number, col(TradeItem.owner_id) == _owner(session))
    if session.exec(known).first() is not None:
        raise AlreadyKnown(f"an item of GTIN {number} is listed already", gtin=number)
    row = TradeItem(owner_id=_owner(session), **vars(replace(details, gtin=number)))
    session.add(row)
    session.flush()
    return row


def carry(session: Session, item: TradeItem, core_code: str) -> Assortment:
    """Take an item into the session's retailer's assortment, under its core's own code."""
    row = Assortment(owner_id=_owner(session), supplier_id=item.owner_id, trade_item_id=item.id, core_code=core_code)
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True)
class CertificateDetails:
    """What a certificate is of and called, who issued it under which number, and from when until when it is valid."""

    kind: str
    name_zh: str
    name_en: str
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None = None
    file_sha256: str = ""


def certify(session: Session, details: CertificateDetails, *, lot: UUID | None = None) -> Certificate:
    """File a certificate of the session's organisation, or of one of its lots."""
    row = Certificate(owner_id=_owner(session), lot_id=lot, **vars(details))
    session.add(row)
    session.flush()
    return row


def _owner(session: Session) -> UUID:
    who: db.Who = session.info["who"]
    return who.org
