"""One item at one store: what there is of it by lot, there and at the chain's other stores."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from hub.access import Actor
from hub.errors import Amount, HubError, NotFound
from hub.models.catalogue import TradeItem
from hub.models.inventory import LotStock, StockLevel
from hub.models.party import Place, PlaceKind
from logistics.receive import store


class MoreThanThere(HubError):
    """There is not so much of it."""

    code, status = "more-than-there", 409


class LotNotHere(HubError):
    """This lot is not at this store."""

    code, status, at = "lot-not-here", 409, "lot"


@dataclass(frozen=True)
class Shelf:
    """An item at a store with its lots, the oldest first, and where else in the chain it is."""

    level: StockLevel
    item: TradeItem
    place: Place
    lots: Sequence[LotStock] = ()
    elsewhere: Sequence[tuple[Place, StockLevel]] = field(default=())


def shelf(session: Session, actor: Actor, level_id: UUID) -> Shelf:
    """A shelf of one of the actor's stores."""
    level = session.get(StockLevel, level_id)
    mine = {place.id: place for place in store.places(session, actor)}
    if level is None or level.owner_id != actor.organization_id or level.place_id not in mine:
        raise NotFound
    item = session.get_one(TradeItem, level.trade_item_id)
    lots = session.exec(
        _lots(level.place_id, item.id)
        .where(col(LotStock.on_hand) > 0)
        .order_by(col(LotStock.best_before).nulls_last(), col(LotStock.lot))
    )
    others = session.exec(
        select(Place, StockLevel)
        .join(StockLevel, col(StockLevel.place_id) == col(Place.id))
        .where(
            col(StockLevel.owner_id) == actor.organization_id,
            col(StockLevel.trade_item_id) == item.id,
            col(StockLevel.on_hand) > 0,
            col(Place.id) != level.place_id,
            col(Place.kind) == PlaceKind.STORE,
        )
        .order_by(col(StockLevel.on_hand).desc())
    ).all()
    return Shelf(level, item, mine[level.place_id], list(lots), [(place, there) for place, there in others])


def hold(session: Session, place: UUID, item: UUID) -> StockLevel | None:
    """Hold a shelf until the end, so that who changes it at the same time waits and then sees what is left."""
    whole = select(StockLevel).where(col(StockLevel.place_id) == place, col(StockLevel.trade_item_id) == item)
    return session.exec(whole.with_for_update().execution_options(populate_existing=True)).one_or_none()


def take_from(
    session: Session, whole: StockLevel | None, item: TradeItem, lot: str, quantity: Decimal
) -> LotStock | None:
    """The lot of a held shelf that so much is taken from; refused where there is less.

    Goods of no known lot are taken from the item's stock as a whole, and then there is no lot.
    """
    held: LotStock | None = None
    if lot and whole is not None:
        held = session.exec(
            _lots(whole.place_id, item.id)
            .where(col(LotStock.lot) == lot)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
    if lot and held is None:
        raise LotNotHere(lot=lot)
    there = held.on_hand if held else whole.on_hand if whole else Decimal(0)
    if quantity > there:
        raise MoreThanThere(
            "%(there)s are there by the books.", at="quantity", there=Amount(max(there, Decimal(0)), item.unit)
        )
    return held


def _lots(place: UUID, item: UUID) -> SelectOfScalar[LotStock]:
    return select(LotStock).where(col(LotStock.place_id) == place, col(LotStock.trade_item_id) == item)
