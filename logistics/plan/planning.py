"""From a day's shipments and vehicles to the planner's problem, and from its answer to rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from hub.access import Actor
from hub.models.party import Organization, Place
from logistics import routing, shipments
from logistics.models import Route, RoutePlan, Stop, Vehicle
from logistics.plan import distances
from logistics.routing import RoutingProblem, Unserved
from logistics.shipments import CARRIES, Consignment

CLOSED = "closed"
_UNLOAD = timedelta(minutes=8)
_UNLOAD_A_PALLET = timedelta(minutes=4)
_RELOAD = timedelta(minutes=30)


@dataclass(frozen=True)
class Day:
    """A delivery day as the planner sees it, and what its numbers stand for.

    Of ``closed`` it hears nothing: their places take no goods in on that day of the week.
    """

    problem: RoutingProblem
    consignments: Sequence[Consignment]
    vehicles: Sequence[Vehicle]
    origin: datetime
    closed: Sequence[Consignment] = ()

    def clock(self, moment: datetime) -> int:
        """What the planner's clock shows at a moment: seconds since the day began."""
        return since(self.origin, moment)

    def moment(self, seconds: int) -> datetime:
        """The time that the planner's clock shows."""
        return (self.origin.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(self.origin.tzinfo)


def since(origin: datetime, moment: datetime) -> int:
    """Seconds from one moment to another, as they pass.

    Two times of one zone would subtract as a wall clock shows them: an hour wrong on two days a year.
    """
    return int((moment.astimezone(UTC) - origin.astimezone(UTC)).total_seconds())


def read(session: Session, actor: Actor, day: date, at: datetime) -> Day:
    """The problem of a day for the actor's organisation, as things stand at ``at``.

    What is on a published route stays there: its vehicles are free again once they are back and reloaded.
    """
    awaited = shipments.to_drive(session, actor, day)
    consignments = [consignment for consignment in awaited if consignment.place.takes_goods_on(day)]
    closed = [consignment for consignment in awaited if not consignment.place.takes_goods_on(day)]
    vehicles, depots = _fleet(session, actor)
    haulier = session.get_one(Organization, actor.organization_id)
    origin = datetime.combine(day, time(0), haulier.zone)
    back = _back_at(session, day)

    def clock(moment: datetime) -> int:
        return since(origin, moment)

    nodes: dict[UUID, int] = {}
    places = [*(depots[v.depot_id] for v in vehicles), *(consignment.place for consignment in consignments)]
    for place in places:
        nodes.setdefault(place.id, len(nodes))
    spots = {nodes[place.id]: (place.latitude, place.longitude) for place in places}
    metres = distances.metres([spots[node] for node in range(len(nodes))])
    profiles = _profiles(vehicles)
    problem = RoutingProblem(
        metres,
        [distances.seconds(metres, *profile) for profile in profiles],
        [
            routing.Stop(
                nodes[consignment.place.id],
                math.ceil(consignment.shipment.weight_kg * 1000),
                math.ceil(consignment.shipment.pallets * 100),
                consignment.shipment.temperature,
                clock(consignment.opens),
                clock(consignment.closes),
                int((_UNLOAD + _UNLOAD_A_PALLET * float(consignment.shipment.pallets)).total_seconds()),
            )
            for consignment in consignments
        ],
        [
            routing.Vehicle(
                nodes[van.depot_id],
                math.floor(van.capacity_kg * 1000),
                math.floor(van.capacity_pallets * 100),
                CARRIES[van.temperature],
                clock(max([_shift(van, depots, day)[0], at, *back.get(van.id, [])])),
                clock(_shift(van, depots, day)[1]),
                van.fixed_cost,
                van.cost_per_km,
                profiles.index(_profile(van)),
            )
            for van in vehicles
        ],
    )
    return Day(problem, consignments, vehicles, origin, closed)


def write(session: Session, plan: RoutePlan, day: Day, solution: routing.RoutePlan) -> None:
    """Put a plan's routes, stops and reasons down as a draft."""
    vehicles = day.vehicles
    for trip in sorted(solution.routes, key=lambda r: vehicles[r.vehicle].plate):
        van = vehicles[trip.vehicle]
        route = Route(
            owner_id=plan.owner_id,
            plan_id=plan.id,
            vehicle_id=van.id,
            distance_m=trip.metres,
            departs_at=day.moment(trip.departs),
            returns_at=day.moment(trip.returns),
        )
        session.add(route)
        session.flush()
        for sequence, visit in enumerate(trip.visits, start=1):
            consignment = day.consignments[visit.stop]
            session.add(
                Stop(
                    owner_id=plan.owner_id,
                    buyer_id=consignment.shipment.buyer_id,
                    supplier_id=consignment.shipment.owner_id,
                    route_id=route.id,
                    shipment_id=consignment.shipment.id,
                    place_id=consignment.place.id,
                    sequence=sequence,
                    plate=van.plate,
                    opens_at=consignment.opens,
                    closes_at=consignment.closes,
                    planned_at=day.moment(visit.begins),
                    leaves_at=day.moment(visit.leaves),
                    expected_at=day.moment(visit.begins),
                )
            )
    plan.distance_m, plan.cost, plan.searched = solution.metres, solution.cost // 1000, solution.searched
    shut = [{"shipment": str(each.shipment.id), "reason": CLOSED, "also": []} for each in day.closed]
    plan.unserved = [*(_told(day, unserved) for unserved in solution.unserved), *shut]
    session.flush()


def named(day: Day, refused: routing.BadFigure) -> dict[str, Any]:
    """Which figure kept a plan from being made.

    A figure of the planner's own comes with the shipment's number or the vehicle's plate.
    """
    kind, _, number = str(refused.extra["where"]).partition(" ")
    name = ""
    if kind == "stop":
        name = day.consignments[int(number)].shipment.number
    if kind == "vehicle":
        name = day.vehicles[int(number)].plate
    return {
        "where": name or refused.extra["where"],
        "figure": refused.extra["figure"],
        "value": refused.extra["value"],
    }


def _told(day: Day, unserved: Unserved) -> dict[str, Any]:
    """A reason in the trade's units: kilograms, pallets, minutes and times."""
    figures = unserved.values | unserved.relaxation
    reason: dict[str, Any] = {
        "shipment": str(day.consignments[unserved.stop].shipment.id),
        "reason": unserved.reason_code,
        "also": sorted(set(unserved.relaxation) - {"vehicle", "position"}),
    }
    if "vehicle" in figures:
        reason["plate"] = day.vehicles[int(figures["vehicle"])].plate
        by = int(figures["by"])
        reason["by"] = {"capacity": by / 1000, "pallets": by / 100}.get(unserved.reason_code, math.ceil(by / 60))
        reason["begins"] = day.moment(int(figures["begins"])).isoformat()
    for name, scale in (("weight", 1000), ("pallets", 100)):
        if name in unserved.relaxation:
            reason[name] = int(unserved.relaxation[name]) / scale
    for name in ("closes", "ends"):
        if name in unserved.relaxation:
            reason[name] = day.moment(_full_minute(int(unserved.relaxation[name]))).isoformat()
    if "later_by" in unserved.relaxation:
        reason["later_by"] = math.ceil(int(unserved.relaxation["later_by"]) / 60)
    return reason


def _full_minute(seconds: int) -> int:
    return math.ceil(seconds / 60) * 60


def _fleet(session: Session, actor: Actor) -> tuple[list[Vehicle], dict[UUID, Place]]:
    rows = session.exec(
        select(Vehicle, Place)
        .join(Place, col(Place.id) == col(Vehicle.depot_id))
        .where(col(Vehicle.owner_id) == actor.organization_id, col(Vehicle.retired_at).is_(None))
        .order_by(col(Vehicle.plate))
    ).all()
    return [van for van, _ in rows], {depot.id: depot for _, depot in rows}


def _shift(van: Vehicle, depots: dict[UUID, Place], day: date) -> tuple[datetime, datetime]:
    zone = depots[van.depot_id].zone
    starts, ends = (datetime.combine(day, moment, zone) for moment in (van.shift_start, van.shift_end))
    return starts, ends if ends > starts else ends + timedelta(days=1)


def _back_at(session: Session, day: date) -> dict[UUID, list[datetime]]:
    """When vehicles that drive published routes of the day can leave again."""
    rows = session.exec(
        select(Route.vehicle_id, Route.returns_at)
        .join(RoutePlan, col(RoutePlan.id) == col(Route.plan_id))
        .where(col(RoutePlan.day) == day, col(RoutePlan.published_at).is_not(None))
    )
    back: dict[UUID, list[datetime]] = {}
    for vehicle, returns in rows:
        back.setdefault(vehicle, []).append(returns + _RELOAD)
    return back


def _profile(van: Vehicle) -> tuple[int, distances.VehicleClass]:
    return van.shift_start.hour, distances.class_of(float(van.capacity_kg))


def _profiles(vehicles: Sequence[Vehicle]) -> list[tuple[int, distances.VehicleClass]]:
    return sorted({_profile(van) for van in vehicles})
