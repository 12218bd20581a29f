"""How far from the best known distance the planner comes, beside OR-Tools as it is usually set up.

``python benchmarks/routing.py [seconds] [instance …]``: one run each on the committed instances, one after the other.
The peer is the same model under PATH_CHEAPEST_ARC and guided local search, the setting of OR-Tools' own examples.
"""

import sys
from pathlib import Path
from statistics import fmean

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from logistics import cli, routing, solomon  # noqa: E402
from logistics.routing.reasons import finish  # noqa: E402
from logistics.routing.search import Ground, Part  # noqa: E402


def usual(problem: routing.RoutingProblem, seconds: float) -> routing.RoutePlan:
    """OR-Tools as its own examples set it up."""
    part = Part(Ground(problem), range(len(problem.stops)), range(len(problem.vehicles)))
    wanted = pywrapcp.DefaultRoutingSearchParameters()
    wanted.time_limit.FromMilliseconds(int(seconds * 1000))
    wanted.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    wanted.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    return finish(problem, part.read(part.model.SolveWithParameters(wanted)) or {})


def main() -> None:
    """Run and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    files = [Path(name) for name in sys.argv[2:]] or sorted((CHECKOUT / "tests/samples/routing").glob("R*.txt"))
    gaps: dict[str, list[float]] = {"ours": [], "usual": []}
    print(f"{'gap to best known':20}{'ours':>9}{'usual OR-Tools':>16}   ({seconds:g} s each)")
    for file in files:
        problem, best = solomon.read(file), cli.best_known(file)
        assert best is not None, f"no best known distance for {file}"
        for name, solve in (("ours", routing.plan), ("usual", usual)):
            gaps[name].append(solve(problem, seconds).metres / 10 / best - 1)
        print(f"{file.stem:20}{gaps['ours'][-1]:9.2%}{gaps['usual'][-1]:16.2%}", flush=True)
    ours, theirs = fmean(gaps["ours"]), fmean(gaps["usual"])
    print(f"{'mean':20}{ours:9.2%}{theirs:16.2%}   ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
