"""What the page of transfers shows: each with its next step, and whose it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from hub.models.base import plain
from hub.models.inventory import CommandState
from hub.models.party import Place
from hub.web.i18n import N_, Language
from hub.web.view import State
from logistics.stock.transfers import Sent

Verb = Literal["offer", "ship", "receive"]
_VERBS: dict[Verb, tuple[str, str]] = {
    "offer": (N_("We can give"), N_("Answer")),
    "ship": (N_("We ship"), N_("Ship")),
    "receive": (N_("We received"), N_("Receive")),
}


@dataclass(frozen=True)
class Todo:
    """The step that waits for the reader's store."""

    action: str
    label: str
    verb: str
    quantity: str
    unit: str
    lots: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class TransferRow:
    """A transfer: what, from where to where, what was said at each step, and what is next."""

    item: str
    way: str
    steps: Sequence[str]
    note: str
    state: State
    todo: Todo | None


@dataclass(frozen=True)
class TransfersPage:
    """The transfers of somebody's stores."""

    rows: Sequence[TransferRow]
    summary: str


def transfers_page(sent: Sequence[Sent], mine: Sequence[Place], speaks: Language) -> TransfersPage:
    rows = [_row(one, {place.id for place in mine}, speaks) for one in sent]
    waiting = sum(1 for row in rows if row.todo)
    return TransfersPage(
        rows,
        speaks.ngettext("%(num)s transfer waits for you.", "%(num)s transfers wait for you.", waiting)
        if waiting
        else speaks.gettext("No transfer waits for you."),
    )


def _row(sent: Sent, mine: Collection[UUID], speaks: Language) -> TransferRow:
    row = sent.transfer
    return TransferRow(
        item=speaks.name(sent.item),
        way=f"{speaks.name(sent.source)} → {speaks.name(sent.target)}",
        steps=_steps(sent, speaks),
        note=row.note,
        state=_state(sent, speaks),
        todo=_todo(sent, mine, speaks),
    )


def _steps(sent: Sent, speaks: Language) -> list[str]:
    row, unit = sent.transfer, sent.transfer.unit

    def said(sentence: str, quantity: object, at: datetime | None, place: Place) -> str:
        when = speaks.moment(at, place) if at else ""
        return speaks.gettext(sentence, quantity=quantity, when=when)

    steps = [said(N_("Asked for %(quantity)s, %(when)s"), speaks.quantity(row.asked, unit), row.asked_at, sent.target)]
    if row.declined_at:
        steps.append(said(N_("Cannot give any, %(when)s"), "", row.declined_at, sent.source))
    if row.offered is not None:
        offered = speaks.quantity(row.offered, unit)
        steps.append(said(N_("Offered %(quantity)s, %(when)s"), offered, row.offered_at, sent.source))
    if row.shipped is not None:
        shipped = speaks.quantity(row.shipped, unit) + (f" · {row.lot}" if row.lot else "")
        steps.append(said(N_("Shipped %(quantity)s, %(when)s"), shipped, row.shipped_at, sent.source))
    if row.received is not None:
        received = speaks.quantity(row.received, unit)
        steps.append(said(N_("Received %(quantity)s, %(when)s"), received, row.received_at, sent.target))
    return steps


def _state(sent: Sent, speaks: Language) -> State:
    row = sent.transfer
    if any(command.state is CommandState.REFUSED for command in sent.told):
        return State(speaks.gettext("The stock system refused it"), "stop", "stop")
    if row.declined_at:
        return State(speaks.gettext("Declined"), "no", "stop")
    if row.received_at:
        short = row.shipped is not None and row.received is not None and row.received < row.shipped
        return (
            State(speaks.gettext("Less came"), "less", "warn")
            if short
            else State(speaks.gettext("Received"), "ok", "ok")
        )
    if row.shipped_at:
        return State(speaks.gettext("On the way"), "truck", "act")
    if row.offered_at:
        return State(speaks.gettext("Promised"), "clock", "warn")
    return State(speaks.gettext("Waits for an answer"), "clock", "warn")


def _todo(sent: Sent, mine: Collection[UUID], speaks: Language) -> Todo | None:
    row, verb = sent.transfer, _next(sent, mine)
    if verb is None:
        return None
    due = {"offer": row.asked, "ship": row.offered, "receive": row.shipped}[verb]
    label, word = _VERBS[verb]
    lots = [
        (lot.lot, f"{lot.lot} · {speaks.quantity(lot.on_hand, row.unit)}{_until(lot.best_before, speaks)}")
        for lot in sent.lots
    ]
    return Todo(
        action=f"/store/stock/transfers/{row.id}/{verb}",
        label=speaks.gettext(label),
        verb=speaks.gettext(word),
        quantity=plain(due) if due is not None else "",
        unit=speaks.unit(row.unit),
        lots=[*lots, ("", speaks.gettext("No lot known"))] if verb == "ship" else [],
    )


def _next(sent: Sent, mine: Collection[UUID]) -> Verb | None:
    row = sent.transfer
    if row.declined_at or row.received_at:
        return None
    if row.shipped_at:
        return "receive" if row.to_id in mine else None
    if row.from_id not in mine:
        return None
    return "ship" if row.offered_at else "offer"


def _until(best_before: date | None, speaks: Language) -> str:
    return f" · {speaks.day(best_before)}" if best_before else ""
