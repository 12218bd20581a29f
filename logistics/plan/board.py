"""A delivery day as its dispatcher sees it: who drives where, how far they are, what is left out and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from hub.access import Actor
from hub.models.party import Organization, Place, User
from hub.models.trade import Shipment
from logistics import shipments
from logistics.drive import tracking
from logistics.models import Excursion, PlanState, Route, RoutePlan, Stop, Vehicle
from logistics.plan import dispatch
from logistics.shipments import Consignment

_BEHIND = timedelta(minutes=10)
_COLOURS = 6


@dataclass(frozen=True)
class Call:
    """What a vehicle does at one place in one go: one stop a shipment."""

    number: int
    place: Place
    stops: Sequence[Stop]
    shipments: Sequence[Shipment]
    buyer: Organization | None

    @property
    def begins(self) -> datetime:
        """When it began, or is to be expected."""
        return self.stops[0].arrived_at or self.stops[0].expected_at

    @property
    def ends(self) -> datetime:
        """When it ended, or will."""
        last = self.stops[-1]
        return last.delivered_at or max(self.begins + (last.leaves_at - self.stops[0].planned_at), self.begins)

    @property
    def arrived(self) -> bool:
        """Whether the vehicle has been there."""
        return self.stops[0].arrived_at is not None

    @property
    def done(self) -> bool:
        """Whether everything was handed over."""
        return all(stop.delivered_at for stop in self.stops)

    @property
    def too_late(self) -> bool:
        """Whether it began, or will begin, after the place has closed."""
        return self.begins > self.stops[0].closes_at

    @property
    def weight_kg(self) -> float:
        """How much is handed over."""
        return float(sum(shipment.weight_kg for shipment in self.shipments))


@dataclass(frozen=True)
class Tour:
    """A vehicle's route with everything around it; ``colour`` from 1 to 6."""

    label: str
    colour: int
    route: Route
    vehicle: Vehicle
    depot: Place
    driver: User | None
    published: bool
    calls: Sequence[Call]
    excursions: Sequence[Excursion]
    day: date

    def driven_by(self, user_id: UUID | None) -> bool:
        """Whether somebody is its driver."""
        return self.driver is not None and self.driver.id == user_id

    @property
    def done(self) -> int:
        """How many calls are over."""
        return sum(call.done for call in self.calls)

    def behind(self, at: datetime) -> timedelta:
        """How much later than planned the next call will be; nothing below ten minutes."""
        following = next((call for call in self.calls if not call.done), None)
        if following is None or not self.published:
            return timedelta(0)
        reckoned = following.begins if following.arrived else max(following.begins, at)
        late = reckoned - following.stops[0].planned_at
        return late if late > _BEHIND else timedelta(0)

    @property
    def alarms(self) -> list[Excursion]:
        """The worst that was measured above, and below, the limits of anything on board."""
        above = [excursion for excursion in self.excursions if excursion.above]
        below = [excursion for excursion in self.excursions if not excursion.above]
        worst = [max(above, key=lambda excursion: excursion.celsius)] if above else []
        return worst + ([min(below, key=lambda excursion: excursion.celsius)] if below else [])

    @property
    def returns_at(self) -> datetime:
        """When the vehicle is back, as far as one can tell."""
        planned = self.route.returns_at
        if not self.calls:
            return planned
        return max(planned, self.calls[-1].ends + (planned - self.calls[-1].stops[-1].leaves_at))


@dataclass(frozen=True)
class Left:
    """A shipment that no route takes; its place has a letter.

    ``why`` is the planner's reason, None for what came after the plan.
    """

    letter: str
    consignment: Consignment
    why: dict[str, Any] | None


@dataclass
class Board:
    """Everything about one day."""

    day: date
    at: datetime
    haulier: Organization
    latest: RoutePlan | None
    published: Sequence[RoutePlan]
    tours: list[Tour] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    @property
    def draft(self) -> RoutePlan | None:
        """The plan that waits to be published."""
        return self.latest if self.latest and self.latest.state is PlanState.DRAFT else None

    @property
    def planning(self) -> bool:
        """Whether a plan is being made."""
        return self.latest is not None and self.latest.state is PlanState.PLANNING

    @property
    def calls(self) -> list[Call]:
        """Every call of the day."""
        return [call for tour in self.tours for call in tour.calls]

    @property
    def metres(self) -> int:
        """How far all vehicles drive."""
        return sum(tour.route.distance_m for tour in self.tours)

    @property
    def under_way(self) -> bool:
        """Whether a vehicle has arrived somewhere."""
        return any(call.arrived for call in self.calls)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when until when something happens, in full hours."""
        begins = min((tour.route.departs_at for tour in self.tours), default=self.at)
        ends = max((tour.returns_at for tour in self.tours), default=self.at)
        start = begins.replace(minute=0, second=0, microsecond=0)
        return start, max(ends, start + timedelta(hours=6)).replace(minute=0, second=0, microsecond=0) + timedelta(
            hours=1
        )

    def x(self, moment: datetime) -> float:
        """Where a moment stands on the time line, in percent."""
        start, end = self.span
        return round(min(max((moment - start) / (end - start), 0.0), 1.0) * 100, 2)

    @property
    def hours(self) -> list[datetime]:
        """The full hours of the time line, its ends left out."""
        start, end = self.span
        count = int((end - start) / timedelta(hours=1))
        return [start + timedelta(hours=n) for n in range(1, count)]


def of_day(session: Session, actor: Actor, day: date, *, at: datetime) -> Board:
    """A day of the actor's organisation: what is published, and the draft after it."""
    plans = dispatch.plans(session, actor, day)
    latest = plans[0] if plans and plans[0].state is not PlanState.PUBLISHED else None
    board = Board(
        day=day,
        at=at,
        haulier=session.get_one(Organization, actor.organization_id),
        latest=latest,
        published=[plan for plan in plans if plan.state is PlanState.PUBLISHED],
    )
    shown = [*reversed(board.published), *([latest] if latest else [])]
    board.tours = tours(session, [plan.id for plan in shown])
    board.left = _left(session, actor, board)
    return board


