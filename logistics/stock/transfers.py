"""Goods from one store of a chain to another: asked, offered, shipped, received, each step by its store, once.

What is shipped leaves the one store's books, what is received enters the other's; the core is told on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, or_, select

from hub import access
from hub.access import Actor, Permission
from hub.errors import Amount, HubError, InvalidInput, NotAllowed, NotFound
from hub.inputs import Figure
from hub.inventory import changes
from hub.models.catalogue import TradeItem
from hub.models.inventory import CoreCommand, LotStock
from hub.models.party import Place
from logistics.receive import store
from logistics.stock import shelves
from logistics.stock.models import Transfer
from logistics.stock.shelves import Shelf


class NotThisStep(HubError):
    """This transfer is at another step by now."""

    code, status = "transfer-at-another-step", 409


class MoreThanShipped(HubError):
    """No more can be received than was shipped."""

    code, status, at = "more-than-shipped", 409, "quantity"


class Asked(BaseModel):
    """So much is asked of another store; ``said_as`` names the wish, so that sent twice it is there once."""

    model_config = ConfigDict(frozen=True)

    said_as: UUID
    source: UUID
    asked: Figure = Field(gt=0, max_digits=18, decimal_places=6)
    note: str = Field(default="", max_length=200)


class Step(BaseModel):
    """How much is offered, shipped or received; ``lot`` is which is shipped, empty where none is known."""

    model_config = ConfigDict(frozen=True)

    quantity: Figure = Field(ge=0, max_digits=18, decimal_places=6)
    lot: str = Field(default="", max_length=20)


@dataclass(frozen=True)
class Sent:
    """A transfer with its item and both stores, the lots it could be shipped of, and what the core has heard."""

    transfer: Transfer
    item: TradeItem
    source: Place
    target: Place
    lots: Sequence[LotStock] = ()
    told: Sequence[CoreCommand] = ()


def ask(session: Session, actor: Actor, shelf: Shelf, asked: Asked, *, at: datetime) -> Transfer:
    """Ask another store of the chain for goods."""
    access.require(actor, Permission.RECEIVE_GOODS, shelf.level.owner_id)
    mine = col(Transfer.owner_id) == actor.organization_id
    if known := session.exec(select(Transfer).where(mine, Transfer.said_as == asked.said_as)).one_or_none():
        return known
    if asked.source not in {place.id for place, _ in shelf.elsewhere}:
        raise InvalidInput("Choose a store that has some.", at="source")
    row = Transfer(
        owner_id=actor.organization_id,
        created_by=actor.user_id,
        via=actor.via,
        from_id=asked.source,
        to_id=shelf.place.id,
        trade_item_id=shelf.item.id,
        unit=shelf.item.unit,
        said_as=asked.said_as,
        note=asked.note.strip(),
        asked=asked.asked,
        asked_at=at,
    )
    session.add(row)
    session.flush()
    access.record(session, actor, "transfer.ask", row.id)
    return row


def find(session: Session, actor: Actor, transfer_id: UUID) -> Transfer:
    """A transfer from or to one of the actor's stores."""
    row = session.get(Transfer, transfer_id)
    mine = {place.id for place in store.places(session, actor)}
    if row is None or row.owner_id != actor.organization_id or not mine & {row.from_id, row.to_id}:
        raise NotFound
    return row


def listed(session: Session, actor: Actor, most: int = 50) -> Sequence[Sent]:
    """The transfers of the actor's stores: first those that wait for a step, then the latest."""
    mine = [place.id for place in store.places(session, actor)]
    places = {p.id: p for p in session.exec(select(Place).where(col(Place.owner_id) == actor.organization_id))}
    over = or_(col(Transfer.received_at).is_not(None), col(Transfer.declined_at).is_not(None))
    rows = session.exec(
        select(Transfer, TradeItem)
        .join(TradeItem, col(TradeItem.id) == col(Transfer.trade_item_id))
        .where(
            col(Transfer.owner_id) == actor.organization_id,
            or_(col(Transfer.from_id).in_(mine), col(Transfer.to_id).in_(mine)),
        )
        .order_by(over, col(Transfer.asked_at).desc(), col(Transfer.id))
        .limit(most)
    ).all()
    told = changes.of(session, [key(row, end) for row, _ in rows for end in ("out", "in")])
    return [
        Sent(
            row,
            item,
            places[row.from_id],
            places[row.to_id],
            _lots(session, row) if row.offered_at and not row.shipped_at else (),
            [told[key(row, end)] for end in ("out", "in") if key(row, end) in told],
        )
        for row, item in rows
    ]


