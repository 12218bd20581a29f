"""Why a stop is left out. Pure.

It is told by the cheapest insertion into every vehicle, the rules it breaks, and the least that would mend it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from logistics.routing.problem import (
    RoutePlan,
    RoutingProblem,
    Timing,
    Unserved,
    Vehicle,
    cost_of,
    may_carry,
)

TEMPERATURE, CAPACITY, PALLETS, WINDOW, SHIFT, LATER, NO_VEHICLE, UNREACHABLE = (
    "temperature", "capacity", "pallets", "window", "shift", "later-stops", "no-vehicle", "unreachable",
)  # fmt: skip
_EVER = 2**62
_RULES = (TEMPERATURE, CAPACITY, PALLETS, WINDOW, SHIFT, LATER)


@dataclass(frozen=True)
class Insertion:
    """A stop put into a vehicle's route before its ``position``-th stop; ``broken`` says which rules, by how much."""

    vehicle: int
    position: int
    metres: int
    begins: int
    broken: dict[str, int] = field(default_factory=dict)


class Filled:
    """A vehicle with its stops, while a plan is being finished."""

    def __init__(self, problem: RoutingProblem, vehicle: int, stops: Sequence[int]) -> None:
        self.problem, self.number, self.vehicle = problem, vehicle, problem.vehicles[vehicle]
        self.take(stops)

    def take(self, stops: Sequence[int]) -> None:
        """Drive these stops in this order."""
        self.timing = Timing(self.problem, self.number, stops)
        self.by_shift = [*self.timing.latest_begins(self.vehicle.ends, windows=False)[1:], self.vehicle.ends]
        self.by_windows = [*self.timing.latest_begins(_EVER)[1:], _EVER]
        self.weight = sum(self.problem.stops[s].weight for s in stops)
        self.pallets = sum(self.problem.stops[s].pallets for s in stops)

    @property
    def feasible(self) -> bool:
        """Whether no rule is broken."""
        return (
            self.timing.feasible
            and self.weight <= self.vehicle.weight
            and self.pallets <= self.vehicle.pallets
            and all(may_carry(self.problem, s, self.number) for s in self.timing.stops)
        )

    def insert(self, stop: int, position: int) -> None:
        """Take a stop in."""
        stops = self.timing.stops
        self.take([*stops[:position], stop, *stops[position:]])

    def fits(self, stop: int) -> tuple[int, int] | None:
        """The added metres and the position of the shortest insertion that breaks nothing."""
        if self._load_broken(stop):
            return None
        what, timing, stops = self.problem.stops[stop], self.timing, self.problem.stops
        far, long, latest = self.problem.metres, timing.seconds, [*timing.latest[1:], self.vehicle.ends]
        shortest, leaves = None, self.vehicle.starts
        for position, end in enumerate(latest):
            before, after = timing.nodes[position], timing.nodes[position + 1]
            begins = max(leaves + long[before][what.node], what.opens)
            # A later place may be earlier where a detour is shorter than the direct way.
            if begins <= what.closes and begins + what.service + long[what.node][after] <= end:
                added = far[before][what.node] + far[what.node][after] - far[before][after]
                if shortest is None or added < shortest[0]:
                    shortest = added, position
            if position < len(timing.stops):
                leaves = timing.begins[position] + stops[timing.stops[position]].service
        return shortest

    def best(self, stop: int) -> Insertion:
        """The insertion that breaks fewest rules by least; among those that break none, the shortest."""
        load = self._load_broken(stop)
        return min(self._insertions(stop, load), key=lambda insertion: (self.size(insertion), insertion.metres))

    def size(self, insertion: Insertion) -> tuple[int, float]:
        """How much is broken: how many rules, then how much of each against what is usual."""
        scale = {
            TEMPERATURE: 0.1,
            CAPACITY: max(self.vehicle.weight, 1),
            PALLETS: max(self.vehicle.pallets, 1),
            WINDOW: 7200,
            SHIFT: 7200,
            LATER: 3600,
        }
        return len(insertion.broken), sum(by / scale[rule] for rule, by in insertion.broken.items())

    def _load_broken(self, stop: int) -> dict[str, int]:
        what = self.problem.stops[stop]
        broken = {
            TEMPERATURE: 0 if may_carry(self.problem, stop, self.number) else 1,
            CAPACITY: self.weight + what.weight - self.vehicle.weight,
            PALLETS: self.pallets + what.pallets - self.vehicle.pallets,
        }
        return {rule: by for rule, by in broken.items() if by > 0}

    def _insertions(self, stop: int, load: dict[str, int]) -> Iterator[Insertion]:
        what, timing = self.problem.stops[stop], self.timing
        far, long = self.problem.metres, timing.seconds
        leaves = self.vehicle.starts
        for position in range(len(timing.stops) + 1):
            before, after = timing.nodes[position], timing.nodes[position + 1]
            begins = max(leaves + long[before][what.node], what.opens)
            then = begins + what.service + long[what.node][after]
            times = {
                WINDOW: begins - what.closes,
                SHIFT: then - self.by_shift[position],
                LATER: then - self.by_windows[position],
            }
            added = far[before][what.node] + far[what.node][after] - far[before][after]
            yield Insertion(self.number, position, added, begins, load | {r: by for r, by in times.items() if by > 0})
            if position < len(timing.stops):
                leaves = timing.begins[position] + self.problem.stops[timing.stops[position]].service


