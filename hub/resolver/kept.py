"""What is kept for a scanned link: one indexed query, and none where nothing is.

Most codes have no links of their own. Which keys have some is remembered for a moment, so that their scans alone ask
the database; what this process changes it knows at once, what another does within those seconds.
"""

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists
from sqlmodel import Session, col, select

from hub import db
from hub.gs1.digital_link import Link
from hub.models.catalogue import Lot, RecallNotice, TradeItem
from hub.models.party import Organization
from hub.models.resolver import ResolverLink
from hub.resolver import anchors
from hub.resolver.choosing import Target
from hub.trace import listings

SECONDS = 5.0
MOST = 50_000
"""So many keys are remembered; where more have links, each scan asks."""


class Found(NamedTuple):
    """What is kept for a scanned link, and whether the lot that it names is called back."""

    targets: Sequence[Target] = ()
    recalled: bool = False


class _Keys:
    """The keys that have links, as of a moment ago."""

    def __init__(self) -> None:
        self.known: frozenset[str] | None = None
        self.until = 0.0
        self.reading = threading.Lock()

    def fresh(self) -> bool:
        return time.monotonic() < self.until

    def read(self, session: Session) -> None:
        """Read them anew; whoever comes meanwhile goes by what was known."""
        if self.fresh() or not self.reading.acquire(blocking=self.known is None):
            return
        try:
            if not self.fresh():
                rows = session.exec(select(ResolverLink.anchor).distinct().limit(MOST + 1)).all()
                self.known = frozenset(rows) if len(rows) <= MOST else None
                self.until = time.monotonic() + SECONDS
        finally:
            self.reading.release()


_keys = _Keys()


def forget() -> None:
    """Links have changed: read anew which keys have some."""
    _keys.until = 0.0


def surely_none(link: Link) -> bool:
    """Whether it is known, without asking the database, that nothing is kept for a link."""
    return _keys.fresh() and _keys.known is not None and _keys.known.isdisjoint(anchors.keys_of(link))


def find(session: Session, link: Link, at: datetime) -> Found:
    """What is kept for a scanned link at a moment, the nearest first."""
    _keys.read(session)
    if surely_none(link):
        return Found()
    paths = anchors.paths_of(link)
    rows = session.exec(
        select(ResolverLink, Organization.gln, Organization.time_zone, _recalled(link))
        .join(Organization, col(Organization.id) == col(ResolverLink.owner_id))
        .where(col(ResolverLink.path).in_(paths), col(ResolverLink.ended_on).is_(None))
        .order_by(col(ResolverLink.id))
    ).all()
    owner = _owner(link, [(row.owner_id, gln) for row, gln, _, _ in rows])
    near = {path: level for level, path in enumerate(paths)}
    targets = [
        _target(row, near[row.path], link)
        for row, _, zone, _ in rows
        if row.owner_id == owner and _holds(row, at.astimezone(ZoneInfo(zone)))
    ]
    return Found(sorted(targets, key=lambda target: target.level), any(recalled for *_, recalled in rows))


def _owner(link: Link, owners: Sequence[tuple[UUID, str]]) -> UUID | None:
    """Whose links answer: the maker's that the code names, else of several makers the one under whose prefix it is."""
    maker = dict(link.attributes).get("417")
    named = [owner for owner, gln in owners if gln == maker]
    prefixed = [owner for owner, gln in owners if link.ai == "01" and listings.own_prefix(link.value, gln)]
    return next(iter([*named, *prefixed, *(owner for owner, _ in owners)]), None)


def _holds(row: ResolverLink, at: datetime) -> bool:
    return row.valid_from <= at.date() and (row.valid_to is None or at.date() <= row.valid_to)


def _target(row: ResolverLink, level: int, link: Link) -> Target:
    values = anchors.named(row.about, link)
    return Target(
        level=level,
        anchor=anchors.filled(row.about, values),
        link_type=row.link_type,
        href=anchors.filled(row.href, values),
        title=row.title,
        media_type=row.media_type,
        languages=tuple(row.languages.split()),
        contexts=tuple(row.contexts.split()),
        is_default=row.is_default,
    )


def _recalled(link: Link) -> Any:
    """Whether the lot that a link names is called back, as a column: in the same question, never one more."""
    number = link.qualifier("10") if link.ai == "01" else None
    open_ones = (
        select(RecallNotice.id)
        .join(Lot, col(Lot.id) == col(RecallNotice.lot_id))
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .where(
            col(TradeItem.gtin) == link.value,
            col(Lot.number) == number,
            col(RecallNotice.closed_at).is_(None),
            col(RecallNotice.recall_class) > 0,
        )
    )
    return exists(open_ones).label("recalled")


def changed(session: Session) -> None:
    """Links were changed here: once they are written, this process forgets which keys have some."""
    db.after_commit(session, forget)
