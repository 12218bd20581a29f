"""What the core tells: items, stock, lots and sales, read in pages and written as they now are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from hub.inventory import assortment, bulk, changes, mapping
from hub.inventory.connectors.base import Core, CoreItem, LotPage, Page, SalesPage, StockPage
from hub.models.base import now, uuid7
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment, CoreCursor, LotStock, SalesDay, StockLevel

FEEDS: dict[str, Callable[[Core, str], Page]] = {
    "stock": lambda core, after: core.stock(after),
    "lots": lambda core, after: core.lots(after),
    "sales": lambda core, after: core.sales(after),
}


@dataclass(frozen=True)
class Names:
    """The core's names of what the hub knows: places by GLN or as they were matched, items by the core's code."""

    places: Mapping[str, UUID]
    items: Mapping[str, UUID]


def names(session: Session) -> Names:
    """What of the retailer's core the hub knows by name."""
    mine = session.info["who"].org
    items = session.scalars(select(Assortment).where(col(Assortment.owner_id) == mine))
    return Names(mapping.places(session), {i.core_code: i.trade_item_id for i in items})


def match(session: Session, items: Sequence[CoreItem]) -> int:
    """Take into the assortment the core's items whose GTIN a supplier of the retailer offers; how many are new.

    Where several offer one, it is taken from whose own prefix the number begins with, else from who offered it first;
    the retailer may take it from another (`assortment.take_from`).
    """
    mine, known = session.info["who"], names(session).items
    strange = [item for item in items if item.code not in known]
    if strange:
        aside = mapping.aside(session)
        strange = [item for item in strange if item.code not in aside]
    if not strange:
        return 0
    _rename(session, strange, {item.code for item in items})
    known = names(session).items
    offered: dict[str, list[TradeItem]] = {}
    for offer in session.scalars(select(TradeItem).order_by(col(TradeItem.created_at))):
        offered.setdefault(offer.gtin.zfill(14), []).append(offer)
    rows = [
        {
            "id": uuid7(),
            "owner_id": mine.org,
            "created_at": now(),
            "via": mine.via,
            "supplier_id": offer.owner_id,
            "trade_item_id": offer.id,
            "core_code": item.code,
        }
        for item in strange
        if item.code not in known and (offers := offered.get(item.gtin.zfill(14)))
        for offer in [assortment.best(session, offers)]
    ]
    if not rows:
        return 0
    statement = insert(Assortment).values(rows).on_conflict_do_nothing().returning(col(Assortment.id))
    return len(session.execute(statement).all())


def _rename(session: Session, items: Sequence[CoreItem], listed: set[str]) -> None:
    """What is carried already, under a code that the core does not have, goes by the core's code from now on."""
    mine = session.info["who"].org
    carried = session.execute(
        select(Assortment, col(TradeItem.gtin))
        .join(TradeItem, col(TradeItem.id) == col(Assortment.trade_item_id))
        .where(col(Assortment.owner_id) == mine, col(Assortment.core_code).not_in(listed))
    )
    by_gtin = {gtin.zfill(14): row for row, gtin in carried}
    for item in items:
        if item.gtin and (row := by_gtin.pop(item.gtin.zfill(14), None)):
            row.core_code = item.code
    session.flush()


def mark(session: Session, feed: str) -> str:
    """How far a feed has been read: from the start again when a name left out on the way is known by now."""
    mine = select(CoreCursor).where(col(CoreCursor.feed) == feed)
    cursor: CoreCursor | None = session.scalar(mine)
    if cursor is None:
        row = CoreCursor(owner_id=session.info["who"].org, feed=feed, via=session.info["who"].via)
        session.execute(insert(CoreCursor).values(row.model_dump()).on_conflict_do_nothing())
        return ""
    if cursor.unknown:
        known = names(session)
        if any(name in known.places or name in known.items for name in cursor.unknown):
            cursor.cursor, cursor.unknown = "", []
    return cursor.cursor


def replay(session: Session) -> None:
    """Have stock read from the start again, which mends whatever the feeds left out."""
    session.execute(update(CoreCursor).where(col(CoreCursor.feed).in_(("stock", "lots"))).values(cursor=""))


def take(session: Session, feed: str, page: Page, after: str) -> int:
    """Write a page read after the mark ``after`` and move the mark; how many rows were new or changed.

    Nothing is written when another reader has moved the mark meanwhile.
    """
    mine = select(CoreCursor).where(col(CoreCursor.feed) == feed, col(CoreCursor.cursor) == after)
    cursor = session.scalar(mine.with_for_update())
    if cursor is None:
        return 0
    known = names(session)
    keys = zip(page.place, page.item, strict=True)
    keep = [n for n, (place, item) in enumerate(keys) if place in known.places and item in known.items]
    if len(keep) < len(page.place):
        strange = (set(page.place) - set(known.places)) | (set(page.item) - set(known.items))
        cursor.unknown = sorted({*cursor.unknown, *strange})
    if not after:
        cursor.begun_at, cursor.rows_read = now(), 0
    cursor.rows_read, cursor.rows_left = cursor.rows_read + len(page.place), page.left
    cursor.cursor, cursor.read_at = page.after, now()
    session.flush()
    return _write(session, page, keep, known)


def whole(session: Session, feed: str) -> None:
    """A feed was read to its end."""
    mine = select(CoreCursor).where(col(CoreCursor.feed) == feed, col(CoreCursor.filled_at).is_(None))
    if cursor := session.scalar(mine):
        cursor.filled_at, cursor.rows_left = now(), 0


def _write(session: Session, page: Page, keep: Sequence[int], known: Names) -> int:
    """Set what the core tells as it tells it.

    A receipt still on its way to the core may so drop out of the hub's stock for a moment; the change that it
    makes in the core brings it back, and only the core's own figure can come last. What may still be undone is not told
    yet for certain: the core's figure is taken without it, and the hub's keeps it.
    """
    places = {gln: str(place) for gln, place in known.places.items()}
    items = {code: str(item) for code, item in known.items.items()}
    columns: dict[str, Sequence[Any]] = {
        "place_id": [places[page.place[n]] for n in keep],
        "trade_item_id": [items[page.item[n]] for n in keep],
    }
    amounts = [page.quantity[n] for n in keep]
    match page:
        case StockPage():
            columns |= {"on_hand": amounts, "as_of": [now()] * len(keep)}
            once = {"safety": 0, "target": 0}
            written = bulk.merge(session, StockLevel, columns, key=("place_id", "trade_item_id"), once=once)
            changes.put_again(session, zip(columns["place_id"], columns["trade_item_id"], strict=True))
            return written
        case LotPage():
            columns |= {"lot": [page.lot[n] for n in keep], "on_hand": amounts}
            columns |= {"best_before": [page.best_before[n] for n in keep]}
            written = bulk.merge(session, LotStock, columns, key=("place_id", "trade_item_id", "lot"))
            keys = zip(columns["place_id"], columns["trade_item_id"], columns["lot"], strict=True)
            changes.put_again(session, keys, lots=True)
            return written
        case SalesPage():
            columns |= {"day": [page.day[n] for n in keep], "quantity": amounts}
            return bulk.merge(session, SalesDay, columns, key=("place_id", "trade_item_id", "day"))
    raise TypeError(page)
