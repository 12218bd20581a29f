"""Solomon's and Homberger's instances as problems for the planner. Pure.

Distances follow the DIMACS convention, floor(10 · euclid) / 10, so every figure is kept in tenths.
"""

import math
from pathlib import Path

from logistics.routing import RoutingProblem, Stop, Vehicle


class NotSolomon(ValueError):
    """The file is not written in Solomon's form."""


def read(path: Path) -> RoutingProblem:
    """The instance in a file: one depot, like vehicles, customers with windows."""
    rows = [line.split() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    figures = [[float(word) for word in row] for row in rows if row and all(map(_is_figure, row))]
    if len(figures) < 3 or len(figures[0]) != 2 or any(len(row) != 7 for row in figures[1:]):
        raise NotSolomon(f"{path} is not an instance in Solomon's form")
    (count, capacity), depot, *customers = figures
    places = [(x, y) for _, x, y, *_ in [depot, *customers]]
    tenths = [[math.floor(10 * math.dist(a, b)) for b in places] for a in places]
    stops = [
        Stop(node, weight=int(demand), opens=int(10 * ready), closes=int(10 * due), service=int(10 * service))
        for node, (_, _, _, demand, ready, due, service) in enumerate(customers, start=1)
    ]
    vehicle = Vehicle(0, int(capacity), starts=int(10 * depot[4]), ends=int(10 * depot[5]))
    return RoutingProblem(tenths, [tenths], stops, [vehicle] * int(count))


def _is_figure(word: str) -> bool:
    return word.replace(".", "", 1).isdecimal()
