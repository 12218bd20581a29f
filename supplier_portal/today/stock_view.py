"""What the buyer's page of stock shows, decided and said in the buyer's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from hub.lists import CountedPage
from hub.models.party import Place
from hub.web.i18n import N_, NN_, Language
from hub.web.view import Choice, Heading, Narrowed, Nothing, Paging, State, Tab, counted_paging
from supplier_portal.today.stock_book import LevelRow, LotRow

Part = Literal["all", "below", "ending"]
_PARTS: Mapping[Part, str] = {"all": N_("All"), "below": N_("Below safety"), "ending": N_("Ends within three days")}
_BELOW = NN_("%(num)s level is below its safety.", "%(num)s levels are below their safety.")
_STOCK = "/buyer/stock"


@dataclass(frozen=True)
class Shelves:
    """A part of the stock as it was read: narrowed by words and by a store, one page of it, and what there is in all.

    ``today`` is the day on the buyer's calendar.
    """

    at: datetime
    today: date
    part: Part
    rows: CountedPage[LevelRow] | CountedPage[LotRow]
    counts: Mapping[Part, int]
    stores: Sequence[Place] = ()
    store: UUID | None = None

    @property
    def words(self) -> str:
        """What was searched."""
        return self.rows.search.words

    @property
    def here(self) -> Narrowed:
        """The list's address, narrowed and sorted as it is."""
        return Narrowed(_STOCK, replace(self.rows.search, state=self.part), (("store", str(self.store or "")),))

    @property
    def narrowed(self) -> bool:
        """Whether only some of the part is wanted."""
        return bool(self.words or self.store)


@dataclass(frozen=True)
class Level:
    """How much of an item a store has; ``alarm`` is the class of a figure that is too low."""

    item: str
    gtin: str
    store: str
    on_hand: str
    alarm: str
    safety: str
    target: str
    ago: str
    state: State


@dataclass(frozen=True)
class EndingLot:
    """How much a store has of a lot that ends soon or has ended."""

    item: str
    store: str
    lot: str
    on_hand: str
    state: State


@dataclass(frozen=True)
class StockPage:
    """The page of stock: ``levels`` or ``lots`` under their ``title``, or else ``nothing``.

    ``part`` is kept while one searches; ``export`` is the address of the same list to take away.
    """

    lead: str
    part: Part
    title: str
    tabs: Sequence[Tab]
    stores: Sequence[Choice]
    search: str
    export: str
    columns: Sequence[Heading]
    levels: Sequence[Level]
    lots: Sequence[EndingLot]
    nothing: Nothing | None
    paging: Paging | None


def stock_page(shelves: Shelves, speaks: Language) -> StockPage:
    """The page of a part of the stock."""
    rows, part, here = shelves.rows, shelves.part, shelves.here
    return StockPage(
        lead=_lead(shelves.counts, speaks),
        part=part,
        title=speaks.gettext(_PARTS[part]),
        tabs=[_tab(tab, shelves, speaks) for tab in _PARTS],
        stores=[Choice(str(store.id), speaks.name(store), store.id == shelves.store) for store in shelves.stores],
        search=shelves.words,
        export=here.address("/export.csv"),
        columns=_ending_columns(here, speaks) if part == "ending" else _columns(here, speaks),
        levels=[_level(row, shelves.at, speaks) for row in rows.rows if isinstance(row, LevelRow)],
        lots=[_ending(row, shelves.today, speaks) for row in rows.rows if isinstance(row, LotRow)],
        nothing=None if rows.rows else _nothing(shelves, speaks),
        paging=counted_paging(here.address(), rows, speaks) if rows.rows else None,
    )


def _columns(here: Narrowed, speaks: Language) -> Sequence[Heading]:
    return [
        here.heading(speaks.gettext("Item"), f"item_{speaks.code}"),
        here.heading(speaks.gettext("Store"), f"store_{speaks.code}"),
        here.heading(speaks.gettext("On hand"), "hand", "num"),
        here.heading(speaks.gettext("Order below"), "safety", "num"),
        here.heading(speaks.gettext("Fill up to"), "target", "num"),
        here.heading(speaks.gettext("As of"), "told", "hide-m"),
        Heading(speaks.gettext("State")),
    ]


def _ending_columns(here: Narrowed, speaks: Language) -> Sequence[Heading]:
    return [
        here.heading(speaks.gettext("Item"), f"item_{speaks.code}"),
        here.heading(speaks.gettext("Store"), f"store_{speaks.code}"),
        here.heading(speaks.gettext("Lot"), "lot"),
        here.heading(speaks.gettext("On hand"), "hand", "num"),
        here.heading(speaks.gettext("Best before"), "until"),
    ]


def _lead(counts: Mapping[Part, int], speaks: Language) -> str:
    if not counts["all"]:
        return ""
    return speaks.counted(_BELOW, counts["below"]) or speaks.gettext("Every level is above its safety.")


def _tab(part: Part, shelves: Shelves, speaks: Language) -> Tab:
    address = shelves.here.address(state=part)
    return Tab(speaks.gettext(_PARTS[part]), address, part == shelves.part, shelves.counts[part])


def _level(row: LevelRow, at: datetime, speaks: Language) -> Level:
    level, item = row.level, row.item
    if level.on_hand <= 0:
        state, alarm = State(speaks.gettext("Empty"), "stop", "stop"), "t-stop"
    elif level.on_hand < level.safety:
        state, alarm = State(speaks.gettext("Below safety"), "less", "warn"), "t-warn"
    else:
        state, alarm = State(speaks.gettext("Enough"), "ok", "ok"), ""
    return Level(
        item=speaks.name(item),
        gtin=item.gtin,
        store=speaks.name(row.place),
        on_hand=speaks.quantity(level.on_hand, item.unit),
        alarm=alarm,
        safety=speaks.number(level.safety) if level.safety else "–",
        target=speaks.number(level.target) if level.target else "–",
        ago=speaks.ago(level.as_of, at),
        state=state,
    )


def _ending(row: LotRow, today: date, speaks: Language) -> EndingLot:
    until = row.stock.best_before
    day = speaks.day(until) if until else ""
    if until and until < today:
        state = State(speaks.gettext("Ended %(day)s", day=day), "stop", "stop")
    else:
        state = State(day, "clock", "warn")
    return EndingLot(
        item=speaks.name(row.item),
        store=speaks.name(row.place),
        lot=row.stock.lot,
        on_hand=speaks.quantity(row.stock.on_hand, row.item.unit),
        state=state,
    )


def _nothing(shelves: Shelves, speaks: Language) -> Nothing:
    everything = speaks.gettext("See all stock")
    if shelves.narrowed:
        title = speaks.gettext("Nothing here matches.")
        text = speaks.gettext("Items, GTINs, lots and stores are searched.")
        return Nothing(title, text, f"{_STOCK}?state={shelves.part}", everything)
    if shelves.part == "all":
        return Nothing(
            speaks.gettext("The core has told no stock yet."),
            speaks.gettext("Levels appear once the hub has read them from your own system."),
        )
    if shelves.part == "below":
        return Nothing(speaks.gettext("Every level is above its safety."), "", _STOCK, everything)
    return Nothing(speaks.gettext("Nothing on the shelf ends within three days."), "", _STOCK, everything)
