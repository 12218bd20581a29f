"""What the core must hear: each receipt becomes one command, told until the core has answered it once."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from hub import access, db, log
from hub.access import Actor, Permission
from hub.errors import HubError, NotFound
from hub.inventory import sync
from hub.inventory.connectors.base import Core, CoreRefused, CoreUnreachable, GoodsReceipt, ReceivedGoods
from hub.messages import GoodsReceived, Message
from hub.models.base import now, uuid7
from hub.models.inventory import CommandState, CoreCommand, CoreConnection, LotStock, StockLevel
from hub.models.party import Organization, Place

RECEIPT = "receipt"
_log = log.get("hub.inventory")
_LONGEST_PAUSE = timedelta(minutes=5)


class NotRefused(HubError):
    """The core did not refuse this, so there is nothing to tell it again."""

    code, status = "core-command-not-refused", 409


def goods_received(session: Session, message: Message) -> None:
    """Put what a store accepted into its stock, and let the core know; the same receipt again changes nothing."""
    if not isinstance(message, GoodsReceived):
        raise TypeError(message)
    lines = [line for line in message.lines if Decimal(line["quantity"]) > 0]
    if not lines:
        return
    row = {
        "id": uuid7(),
        "owner_id": session.info["who"].org,
        "created_at": now(),
        "via": session.info["who"].via,
        "key": f"{RECEIPT}/{message.receipt_id}",
        "kind": RECEIPT,
        "body": message.body() | {"lines": lines},
        "state": CommandState.WAITING if session.scalar(select(col(CoreConnection.id))) else CommandState.UNTOLD,
        "attempts": 0,
        "next_at": now(),
        "answer": "",
        "trace": log.trace(),
    }
    statement = insert(CoreCommand).values(row).on_conflict_do_nothing().returning(col(CoreCommand.id))
    if session.execute(statement).first() is None:
        return
    for line in lines:
        item, amount = UUID(line["trade_item_id"]), Decimal(line["quantity"])
        best_before = date.fromisoformat(line["best_before"]) if line["best_before"] else None
        _add(
            session,
            StockLevel,
            ("place_id", "trade_item_id"),
            amount,
            place_id=message.place_id,
            trade_item_id=item,
            safety=0,
            target=0,
            as_of=now(),
        )
        _add(
            session,
            LotStock,
            ("place_id", "trade_item_id", "lot"),
            amount,
            place_id=message.place_id,
            trade_item_id=item,
            lot=line["lot"],
            best_before=best_before,
        )


def _add(session: Session, table: Any, key: tuple[str, ...], amount: Decimal, **row: Any) -> None:
    who = session.info["who"]
    statement = insert(table).values(id=uuid7(), owner_id=who.org, created_at=now(), via=who.via, on_hand=amount, **row)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["owner_id", *key], set_={"on_hand": table.on_hand + statement.excluded.on_hand}
        )
    )


def push_next(session: Session, core: Core) -> CoreCommand | None:
    """Tell the core the next command that is due, under its row lock; None when nothing is.

    A teller killed after the core's answer leaves the command waiting. It is told again under the same key,
    and the core, which has it, answers as before.
    """
    # The core may take longer than a request of ours ever may; this transaction waits for it.
    db.let_think(session)
    command = session.scalar(
        select(CoreCommand)
        .where(col(CoreCommand.state) == CommandState.WAITING, col(CoreCommand.next_at) <= now())
        .order_by(col(CoreCommand.next_at), col(CoreCommand.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if command is None:
        return None
    command.attempts += 1
    try:
        command.answer = core.receive(command.key, _receipt(session, command))
        command.state, command.settled_at = CommandState.DONE, now()
    except CoreUnreachable as error:
        command.answer = error.detail
        command.next_at = now() + min(timedelta(seconds=2 ** min(command.attempts, 9)), _LONGEST_PAUSE)
    except CoreRefused as error:
        command.answer = error.detail
        command.state, command.settled_at = CommandState.REFUSED, now()
    session.flush()
    with log.traced(command.trace):
        _log.info("told the core", kind=command.kind, state=command.state.value, attempts=command.attempts)
    return command


def tell_again(session: Session, actor: Actor, command_id: UUID) -> CoreCommand:
    """Tell the core once more what it refused, after somebody mended the reason."""
    access.require(actor, Permission.ADMINISTER)
    command = session.get(CoreCommand, command_id, with_for_update=True)
    if command is None:
        raise NotFound
    if command.state is not CommandState.REFUSED:
        raise NotRefused(key=command.key)
    command.state, command.settled_at, command.next_at = CommandState.WAITING, None, now()
    access.record(session, actor, "core.tell_again", command.key)
    return command


def _receipt(session: Session, command: CoreCommand) -> GoodsReceipt:
    """The command in the core's own names."""
    message = GoodsReceived.read(command.body)
    known = sync.names(session)
    codes = {str(id): code for code, id in known.items.items()}
    places = {id: code for code, id in known.places.items()}
    place, supplier = session.get(Place, message.place_id), session.get(Organization, message.supplier_id)
    strange = [line["trade_item_id"] for line in message.lines if line["trade_item_id"] not in codes]
    if place is None or supplier is None or strange:
        raise CoreRefused(f"The core has no name for the place, the supplier or the items {strange}.")
    return GoodsReceipt(
        reference=message.reference,
        supplier=supplier.gln,
        place=places.get(place.id, place.gln),
        received_at=datetime.fromisoformat(message.received_at),
        lines=tuple(
            ReceivedGoods(
                item=codes[line["trade_item_id"]],
                lot=line["lot"],
                best_before=date.fromisoformat(line["best_before"]) if line["best_before"] else None,
                quantity=Decimal(line["quantity"]),
                unit=line["unit"],
            )
            for line in message.lines
        ),
    )
