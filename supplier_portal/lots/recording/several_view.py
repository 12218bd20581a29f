"""What the page shows where one step is recorded for several lots, decided and said in the supplier's language."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.lists import CountedPage
from hub.web.i18n import N_, NN_, Language
from hub.web.view import Heading, Nothing, State, Tab
from supplier_portal.lots.lot_book import LotRow
from supplier_portal.lots.recording.several import STEPS, Step, StepName
from supplier_portal.lots.recording.view import RECORDED, StepFields
from supplier_portal.lots.view import lot_state

ADDRESS = "/supplier/lots/record"
DONE = NN_(
    "Recorded for %(num)s lot. It is sealed within seconds.",
    "Recorded for %(num)s lots. It is sealed within seconds.",
)
_MORE = NN_(
    "%(num)s more lot is not shown: look for it by its number or item.",
    "%(num)s more lots are not shown: look for them by number or item.",
)
_VERBS: Mapping[StepName, str] = {
    "spray": N_("Record the spraying"),
    "grow": N_("Record the readings"),
    "harvest": N_("Record the harvest"),
    "test": N_("Record the test"),
    "pack": N_("Record the packing"),
}


@dataclass(frozen=True)
class SeveralSheet:
    """A step, the lots that it can be recorded for, and what its fields offer."""

    step: Step
    lots: CountedPage[LotRow]
    fields: StepFields


@dataclass(frozen=True)
class OfferedLot:
    """A lot that the step can be recorded for; ``label`` says it in one line, ``unit`` is its item's."""

    lot_id: str
    number: str
    item: str
    state: State
    left: str
    unit: str
    label: str


@dataclass(frozen=True)
class SeveralPage:
    """The page of a step for several lots: ``lots`` or ``nothing``, and how many are not shown.

    ``weighed`` where each lot has its own quantity, ``boxed`` where it has its own cases too; else lots are ticked.
    """

    step: StepName
    address: str
    tabs: Sequence[Tab]
    verb: str
    said: str
    once: str
    search: str
    columns: Sequence[Heading]
    weighed: bool
    boxed: bool
    fields: StepFields
    lots: Sequence[OfferedLot]
    more: str
    nothing: Nothing | None


def several_page(sheet: SeveralSheet, speaks: Language) -> SeveralPage:
    """The page of a step for several lots."""
    step, rows = sheet.step.name, sheet.lots.rows
    weighed, boxed = step in ("harvest", "pack"), step == "pack"
    word = speaks.gettext(RECORDED[step])
    return SeveralPage(
        step=step,
        address=f"{ADDRESS}/{step}",
        tabs=[Tab(speaks.gettext(RECORDED[name]), f"{ADDRESS}/{name}", current=name == step) for name in STEPS],
        verb=speaks.gettext(_VERBS[step]),
        said=speaks.gettext("%(step)s, several lots", step=word),
        once=secrets.token_urlsafe(16),
        search=sheet.lots.search.words,
        columns=_columns(speaks, weighed=weighed, boxed=boxed),
        weighed=weighed,
        boxed=boxed,
        fields=sheet.fields,
        lots=[_lot(row, speaks) for row in rows],
        more=speaks.counted(_MORE, sheet.lots.total - len(rows)),
        nothing=None if rows else _nothing(sheet, speaks),
    )


def _columns(speaks: Language, *, weighed: bool, boxed: bool) -> list[Heading]:
    return [
        Heading(speaks.gettext("Lot")),
        Heading(speaks.gettext("Item")),
        Heading(speaks.gettext("State")),
        Heading(speaks.gettext("Left"), kind="num"),
        *([Heading(speaks.gettext("How much"))] if weighed else []),
        *([Heading(speaks.gettext("Cases"))] if boxed else []),
    ]


def _lot(row: LotRow, speaks: Language) -> OfferedLot:
    lot, item = row.lot, speaks.name(row.item)
    return OfferedLot(
        lot_id=str(lot.id),
        number=lot.number,
        item=item,
        state=lot_state(row.state, speaks),
        left=speaks.quantity(row.left, row.item.unit) if lot.made_on else "–",
        unit=speaks.unit(row.item.unit),
        label=speaks.gettext("%(item)s, lot %(number)s", item=item, number=lot.number),
    )


def _nothing(sheet: SeveralSheet, speaks: Language) -> Nothing:
    address = f"{ADDRESS}/{sheet.step.name}"
    if words := sheet.lots.search.words:
        title = speaks.gettext("No lot mentions “%(words)s”.", words=words)
        hint = speaks.gettext("Numbers, items and GTINs are searched.")
        return Nothing(title, hint, address, speaks.gettext("See all lots"))
    return Nothing(
        speaks.gettext("There is no lot that this can be recorded for."),
        speaks.gettext("Lots that grow are sprayed, measured and harvested; harvested ones are tested and packed."),
        "/supplier/lots",
        speaks.gettext("See all lots"),
    )
