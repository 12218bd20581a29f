"""Shipments that are to be driven: where, in which window, how heavy, how cold."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from hub import sought
from hub.access import Actor
from hub.errors import HubError, NotFound
from hub.lists import CountedPage, Search
from hub.models.catalogue import Temperature
from hub.models.party import Organization, Place
from hub.models.trade import Shipment
from logistics.models import Receipt, Stop


class NumberNotUnique(HubError):
    """Two suppliers use this number for a shipment; name it by its SSCC."""

    code, status = "shipment-number-not-unique", 409


CARRIES: dict[Temperature, frozenset[str]] = {
    Temperature.AMBIENT: frozenset({Temperature.AMBIENT}),
    Temperature.CHILLED: frozenset({Temperature.CHILLED, Temperature.AMBIENT}),
    Temperature.FROZEN: frozenset({Temperature.FROZEN}),
}
"""What a vehicle of a cold-chain class may take along."""


@dataclass(frozen=True)
class Consignment:
    """A shipment with the place that awaits it, and when that place takes it in."""

    shipment: Shipment
    place: Place
    opens: datetime
    closes: datetime


@dataclass(frozen=True)
class Standing:
    """A shipment on a list, and how far it has come."""

    shipment: Shipment
    place: Place | None
    buyer: Organization | None
    stop: Stop | None
    receipt: Receipt | None


_SORTS: dict[str, Any] = {
    "number": col(Shipment.number),
    "store_zh": col(Place.name_zh),
    "store_en": col(Place.name_en),
    "arrives": col(Shipment.deliver_on),
    "weight": col(Shipment.weight_kg),
    "pallets": col(Shipment.pallets),
    "plate": col(Stop.plate),
}


def window(place: Place, day: date) -> tuple[datetime, datetime]:
    """From when until when a place takes deliveries on a business day of its own."""
    zone = place.zone
    opens = datetime.combine(day, place.opens, zone)
    closes = datetime.combine(day, place.closes, zone)
    return opens, closes if closes > opens else closes + timedelta(days=1)


def to_drive(session: Session, actor: Actor, day: date) -> list[Consignment]:
    """What the actor's organisation has to deliver on a day and has not sent out yet.

    A shipment is announced only for an order that was confirmed, so whatever is announced is to be driven.
    """
    out = select(col(Stop.shipment_id)).where(col(Stop.published_at).is_not(None))
    statement = (
        select(Shipment, Place)
        .join(Place, col(Place.id) == col(Shipment.deliver_to_id))
        .where(
            col(Shipment.haulier_id) == actor.organization_id,
            col(Shipment.deliver_on) == day,
            col(Shipment.id).not_in(out),
            col(Shipment.id).not_in(select(col(Receipt.shipment_id))),
        )
        .order_by(col(Shipment.id))
    )
    return [Consignment(shipment, place, *window(place, day)) for shipment, place in session.execute(statement).all()]


def find(session: Session, reference: str, supplier: str = "") -> Shipment:
    """The shipment of a dispatch advice's number, or of an SSCC, that the session may see; ``supplier`` is a GLN."""
    named = or_(col(Shipment.sscc) == reference, col(Shipment.number) == reference)
    statement = select(Shipment).where(named)
    if supplier:
        sender = select(col(Organization.id)).where(col(Organization.gln) == supplier)
        statement = statement.where(col(Shipment.owner_id).in_(sender))
    matches = session.scalars(statement.limit(2)).all()
    if not matches:
        raise NotFound
    if len(matches) > 1:
        raise NumberNotUnique
    return matches[0]


def standings(
    session: Session,
    actor: Actor,
    search: Search = Search(),
    *,
    day: date | None = None,
    place_id: UUID | None = None,
) -> CountedPage[Standing]:
    """The shipments the actor's organisation receives, sends or drives, the latest day first where nothing is asked."""
    mine = or_(
        *(
            column == actor.organization_id
            for column in (col(Shipment.owner_id), col(Shipment.buyer_id), col(Shipment.haulier_id))
        )
    )
    statement = (
        select(Shipment, Place, Organization, Stop, Receipt)
        .join(Place, col(Place.id) == col(Shipment.deliver_to_id), isouter=True)
        .join(Organization, col(Organization.id) == col(Shipment.buyer_id), isouter=True)
        .join(
            Stop,
            (col(Stop.shipment_id) == col(Shipment.id)) & col(Stop.published_at).is_not(None),
            isouter=True,
        )
        .join(Receipt, col(Receipt.shipment_id) == col(Shipment.id), isouter=True)
        .where(mine)
    )
    if day is not None:
        statement = statement.where(col(Shipment.deliver_on) == day)
    if place_id is not None:
        statement = statement.where(col(Shipment.deliver_to_id) == place_id)
    statement = statement.where(
        sought.mentions(search.words, col(Shipment.number), col(Shipment.sscc), col(Place.sought))
    )
    total = session.scalar(select(func.count()).select_from(statement.with_only_columns(col(Shipment.id)).subquery()))
    order = search.order(_SORTS, col(Shipment.deliver_on).desc(), col(Shipment.number), col(Shipment.id))
    rows = session.execute(statement.order_by(*order).offset(search.before).limit(search.size)).all()
    return CountedPage([Standing(*row) for row in rows], total or 0, search)
