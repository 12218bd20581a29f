"""What is kept for a scanned link: one indexed query, and none where nothing is.

Most codes have no links of their own. Which keys have some is remembered for a moment, so that their scans alone ask
the database; what this process changes it knows at once, what another does within those seconds.
"""

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, exists, literal
from sqlalchemy import select as sa_select
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
    rows = session.execute(_asked(link), {"paths": paths, "gtin": link.value, "lot": link.qualifier("10")}).all()
    owner = _owner(link, rows)
    near = {path: level for level, path in enumerate(paths)}
    mine = [row for row in rows if row.owner_id == owner and _holds(row, at)]
    targets = [_target(row, near[row.path], link) for row in mine]
    return Found(sorted(targets, key=lambda target: target.level), any(row.recalled for row in rows))


def _owner(link: Link, rows: Sequence[Any]) -> UUID | None:
    """Whose links answer: the maker's that the code names, else of several makers the one under whose prefix it is."""
    owners: dict[UUID, str] = {row.owner_id: row.gln for row in rows}
    if len(owners) < 2:
        return next(iter(owners), None)
    maker = dict(link.attributes).get("417")
    named = [owner for owner, gln in owners.items() if gln == maker]
    prefixed = [owner for owner, gln in owners.items() if link.ai == "01" and listings.own_prefix(link.value, gln)]
    return next(iter([*named, *prefixed, *owners]))


def _holds(row: Any, at: datetime) -> bool:
    today = at.astimezone(ZoneInfo(row.time_zone)).date()
    return bool(row.valid_from <= today and (row.valid_to is None or today <= row.valid_to))


def _target(row: Any, level: int, link: Link) -> Target:
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


_READ = (
    *("owner_id", "path", "about", "link_type", "href", "title", "media_type", "languages", "contexts"),
    *("is_default", "valid_from", "valid_to"),
)


def _asked(link: Link) -> Any:
    return _with_recall() if link.ai == "01" and link.qualifier("10") is not None else _alone()


@lru_cache(1)
def _alone() -> Any:
    """The question for what is kept under some paths: columns alone, since no scan changes anything."""
    return _question(literal(False))


@lru_cache(1)
def _with_recall() -> Any:
    """Likewise, and whether the lot is called back: in the same question, never one more."""
    open_ones = (
        select(RecallNotice.id)
        .join(Lot, col(Lot.id) == col(RecallNotice.lot_id))
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .where(
            col(TradeItem.gtin) == bindparam("gtin"),
            col(Lot.number) == bindparam("lot"),
            col(RecallNotice.closed_at).is_(None),
            col(RecallNotice.recall_class) > 0,
        )
    )
    return _question(exists(open_ones))


def _question(recalled: Any) -> Any:
    columns = [col(getattr(ResolverLink, name)) for name in _READ]
    return (
        sa_select(*columns, col(Organization.gln), col(Organization.time_zone), recalled.label("recalled"))
        .join(Organization, col(Organization.id) == col(ResolverLink.owner_id))
        .where(col(ResolverLink.path).in_(bindparam("paths", expanding=True)), col(ResolverLink.ended_on).is_(None))
        .order_by(col(ResolverLink.id))
    )


def changed(session: Session) -> None:
    """Links were changed here: once they are written, this process forgets which keys have some."""
    db.after_commit(session, forget)
