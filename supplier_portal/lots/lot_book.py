"""A supplier's lots: what grows, what was harvested, tested, recalled, and what is left of each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlmodel import Session, col

from hub import sought
from hub.access import Actor
from hub.errors import NotFound
from hub.gs1 import digital_link
from hub.ledger.audit import verification
from hub.ledger.custody import speakers
from hub.ledger.custody.speakers import Word
from hub.lists import CountedPage, Search
from hub.models.catalogue import Lot, LotBuyer, RecallNotice, TradeItem
from hub.models.party import Organization
from hub.models.trace import Event, EventKey
from hub.models.trade import ShipmentLine

_SORTS: dict[str, Any] = {
    "number": col(Lot.number),
    "item_zh": col(TradeItem.name_zh),
    "item_en": col(TradeItem.name_en),
    "made": col(Lot.made_on),
    "until": col(Lot.best_before),
    "quantity": col(Lot.quantity),
}
_RESERVED = "%!\"&'()*+,/:;<=>?"


class LotState(StrEnum):
    """How far a lot has come."""

    GROWING = "growing"
    HARVESTED = "harvested"
    TESTED = "tested"
    RECALLED = "recalled"


@dataclass(frozen=True)
class LotRow:
    """A lot in a list."""

    lot: Lot
    item: TradeItem
    state: LotState
    left: Decimal


def _link() -> ColumnElement[str]:
    """A lot's canonical link, as SQL: reserved characters escaped, the per cent sign first."""
    escaped = reduce(lambda text, sign: func.replace(text, sign, quote(sign, safe="")), _RESERVED, col(Lot.number))  # type: ignore[arg-type, return-value]
    return func.concat(f"{digital_link.ROOT}/01/", col(TradeItem.gtin), "/10/", escaped)


def _state() -> ColumnElement[str]:
    recalled = exists().where(col(RecallNotice.lot_id) == col(Lot.id), col(RecallNotice.closed_at).is_(None))
    tested = (
        exists()
        .where(
            col(EventKey.owner_id) == col(Lot.owner_id),
            col(EventKey.link) == _link(),
            col(Event.id) == col(EventKey.event_id),
            col(Event.biz_step) == "inspecting",
        )
        .correlate(Lot, TradeItem)
    )
    return case(
        (recalled, LotState.RECALLED.value),
        (col(Lot.made_on).is_(None), LotState.GROWING.value),
        (tested, LotState.TESTED.value),
        else_=LotState.HARVESTED.value,
    )


def _left() -> ColumnElement[Decimal]:
    gone = (
        select(func.coalesce(func.sum(col(ShipmentLine.quantity)), 0))
        .where(col(ShipmentLine.lot_id) == col(Lot.id), col(ShipmentLine.owner_id) == col(Lot.owner_id))
        .correlate(Lot)
        .scalar_subquery()
    )
    return col(Lot.quantity) - gone


def lots(
    session: Session, owner_id: UUID, search: Search = Search(), *, states: Collection[LotState] = ()
) -> CountedPage[LotRow]:
    """An organisation's lots that the session may see: where nothing else is asked those that grow, then the newest."""
    statement = (
        select(Lot, TradeItem, _state(), _left())
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .where(col(Lot.owner_id) == owner_id)
    )
    if states:
        statement = statement.where(_state().in_([state.value for state in states]))
    statement = statement.where(sought.mentions(search.words, col(Lot.number), col(TradeItem.sought)))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    order = search.order(_SORTS | {"left": _left()}, col(Lot.made_on).desc().nulls_first(), col(Lot.id).desc())
    rows = session.execute(statement.order_by(*order).limit(search.size).offset(search.before))
    return CountedPage([LotRow(lot, item, LotState(kind), left) for lot, item, kind, left in rows], total, search)


def counts(session: Session, owner_id: UUID) -> dict[LotState, int]:
    """How many lots of an organisation are in each state."""
    states = (
        select(_state().label("state"))
        .select_from(Lot)
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .where(col(Lot.owner_id) == owner_id)
        .subquery()
    )
    rows = session.execute(select(states.c.state, func.count()).group_by(states.c.state))
    return dict.fromkeys(LotState, 0) | {LotState(state): count for state, count in rows}


def find(session: Session, actor: Actor, lot_id: UUID) -> LotRow:
    """A lot of one's own."""
    row = session.execute(
        select(Lot, TradeItem, _state(), _left())
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .where(col(Lot.id) == lot_id, col(Lot.owner_id) == actor.organization_id)
    ).first()
    if row is None:
        raise NotFound("There is no such lot, or it is not yours.")
    lot, item, state, left = row
    return LotRow(lot, item, LotState(state), left)


def events(session: Session, row: LotRow) -> Sequence[Event]:
    """Every record of those who may speak of a lot, as far as the session may see, the oldest first."""
    link = digital_link.lot_link(row.item.gtin, row.lot.number)
    return verification.events_of(session, link, row.lot)


def others_words(session: Session, row: LotRow) -> list[Word]:
    """What others wrote about a lot of one's own who may not speak of it: nobody else is shown it."""
    link = digital_link.lot_link(row.item.gtin, row.lot.number)
    events = speakers.naming(session, link)
    of_it = speakers.of_lot(session, row.lot, link, events)
    return speakers.others(session, row.lot, of_it, [e for e in events if speakers.hears(of_it, e)])


def sold_to(session: Session, lot: Lot) -> list[Organization]:
    """The buyers that some of a lot went to: those who see a recall at once."""
    buyers = select(col(LotBuyer.buyer_id)).where(col(LotBuyer.lot_id) == lot.id)
    return list(session.scalars(select(Organization).where(col(Organization.id).in_(buyers))))


def own_items(session: Session, actor: Actor) -> list[TradeItem]:
    """What an organisation makes."""
    statement = select(TradeItem).where(col(TradeItem.owner_id) == actor.organization_id)
    return list(session.scalars(statement.order_by(col(TradeItem.category), col(TradeItem.name_en))))
