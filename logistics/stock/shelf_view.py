"""What a shelf shows: its lots, what can be done with them, and what was done; said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from hub.models.base import plain, uuid7
from hub.models.inventory import NEAR_ITS_DATE, CommandState, CoreCommand
from hub.models.party import Place
from hub.web.i18n import N_, Language
from hub.web.view import State
from logistics.receive.view import LotLink, Recalled, lot_link
from logistics.stock.models import Markdown, WriteOff, WriteOffReason
from logistics.stock.shelves import Shelf
from logistics.stock.write_offs import Entry

REASONS = {
    WriteOffReason.SPOILED: N_("Spoiled"),
    WriteOffReason.EXPIRED: N_("Past its date"),
    WriteOffReason.DAMAGED: N_("Damaged"),
    WriteOffReason.THEFT: N_("Stolen"),
    WriteOffReason.OWN_USE: N_("Own use"),
    WriteOffReason.TASTING: N_("Tasting"),
    WriteOffReason.DONATED: N_("Given away"),
}


class LotRow(NamedTuple):
    """A lot on the shelf; ``tone`` says how near its date it is, ``address`` where it is the one that is meant."""

    link: LotLink
    address: str
    chosen: bool
    on_hand: str
    best_before: date | None
    tone: str
    past: bool


@dataclass(frozen=True)
class Reduced:
    """What a label of a lower price says; ``was`` and ``lot`` may be empty."""

    name_zh: str
    name_en: str
    price: str
    was: str
    best_before: str
    ends_on: str
    lot: str
    link: str


@dataclass(frozen=True)
class EntryRow:
    """Something written off or marked down; ``undo`` is empty once it cannot be undone, ``label`` where none is."""

    what: str
    item: str
    where: str
    amount: str
    when: str
    state: State
    undo: str
    label: str


@dataclass(frozen=True)
class ShelfPage:
    """An item at a store. ``write_off_as``, ``mark_down_as`` and ``ask_as`` name what its forms will say, once each."""

    address: str
    item: str
    gtin: str
    place: str
    summary: str
    facts: Sequence[tuple[str, str]]
    unit: str
    lots: Sequence[LotRow]
    lot: str
    chosen: str
    reasons: Sequence[tuple[str, str]]
    currency: str
    was: str
    first_day: str
    last_day: str
    write_off_as: UUID
    mark_down_as: UUID
    ask_as: UUID
    elsewhere: Sequence[tuple[str, str]]
    entries: Sequence[EntryRow]


def shelf_page(
    shelf: Shelf,
    entries: Sequence[Entry],
    recalled: Recalled,
    speaks: Language,
    *,
    at: datetime,
    lot: str | None = None,
    was: Decimal | None = None,
) -> ShelfPage:
    """One item at one store."""
    today, item = shelf.place.day(at), shelf.item
    address, oldest = f"/store/stock/{shelf.level.id}", shelf.lots[0] if shelf.lots and lot is None else None
    chosen = next((held for held in shelf.lots if held.lot == lot), oldest)
    lots = [
        LotRow(
            lot_link(item, held.lot, recalled),
            f"{address}?{urlencode({'lot': held.lot})}",
            held is chosen,
            speaks.quantity(held.on_hand, item.unit),
            held.best_before,
            _tone(held.best_before, today),
            held.best_before is not None and held.best_before < today,
        )
        for held in shelf.lots
    ]
    last = chosen.best_before if chosen and chosen.best_before and chosen.best_before >= today else None
    return ShelfPage(
        address=address,
        item=speaks.name(item),
        gtin=item.gtin,
        place=speaks.name(shelf.place),
        summary=speaks.gettext(
            "%(quantity)s are at %(place)s by the books.",
            quantity=speaks.quantity(shelf.level.on_hand, item.unit),
            place=speaks.name(shelf.place),
        ),
        facts=[
            (speaks.gettext("On hand"), speaks.quantity(shelf.level.on_hand, item.unit)),
            (speaks.gettext("Safety level"), speaks.quantity(shelf.level.safety, item.unit)),
        ],
        unit=speaks.unit(item.unit),
        lots=lots,
        chosen=speaks.gettext("Lot %(lot)s", lot=chosen.lot) if chosen else speaks.gettext("No lot known"),
        lot=chosen.lot if chosen else "",
        reasons=[(reason.value, speaks.gettext(word)) for reason, word in REASONS.items()],
        currency=item.currency,
        was=plain(was) if was is not None else "",
        first_day=today.isoformat(),
        last_day=(last or today).isoformat(),
        write_off_as=uuid7(),
        mark_down_as=uuid7(),
        ask_as=uuid7(),
        elsewhere=[
            (str(place.id), f"{speaks.name(place)} · {speaks.quantity(level.on_hand, item.unit)}")
            for place, level in shelf.elsewhere
        ],
        entries=[entry_row(entry, speaks, at=at) for entry in entries],
    )


def entry_row(entry: Entry, speaks: Language, *, at: datetime, many: bool = False) -> EntryRow:
    row, item = entry.row, entry.item
    kind = "write-offs" if isinstance(row, WriteOff) else "markdowns"
    where = [speaks.gettext("Lot %(lot)s", lot=row.lot) if row.lot else speaks.gettext("No lot known")]
    if many:
        where.append(speaks.name(entry.place))
    return EntryRow(
        what=_what(row, speaks),
        item=speaks.name(item),
        where=" · ".join(where),
        amount=speaks.quantity(row.quantity, row.unit)
        if isinstance(row, WriteOff)
        else speaks.money(row.price, row.currency),
        when=speaks.moment(row.written_at, entry.place),
        state=told(entry.command, row.undone_at, speaks, at=at),
        undo=f"/store/stock/changes/{kind}/{row.id}/undo" if _can_undo(entry, at) else "",
        label=f"/store/stock/changes/markdowns/{row.id}/label.pdf"
        if isinstance(row, Markdown) and row.undone_at is None
        else "",
    )


@dataclass(frozen=True)
class ChangesPage:
    """The last write-offs and lower prices of somebody's stores."""

    rows: Sequence[EntryRow]
    summary: str


