"""The only door to OR-Tools: a search for routes, in a process of its own that tells each better plan as it finds it.

``python -m logistics.routing.search`` reads a pickled (problem, deadline) from its input and writes lines of JSON,
each a whole answer: ``[[vehicle, [stop, …]], …]``. It may be killed at any moment.

First iterated local search over everything (ruin by strings, recreate by cheapest insertion, annealing scaled to what
an arc costs) from a savings start; then the same over small groups of neighbouring routes, which is the larger lever.
"""

import json
import pickle
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from logistics.routing.problem import RoutingProblem, Vehicle, alone, cost_of

Routes = dict[int, list[int]]
_First = routing_enums_pb2.FirstSolutionStrategy
_WHOLE, _LARGE, _SECTOR = 0.3, 250, 150
"""The share of the time for the whole problem, up to how many stops; above, sectors of so many to begin with."""
_GROUP_ROUTES = (2, 3, 4, 5)
_GROUP_STOPS = 80
_SECONDS_A_STOP = 0.004
_HOT, _COLD = 5.0, 0.01  # annealing temperatures, in costs of a near arc


def main() -> None:
    """Search until the deadline, or until nothing better has come for long."""
    problem, deadline = pickle.load(sys.stdin.buffer)
    for routes in Search(problem, deadline).improve():
        print(json.dumps([[vehicle, stops] for vehicle, stops in routes.items()]), flush=True)


class Ground:
    """A problem's matrices as arrays, of which a part's are cut."""

    def __init__(self, problem: RoutingProblem) -> None:
        self.problem = problem
        self.far = np.asarray(problem.metres)
        self.long = [np.asarray(matrix) for matrix in problem.seconds]


