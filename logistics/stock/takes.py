"""Stock-takes: a sheet is made, several count at once, great differences are counted again, what holds is approved.

Every count is a row of its own that who counts names, so that what is sent again is there once. What all counted of an
item in a round is what there is; the difference is to what the books said as it was counted, so that goods sold in the
meantime are none. The core is told once, by the approval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from hub import access, prices
from hub.access import Actor, Permission
from hub.errors import HubError, NotAllowed, NotFound
from hub.inputs import Figure
from hub.models.base import uuid7
from hub.models.catalogue import TradeItem
from hub.models.inventory import StockLevel
from hub.models.party import Place, User
from logistics.receive import store
from logistics.stock import posting, sheets
from logistics.stock.models import Listing, StockCount, StockTake, StockTakeLine


class NothingToCount(HubError):
    """No item of this store is on such a sheet."""

    code, status, at = "nothing-to-count", 409, "listing"


class NotOnThisSheet(HubError):
    """This item is not on this count sheet."""

    code, status, at = "not-on-this-sheet", 409, "item"


class CountingIsOver(HubError):
    """Counting is over; only what differs much is counted again."""

    code, status, at = "counting-is-over", 409, "item"


class CountedItYourself(HubError):
    """You have counted this yourself; somebody else does it now."""

    code, status = "counted-it-yourself", 409


class StillToCount(HubError):
    """Some lines are still to be counted again."""

    code, status = "still-to-count", 409


class TakeClosed(HubError):
    """This stock-take is approved or was given up."""

    code, status = "take-closed", 409


_MAY = (Permission.RECEIVE_GOODS, Permission.PLACE_ORDERS)


class Wanted(BaseModel):
    """The sheet that is asked for."""

    model_config = ConfigDict(frozen=True)

    said_as: UUID
    place: UUID
    listing: Listing = Listing.ALL
    category: str = Field(default="", max_length=60)
    abc: str = Field(default="A", pattern="^[ABC]$")
    blind: bool = False
    threshold: Figure = Field(default=Decimal(100), ge=0, max_digits=18, decimal_places=4)


class Count(BaseModel):
    """So much of an item, by its number; ``said_as`` is what the phone names the count, for ever."""

    model_config = ConfigDict(frozen=True)

    said_as: UUID
    item: str = Field(min_length=1, max_length=200)
    quantity: Figure = Field(ge=0, max_digits=18, decimal_places=6)


@dataclass(frozen=True)
class Line:
    """A line of a sheet with what was counted of it, in the round that holds."""

    line: StockTakeLine
    item: TradeItem
    counts: Sequence[StockCount]

    @property
    def round(self) -> int:
        """The round that holds: the second, where it is to be counted again."""
        return 2 if self.line.again else 1

    @property
    def held(self) -> list[StockCount]:
        """The counts that hold."""
        return [count for count in self.counts if count.round == self.round]

    @property
    def counted(self) -> Decimal | None:
        """What there is, as all together counted it; None while nobody has."""
        return sum((count.quantity for count in self.held), Decimal(0)) if self.held else None

    @property
    def difference(self) -> Decimal | None:
        """How much more, or less, there is than the books said at the last count."""
        if (counted := self.counted) is None:
            return None
        return counted - max(self.held, key=lambda count: (count.counted_at, count.id)).on_hand

    @property
    def value(self) -> Decimal:
        """What the difference is worth."""
        return (self.difference or Decimal(0)) * self.line.price


def begin(session: Session, actor: Actor, wanted: Wanted, *, at: datetime) -> StockTake:
    """Make a count sheet for a store; the same wish again is the same sheet."""
    _may(actor)
    places = {place.id: place for place in store.places(session, actor)}
    if wanted.place not in places:
        raise NotFound
    mine = col(StockTake.owner_id) == actor.organization_id
    if known := session.exec(select(StockTake).where(mine, StockTake.said_as == wanted.said_as)).one_or_none():
        return known
    part = {Listing.CATEGORY: wanted.category, Listing.ABC: wanted.abc}.get(wanted.listing, "")
    today = places[wanted.place].day(at)
    listed = sheets.items(session, wanted.place, wanted.listing, part, today=today)
    if not listed:
        raise NothingToCount
    take = StockTake(
        owner_id=actor.organization_id,
        created_by=actor.user_id,
        via=actor.via,
        place_id=wanted.place,
        listing=wanted.listing,
        part=part,
        blind=wanted.blind,
        threshold=wanted.threshold,
        said_as=wanted.said_as,
        begun_at=at,
    )
    session.add(take)
    session.flush()
    asked = prices.holding(session, actor.organization_id, [item for _, item in listed], at)
    rows: list[dict[str, Any]] = [
        {
            "id": uuid7(),
            "owner_id": take.owner_id,
            "created_at": at,
            "created_by": actor.user_id,
            "via": actor.via,
            "take_id": take.id,
            "trade_item_id": item.id,
            "expected": level.on_hand,
            "price": asked[item.id].price,
            "currency": asked[item.id].currency,
            "again": False,
        }
        for level, item in listed
    ]
    session.execute(insert(StockTakeLine), rows)
    access.record(session, actor, "stock_take.begin", take.id, lines=len(rows))
    return take


def find(session: Session, actor: Actor, take_id: UUID) -> StockTake:
    """A stock-take of one of the actor's stores."""
    take = session.get(StockTake, take_id)
    if take is None or take.owner_id != actor.organization_id:
        raise NotFound
    if take.place_id not in {place.id for place in store.places(session, actor)}:
        raise NotFound
    return take


