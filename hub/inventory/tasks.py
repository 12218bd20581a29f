"""The rounds between hub and core: every retailer in turn, so that none waits for another's core."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from hub.inventory import cores, rounds
from hub.inventory.connectors.base import CoreRefused, CoreUnreachable
from hub.queue import task


def _each(round_of: Callable[[UUID], object]) -> int:
    """Do a round for every retailer; a core that is away or refuses is left for the next time."""
    done = 0
    for org in cores.retailers():
        try:
            round_of(org)
        except (CoreRefused, CoreUnreachable) as error:
            print(f"core of {org}: {error.detail}", flush=True)
        else:
            done += 1
    return done


@task(every=timedelta(seconds=3), alone=True)
def pull() -> int:
    """Read what the cores have to tell; return how many answered."""
    return _each(rounds.pull)


@task(every=timedelta(seconds=1), alone=True)
def push() -> int:
    """Tell the cores what is due; return how many could be reached."""
    return _each(rounds.push)


@task(every=timedelta(hours=1), alone=True)
def reconcile() -> int:
    """Compare hub and cores; return how many were compared."""
    return _each(rounds.reconcile)
