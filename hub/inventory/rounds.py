"""What workers do for one retailer and its core, each step in a transaction of its own.

The core is asked between transactions, so that none waits for it while it holds rows; only telling a command
does both at once, under that command's lock.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from hub import db
from hub.inventory import changes, commands, cores, mapping, reconciliation, sync
from hub.inventory.connectors.base import Core, CoreItem, CorePlace, CoreRefused, CoreUnreachable, Page
from hub.models.base import now
from hub.models.inventory import CommandState


@dataclass
class Pulled:
    """What a round of reading brought: new items, and rows written from each feed."""

    items: int = 0
    rows: dict[str, int] = field(default_factory=dict)


def _reach(who: db.Who) -> Core:
    with db.session(who) as session:
        return cores.reach(session)


def pull(org: UUID) -> Pulled:
    """Read what the core has to tell, up to now; whether it answered is remembered."""
    who = db.Who(org)
    with closing(_reach(who)) as core:
        try:
            done = _pull(who, core)
        except (CoreRefused, CoreUnreachable) as trouble:
            with db.session(who) as session:
                cores.answered(session, trouble.code)
            raise
    with db.session(who) as session:
        cores.answered(session)
    return done


def push(org: UUID) -> int:
    """Tell the core what is due; how many commands were tried."""
    with closing(_reach(db.Who(org))) as core:
        return _push(db.Who(org), core)


def reconcile(org: UUID) -> reconciliation.Comparison:
    """Bring hub and core together, then compare every store, item and lot.

    A difference counts when a second look finds it unchanged: what moves between two looks is trade, not drift.
    """
    who = db.Who(org)
    with closing(_reach(who)) as core:
        looks = []
        for _ in range(2):
            _push(who, core)
            _pull(who, core)
            looks.append(_look(who, core))
            if not looks[-1].found:
                break
    lasting = {key: pair for key, pair in looks[-1].found.items() if looks[0].found.get(key) == pair}
    with db.session(who) as session:
        if (connection := cores.of(session)) is not None:
            connection.compared_at = now()
        return reconciliation.record(session, lasting, looks[-1].compared)


@dataclass(frozen=True)
class Survey:
    """What the core has that the hub cannot place: items no supplier offers, places that are not the retailer's."""

    items: list[CoreItem]
    places: list[CorePlace]


def survey(org: UUID) -> Survey:
    """Compare the core's shelf list and places with the hub's, as when a core has just been connected."""
    who = db.Who(org)
    with closing(_reach(who)) as core:
        items, places = core.items(), core.places()
    with db.session(who) as session:
        sync.match(session, items)
        known = sync.names(session)
    return Survey(
        [item for item in items if item.code not in known.items],
        [place for place in places if place.gln not in known.places],
    )


def mend(org: UUID) -> Pulled:
    """Take the core's stock over as it is, read from the start."""
    who = db.Who(org)
    with db.session(who) as session:
        sync.replay(session)
    return pull(org)


@dataclass(frozen=True)
class _Look:
    compared: int
    found: dict[reconciliation.Key, reconciliation.Difference]


def _look(who: db.Who, core: Core) -> _Look:
    with db.session(who) as session:
        known = sync.names(session)
    theirs = reconciliation.core_stock(core, known)
    with db.session(who) as session:
        kept = reconciliation.hub_stock(session)
        untold = changes.untold(session)
    found = reconciliation.differences(kept, theirs)
    # What may still be undone is not told yet, on purpose: that is no drift.
    return _Look(len(theirs.keys() | kept.keys()), {key: pair for key, pair in found.items() if key not in untold})


def _pull(who: db.Who, core: Core) -> Pulled:
    items = core.items()
    with db.session(who) as session:
        asked = mapping.places_wanted(session)
    places = core.places() if asked else None
    with db.session(who) as session:
        mapping.learn(session, items, places)
        done = Pulled(items=sync.match(session, items))
    for feed, read in sync.FEEDS.items():
        done.rows[feed] = 0
        with db.session(who) as session:
            start = sync.mark(session, feed)
        for after, page in _pages(partial(read, core), start):
            if page.place or page.after != after:
                with db.session(who) as session:
                    done.rows[feed] += sync.take(session, feed, page, after)
        with db.session(who) as session:
            sync.whole(session, feed)
    return done


def _pages(read: Callable[[str], Page], after: str) -> Iterator[tuple[str, Page]]:
    """A feed's pages, each with the mark it was read after; the next is asked for while one is being written."""
    with ThreadPoolExecutor(1) as line:
        asked = line.submit(read, after)
        more = True
        while more:
            page, before = asked.result(), after
            after, more = page.after, page.more
            if more:
                asked = line.submit(read, after)
            yield before, page


def _push(who: db.Who, core: Core) -> int:
    tried = 0
    while True:
        with db.session(who) as session:
            command = commands.push_next(session, core)
        if command is None:
            return tried
        tried += 1
        if command.state is CommandState.WAITING:  # the core is away: leave it alone for now
            return tried