def listed(session: Session, actor: Actor) -> Sequence[tuple[StockTake, Place]]:
    """The stock-takes of the actor's stores, the newest first."""
    places = {place.id: place for place in store.places(session, actor)}
    statement = select(StockTake).where(
        col(StockTake.owner_id) == actor.organization_id, col(StockTake.place_id).in_(places)
    )
    newest = statement.order_by(col(StockTake.begun_at).desc(), col(StockTake.id)).limit(40)
    return [(take, places[take.place_id]) for take in session.exec(newest)]


def lines(session: Session, take: StockTake) -> list[Line]:
    """All lines of a sheet with their counts, in the order of the sheet."""
    rows = session.exec(
        select(StockTakeLine, TradeItem)
        .join(TradeItem, col(TradeItem.id) == col(StockTakeLine.trade_item_id))
        .where(col(StockTakeLine.take_id) == take.id)
        .order_by(col(TradeItem.category), col(TradeItem.gtin))
    ).all()
    counts: dict[UUID, list[StockCount]] = {}
    held = select(StockCount).where(col(StockCount.take_id) == take.id, col(StockCount.undone_at).is_(None))
    for count in session.exec(held.order_by(col(StockCount.id))):
        counts.setdefault(count.line_id, []).append(count)
    return [Line(line, item, counts.get(line.id, ())) for line, item in rows]


def to_count_again(session: Session, take: StockTake, most: int) -> list[TradeItem]:
    """The next items that wait to be counted again, in the order of the sheet."""
    done = select(StockCount.id).where(
        col(StockCount.line_id) == col(StockTakeLine.id), StockCount.round == 2, col(StockCount.undone_at).is_(None)
    )
    statement = (
        select(TradeItem)
        .join(StockTakeLine, col(StockTakeLine.trade_item_id) == col(TradeItem.id))
        .where(col(StockTakeLine.take_id) == take.id, col(StockTakeLine.again), ~done.exists())
        .order_by(col(TradeItem.category), col(TradeItem.gtin))
    )
    return list(session.exec(statement.limit(most)))


def line_of(session: Session, take: StockTake, number: str) -> tuple[StockTakeLine, TradeItem]:
    """The line of an item, by its GTIN, by what was scanned of it, or by its number in the stock system."""
    found = session.exec(
        select(StockTakeLine, TradeItem)
        .join(TradeItem, col(TradeItem.id) == col(StockTakeLine.trade_item_id))
        .where(
            col(StockTakeLine.owner_id) == take.owner_id,
            col(StockTakeLine.take_id) == take.id,
            col(StockTakeLine.trade_item_id).in_(posting.named(session, number)),
        )
        .limit(1)
    ).first()
    if found is None:
        raise NotOnThisSheet
    return found


def count(session: Session, actor: Actor, take: StockTake, told: Count, *, at: datetime) -> StockCount:
    """Record what somebody counted at one spot; the same count again is the same row.

    Once counting is over, only lines that differ much are counted, by somebody who did not count them before.
    """
    access.require(actor, Permission.RECEIVE_GOODS, take.owner_id)
    if actor.place_id not in (None, take.place_id):
        raise NotAllowed
    mine = col(StockCount.owner_id) == actor.organization_id
    said = select(StockCount).where(mine, StockCount.said_as == told.said_as)
    if known := session.exec(said).one_or_none():
        return known
    # Many count side by side; whoever ends the round waits for them, and they for him.
    session.refresh(take, with_for_update={"read": True})
    _open(take)
    line, item = line_of(session, take, told.item)
    session.refresh(line)
    if take.counted_at is not None and not line.again:
        raise CountingIsOver
    round = 2 if line.again else 1
    if round == 2 and actor.user_id in _counters(session, line):
        raise CountedItYourself(at="item")
    here = (StockLevel.owner_id == take.owner_id, StockLevel.place_id == take.place_id)
    level = session.exec(select(StockLevel).where(*here, StockLevel.trade_item_id == item.id)).one_or_none()
    row = {
        "id": uuid7(),
        "owner_id": take.owner_id,
        "created_at": at,
        "created_by": actor.user_id,
        "via": actor.via,
        "take_id": take.id,
        "line_id": line.id,
        "round": round,
        "quantity": told.quantity,
        "on_hand": level.on_hand if level else Decimal(0),
        "said_as": told.said_as,
        "counted_at": at,
    }
    # Sent twice at once, one of them finds the other's row there.
    session.execute(insert(StockCount).values(row).on_conflict_do_nothing())
    return session.exec(said).one()


