"""Standing orders as a buyer keeps them: said, changed, paused, ended, one of their days left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput, NotFound
from hub.models.base import plain
from hub.models.party import Place
from hub.models.trade import PurchaseOrder, StandingOrder
from supplier_portal.orders.buying import writing
from supplier_portal.orders.orders import DraftLine, OrderDraft
from supplier_portal.orders.standing.pattern import Pattern

PREVIEW = timedelta(weeks=4)


class StandingEnded(HubError):
    """This standing order has ended; make a new one."""

    code, status = "standing-ended", 409


class DayWritten(HubError):
    """The order for %(day)s is written already: call that off instead."""

    code, status = "standing-day-written", 409


@dataclass(frozen=True)
class Wanted:
    """What is wanted every week: how much of what, on which days, and how many days ahead it is written."""

    pattern: Pattern
    lines: Sequence[DraftLine]
    days_ahead: int
    places: bool


@dataclass(frozen=True)
class Day:
    """One day of the pattern: off, or with the order that is written for it, if it is."""

    day: date
    off: bool
    order: PurchaseOrder | None
    written_on: date


def add(
    session: Session, actor: Actor, supplier_id: UUID, place: Place, wanted: Wanted, *, at: datetime
) -> StandingOrder:
    """Order every week from now on; the round writes what is due."""
    access.require(actor, Permission.PLACE_ORDERS, place.owner_id)
    row = StandingOrder(
        owner_id=actor.organization_id,
        supplier_id=supplier_id,
        deliver_to_id=place.id,
        weekdays="",
        valid_from=wanted.pattern.begins,
    )
    _say(session, actor, row, wanted, place.day(at))
    access.record(session, actor, "standing.add", row.id)
    return row


def change(session: Session, actor: Actor, row: StandingOrder, wanted: Wanted, *, at: datetime) -> StandingOrder:
    """Say anew what is wanted; what is written already stays as it is."""
    _hold(session, actor, row)
    _say(session, actor, row, wanted, session.get_one(Place, row.deliver_to_id).day(at))
    access.record(session, actor, "standing.change", row.id)
    return row


def pause(session: Session, actor: Actor, row: StandingOrder, *, paused: bool) -> StandingOrder:
    """Write nothing until it goes on, or go on."""
    _hold(session, actor, row)
    if row.paused is not paused:
        row.paused = paused
        session.add(row)
        access.record(session, actor, "standing.pause" if paused else "standing.resume", row.id)
    return row


def end(session: Session, actor: Actor, row: StandingOrder, *, at: datetime) -> StandingOrder:
    """Write nothing any more; ended twice is ended once."""
    if row.ended_at is None:
        _hold(session, actor, row)
        row.ended_at = at
        session.add(row)
        access.record(session, actor, "standing.end", row.id)
    return row


def skip(session: Session, actor: Actor, row: StandingOrder, day: date, *, skips: bool) -> StandingOrder:
    """Leave one day out, or take it in again, as long as nothing is written for it."""
    _hold(session, actor, row)
    if not pattern_of(row).falls_on(day):
        raise NotFound("This is none of its days.")
    if day in written_days(session, row):
        raise DayWritten(day=day)
    off = {date.fromisoformat(one) for one in row.days_off}
    off = off | {day} if skips else off - {day}
    row.days_off = [one.isoformat() for one in sorted(off)]
    session.add(row)
    access.record(session, actor, "standing.skip" if skips else "standing.take", row.id, day=day)
    return row


def find(session: Session, actor: Actor, standing_id: UUID) -> StandingOrder:
    """A standing order of the actor's organisation."""
    row = session.get(StandingOrder, standing_id)
    if row is None or row.owner_id != actor.organization_id:
        raise NotFound("There is no such standing order.")
    return row


def kept(session: Session, actor: Actor) -> list[StandingOrder]:
    """All of the actor's organisation's that have not ended, the oldest first."""
    rows = select(StandingOrder).where(
        col(StandingOrder.owner_id) == actor.organization_id, col(StandingOrder.ended_at).is_(None)
    )
    return list(session.exec(rows.order_by(col(StandingOrder.id))))


def preview(session: Session, row: StandingOrder, *, at: datetime) -> list[Day]:
    """Its days of the next four weeks, and what is written of them."""
    today = session.get_one(Place, row.deliver_to_id).day(at)
    pattern, orders = pattern_of(row), written_days(session, row)
    return [
        Day(day, day in pattern.off, orders.get(day), max(today, day - timedelta(days=row.days_ahead)))
        for day in pattern.between(today + timedelta(days=1), today + PREVIEW)
    ]


def written_days(session: Session, row: StandingOrder) -> dict[date, PurchaseOrder]:
    """The orders that were written of it, by their day as it was at first."""
    orders = select(PurchaseOrder).where(
        col(PurchaseOrder.owner_id) == row.owner_id, col(PurchaseOrder.standing_id) == row.id
    )
    return {order.standing_day: order for order in session.exec(orders) if order.standing_day}


def pattern_of(row: StandingOrder) -> Pattern:
    """Its pattern."""
    off = frozenset(date.fromisoformat(day) for day in row.days_off)
    return Pattern([int(day) for day in row.weekdays.split()], row.valid_from, row.valid_to, off)


def lines_of(row: StandingOrder) -> list[DraftLine]:
    """How much of what it orders."""
    return [DraftLine(UUID(line["item"]), Decimal(line["quantity"])) for line in row.lines]


def draft_of(row: StandingOrder, day: date) -> OrderDraft:
    """What it wants on a day."""
    return OrderDraft(row.supplier_id, row.deliver_to_id, day, lines_of(row))


def lock(session: Session, row: StandingOrder) -> None:
    """Let nobody else change it or write of it in the meantime, and read it as it now is."""
    db.in_turn(session, f"standing/{row.id}")
    session.refresh(row)


def _hold(session: Session, actor: Actor, row: StandingOrder) -> None:
    access.require(actor, Permission.PLACE_ORDERS, row.owner_id)
    lock(session, row)
    if row.ended_at is not None:
        raise StandingEnded


def _say(session: Session, actor: Actor, row: StandingOrder, wanted: Wanted, today: date) -> None:
    pattern = wanted.pattern
    if not pattern.weekdays:
        raise InvalidInput("Choose at least one day of the week.", at="weekdays")
    if pattern.ends is not None and pattern.ends < max(today, pattern.begins):
        raise InvalidInput("It ends before it begins, or has ended.", at="valid_to")
    if not wanted.lines:
        raise InvalidInput("Type how much you want of at least one item.", at="lines")
    writing.require_sensible(session, wanted.lines)
    row.weekdays = " ".join(str(day) for day in sorted(pattern.weekdays))
    row.valid_from, row.valid_to = pattern.begins, pattern.ends
    row.days_off = [day.isoformat() for day in sorted(pattern.off)]
    row.lines = [{"item": str(line.trade_item_id), "quantity": plain(line.quantity)} for line in wanted.lines]
    row.days_ahead, row.places, row.kept_by = wanted.days_ahead, wanted.places, actor.user_id
    session.add(row)
    session.flush()