def finish(problem: RoutingProblem, by_vehicle: dict[int, Sequence[int]]) -> RoutePlan:
    """A plan of what the search found: checked, filled up where there is room, the rest left out with its reason."""
    filled = [Filled(problem, v, by_vehicle.get(v, ())) for v in range(len(problem.vehicles))]
    for each in filled:
        if not each.feasible:
            each.take(())
    served = {stop for each in filled for stop in each.timing.stops}
    left = [stop for stop in range(len(problem.stops)) if stop not in served]
    left.sort(key=lambda stop: problem.stops[stop].closes)
    unserved = [stop for stop in left if _out_of_reach(problem, stop) or not _fit(problem, filled, stop)]
    routes = tuple(each.timing.route(each.number) for each in filled if each.timing.stops)
    return RoutePlan(
        routes,
        tuple(_reason(problem, filled, stop) for stop in sorted(unserved)),
        sum(cost_of(problem, route.vehicle, route.metres) for route in routes),
    )


def _out_of_reach(problem: RoutingProblem, stop: int) -> bool:
    """Whether nobody who works that day could drive there and back in a whole shift, whatever the windows."""
    what = problem.stops[stop]
    working = [van for van in problem.vehicles if not van.idle]

    def too_long(van: Vehicle) -> bool:
        long = problem.seconds[van.profile]
        return long[van.depot][what.node] + what.service + long[what.node][van.depot] > van.ends - van.starts

    return bool(working) and all(map(too_long, working))


def _fit(problem: RoutingProblem, filled: Sequence[Filled], stop: int) -> bool:
    """Take a stop in where that costs least and breaks nothing."""
    cheapest: tuple[int, Filled, int] | None = None
    for each in _unlike(filled):
        if (fits := each.fits(stop)) is not None:
            metres, position = fits
            opened = 0 if each.timing.stops else cost_of(problem, each.number, 0)
            cost = opened + metres * each.vehicle.cost_per_km
            if cheapest is None or cost < cheapest[0]:
                cheapest = cost, each, position
    if cheapest is None:
        return False
    cheapest[1].insert(stop, cheapest[2])
    return True


def _unlike(filled: Sequence[Filled]) -> Iterator[Filled]:
    """The vehicles on the road, and of those that stand idle one of each kind."""
    idle: set[Vehicle] = set()
    for each in filled:
        if each.timing.stops:
            yield each
        elif each.vehicle not in idle:
            idle.add(each.vehicle)
            yield each


def _reason(problem: RoutingProblem, filled: Sequence[Filled], stop: int) -> Unserved:
    working = [each for each in filled if not each.vehicle.idle]
    if not working:
        return Unserved(stop, NO_VEHICLE)
    tried = [(each, each.best(stop)) for each in _unlike(working)]
    each, best = min(tried, key=lambda pair: (pair[0].size(pair[1]), pair[1].metres))
    rule = next((rule for rule in _RULES if rule in best.broken), LATER)
    values: dict[str, int | str] = {
        "vehicle": best.vehicle,
        "by": best.broken.get(rule, 0),
        "begins": best.begins,
    }
    code = UNREACHABLE if _out_of_reach(problem, stop) else rule
    return Unserved(stop, code, values, _relaxation(problem, each, best, stop))


def _relaxation(problem: RoutingProblem, each: Filled, best: Insertion, stop: int) -> dict[str, int | str]:
    """The figures to change, and their new values, so that this insertion breaks nothing."""
    what, van = problem.stops[stop], each.vehicle
    relaxation: dict[str, int | str] = {"vehicle": best.vehicle, "position": best.position}
    figures: dict[str, tuple[str, int]] = {
        CAPACITY: ("weight", van.weight),
        PALLETS: ("pallets", van.pallets),
        WINDOW: ("closes", what.closes),
        SHIFT: ("ends", van.ends),
        LATER: ("later_by", 0),
    }
    for rule, by in best.broken.items():
        if rule == TEMPERATURE:
            relaxation["temperature"] = what.temperature
        else:
            name, now = figures[rule]
            relaxation[name] = now + by
    return relaxation