class Part:
    """Some stops and vehicles of a problem, as OR-Tools' model."""

    def __init__(self, ground: Ground, stops: Sequence[int], vehicles: Sequence[int]) -> None:
        self.ground, self.stops, self.vehicles = ground, list(stops), list(vehicles)
        self.problem = problem = ground.problem
        depots = sorted({problem.vehicles[v].depot for v in vehicles})
        self.depots = len(depots)
        ends = [depots.index(problem.vehicles[v].depot) for v in vehicles]
        self.nodes = np.array([*depots, *(problem.stops[s].node for s in stops)])
        self.manager = pywrapcp.RoutingIndexManager(len(self.nodes), len(vehicles), ends, ends)
        self.model = pywrapcp.RoutingModel(self.manager)
        self.square = np.ix_(self.nodes, self.nodes)
        self.far = ground.far[self.square]
        self._costs()
        self._times()
        self._load("weight", [problem.stops[s].weight for s in stops], [v.weight for v in self._vans()])
        self._load("pallets", [problem.stops[s].pallets for s in stops], [v.pallets for v in self._vans()])
        self._optional()

    def _vans(self) -> list[Vehicle]:
        return [self.problem.vehicles[v] for v in self.vehicles]

    def _costs(self) -> None:
        arcs = {
            rate: self.model.RegisterTransitMatrix((self.far * rate).tolist())
            for rate in {van.cost_per_km for van in self._vans()}
        }
        for number, van in enumerate(self._vans()):
            self.model.SetArcCostEvaluatorOfVehicle(arcs[van.cost_per_km], number)
            self.model.SetFixedCostOfVehicle(van.fixed_cost * 1000, number)
        self.dearest = int(self.far.max(initial=1)) * max(van.cost_per_km for van in self._vans())
        self.near = float(np.sort(self.far, axis=1)[:, 1:11].mean()) if len(self.nodes) > 1 else 1.0
        self.near *= float(np.mean([van.cost_per_km for van in self._vans()]))

    def _times(self) -> None:
        service = np.array([0] * self.depots + [self.problem.stops[s].service for s in self.stops])
        clocks = {
            profile: self.model.RegisterTransitMatrix(
                (self.ground.long[profile][self.square] + service[:, None]).tolist()
            )
            for profile in {van.profile for van in self._vans()}
        }
        horizon = max(van.ends for van in self._vans())
        each = [clocks[van.profile] for van in self._vans()]
        self.model.AddDimensionWithVehicleTransitAndCapacity(each, horizon, [horizon] * len(each), False, "time")
        time_of = self.model.GetDimensionOrDie("time")
        for place, stop in enumerate(self.stops, self.depots):
            what = self.problem.stops[stop]
            time_of.CumulVar(self.manager.NodeToIndex(place)).SetRange(what.opens, min(what.closes, horizon))
        for number, van in enumerate(self._vans()):
            time_of.CumulVar(self.model.Start(number)).SetRange(van.starts, van.ends)
            time_of.CumulVar(self.model.End(number)).SetRange(van.starts, van.ends)

    def _load(self, name: str, loads: Sequence[int], capacities: Sequence[int]) -> None:
        if any(loads):
            taken = self.model.RegisterUnaryTransitVector([0] * self.depots + list(loads))
            self.model.AddDimensionWithVehicleCapacity(taken, 0, list(capacities), True, name)

    def _optional(self) -> None:
        """Any stop may be left out, at a price above whatever serving it could cost."""
        dearest_van = max(cost_of(self.problem, v, 0) for v in self.vehicles)
        penalty = 10 * (dearest_van + 2 * self.dearest)
        for place, stop in enumerate(self.stops, self.depots):
            index = self.manager.NodeToIndex(place)
            self.model.AddDisjunction([index], penalty)
            temperature = self.problem.stops[stop].temperature
            able = [n for n, van in enumerate(self._vans()) if temperature in van.carries]
            if len(able) < len(self.vehicles):
                # SetAllowedVehiclesForIndex takes no Python list in OR-Tools 9.15; −1 is to be left out.
                self.model.VehicleVar(index).SetValues([-1, *able])

    def solve(self, seconds: float, first: int, *, only_first: bool = False) -> Routes | None:
        """The best routes found in that time; None when it was too short for any."""
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        parameters.time_limit.FromMilliseconds(max(1, int(seconds * 1000)))
        parameters.first_solution_strategy = first
        if only_first:
            parameters.solution_limit = 1
            return self.read(self.model.SolveWithParameters(parameters))
        parameters.use_iterated_local_search = True
        loop = parameters.iterated_local_search_parameters
        loop.improve_perturbed_solution = False
        ruin = loop.ruin_recreate_parameters.ruin_strategies.add().sisr
        ruin.max_removed_sequence_size, ruin.avg_num_removed_visits, ruin.bypass_factor = 10, 10, 0.01
        loop.ruin_recreate_parameters.recreate_strategy.heuristic = _First.LOCAL_CHEAPEST_INSERTION
        annealing = loop.reference_solution_acceptance_strategy.simulated_annealing
        near = max(self.near, 1.0)  # where all is at one address there is nothing to anneal
        annealing.initial_temperature, annealing.final_temperature = _HOT * near, _COLD * near
        return self.read(self.model.SolveWithIteratedLocalSearch(parameters))

    def read(self, assignment: Any) -> Routes | None:
        """OR-Tools' assignment as routes."""
        if assignment is None:
            return None
        routes: Routes = {}
        for number, vehicle in enumerate(self.vehicles):
            index = assignment.Value(self.model.NextVar(self.model.Start(number)))
            while not self.model.IsEnd(index):
                routes.setdefault(vehicle, []).append(self.stops[self.manager.IndexToNode(index) - self.depots])
                index = assignment.Value(self.model.NextVar(index))
        return routes