def offer(session: Session, actor: Actor, row: Transfer, step: Step, *, at: datetime) -> None:
    """The other store says how much it can give; nothing is a no. The same answer again changes nothing."""
    _at_end(session, actor, row, row.from_id)
    if row.offered_at is not None or row.declined_at is not None:
        if (row.offered or Decimal(0)) == step.quantity and row.shipped_at is None:
            return
        raise NotThisStep
    if step.quantity > row.asked:
        raise InvalidInput("No more was asked for than %(asked)s.", at="quantity", asked=Amount(row.asked, row.unit))
    if step.quantity:
        row.offered, row.offered_at, row.offered_by = step.quantity, at, actor.user_id
    else:
        row.declined_at, row.declined_by = at, actor.user_id
    access.record(session, actor, "transfer.offer", row.id, quantity=step.quantity)


def ship(session: Session, actor: Actor, row: Transfer, step: Step, *, at: datetime) -> None:
    """The goods leave the one store; its books and the core are told."""
    _at_end(session, actor, row, row.from_id)
    if row.shipped_at is not None and (row.shipped, row.lot) == (step.quantity, step.lot):
        return
    if row.offered_at is None or row.offered is None or row.shipped_at is not None:
        raise NotThisStep
    if not 0 < step.quantity <= row.offered:
        raise InvalidInput(
            "Enter more than nothing and no more than was offered, %(offered)s.",
            at="quantity",
            offered=Amount(row.offered, row.unit),
        )
    whole = shelves.hold(session, row.from_id, row.trade_item_id)
    item = session.get_one(TradeItem, row.trade_item_id)
    held = shelves.take_from(session, whole, item, step.lot, step.quantity)
    row.shipped, row.lot, row.best_before = step.quantity, step.lot, held.best_before if held else None
    row.shipped_at, row.shipped_by = at, actor.user_id
    _tell(session, row, "out", -step.quantity, at)
    access.record(session, actor, "transfer.ship", row.id, quantity=step.quantity)


def receive(session: Session, actor: Actor, row: Transfer, step: Step, *, at: datetime) -> None:
    """The goods are at the other store; what was lost on the way is in nobody's books."""
    _at_end(session, actor, row, row.to_id)
    if row.received_at is not None and row.received == step.quantity:
        return
    if row.shipped_at is None or row.shipped is None or row.received_at is not None:
        raise NotThisStep
    if step.quantity > row.shipped:
        raise MoreThanShipped("%(shipped)s were shipped.", shipped=Amount(row.shipped, row.unit))
    row.received, row.received_at, row.received_by = step.quantity, at, actor.user_id
    if step.quantity:
        _tell(session, row, "in", step.quantity, at)
    access.record(session, actor, "transfer.receive", row.id, quantity=step.quantity)


def key(row: Transfer, end: str) -> str:
    """What the core knows one end of a transfer by, for ever."""
    return f"{changes.ADJUSTMENT}/{row.id}/{end}"


def _tell(session: Session, row: Transfer, end: str, quantity: Decimal, at: datetime) -> None:
    here, there = (row.from_id, row.to_id) if end == "out" else (row.to_id, row.from_id)
    line = changes.Moved(row.trade_item_id, row.lot, row.best_before, quantity, row.unit)
    change = changes.Change(here, f"transfer-{end}", str(row.id), at, [line], row.note, other_place_id=there)
    session.flush()
    changes.adjust(session, key(row, end), change)


def _at_end(session: Session, actor: Actor, row: Transfer, place: UUID) -> None:
    """Only who works at this end takes its steps, one after another."""
    access.require(actor, Permission.RECEIVE_GOODS, row.owner_id)
    if actor.place_id not in (None, place):
        raise NotAllowed
    session.refresh(row, with_for_update=True)


def _lots(session: Session, row: Transfer) -> Sequence[LotStock]:
    there = select(LotStock).where(
        col(LotStock.owner_id) == row.owner_id,
        col(LotStock.place_id) == row.from_id,
        col(LotStock.trade_item_id) == row.trade_item_id,
        col(LotStock.on_hand) > 0,
    )
    return session.exec(there.order_by(col(LotStock.best_before).nulls_last(), col(LotStock.lot))).all()
