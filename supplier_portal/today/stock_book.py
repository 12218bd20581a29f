"""A retailer's stock as its buyers look at it: what is short, what ends soon, where hub and core disagree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from hub import sought
from hub.lists import CountedPage, Search
from hub.models.catalogue import Lot, RecallNotice, TradeItem
from hub.models.inventory import NEAR_ITS_DATE, CommandState, CoreCommand, Drift, LotStock, StockLevel
from hub.models.party import Place

_SORTS: dict[str, Any] = {
    "item_zh": col(TradeItem.name_zh),
    "item_en": col(TradeItem.name_en),
    "store_zh": col(Place.name_zh),
    "store_en": col(Place.name_en),
}
_LEVEL_SORTS = _SORTS | {
    "hand": col(StockLevel.on_hand),
    "safety": col(StockLevel.safety),
    "target": col(StockLevel.target),
    "told": col(StockLevel.as_of),
}
_LOT_SORTS = _SORTS | {"hand": col(LotStock.on_hand), "lot": col(LotStock.lot), "until": col(LotStock.best_before)}


@dataclass(frozen=True)
class LevelRow:
    """How much of an item a store has."""

    level: StockLevel
    place: Place
    item: TradeItem


@dataclass(frozen=True)
class LotRow:
    """How much of a lot a store has, and until when it is good."""

    stock: LotStock
    place: Place
    item: TradeItem


def levels(
    session: Session, search: Search = Search(), *, below: bool = False, place_id: UUID | None = None
) -> CountedPage[LevelRow]:
    """Every store and item of the retailer; ``below`` those under their safety level, the emptiest first."""
    statement = _named(select(StockLevel, Place, TradeItem), StockLevel, session, search, place_id)
    if below:
        statement = statement.where(col(StockLevel.on_hand) < col(StockLevel.safety))
    missing = (col(StockLevel.safety) - col(StockLevel.on_hand)) / func.nullif(col(StockLevel.safety), 0)
    own = [missing.desc().nulls_last()] if below else [col(Place.gln), col(TradeItem.gtin)]
    rows, total = _page(session, statement, search.order(_LEVEL_SORTS, *own, col(StockLevel.id)), search)
    return CountedPage([LevelRow(*row) for row in rows], total, search)


def near_expiry(
    session: Session, search: Search = Search(), *, today: date, place_id: UUID | None = None
) -> CountedPage[LotRow]:
    """Lots in stores that end within three days or have ended, those first."""
    statement = _named(select(LotStock, Place, TradeItem), LotStock, session, search, place_id).where(
        col(LotStock.on_hand) > 0, col(LotStock.best_before) <= today + NEAR_ITS_DATE
    )
    own = [col(LotStock.best_before), col(Place.gln), col(TradeItem.gtin), col(LotStock.id)]
    rows, total = _page(session, statement, search.order(_LOT_SORTS, *own), search)
    return CountedPage([LotRow(*row) for row in rows], total, search)


def _named(statement: Any, table: Any, session: Session, search: Search, place_id: UUID | None) -> Select[Any]:
    named: Select[Any] = (
        statement.join(Place, col(Place.id) == table.place_id)
        .join(TradeItem, col(TradeItem.id) == table.trade_item_id)
        .where(table.owner_id == session.info["who"].org)
    )
    if place_id is not None:
        named = named.where(table.place_id == place_id)
    lot = [col(LotStock.lot)] if table is LotStock else []
    return named.where(sought.mentions(search.words, col(TradeItem.sought), col(Place.sought), *lot))


def _page(session: Session, statement: Select[Any], order: Sequence[Any], search: Search) -> tuple[list[Any], int]:
    total = session.scalar(select(func.count()).select_from(statement.with_only_columns(col(Place.id)).subquery()))
    rows = session.execute(statement.order_by(*order).limit(search.size).offset(search.before)).all()
    return list(rows), total or 0


@dataclass(frozen=True)
class RecalledLot:
    """A recalled lot that the retailer bought of, and how much of it its stores still have."""

    notice: RecallNotice
    lot: Lot
    item: TradeItem
    on_hand: Decimal


def recalled(session: Session, supplier_id: UUID | None = None) -> list[RecalledLot]:
    """Open recalls of lots that came to the retailer, the newest first."""
    here = (
        select(func.coalesce(func.sum(col(LotStock.on_hand)), 0))
        .where(
            col(LotStock.owner_id) == session.info["who"].org,
            col(LotStock.trade_item_id) == col(Lot.trade_item_id),
            col(LotStock.lot) == col(Lot.number),
        )
        .scalar_subquery()
    )
    statement = (
        select(RecallNotice, Lot, TradeItem, here)
        .join(Lot, col(Lot.id) == col(RecallNotice.lot_id))
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .where(col(RecallNotice.closed_at).is_(None))
        .order_by(col(RecallNotice.opened_at).desc())
    )
    if supplier_id is not None:
        statement = statement.where(col(Lot.owner_id) == supplier_id)
    return [RecalledLot(*row) for row in session.execute(statement)]


@dataclass(frozen=True)
class Disagreement:
    """Where hub and core say different amounts."""

    drift: Drift
    place: Place
    item: TradeItem


def drifts(session: Session, most: int = 10) -> list[Disagreement]:
    """Differences between hub and core that the last comparison left open."""
    rows = session.execute(
        select(Drift, Place, TradeItem)
        .join(Place, col(Place.id) == col(Drift.place_id))
        .join(TradeItem, col(TradeItem.id) == col(Drift.trade_item_id))
        .where(col(Drift.owner_id) == session.info["who"].org, col(Drift.settled_at).is_(None))
        .order_by(col(Drift.found_at).desc())
        .limit(most)
    )
    return [Disagreement(*row) for row in rows]


def commands(session: Session) -> dict[CommandState, int]:
    """How many receipts the core has taken, not yet answered, refused."""
    rows = session.execute(
        select(col(CoreCommand.state), func.count())
        .where(col(CoreCommand.owner_id) == session.info["who"].org)
        .group_by(col(CoreCommand.state))
    )
    return dict.fromkeys(CommandState, 0) | {CommandState(state): count for state, count in rows}


def stores(session: Session) -> list[Place]:
    """The retailer's places that have stock."""
    kept = select(col(StockLevel.place_id)).where(col(StockLevel.owner_id) == session.info["who"].org)
    return list(session.scalars(select(Place).where(col(Place.id).in_(kept)).order_by(col(Place.gln))))