class Search:
    """Better and better routes until a deadline, or until nothing better has come for long."""

    def __init__(self, problem: RoutingProblem, deadline: float) -> None:
        self.problem, self.deadline, self.ground = problem, deadline, Ground(problem)
        self.vehicles = [v for v, van in enumerate(problem.vehicles) if not van.idle]
        self.able = [s for s in range(len(problem.stops)) if any(alone(problem, s, v) for v in self.vehicles)]
        self.routes: Routes = {}
        self.chance = random.Random(1)

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.time()

    def improve(self) -> Iterator[Routes]:
        """Each better answer as it is found."""
        if not self.able:
            return
        yield from self._start()
        if len(self.able) <= _LARGE:
            routes = Part(self.ground, self.able, self.vehicles).solve(_WHOLE * self.left, _First.SAVINGS)
            if routes is not None and _worth(self.problem, routes) > _worth(self.problem, self.routes):
                self.routes = routes
                yield self.routes
        fruitless = 0
        while self.left > 0.05 and fruitless < 20 + 2 * len(self.routes):
            fruitless = 0 if self._improve_group() else fruitless + 1
            if fruitless == 0:
                yield self.routes

    def _start(self) -> Iterator[Routes]:
        """First routes; a large problem is cut into sectors, whose seams the groups mend afterwards."""
        sectors = -(-len(self.able) // _SECTOR)
        around = self._around() if sectors > 1 else self.able
        size = -(-len(around) // sectors)
        for sector in range(sectors):
            stops, vehicles = around[sector * size : (sector + 1) * size], self.vehicles[sector::sectors]
            if stops and vehicles and self.left > 0:
                part = Part(self.ground, stops, vehicles)
                routes = part.solve(self.left, _First.SAVINGS, only_first=True)
                self.routes |= routes or {}
                yield self.routes

    def _around(self) -> list[int]:
        """The stops by their nearest depot, and then from neighbour to neighbour."""
        depots = sorted({van.depot for van in self.problem.vehicles})
        far, left, sequence = self.problem.metres, set(self.able), []
        nearest = {s: min(depots, key=lambda d: far[d][self.problem.stops[s].node]) for s in self.able}
        for depot in depots:
            here, ours = depot, {s for s in left if nearest[s] == depot}
            while ours:
                following = min(ours, key=lambda s: far[here][self.problem.stops[s].node])
                sequence.append(following)
                ours.remove(following)
                here = self.problem.stops[following].node
        return sequence

    def _improve_group(self) -> bool:
        """Solve a group of neighbouring routes anew, keep what is no worse, and say whether it is better."""
        stops, vehicles = self._group()
        before = {v: self.routes[v] for v in vehicles if v in self.routes}
        patience = min(self.left, 0.05 + _SECONDS_A_STOP * len(stops))
        routes = Part(self.ground, stops, vehicles).solve(patience, _First.PARALLEL_CHEAPEST_INSERTION)
        if routes is None or _worth(self.problem, routes) < _worth(self.problem, before):
            return False
        self.routes = {v: r for v, r in self.routes.items() if v not in before} | routes
        return _worth(self.problem, routes) > _worth(self.problem, before)

    def _group(self) -> tuple[list[int], list[int]]:
        """A stop's route and those near to it, what nobody serves yet, and some of the vehicles that stand idle."""
        problem, chance = self.problem, self.chance
        far = problem.metres[problem.stops[chance.choice(self.able)].node]
        near = sorted(self.routes, key=lambda v: min(far[problem.stops[s].node] for s in self.routes[v]))
        served = {stop for stops in self.routes.values() for stop in stops}
        stops = [s for s in self.able if s not in served][:_GROUP_STOPS]
        vehicles: list[int] = []
        for vehicle in near[: chance.choice(_GROUP_ROUTES)]:
            if not vehicles or len(stops) + len(self.routes[vehicle]) <= _GROUP_STOPS:
                vehicles.append(vehicle)
                stops += self.routes[vehicle]
        idle = {problem.vehicles[v]: v for v in self.vehicles if v not in self.routes}
        kinds = list(idle.values())
        return stops, vehicles + chance.sample(kinds, min(3, len(kinds)))


def _worth(problem: RoutingProblem, routes: Mapping[int, Sequence[int]]) -> tuple[int, int]:
    """More stops served first, then less cost."""
    spent = 0
    for vehicle, stops in routes.items():
        depot = problem.vehicles[vehicle].depot
        nodes = [depot, *(problem.stops[s].node for s in stops), depot]
        spent += cost_of(problem, vehicle, sum(problem.metres[a][b] for a, b in pairwise(nodes)))
    return sum(map(len, routes.values())), -spent


if __name__ == "__main__":
    main()
