"""What the core must hear: each receipt, each change of stock and each lower price, told until it has answered once."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from hub import access, db, log
from hub.access import Actor, Permission
from hub.errors import HubError, NotFound
from hub.inventory import changes, sync
from hub.inventory.connectors.base import (
    AdjustedGoods,
    Adjustment,
    Core,
    CoreRefused,
    CoreUnreachable,
    GoodsReceipt,
    MarkedDown,
    ReceivedGoods,
)
from hub.messages import GoodsReceived, Message
from hub.models.base import now
from hub.models.inventory import CommandState, CoreCommand
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
    body = message.body() | {"lines": lines}
    if not changes.command(session, f"{RECEIPT}/{message.receipt_id}", RECEIPT, body):
        return
    for line in lines:
        best_before = date.fromisoformat(line["best_before"]) if line["best_before"] else None
        amount = Decimal(line["quantity"])
        changes.move(
            session,
            message.place_id,
            changes.Moved(UUID(line["trade_item_id"]), line["lot"], best_before, amount, line["unit"]),
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
        command.answer = _tell(session, core, command)
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


def _tell(session: Session, core: Core, command: CoreCommand) -> str:
    match command.kind:
        case changes.ADJUSTMENT:
            return core.adjust(command.key, _adjustment(session, command.body))
        case changes.MARKDOWN:
            return core.mark_down(command.key, _markdown(session, command.body))
    return core.receive(command.key, _receipt(session, command))


def _adjustment(session: Session, body: dict[str, Any]) -> Adjustment:
    """A change of stock in the core's own names."""
    codes, places = _codes(session, [line["trade_item_id"] for line in body["lines"]])
    return Adjustment(
        reference=body["reference"],
        reason=body["reason"],
        place=_place(places, body["place_id"]),
        at=datetime.fromisoformat(body["at"]),
        lines=tuple(
            AdjustedGoods(
                item=codes[line["trade_item_id"]],
                lot=line["lot"],
                best_before=_day(line["best_before"]),
                quantity=Decimal(line["quantity"]),
                unit=line["unit"],
            )
            for line in body["lines"]
        ),
        note=body["note"],
        other_place=_place(places, body["other_place_id"]) if body["other_place_id"] else "",
    )


def _markdown(session: Session, body: dict[str, Any]) -> MarkedDown:
    """A lower price in the core's own names."""
    codes, places = _codes(session, [body["trade_item_id"]])
    return MarkedDown(
        reference=body["reference"],
        place=_place(places, body["place_id"]),
        item=codes[body["trade_item_id"]],
        lot=body["lot"],
        price=Decimal(body["price"]),
        currency=body["currency"],
        ends_on=date.fromisoformat(body["ends_on"]),
        at=datetime.fromisoformat(body["at"]),
    )


def _codes(session: Session, items: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The core's names of items and places by the hub's ids; refused where one of the items has none."""
    known = sync.names(session)
    codes = {str(id): code for code, id in known.items.items()}
    if strange := [item for item in items if item not in codes]:
        raise CoreRefused(f"The core has no name for the items {strange}.")
    places = {str(place.id): place.gln for place in session.scalars(select(Place))}
    return codes, places | {str(id): code for code, id in known.places.items()}


def _place(places: dict[str, str], place: str) -> str:
    if place not in places:
        raise CoreRefused(f"The core has no name for the place {place}.")
    return places[place]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


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