def changes_page(entries: Sequence[Entry], places: Sequence[Place], speaks: Language, *, at: datetime) -> ChangesPage:
    rows = [entry_row(entry, speaks, at=at, many=len(places) != 1) for entry in entries]
    waiting = sum(1 for row in rows if row.undo)
    return ChangesPage(
        rows,
        speaks.ngettext("%(num)s entry can still be undone.", "%(num)s entries can still be undone.", waiting)
        if waiting
        else speaks.gettext("Nothing can be undone any more: what is wrong is corrected by a new entry."),
    )


def told(command: CoreCommand | None, undone_at: datetime | None, speaks: Language, *, at: datetime) -> State:
    """What the stock system has heard."""
    if undone_at is not None:
        return State(speaks.gettext("Undone"), "no")
    if command is None or command.state is CommandState.UNTOLD:
        return State(speaks.gettext("In the books"), "ok", "ok")
    if command.state is CommandState.DONE:
        return State(speaks.gettext("The stock system has it"), "ok", "ok")
    if command.state is CommandState.REFUSED:
        return State(speaks.gettext("The stock system refused it"), "stop", "stop")
    return State(speaks.gettext("The stock system will be told"), "clock")


def reduced(markdown: Markdown, entry: Entry, link: str, speaks: Language) -> Reduced:
    """The words of a label."""
    return Reduced(
        entry.item.name_zh,
        entry.item.name_en,
        speaks.money(markdown.price, markdown.currency),
        speaks.money(markdown.was, markdown.currency) if markdown.was is not None else "",
        markdown.best_before.isoformat() if markdown.best_before else "",
        markdown.ends_on.isoformat(),
        markdown.lot,
        link,
    )


def _what(row: WriteOff | Markdown, speaks: Language) -> str:
    if isinstance(row, Markdown):
        return speaks.gettext("Lower price until %(day)s", day=speaks.day(row.ends_on))
    word = speaks.gettext(REASONS[row.reason])
    more = row.recipient or row.note
    return f"{word}: {more}" if more else word


def _can_undo(entry: Entry, at: datetime) -> bool:
    command = entry.command
    open_still = command is not None and command.state in (CommandState.WAITING, CommandState.UNTOLD)
    return bool(open_still and command and command.settled_at is None and command.next_at > at)


def _tone(best_before: date | None, today: date) -> str:
    if best_before is None or best_before > today + NEAR_ITS_DATE:
        return "mute"
    return "t-stop" if best_before < today else "t-warn"
