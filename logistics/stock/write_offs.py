"""Goods that leave a store's stock unsold, or are sold for less: each its own row, told to the core exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import Session, col

from hub import access
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput, NotAllowed, NotFound
from hub.inputs import Figure
from hub.inventory import changes
from hub.models.catalogue import TradeItem
from hub.models.inventory import CoreCommand
from hub.models.party import Place
from logistics.receive import store
from logistics.stock import shelves
from logistics.stock.models import Markdown, WriteOff, WriteOffReason
from logistics.stock.shelves import LotNotHere, Shelf

T = TypeVar("T", WriteOff, Markdown)


class UndoneAlready(HubError):
    """This was undone before."""

    code, status = "undone-already", 409


class Gone(BaseModel):
    """So much of a lot is gone, and why; ``said_as`` names the entry, so that sent twice it is there once."""

    model_config = ConfigDict(frozen=True)

    said_as: UUID
    lot: str = Field(default="", max_length=20)
    quantity: Figure = Field(gt=0, max_digits=18, decimal_places=6)
    reason: WriteOffReason
    recipient: str = Field(default="", max_length=120)
    note: str = Field(default="", max_length=200)


class Cheaper(BaseModel):
    """A lower price of a lot, until the end of a day."""

    model_config = ConfigDict(frozen=True)

    said_as: UUID
    lot: str = Field(default="", max_length=20)
    price: Figure = Field(gt=0, max_digits=18, decimal_places=4)
    was: Figure | None = Field(default=None, gt=0, max_digits=18, decimal_places=4)
    ends_on: date


def write_off(session: Session, actor: Actor, shelf: Shelf, gone: Gone, *, at: datetime) -> WriteOff:
    """Take goods out of a store's stock, because they spoiled, were stolen, given away and the like.

    What is donated says to whom. The same entry again is the same write-off.
    """
    _may(actor, shelf)
    # Held first: the same entry that comes twice at once finds the other there, however little is left.
    whole = shelves.hold(session, shelf.place.id, shelf.item.id)
    if known := _said(session, actor, WriteOff, gone.said_as):
        return known
    if gone.reason is WriteOffReason.DONATED and not gone.recipient.strip():
        raise InvalidInput("Say to whom it is given.", at="recipient")
    held = shelves.take_from(session, whole, shelf.item, gone.lot, gone.quantity)
    row = WriteOff(
        owner_id=actor.organization_id,
        created_by=actor.user_id,
        via=actor.via,
        place_id=shelf.place.id,
        trade_item_id=shelf.item.id,
        lot=gone.lot,
        best_before=held.best_before if held else None,
        quantity=gone.quantity,
        unit=shelf.item.unit,
        reason=gone.reason,
        recipient=gone.recipient.strip(),
        note=gone.note.strip(),
        said_as=gone.said_as,
        written_at=at,
    )
    session.add(row)
    session.flush()
    line = changes.Moved(row.trade_item_id, row.lot, row.best_before, -row.quantity, row.unit)
    note = row.recipient or row.note
    change = changes.Change(row.place_id, row.reason.value, str(row.id), at, [line], note)
    changes.adjust(session, key(row), change, may_undo=True)
    access.record(session, actor, "stock.write_off", row.id, reason=row.reason.value, quantity=row.quantity)
    return row


def mark_down(session: Session, actor: Actor, shelf: Shelf, cheaper: Cheaper, *, today: date, at: datetime) -> Markdown:
    """Sell a lot of a store for less until a day, and print its label."""
    _may(actor, shelf)
    shelves.hold(session, shelf.place.id, shelf.item.id)
    if known := _said(session, actor, Markdown, cheaper.said_as):
        return known
    lot = next((lot for lot in shelf.lots if lot.lot == cheaper.lot), None)
    if cheaper.lot and lot is None:
        raise LotNotHere(lot=cheaper.lot)
    if cheaper.ends_on < today:
        raise InvalidInput("Choose today or a later day.", at="ends_on")
    if lot and lot.best_before and cheaper.ends_on > lot.best_before:
        raise InvalidInput(
            "Choose a day up to the best-before date, %(best_before)s.", at="ends_on", best_before=lot.best_before
        )
    if cheaper.was is not None and cheaper.price >= cheaper.was:
        raise InvalidInput("Enter less than it cost before.", at="price")
    row = Markdown(
        owner_id=actor.organization_id,
        created_by=actor.user_id,
        via=actor.via,
        place_id=shelf.place.id,
        trade_item_id=shelf.item.id,
        lot=cheaper.lot,
        best_before=lot.best_before if lot else None,
        price=cheaper.price,
        was=cheaper.was,
        currency=shelf.item.currency,
        ends_on=cheaper.ends_on,
        said_as=cheaper.said_as,
        written_at=at,
    )
    session.add(row)
    session.flush()
    body = {
        "reference": str(row.id),
        "place_id": str(row.place_id),
        "trade_item_id": str(row.trade_item_id),
        "lot": row.lot,
        "price": str(row.price),
        "currency": row.currency,
        "ends_on": row.ends_on.isoformat(),
        "at": at.isoformat(),
    }
    changes.command(session, key(row), changes.MARKDOWN, body, after=changes.TO_UNDO)
    access.record(session, actor, "stock.mark_down", row.id, price=row.price)
    return row


def undo(session: Session, actor: Actor, row: WriteOff | Markdown, *, at: datetime) -> None:
    """Take back what was entered by mistake, as long as the core has not been told; the stock is as before."""
    access.require(actor, Permission.RECEIVE_GOODS, row.owner_id)
    session.refresh(row, with_for_update=True)
    if row.undone_at is not None:
        raise UndoneAlready
    changes.take_back(session, key(row))
    row.undone_at = at
    access.record(session, actor, "stock.undo", row.id)


def one(session: Session, actor: Actor, kind: type[T], id: UUID) -> T:
    """A write-off or markdown of one of the actor's stores."""
    row: T | None = session.get(kind, id)
    mine = {place.id for place in store.places(session, actor)}
    if row is None or row.owner_id != actor.organization_id or row.place_id not in mine:
        raise NotFound
    return row