def take_count_back(session: Session, actor: Actor, take: StockTake, count_id: UUID, *, at: datetime) -> None:
    """A count that was wrong, by whoever made it."""
    access.require(actor, Permission.RECEIVE_GOODS, take.owner_id)
    session.refresh(take, with_for_update={"read": True})
    _open(take)
    row = session.get(StockCount, count_id, with_for_update=True)
    if row is None or row.take_id != take.id or row.created_by != actor.user_id:
        raise NotFound
    if take.counted_at is not None and row.round == 1:
        raise CountingIsOver
    row.undone_at = row.undone_at or at


def end_counting(session: Session, actor: Actor, take: StockTake, *, at: datetime) -> int:
    """Nobody counts any more; how many lines differ by so much that somebody else counts them again."""
    _may(actor, take)
    session.refresh(take, with_for_update=True)
    _open(take)
    if take.counted_at is not None:
        return sum(line.line.again for line in lines(session, take))
    again = [line for line in lines(session, take) if line.difference and abs(line.value) > take.threshold]
    for line in again:
        line.line.again = True
    take.counted_at = at
    access.record(session, actor, "stock_take.counted", take.id, again=len(again))
    return len(again)


def approve(session: Session, actor: Actor, take: StockTake, *, at: datetime) -> Sequence[Line]:
    """Take over what was counted: the books and the core are told of every difference, once.

    Who approves has counted none of it. What nobody counted stays as the books say. The same approval again changes
    nothing.
    """
    _may(actor, take)
    session.refresh(take, with_for_update=True)
    if take.dropped_at is not None:
        raise TakeClosed
    found = lines(session, take)
    if take.approved_at is not None:
        return found
    if take.counted_at is None:
        raise StillToCount("End the counting first.")
    if any(line.line.again and line.counted is None for line in found):
        raise StillToCount
    if actor.user_id is not None and actor.user_id in {one.created_by for line in found for one in line.counts}:
        raise CountedItYourself("You have counted some of it yourself; somebody else approves it.")
    for line in found:
        line.line.difference = line.difference
    take.approved_at, take.approved_by = at, actor.user_id
    posting.post(session, take, [(line.item, line.difference) for line in found if line.difference], at=at)
    access.record(session, actor, "stock_take.approve", take.id)
    return found


def drop(session: Session, actor: Actor, take: StockTake, *, at: datetime) -> None:
    """Give a stock-take up: nothing of it is taken over."""
    _may(actor, take)
    session.refresh(take, with_for_update=True)
    _open(take)
    take.dropped_at = at
    access.record(session, actor, "stock_take.drop", take.id)


def _open(take: StockTake) -> None:
    if take.approved_at is not None or take.dropped_at is not None:
        raise TakeClosed


def _counters(session: Session, line: StockTakeLine) -> set[UUID | None]:
    held = (StockCount.line_id == line.id, StockCount.round == 1, col(StockCount.undone_at).is_(None))
    return set(session.exec(select(StockCount.created_by).where(*held)))


def _may(actor: Actor, take: StockTake | None = None) -> None:
    """A store's people for their own store, and the buyers of the chain for any."""
    if not actor.permissions & set(_MAY):
        raise NotAllowed(permission=Permission.RECEIVE_GOODS.value)
    if take is not None and (take.owner_id != actor.organization_id or actor.place_id not in (None, take.place_id)):
        raise NotAllowed


@dataclass(frozen=True)
class Progress:
    """How far a stock-take is: lines in all and counted, lines to count again and counted again, and who counts."""

    lines: int
    counted: int
    again: int
    counted_again: int
    people: Sequence[str]


def progress(session: Session, take: StockTake) -> Progress:
    """How far a stock-take is."""
    held = (col(StockCount.take_id) == take.id, col(StockCount.undone_at).is_(None))
    of_round = {
        round: session.exec(
            select(func.count(col(StockCount.line_id).distinct())).where(*held, StockCount.round == round)
        ).one()
        for round in (1, 2)
    }
    every = select(func.count()).select_from(StockTakeLine).where(col(StockTakeLine.take_id) == take.id)
    who = select(User.name).where(col(User.id).in_(select(StockCount.created_by).where(*held)))
    return Progress(
        lines=session.exec(every).one(),
        counted=of_round[1],
        again=session.exec(every.where(col(StockTakeLine.again))).one(),
        counted_again=of_round[2],
        people=sorted(session.exec(who)),
    )


def last_counts(session: Session, actor: Actor, take: StockTake, most: int = 8) -> list[tuple[StockCount, TradeItem]]:
    """What somebody counted last, with what it is of: so that a slip is seen and taken back."""
    statement = (
        select(StockCount, TradeItem)
        .join(StockTakeLine, col(StockTakeLine.id) == col(StockCount.line_id))
        .join(TradeItem, col(TradeItem.id) == col(StockTakeLine.trade_item_id))
        .where(
            col(StockCount.take_id) == take.id,
            col(StockCount.created_by) == actor.user_id,
            col(StockCount.undone_at).is_(None),
        )
        .order_by(col(StockCount.counted_at).desc(), col(StockCount.id).desc())
    )
    return [(count, item) for count, item in session.exec(statement.limit(most))]
