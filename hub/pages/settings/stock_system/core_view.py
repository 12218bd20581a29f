"""What the pages of the stock system show, decided and said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.inventory.cores import Found
from hub.inventory.mapping import Matching
from hub.models.inventory import CoreCommand, CoreConnection, CoreCursor, CoreKind
from hub.models.party import Organization
from hub.pages.settings.registers.section import Options
from hub.web.i18n import N_, Language
from hub.web.view import KeyFigure, State

KINDS = {CoreKind.TRYTON: "Tryton 8", CoreKind.REST: N_("Another, through Furrow's core profile (REST)")}
FEEDS = {"stock": N_("Stock"), "lots": N_("Stock by lot"), "sales": N_("Sales")}
TROUBLE = {
    "core-locked-out": N_("It does not let this token in. Give the hub a new one."),
    "core-not-there": N_("Something else answers at its address."),
    "core-unreachable": N_("It does not answer. The hub goes on asking."),
    "core-refused": N_("It refuses what the hub asks."),
}


@dataclass(frozen=True)
class WayPage:
    """The form that connects a stock system; ``found`` says what a look has found."""

    title: str
    lead: str
    kinds: Options
    kind: str
    url: str
    database: str
    known: bool
    found: str
    waiting: str


@dataclass(frozen=True)
class Reading:
    """One of the feeds as it is read for the first time; ``share`` where the core says how much is to come."""

    name: str
    state: State
    text: str
    share: float | None


@dataclass(frozen=True)
class Side:
    """How far stores, or items, are matched, and where that is settled."""

    title: str
    address: str
    text: str
    state: State


@dataclass(frozen=True)
class Refused:
    """Something the core did not take: what, why, and where it is told again."""

    title: str
    why: str
    address: str


@dataclass(frozen=True)
class Difference:
    """A figure that hub and core disagree about."""

    place: str
    item: str
    lot: str
    hub: str
    core: str
    since: str


@dataclass(frozen=True)
class CorePage:
    """How a connected stock system is."""

    lead: str
    state: State
    facts: Sequence[tuple[str, str]]
    filling: bool
    polls: bool
    readings: Sequence[Reading]
    figures: Sequence[KeyFigure]
    sides: Sequence[Side]
    refused: Sequence[Refused]
    drifts: Sequence[Difference]
    paused: bool


@dataclass(frozen=True)
class Told:
    """What the page is made of."""

    own: Organization
    connection: CoreConnection | None
    cursors: Sequence[CoreCursor]
    stores: Matching
    items: Matching
    waiting: int
    refused: Sequence[CoreCommand]
    drifts: Sequence[Any]
    at: datetime

    @property
    def filling(self) -> bool:
        """Whether the core is being read for the first time still."""
        return {cursor.feed for cursor in self.cursors if cursor.filled_at} != set(FEEDS)


def way_page(connection: CoreConnection | None, waiting: int, found: Found | None, speaks: Language) -> WayPage:
    """The form, with what is known of the way and what was found on it."""
    known = connection is not None and connection.ended_at is None
    return WayPage(
        title=speaks.gettext("Address and token") if known else speaks.gettext("Connect the stock system"),
        lead=speaks.gettext("Stock and sales come from it by themselves, and each receipt is told to it."),
        kinds=[(kind.value, speaks.gettext(word)) for kind, word in KINDS.items()],
        kind=connection.kind.value if connection else CoreKind.TRYTON.value,
        url=connection.url if connection else "",
        database=connection.database if connection else "",
        known=known,
        found=_found(found, speaks) if found else "",
        waiting=speaks.ngettext(
            "%(num)s receipt waits for a stock system and is told to the next one.",
            "%(num)s receipts wait for a stock system and are told to the next one.",
            waiting,
        )
        if waiting and not known
        else "",
    )


def _found(found: Found, speaks: Language) -> str:
    stores = speaks.ngettext("It has %(num)s store", "It has %(num)s stores", len(found.places))
    items = speaks.ngettext("%(num)s item", "%(num)s items", len(found.items))
    last = (
        speaks.gettext("the last sale is of %(day)s.", day=speaks.long_date(found.last_sale))
        if found.last_sale
        else speaks.gettext("it tells of no sale yet.")
    )
    return speaks.gettext("%(stores)s and %(items)s; %(last)s", stores=stores, items=items, last=last)


def core_page(told: Told, speaks: Language) -> CorePage:
    """How the stock system is: what it told, what waits for a person, what it refused."""
    connection = told.connection
    assert connection is not None
    paused = connection.paused_at is not None
    filling = told.filling
    return CorePage(
        lead=_lead(told, paused, filling, speaks),
        state=_state(connection, filling, speaks),
        facts=[
            (speaks.gettext("Kind"), speaks.gettext(KINDS[connection.kind])),
            (speaks.gettext("Address"), " · ".join(filter(None, [connection.url, connection.database]))),
            (
                speaks.gettext("Answered last"),
                speaks.ago(connection.answered_at, told.at) if connection.answered_at else "–",
            ),
        ],
        filling=filling,
        polls=filling and not paused,
        readings=[_reading(name, word, told, speaks) for name, word in FEEDS.items()],
        figures=[
            KeyFigure(speaks.gettext("Receipts that wait"), speaks.number(told.waiting)),
            KeyFigure(
                speaks.gettext("Refused"), speaks.number(len(told.refused)), tone="stop" if told.refused else ""
            ),
            KeyFigure(
                speaks.gettext("Differences in stock"), speaks.number(len(told.drifts)),
                tone="warn" if told.drifts else "",
            ),
        ],
        sides=[
            _side(speaks.gettext("Stores"), "/settings/core/stores", told.stores, speaks),
            _side(speaks.gettext("Items"), "/settings/core/items", told.items, speaks),
        ],
        refused=[_refused(command, speaks) for command in told.refused],
        drifts=[
            Difference(
                speaks.name(place),
                speaks.name(item),
                drift.lot or "–",
                speaks.quantity(drift.hub, item.unit),
                speaks.quantity(drift.core, item.unit),
                speaks.moment(drift.found_at, told.own),
            )
            for drift, place, item in told.drifts
        ],
        paused=paused,
    )  # fmt: skip


def _lead(told: Told, paused: bool, filling: bool, speaks: Language) -> str:
    if paused:
        return speaks.gettext("It is neither read nor told until you resume. Nothing is lost meanwhile.")
    if told.connection and told.connection.trouble:
        return speaks.gettext(TROUBLE.get(told.connection.trouble, N_("It does not answer. The hub goes on asking.")))
    if filling:
        return speaks.gettext("It is being read for the first time. You can leave this page.")
    if not (told.stores.whole and told.items.whole):
        return speaks.gettext("Half of the mapping is there: what is not matched yet is left out of stock and sales.")
    if told.refused or told.drifts:
        return speaks.gettext("It answers, but hub and stock system do not agree on all of it: look below.")
    return speaks.gettext("Hub and stock system are in step.")


def _state(connection: CoreConnection, filling: bool, speaks: Language) -> State:
    if connection.paused_at:
        return State(speaks.gettext("Paused"), "clock", "warn")
    if connection.trouble:
        return State(speaks.gettext("In trouble"), "stop", "stop")
    if filling:
        return State(speaks.gettext("First reading"), "clock", "act")
    return State(speaks.gettext("Connected"), "ok", "ok")


def _reading(name: str, word: str, told: Told, speaks: Language) -> Reading:
    cursor = next((cursor for cursor in told.cursors if cursor.feed == name), None)
    title = speaks.gettext(word)
    if cursor is None or (cursor.begun_at is None and cursor.filled_at is None):
        return Reading(title, State(speaks.gettext("Waits"), "clock"), "", None)
    rows = speaks.ngettext("%(num)s row read", "%(num)s rows read", cursor.rows_read)
    if cursor.filled_at:
        return Reading(title, State(speaks.gettext("Read"), "ok", "ok"), rows, 1.0)
    left = cursor.rows_left
    share = cursor.rows_read / (cursor.rows_read + left) if left is not None and cursor.rows_read else None
    text = speaks.paragraph(rows, _time_left(cursor, told.at, speaks)) if left else rows
    return Reading(title, State(speaks.gettext("Being read"), "clock", "act"), text, share)


def _time_left(cursor: CoreCursor, at: datetime, speaks: Language) -> str:
    """By the pace so far; less than a minute is not told in seconds."""
    if not cursor.rows_read or cursor.begun_at is None or cursor.rows_left is None:
        return ""
    left = (at - cursor.begun_at) / cursor.rows_read * cursor.rows_left
    if left < timedelta(minutes=1):
        return speaks.gettext("less than a minute to go")
    return speaks.gettext("about %(span)s to go", span=speaks.span(left))


def _side(title: str, address: str, matching: Matching, speaks: Language) -> Side:
    every = len(matching.pairs) + len(matching.theirs)
    text = speaks.gettext("%(done)s of %(all)s matched", done=len(matching.pairs), all=every)
    if matching.theirs:
        state = State(
            speaks.ngettext("%(num)s waits for you", "%(num)s wait for you", len(matching.theirs)), "clock", "warn"
        )
    else:
        state = State(speaks.gettext("All settled"), "ok", "ok")
    return Side(title, address, text, state)


def _refused(command: CoreCommand, speaks: Language) -> Refused:
    reference = str(command.body.get("reference", command.key))
    words = {"adjustment": N_("Change of stock %(reference)s"), "markdown": N_("Lower price %(reference)s")}
    word = words.get(command.kind, N_("Receipt of %(reference)s"))
    return Refused(
        speaks.gettext(word, reference=reference),
        command.answer[:300],
        f"/settings/core/commands/{command.id}/again",
    )