@dataclass(frozen=True)
class Entry:
    """Something that was written off or marked down, of what, where, and what the core has heard of it."""

    row: WriteOff | Markdown
    item: TradeItem
    place: Place
    command: CoreCommand | None


def entries(
    session: Session, actor: Actor, *, item: UUID | None = None, place: UUID | None = None, most: int = 50
) -> Sequence[Entry]:
    """The last entries of the actor's stores, the latest first; of one shelf where one is asked for."""
    mine = {one.id for one in store.places(session, actor)}
    rows: list[WriteOff | Markdown] = []
    for kind in (WriteOff, Markdown):
        statement = select(kind).where(
            col(kind.owner_id) == actor.organization_id,
            col(kind.place_id).in_(mine & {place} if place else mine),
        )
        if item is not None:
            statement = statement.where(col(kind.trade_item_id) == item)
        rows += session.scalars(statement.order_by(col(kind.written_at).desc(), col(kind.id).desc()).limit(most))
    return described(session, actor, sorted(rows, key=lambda row: (row.written_at, row.id), reverse=True)[:most])


def described(session: Session, actor: Actor, rows: Sequence[WriteOff | Markdown]) -> Sequence[Entry]:
    """Entries with what they are of, and what the core has heard of them."""
    places = {place.id: place for place in store.places(session, actor)}
    wanted = select(TradeItem).where(col(TradeItem.id).in_({row.trade_item_id for row in rows}))
    items = {item.id: item for item in session.scalars(wanted)}
    told = changes.of(session, [key(row) for row in rows])
    return [Entry(row, items[row.trade_item_id], places[row.place_id], told.get(key(row))) for row in rows]


def key(row: WriteOff | Markdown) -> str:
    """What the core knows an entry by, for ever."""
    return f"{changes.MARKDOWN if isinstance(row, Markdown) else changes.ADJUSTMENT}/{row.id}"


def price_before(session: Session, shelf: Shelf) -> Decimal | None:
    """What the store last said that it costs, so that nobody types it twice."""
    last = select(Markdown).where(
        col(Markdown.owner_id) == shelf.level.owner_id,
        col(Markdown.trade_item_id) == shelf.item.id,
        col(Markdown.was).is_not(None),
    )
    row: Markdown | None = session.scalar(last.order_by(col(Markdown.written_at).desc()).limit(1))
    return row.was if row else None


def _may(actor: Actor, shelf: Shelf) -> None:
    access.require(actor, Permission.RECEIVE_GOODS, shelf.level.owner_id)
    if actor.place_id not in (None, shelf.place.id):
        raise NotAllowed


def _said(session: Session, actor: Actor, kind: type[T], said_as: UUID) -> T | None:
    mine = col(kind.owner_id) == actor.organization_id
    found: T | None = session.scalar(select(kind).where(mine, col(kind.said_as) == said_as))
    return found