def of_driver(session: Session, actor: Actor, day: date) -> list[Tour]:
    """The published routes that the actor drives on a day, and then those of the day after, for the evening before."""
    statement = select(col(RoutePlan.id)).where(
        col(RoutePlan.owner_id) == actor.organization_id,
        col(RoutePlan.day).between(day, day + timedelta(days=1)),
        col(RoutePlan.published_at).is_not(None),
    )
    mine = [tour for tour in tours(session, list(session.scalars(statement))) if tour.driven_by(actor.user_id)]
    return sorted(mine, key=lambda tour: tour.day)


def tours(session: Session, plan_ids: Sequence[UUID]) -> list[Tour]:
    """The routes of plans, plan by plan and then by plate, numbered through."""
    rows = session.execute(
        select(Route, Vehicle, Place, User, RoutePlan)
        .join(Vehicle, col(Vehicle.id) == col(Route.vehicle_id))
        .join(Place, col(Place.id) == col(Vehicle.depot_id))
        .join(User, col(User.id) == col(Vehicle.driver_id), isouter=True)
        .join(RoutePlan, col(RoutePlan.id) == col(Route.plan_id))
        .where(col(Route.plan_id).in_(plan_ids))
        .order_by(col(RoutePlan.published_at).nulls_last(), col(Vehicle.plate), col(Route.id))
    ).all()
    calls = _calls(session, [route.id for route, *_ in rows])
    warm = tracking.excursions(
        session, [shipment.id for those in calls.values() for call in those for shipment in call.shipments]
    )
    tours = []
    for number, (route, vehicle, depot, driver, plan) in enumerate(rows):
        mine = calls.get(route.id, [])
        on_board = {shipment.id for call in mine for shipment in call.shipments}
        tours.append(
            Tour(
                f"R{number + 1}",
                number % _COLOURS + 1,
                route,
                vehicle,
                depot,
                driver,
                plan.state is PlanState.PUBLISHED,
                mine,
                [excursion for shipment, those in warm.items() if shipment in on_board for excursion in those],
                plan.day,
            )
        )
    return tours


def _calls(session: Session, route_ids: Sequence[UUID]) -> dict[UUID, list[Call]]:
    rows = session.execute(
        select(Stop, Shipment, Place, Organization)
        .join(Shipment, col(Shipment.id) == col(Stop.shipment_id))
        .join(Place, col(Place.id) == col(Stop.place_id))
        .join(Organization, col(Organization.id) == col(Stop.buyer_id), isouter=True)
        .where(col(Stop.route_id).in_(route_ids))
        .order_by(col(Stop.route_id), col(Stop.sequence))
    ).all()
    by_route: dict[UUID, list[Call]] = {}
    for (route_id, _place_id), group in groupby(rows, key=lambda row: (row[0].route_id, row[0].place_id)):
        those = list(group)
        before = by_route.setdefault(route_id, [])
        before.append(Call(len(before) + 1, those[0][2], [r[0] for r in those], [r[1] for r in those], those[0][3]))
    return by_route


def _left(session: Session, actor: Actor, board: Board) -> list[Left]:
    """What has to be driven that day and is on no route."""
    planned = {stop.shipment_id for call in board.calls for stop in call.stops}
    reasons = {reason["shipment"]: reason for reason in (board.latest.unserved if board.latest else [])}
    for plan in board.published:
        reasons = {reason["shipment"]: reason for reason in plan.unserved} | reasons
    waiting = [
        consignment
        for consignment in shipments.to_drive(session, actor, board.day)
        if consignment.shipment.id not in planned
    ]
    return [
        Left(letter(n), consignment, _opened(reasons.get(str(consignment.shipment.id))))
        for n, consignment in enumerate(waiting)
    ]


def _opened(reason: dict[str, Any] | None) -> dict[str, Any] | None:
    """A reason with its times as times."""
    if reason is None:
        return None
    times = {name: datetime.fromisoformat(reason[name]) for name in ("begins", "closes", "ends") if name in reason}
    return reason | times


def letter(number: int) -> str:
    """A, B, … Z, AA, AB: the name of something on the map."""
    before, last = divmod(number, 26)
    return (letter(before - 1) if before else "") + chr(ord("A") + last)
