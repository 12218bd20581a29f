"""Delivery routes: a problem goes in, a plan that breaks no rule comes out, in the time that was given. Pure.

The search runs in a process that is killed when it does not end by itself: iterated local search leaks memory, and no
search is to be trusted with a clock. Its best plan so far counts.
"""

import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from logistics.routing.problem import (
    BadFigure,
    Route,
    RoutePlan,
    RoutingProblem,
    Stop,
    Unserved,
    Vehicle,
    Visit,
    check,
)
from logistics.routing.reasons import finish

__all__ = [
    "BadFigure",
    "Route",
    "RoutePlan",
    "RoutingProblem",
    "Stop",
    "Unserved",
    "Vehicle",
    "Visit",
    "plan",
]
log = logging.getLogger("logistics.routing")
_SEARCH = [sys.executable, "-m", "logistics.routing.search"]
_PATIENCE = 1.02  # of the time given, after which the search is killed; what is left is for finishing


def plan(problem: RoutingProblem, seconds: float, search: Sequence[str] = _SEARCH) -> RoutePlan:
    """The best routes found in ``seconds``. Every stop is in them, or left out by name with its reason.

    Refuses figures that cannot be (`BadFigure`) before anything is searched.
    """
    check(problem)
    if not problem.stops or not problem.vehicles:
        return finish(problem, {})
    routes, failed = _searched(problem, seconds, search)
    return replace(finish(problem, routes), searched=not failed)


def _searched(problem: RoutingProblem, seconds: float, search: Sequence[str]) -> tuple[dict[int, Sequence[int]], bool]:
    """What the search told last before its time was up, and whether it failed."""
    best: dict[int, Sequence[int]] = {}
    ends = time.time() + seconds
    # Unlike a fork this takes no locks and sockets along, and a Celery worker's process may do it.
    with subprocess.Popen(
        search,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as child:
        assert child.stdin and child.stdout
        killer = threading.Timer(seconds * _PATIENCE, child.kill)
        killer.start()
        try:
            child.stdin.write(pickle.dumps((problem, ends)))
            child.stdin.close()
            for line in child.stdout:
                if line.endswith(b"\n"):
                    best = dict(json.loads(line))
        except BrokenPipeError:
            log.warning("the search died before it had read its problem")
        finally:
            overdue = not killer.is_alive()
            killer.cancel()
            while child.poll() is None and time.time() < ends:
                time.sleep(0.01)
            failed = child.poll() if not overdue else None
            child.kill()
    if failed:
        log.warning("the search failed with %s; its last answer counts", failed)
    return best, bool(failed)
