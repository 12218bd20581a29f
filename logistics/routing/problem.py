"""What is to be driven, by whom, and what follows from an order of stops: loads and times. Pure.

Every figure is a whole number: weights in grams, pallets in hundredths, times in seconds of one clock, distances
in metres, so that the search and the checks after it agree to the last digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from hub.errors import HubError

Matrix = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Stop:
    """Something to deliver at a node of the matrices, begun between ``opens`` and ``closes``."""

    node: int
    weight: int = 0
    pallets: int = 0
    temperature: str = ""
    opens: int = 0
    closes: int = 86_400
    service: int = 0


@dataclass(frozen=True)
class Vehicle:
    """Leaves its depot and comes back between ``starts`` and ``ends``; ``profile`` chooses its matrix of seconds."""

    depot: int
    weight: int
    pallets: int = 0
    carries: frozenset[str] = frozenset({""})
    starts: int = 0
    ends: int = 86_400
    fixed_cost: int = 0
    cost_per_km: int = 1
    profile: int = 0

    @property
    def idle(self) -> bool:
        """Whether its shift is over before it could begin."""
        return self.starts > self.ends


@dataclass(frozen=True)
class RoutingProblem:
    """Stops, vehicles, and how far and how long it is between their nodes."""

    metres: Matrix
    seconds: Sequence[Matrix]
    stops: Sequence[Stop]
    vehicles: Sequence[Vehicle]


class BadFigure(HubError):
    """A figure of the planning problem cannot be: %(where)s, %(figure)s is %(value)s; %(wanted)s."""

    code, status = "bad-figure", 422


_MOST = {"metres": 10**8, "seconds": 10**9, "weight": 10**11, "pallets": 10**8, "cost": 10**7}
"""The largest figures that are added up without leaving 64 bits: the way round the world, 30 years, 100,000 t."""


def check(problem: RoutingProblem) -> None:
    """Refuse a problem with a figure that cannot be; the first one is named by stop, vehicle or arc."""
    nodes = len(problem.metres)
    for name, matrix in (("metres", problem.metres), *(("seconds", times) for times in problem.seconds)):
        if len(matrix) != nodes:
            raise _bad(f"matrix of {name}", "its number of rows", len(matrix), f"there are {nodes} nodes")
        for a, row in enumerate(matrix):
            if len(row) != nodes:
                raise _bad(f"row {a} of {name}", "its length", len(row), f"there are {nodes} nodes")
            if min(row, default=0) < 0 or max(row, default=0) > _MOST[name]:
                b = next(b for b, value in enumerate(row) if not 0 <= value <= _MOST[name])
                raise _bad(f"arc {a} to {b}", name, row[b], f"0 to {_MOST[name]} is possible")
    for number, stop in enumerate(problem.stops):
        _in_range(f"stop {number}", "node", stop.node, nodes - 1)
        _in_range(f"stop {number}", "weight", stop.weight, _MOST["weight"])
        _in_range(f"stop {number}", "pallets", stop.pallets, _MOST["pallets"])
        _in_range(f"stop {number}", "service", stop.service, _MOST["seconds"])
        if stop.closes < stop.opens:
            raise _bad(f"stop {number}", "closes", stop.closes, f"it opens at {stop.opens}")
    for number, van in enumerate(problem.vehicles):
        _in_range(f"vehicle {number}", "depot", van.depot, nodes - 1)
        _in_range(f"vehicle {number}", "profile", van.profile, len(problem.seconds) - 1)
        _in_range(f"vehicle {number}", "weight", van.weight, _MOST["weight"])
        _in_range(f"vehicle {number}", "pallets", van.pallets, _MOST["pallets"])
        _in_range(f"vehicle {number}", "fixed_cost", van.fixed_cost, _MOST["cost"])
        _in_range(f"vehicle {number}", "cost_per_km", van.cost_per_km, _MOST["cost"])


def _in_range(where: str, figure: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise _bad(where, figure, value, f"0 to {most} is possible")


def _bad(where: str, figure: str, value: int, wanted: str) -> BadFigure:
    return BadFigure(where=where, figure=figure, value=value, wanted=wanted)


@dataclass(frozen=True)
class Visit:
    """When a stop of a route is reached, and when its service begins and ends."""

    stop: int
    arrives: int
    begins: int
    leaves: int


@dataclass(frozen=True)
class Route:
    """A vehicle's day: stops in order, with their times. It leaves as late as it can without coming home later."""

    vehicle: int
    visits: tuple[Visit, ...]
    departs: int
    returns: int
    metres: int

    @property
    def stops(self) -> tuple[int, ...]:
        """The stops in their order."""
        return tuple(visit.stop for visit in self.visits)


