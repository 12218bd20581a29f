"""Stock that changes otherwise than by a delivery or a sale: in the hub at once, told to the core exactly once.

The command to the core is written in the transaction that changes the stock, so that there are both or neither. Where a
person may think better of it, it is told only after `TO_UNDO`, and can be taken back until then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from hub import log
from hub.errors import HubError
from hub.models.base import now, uuid7
from hub.models.inventory import CommandState, CoreCommand, CoreConnection, LotStock, StockLevel

ADJUSTMENT, MARKDOWN = "adjustment", "markdown"
TO_UNDO = timedelta(minutes=10)
"""For so long a person may undo what was written off or marked down."""


class ToldAlready(HubError):
    """The stock system has been told, so this cannot be undone any more; correct it with a new entry."""

    code, status = "told-already", 409


@dataclass(frozen=True)
class Moved:
    """How much more, or less, there is of an item; ``lot`` is empty where none is known."""

    trade_item_id: UUID
    lot: str
    best_before: date | None
    quantity: Decimal
    unit: str


@dataclass(frozen=True)
class Change:
    """What changed at a place, why, and as what people know it; ``other_place_id`` is the other end of a transfer."""

    place_id: UUID
    reason: str
    reference: str
    at: datetime
    lines: Sequence[Moved]
    note: str = ""
    other_place_id: UUID | None = None


def adjust(session: Session, key: str, change: Change, *, may_undo: bool = False) -> bool:
    """Change the stock and write what the core must hear; False, and nothing, where that was done under this key."""
    body = {
        "place_id": str(change.place_id),
        "reason": change.reason,
        "reference": change.reference,
        "at": change.at.isoformat(),
        "note": change.note,
        "other_place_id": str(change.other_place_id) if change.other_place_id else "",
        "lines": [
            {
                "trade_item_id": str(line.trade_item_id),
                "lot": line.lot,
                "best_before": line.best_before.isoformat() if line.best_before else "",
                "quantity": str(line.quantity),
                "unit": line.unit,
            }
            for line in change.lines
        ],
    }
    if not command(session, key, ADJUSTMENT, body, after=TO_UNDO if may_undo else timedelta(0)):
        return False
    # One order for all, so that two who change the same shelves wait for each other and never both.
    for line in sorted(change.lines, key=lambda line: (line.trade_item_id, line.lot)):
        move(session, change.place_id, line)
    return True


def command(session: Session, key: str, kind: str, body: dict[str, Any], *, after: timedelta = timedelta(0)) -> bool:
    """Write what the core must hear after a while; False where it stands there already.

    A chain without a core has nobody to tell: what is written says so.
    """
    who = session.info["who"]
    row = {
        "id": uuid7(),
        "owner_id": who.org,
        "created_at": now(),
        "created_by": who.user,
        "via": who.via,
        "key": key,
        "kind": kind,
        "body": body,
        "state": CommandState.WAITING if session.scalar(select(col(CoreConnection.id))) else CommandState.UNTOLD,
        "attempts": 0,
        "next_at": now() + after,
        "answer": "",
        "trace": log.trace(),
    }
    statement = insert(CoreCommand).values(row).on_conflict_do_nothing().returning(col(CoreCommand.id))
    return session.execute(statement).first() is not None


def take_back(session: Session, key: str) -> None:
    """Have the core never hear of it, and put the stock back; refused once it may have been told."""
    mine = select(CoreCommand).where(col(CoreCommand.owner_id) == session.info["who"].org, col(CoreCommand.key) == key)
    found: CoreCommand = session.scalars(mine.with_for_update()).one()
    open_still = found.settled_at is None and found.state in (CommandState.WAITING, CommandState.UNTOLD)
    if not open_still or found.next_at <= now():
        raise ToldAlready
    found.state, found.settled_at = CommandState.UNTOLD, now()
    session.flush()
    for place, line in _lines([found]):
        move(session, place, Moved(line.trade_item_id, line.lot, line.best_before, -line.quantity, line.unit))


def of(session: Session, keys: Iterable[str]) -> dict[str, CoreCommand]:
    """What became of what was told under these keys."""
    mine = col(CoreCommand.owner_id) == session.info["who"].org
    found = session.scalars(select(CoreCommand).where(mine, col(CoreCommand.key).in_(list(keys))))
    return {command.key: command for command in found}


def move(session: Session, place: UUID, line: Moved) -> None:
    """Add to the hub's stock of an item, and of its lot where one is known."""
    _add(
        session,
        StockLevel,
        ("place_id", "trade_item_id"),
        line.quantity,
        place_id=place,
        trade_item_id=line.trade_item_id,
        safety=0,
        target=0,
        as_of=now(),
    )
    if line.lot:
        _add(
            session,
            LotStock,
            ("place_id", "trade_item_id", "lot"),
            line.quantity,
            place_id=place,
            trade_item_id=line.trade_item_id,
            lot=line.lot,
            best_before=line.best_before,
        )


def untold(session: Session) -> set[tuple[UUID, UUID, str]]:
    """The places, items and lots of which the core does not know yet what can still be undone."""
    found = set()
    for place, line in _lines(_undoable(session)):
        found |= {(place, line.trade_item_id, ""), (place, line.trade_item_id, line.lot)}
    return found


def put_again(session: Session, keys: Iterable[tuple[str, ...]], *, lots: bool = False) -> None:
    """After the core's figures were taken over: apply to them what it has certainly not been told yet."""
    commands = _undoable(session)
    if not commands:
        return
    taken = set(keys)
    for place, line in _lines(commands):
        who, item = session.info["who"].org, line.trade_item_id
        if not lots and (str(place), str(item)) in taken:
            here = (col(StockLevel.place_id) == place, col(StockLevel.trade_item_id) == item)
            level = session.scalars(select(StockLevel).where(col(StockLevel.owner_id) == who, *here)).one()
            session.refresh(level)
            level.on_hand += line.quantity
        if lots and (str(place), str(item), line.lot) in taken:
            here = (col(LotStock.place_id) == place, col(LotStock.trade_item_id) == item)
            mine = (col(LotStock.owner_id) == who, *here, col(LotStock.lot) == line.lot)
            lot = session.scalars(select(LotStock).where(*mine)).one()
            session.refresh(lot)
            lot.on_hand += line.quantity
        session.flush()


def _undoable(session: Session) -> list[CoreCommand]:
    mine = col(CoreCommand.owner_id) == session.info["who"].org
    waiting = (mine, col(CoreCommand.state) == CommandState.WAITING, col(CoreCommand.next_at) > now())
    # What the core did not answer waits too, but may have been booked: that is the core's to tell.
    fresh = (col(CoreCommand.kind) == ADJUSTMENT, col(CoreCommand.attempts) == 0)
    return list(session.scalars(select(CoreCommand).where(*waiting, *fresh).order_by(col(CoreCommand.id))))


def _lines(commands: Iterable[CoreCommand]) -> Iterable[tuple[UUID, Moved]]:
    for command in commands:
        for line in command.body.get("lines", ()):
            day = date.fromisoformat(line["best_before"]) if line["best_before"] else None
            moved = Moved(UUID(line["trade_item_id"]), line["lot"], day, Decimal(line["quantity"]), line["unit"])
            yield UUID(command.body["place_id"]), moved


def _add(session: Session, table: Any, key: tuple[str, ...], amount: Decimal, **row: Any) -> None:
    who = session.info["who"]
    statement = insert(table).values(id=uuid7(), owner_id=who.org, created_at=now(), via=who.via, on_hand=amount, **row)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["owner_id", *key], set_={"on_hand": table.on_hand + statement.excluded.on_hand}
        )
    )
