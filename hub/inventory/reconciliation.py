"""Hub and core side by side: every store, item and lot."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from hub.inventory.connectors.base import Core
from hub.inventory.sync import Names
from hub.models.base import now
from hub.models.inventory import Drift, LotStock, StockLevel

Key = tuple[UUID, UUID, str]
"""A place, an item, and a lot; the item's stock as a whole has no lot."""

Difference = tuple[Decimal, Decimal]
"""What the hub says and what the core says."""


@dataclass(frozen=True)
class Comparison:
    """How many stock figures were compared, and where hub and core disagree now."""

    compared: int
    drifts: list[Drift]
    settled: int


def core_stock(core: Core, known: Names) -> dict[Key, Decimal]:
    """All of the core's stock, read from the start and past every mark, in the hub's names."""
    quantities: dict[Key, Decimal] = {}
    after, more = "", True
    while more:
        stock = core.stock(after)
        for place, item, amount in zip(stock.place, stock.item, stock.quantity, strict=True):
            if place in known.places and item in known.items:
                quantities[known.places[place], known.items[item], ""] = Decimal(amount)
        after, more = stock.after, stock.more
    after, more = "", True
    while more:
        lots = core.lots(after)
        for place, item, lot, amount in zip(lots.place, lots.item, lots.lot, lots.quantity, strict=True):
            if place in known.places and item in known.items:
                quantities[known.places[place], known.items[item], lot] = Decimal(amount)
        after, more = lots.after, lots.more
    return quantities


def hub_stock(session: Session) -> dict[Key, Decimal]:
    """All of the hub's stock of the organisation this session serves."""
    mine = session.info["who"].org
    levels = session.scalars(select(StockLevel).where(col(StockLevel.owner_id) == mine))
    lots = session.scalars(select(LotStock).where(col(LotStock.owner_id) == mine))
    quantities: dict[Key, Decimal] = {(row.place_id, row.trade_item_id, ""): row.on_hand for row in levels}
    quantities.update({(row.place_id, row.trade_item_id, row.lot): row.on_hand for row in lots})
    return quantities


def differences(hub: Mapping[Key, Decimal], core: Mapping[Key, Decimal]) -> dict[Key, Difference]:
    """Where the two disagree; what one of them does not know, it has none of."""
    none = Decimal(0)
    pairs = {key: (hub.get(key, none), core.get(key, none)) for key in hub.keys() | core.keys()}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def record(session: Session, differences: Mapping[Key, Difference], compared: int) -> Comparison:
    """Write down where they disagree, and close what has settled since."""
    mine = session.info["who"].org
    unsettled = session.scalars(select(Drift).where(col(Drift.owner_id) == mine, col(Drift.settled_at).is_(None)))
    open_drifts = {(row.place_id, row.trade_item_id, row.lot): row for row in unsettled}
    settled = [row for key, row in open_drifts.items() if key not in differences]
    for row in settled:
        row.settled_at = now()
    drifts = []
    for key, (hub, core) in sorted(differences.items(), key=str):
        place, item, lot = key
        row = open_drifts.get(key) or Drift(
            owner_id=mine, place_id=place, trade_item_id=item, lot=lot, hub=hub, core=core, found_at=now()
        )
        row.hub, row.core = hub, core
        session.add(row)
        drifts.append(row)
    session.flush()
    return Comparison(compared, drifts, len(settled))