@dataclass(frozen=True)
class Unserved:
    """A stop left out: the rule that its cheapest insertion breaks first, by how much, and what would serve it.

    ``relaxation`` names one figure to change and its new value; it is empty where no vehicle could be made to do it.
    """

    stop: int
    reason_code: str
    values: dict[str, int | str] = field(default_factory=dict)
    relaxation: dict[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class RoutePlan:
    """Routes that break no rule, and what they leave out.

    ``searched`` is False where the search failed and the routes are filled up stop by stop: they are longer.
    """

    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...] = ()
    cost: int = 0
    searched: bool = True

    @property
    def metres(self) -> int:
        """How far all vehicles drive."""
        return sum(route.metres for route in self.routes)


class Timing:
    """The clock of one vehicle over a sequence of stops: earliest begins, latest begins, and the way home."""

    def __init__(self, problem: RoutingProblem, vehicle: int, stops: Sequence[int]) -> None:
        self.problem, self.vehicle, self.stops = problem, problem.vehicles[vehicle], list(stops)
        self.seconds = problem.seconds[self.vehicle.profile]
        self.nodes = [self.vehicle.depot, *(problem.stops[s].node for s in stops), self.vehicle.depot]
        self.begins, self.returns = self._forward(self.vehicle.starts)
        self.latest = self.latest_begins(self.vehicle.ends)

    @property
    def feasible(self) -> bool:
        """Whether every window and the shift are kept."""
        in_time = all(begin <= self.problem.stops[s].closes for s, begin in zip(self.stops, self.begins, strict=True))
        return in_time and self.returns <= self.vehicle.ends

    def _forward(self, at: int) -> tuple[list[int], int]:
        begins = []
        for place, stop in enumerate(self.stops):
            what = self.problem.stops[stop]
            at = max(at + self.seconds[self.nodes[place]][self.nodes[place + 1]], what.opens)
            begins.append(at)
            at += what.service
        return begins, at + (self.seconds[self.nodes[-2]][self.nodes[-1]] if self.stops else 0)

    def latest_begins(self, end: int, *, windows: bool = True) -> list[int]:
        """The latest moment each stop may begin so that it and all after it are kept; first the depot's.

        Without ``windows`` nothing counts but to be home by ``end``.
        """
        latest, at = [], end
        for place in range(len(self.stops), 0, -1):
            what = self.problem.stops[self.stops[place - 1]]
            at = at - self.seconds[self.nodes[place]][self.nodes[place + 1]] - what.service
            at = min(at, what.closes) if windows else at
            latest.append(at)
        first = at - self.seconds[self.nodes[0]][self.nodes[1]] if self.stops else at
        return [first, *reversed(latest)]

    def route(self, vehicle: int) -> Route:
        """The route, leaving as late as it can without coming home later."""
        departs = max(self.vehicle.starts, self.latest_begins(self.returns)[0])
        begins, returns = self._forward(departs)
        visits, at = [], departs
        for place, (stop, begin) in enumerate(zip(self.stops, begins, strict=True)):
            arrives = at + self.seconds[self.nodes[place]][self.nodes[place + 1]]
            at = begin + self.problem.stops[stop].service
            visits.append(Visit(stop, arrives, begin, at))
        driven = sum(self.problem.metres[a][b] for a, b in pairwise(self.nodes))
        return Route(vehicle, tuple(visits), departs, returns, driven)


def cost_of(problem: RoutingProblem, vehicle: int, driven: int) -> int:
    """What a route costs, in thousandths: its fixed cost and its kilometres."""
    van = problem.vehicles[vehicle]
    return van.fixed_cost * 1000 + driven * van.cost_per_km


def may_carry(problem: RoutingProblem, stop: int, vehicle: int) -> bool:
    """Whether the vehicle keeps the stop's temperature class."""
    return problem.stops[stop].temperature in problem.vehicles[vehicle].carries


def alone(problem: RoutingProblem, stop: int, vehicle: int) -> bool:
    """Whether a vehicle could serve the stop if it did nothing else."""
    what, van = problem.stops[stop], problem.vehicles[vehicle]
    return (
        may_carry(problem, stop, vehicle)
        and what.weight <= van.weight
        and what.pallets <= van.pallets
        and Timing(problem, vehicle, [stop]).feasible
    )
