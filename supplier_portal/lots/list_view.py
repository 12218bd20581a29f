"""What the list of a supplier's lots shows, decided and said in the supplier's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hub.lists import CountedPage
from hub.web.i18n import N_, NN_, Language
from hub.web.view import Heading, Narrowed, Nothing, Paging, State, Tab, counted_paging
from supplier_portal.lots.lot_book import LotRow, LotState
from supplier_portal.lots.view import lot_state

Part = Literal["all", "growing", "harvested", "tested", "recalled"]
_PARTS: Mapping[Part, str] = {
    "all": N_("All"),
    "growing": N_("Growing"),
    "harvested": N_("Harvested"),
    "tested": N_("Tested"),
    "recalled": N_("Recalled"),
}
_RECALLED = NN_(
    "%(num)s lot is recalled and must not be sent.",
    "%(num)s lots are recalled and must not be sent.",
)
_LOTS = "/supplier/lots"
_NOT_YET = "–"


@dataclass(frozen=True)
class LotsSheet:
    """The lots of a part that were looked for: one page of them, and how many there are in each state."""

    lots: CountedPage[LotRow]
    counts: Mapping[LotState, int]
    part: Part = "all"

    @property
    def words(self) -> str:
        """What was looked for."""
        return self.lots.search.words

    @property
    def here(self) -> Narrowed:
        """The list's address."""
        return Narrowed(_LOTS, replace(self.lots.search, state=self.part))

    def count(self, part: Part) -> int:
        """How many lots a part has."""
        return sum(self.counts.values()) if part == "all" else self.counts[LotState(part)]


@dataclass(frozen=True)
class ListedLot:
    """A lot in the list; what is not there before the harvest is a dash, ``left`` empty, and it ``grows``."""

    number: str
    address: str
    item: str
    state: State
    made_on: str
    best_before: str
    made: str
    left: str
    grows: bool


@dataclass(frozen=True)
class LotsPage:
    """The list of lots under its ``title``, or else ``nothing``; ``export`` is the same list to take away.

    ``kept`` stays when it is searched.
    """

    lead: str
    title: str
    tabs: Sequence[Tab]
    search: str
    kept: Sequence[tuple[str, str]]
    export: str
    columns: Sequence[Heading]
    lots: Sequence[ListedLot]
    nothing: Nothing | None
    paging: Paging | None


def lots_page(sheet: LotsSheet, speaks: Language) -> LotsPage:
    """The page of a supplier's lots."""
    rows, here = sheet.lots.rows, sheet.here
    return LotsPage(
        lead=speaks.counted(_RECALLED, sheet.count("recalled"))
        or speaks.gettext("Everything made together carries one number, and is found by it."),
        title=speaks.gettext(_PARTS[sheet.part]),
        tabs=[_tab(name, sheet, speaks) for name in _PARTS],
        search=sheet.words,
        kept=here.kept,
        export=here.address("/export.csv"),
        columns=_columns(here, speaks),
        lots=[_lot(row, speaks) for row in rows],
        nothing=None if rows else _nothing(sheet, speaks),
        paging=counted_paging(here.address(), sheet.lots, speaks) if rows else None,
    )


def _columns(here: Narrowed, speaks: Language) -> Sequence[Heading]:
    return [
        here.heading(speaks.gettext("Lot"), "number"),
        here.heading(speaks.gettext("Item"), f"item_{speaks.code}"),
        Heading(speaks.gettext("State")),
        here.heading(speaks.gettext("Made on"), "made"),
        here.heading(speaks.gettext("Best before"), "until"),
        here.heading(speaks.gettext("Made"), "quantity", "num"),
        here.heading(speaks.gettext("Left"), "left", "num"),
    ]


def _tab(part: Part, sheet: LotsSheet, speaks: Language) -> Tab:
    return Tab(
        word=speaks.gettext(_PARTS[part]),
        address=sheet.here.address(state=part),
        count=None if sheet.words else sheet.count(part),
        current=part == sheet.part,
    )


def _lot(row: LotRow, speaks: Language) -> ListedLot:
    lot, unit, harvested = row.lot, row.item.unit, row.lot.made_on is not None
    return ListedLot(
        number=lot.number,
        address=f"{_LOTS}/{lot.id}",
        item=speaks.name(row.item),
        state=lot_state(row.state, speaks),
        made_on=speaks.day(lot.made_on) if lot.made_on else _NOT_YET,
        best_before=speaks.day(lot.best_before) if lot.best_before else _NOT_YET,
        made=speaks.quantity(lot.quantity, unit) if harvested else _NOT_YET,
        left=speaks.quantity(row.left, unit) if harvested else "",
        grows=not harvested,
    )


def _nothing(sheet: LotsSheet, speaks: Language) -> Nothing:
    everything = speaks.gettext("See all lots")
    if sheet.words:
        title = speaks.gettext("No lot mentions “%(words)s”.", words=sheet.words)
        return Nothing(title, speaks.gettext("Numbers, items and GTINs are searched."), _LOTS, everything)
    if sheet.part == "all":
        return Nothing(
            speaks.gettext("You have no lots yet."),
            speaks.gettext("A lot begins when it is planted, or on the day it is made: laid, filled, baked."),
            f"{_LOTS}/new",
            speaks.gettext("Begin the first"),
        )
    return Nothing(speaks.gettext("No lot is in this state."), "", _LOTS, everything)
