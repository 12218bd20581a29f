"""The rounds between hub and core: a task for each retailer, so that none waits for another's core."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from hub import log
from hub.inventory import cores, rounds
from hub.inventory.connectors.base import CoreRefused, CoreUnreachable
from hub.queue import Queue, hint, task

_log = log.get("hub.inventory")


def _each(name: str, every: timedelta) -> int:
    """Have a round done for every retailer; return how many."""
    retailers = cores.retailers()
    for org in retailers:
        hint(f"{__name__}.{name}", org, expires=max(every, timedelta(seconds=10)))
    return len(retailers)


def _one(round_of: Callable[[UUID], object], org: str) -> bool:
    """Do a round; a core that is away or refuses is left for the next time."""
    try:
        round_of(UUID(org))
    except (CoreRefused, CoreUnreachable) as error:
        _log.warning("core away", org=org, why=error.detail)
        return False
    return True


PULL, PUSH, RECONCILE = timedelta(seconds=3), timedelta(seconds=1), timedelta(hours=1)


@task(Queue.CORES, every=PULL)
def pull() -> int:
    """Have every core read."""
    return _each("pull_one", PULL)


@task(Queue.CORES, every=PUSH)
def push() -> int:
    """Have every core told what is due."""
    return _each("push_one", PUSH)


@task(Queue.BULK, every=RECONCILE)
def reconcile() -> int:
    """Have hub and cores compared."""
    return _each("reconcile_one", RECONCILE)


@task(Queue.CORES, alone=True)
def pull_one(org: str) -> bool:
    """Read what one retailer's core has to tell; whether it answered."""
    return _one(rounds.pull, org)


@task(Queue.CORES, alone=True)
def push_one(org: str) -> bool:
    """Tell one retailer's core what is due; whether it could be reached."""
    return _one(rounds.push, org)


@task(Queue.BULK, alone=True)
def reconcile_one(org: str) -> bool:
    """Compare the hub with one retailer's core; whether it answered."""
    return _one(rounds.reconcile, org)
