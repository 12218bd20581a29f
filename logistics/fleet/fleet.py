"""A haulier's vehicles: what they carry, when they drive, and who drives them."""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from hub import access, sought
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput, NotFound
from hub.lists import CountedPage, Search
from hub.models.catalogue import Temperature
from hub.models.party import Membership, Place, PlaceKind, Role, User
from logistics.models import Vehicle


class PlateTaken(HubError):
    """Another vehicle of yours has this plate already."""

    code, status, at = "plate-taken", 409, "plate"


@dataclass(frozen=True)
class Description:
    """Everything about a vehicle that a dispatcher decides."""

    plate: str
    depot_id: UUID
    capacity_kg: Decimal
    capacity_pallets: Decimal
    temperature: Temperature
    shift_start: time
    shift_end: time
    driver_id: UUID | None = None
    fixed_cost: int = 300
    cost_per_km: int = 3


def add(session: Session, actor: Actor, description: Description) -> Vehicle:
    """Take a vehicle into the fleet."""
    access.require(actor, Permission.PLAN_ROUTES)
    _check(session, actor, description, None)
    van = Vehicle(owner_id=actor.organization_id, **vars(description))
    session.add(van)
    session.flush()
    access.record(session, actor, "vehicle.add", van.plate)
    return van


def change(session: Session, actor: Actor, van: Vehicle, description: Description) -> Vehicle:
    """Say anew what a vehicle carries, when and by whom it is driven; plans made so far stay as they are."""
    access.require(actor, Permission.PLAN_ROUTES, van.owner_id)
    _check(session, actor, description, van)
    for name, value in vars(description).items():
        setattr(van, name, value)
    session.flush()
    access.record(session, actor, "vehicle.change", van.plate)
    return van


def retire(session: Session, actor: Actor, van: Vehicle, *, at: datetime, back: bool = False) -> Vehicle:
    """Plan no more routes for a vehicle, or plan for it again."""
    access.require(actor, Permission.PLAN_ROUTES, van.owner_id)
    van.retired_at = None if back else at
    session.flush()
    access.record(session, actor, "vehicle.return" if back else "vehicle.retire", van.plate)
    return van


def find(session: Session, actor: Actor, vehicle_id: UUID) -> Vehicle:
    """A vehicle of the actor's organisation."""
    van = session.get(Vehicle, vehicle_id)
    if van is None or van.owner_id != actor.organization_id:
        raise NotFound
    return van


Manned = tuple[Vehicle, Place, User | None]
"""A vehicle with its depot and, where it has one, its driver."""

_SORTS: dict[str, Any] = {
    "plate": col(Vehicle.plate),
    "depot_zh": col(Place.name_zh),
    "depot_en": col(Place.name_en),
    "weight": col(Vehicle.capacity_kg),
    "pallets": col(Vehicle.capacity_pallets),
    "shift": col(Vehicle.shift_start),
    "driver": col(User.name),
}


def vehicles(session: Session, actor: Actor) -> list[Manned]:
    """The fleet with depots and drivers; those out of service last."""
    own = (col(Vehicle.retired_at).is_not(None), col(Vehicle.plate))
    return [(van, depot, driver) for van, depot, driver in session.execute(_fleet(actor).order_by(*own)).all()]


def listed(session: Session, actor: Actor, search: Search) -> CountedPage[Manned]:
    """Those of the fleet that are looked for, sorted as it is asked, else those out of service last."""
    columns = (col(Vehicle.plate), col(Place.sought), col(User.sought))
    statement = _fleet(actor).where(sought.mentions(search.words, *columns))
    total = session.scalar(select(func.count()).select_from(statement.with_only_columns(col(Vehicle.id)).subquery()))
    order = search.order(_SORTS, col(Vehicle.retired_at).is_not(None), col(Vehicle.plate), col(Vehicle.id))
    rows = session.execute(statement.order_by(*order).limit(search.size).offset(search.before)).all()
    return CountedPage([(van, depot, driver) for van, depot, driver in rows], total or 0, search)


def in_service(session: Session, actor: Actor) -> int:
    """How many vehicles routes can be planned for."""
    statement = select(func.count()).where(
        col(Vehicle.owner_id) == actor.organization_id, col(Vehicle.retired_at).is_(None)
    )
    return session.scalar(statement) or 0


def _fleet(actor: Actor) -> Any:
    return (
        select(Vehicle, Place, User)
        .join(Place, col(Place.id) == col(Vehicle.depot_id))
        .join(User, col(User.id) == col(Vehicle.driver_id), isouter=True)
        .where(col(Vehicle.owner_id) == actor.organization_id)
    )


def drivers(session: Session, actor: Actor) -> list[User]:
    """Who may drive for the actor's organisation."""
    statement = (
        select(User)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(
            col(Membership.owner_id) == actor.organization_id,
            col(Membership.role) == Role.DRIVER,
            col(Membership.ended_at).is_(None),
        )
        .order_by(col(User.name))
    )
    return list(session.exec(statement))


def depots(session: Session, actor: Actor) -> list[Place]:
    """Where the actor's organisation keeps its vehicles."""
    statement = select(Place).where(col(Place.owner_id) == actor.organization_id, col(Place.kind) == PlaceKind.DEPOT)
    return list(session.exec(statement.order_by(col(Place.name_en))))


def _check(session: Session, actor: Actor, description: Description, known: Vehicle | None) -> None:
    if description.depot_id not in {depot.id for depot in depots(session, actor)}:
        raise InvalidInput("Choose one of your own depots.", at="depot_id")
    if description.driver_id is not None and description.driver_id not in {d.id for d in drivers(session, actor)}:
        raise InvalidInput("Choose one of your own drivers.", at="driver_id")
    same = select(Vehicle).where(
        col(Vehicle.owner_id) == actor.organization_id, col(Vehicle.plate) == description.plate
    )
    taken = session.exec(same).one_or_none()
    if taken is not None and taken is not known:
        raise PlateTaken
