"""What the forms show with which a supplier announces what leaves for an order, one for each consignment."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from hub.models.party import Place
from hub.web.forms import Filled
from hub.web.i18n import Language
from supplier_portal.dispatch.consignments import Consignment, LineToPack, LotLeft


@dataclass(frozen=True)
class LotField:
    """Where a supplier types how much of a lot leaves; the names of its fields are numbered through the form."""

    number: int
    line: str
    lot: str
    called: str
    best_before: str
    too_short: str
    left: str
    label: str
    value: str
    unit: str
    error: str


@dataclass(frozen=True)
class LineToSend:
    """A line that is to be sent, and the lots it can be sent from; ``new_lot`` is where one is recorded."""

    item: str
    title: str
    lots: Sequence[LotField]
    new_lot: str


@dataclass(frozen=True)
class Source:
    """A place that goods can leave from, and whether it was chosen."""

    id: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class ConsignmentForm:
    """What can travel together, for which day; ``once`` tells one sending of the form from another."""

    key: str
    once: str
    caption: str
    day: str
    lines: Sequence[LineToSend]
    sources: Sequence[Source]


@dataclass(frozen=True)
class Packing:
    """What can leave for an order, from where, and the form that was sent for one of the consignments, if one was."""

    planned: Sequence[Consignment]
    sources: Sequence[Place]
    form: Filled[Any]
    once: str


def consignment_forms(packing: Packing, speaks: Language) -> list[ConsignmentForm]:
    """A form for each consignment."""
    return [_consignment(consignment, packing, speaks) for consignment in packing.planned]


def _consignment(consignment: Consignment, packing: Packing, speaks: Language) -> ConsignmentForm:
    key, day = consignment.key, speaks.day(consignment.deliver_on)
    form = packing.form if packing.form.value("group") == key else None
    numbers = count()
    leaves = speaks.gettext("For %(day)s", day=day)
    return ConsignmentForm(
        key=key,
        once=f"{packing.once}-{key}",
        caption=speaks.gettext("Lots to send for %(day)s", day=day),
        day=f"{leaves} · {speaks.gettext('frozen')}" if consignment.frozen else leaves,
        lines=[
            _line(line, [_lot(next(numbers), lot, line, form, speaks) for lot in line.lots], speaks)
            for line in consignment.lines
        ],
        sources=[
            Source(str(place.id), speaks.name(place), form is not None and form.value("ship_from") == str(place.id))
            for place in packing.sources
        ],
    )


def _line(line: LineToPack, lots: Sequence[LotField], speaks: Language) -> LineToSend:
    item, amount = speaks.name(line.row.item), speaks.quantity(line.open, line.row.line.unit)
    to_send = speaks.gettext("%(amount)s to send", amount=amount)
    return LineToSend(item, f"{item} · {to_send}", lots, f"/supplier/lots/new?item={line.row.item.gtin}")


def _lot(number: int, lot: LotLeft, line: LineToPack, form: Filled[Any] | None, speaks: Language) -> LotField:
    """The field of a lot, with what was typed into it, else what would go."""
    name, until = f"lines.{number}.quantity", lot.lot.best_before
    suggested = speaks.number(lot.suggested).replace(",", "") if lot.suggested else ""
    return LotField(
        number=number,
        line=str(line.row.line.id),
        lot=str(lot.lot.id),
        called=lot.lot.number,
        best_before=speaks.day(until) if until else "–",
        too_short=_too_short(lot.days_left, line.row.line.least_days_left or 0, speaks),
        left=speaks.number(lot.left),
        label=speaks.gettext("Of lot %(lot)s leave now", lot=lot.lot.number),
        value=form.value(name) if form else suggested,
        unit=speaks.unit(line.row.line.unit),
        error=form.error(name) if form else "",
    )


def _too_short(days: int | None, agreed: int, speaks: Language) -> str:
    """That a lot has less time left on arrival than was agreed, if it has."""
    if days is None:
        return ""
    if days < 0:
        return speaks.gettext("Best before is over on arrival; %(agreed)s days were agreed.", agreed=agreed)
    return speaks.ngettext(
        "%(num)s day left on arrival; %(agreed)s were agreed.",
        "%(num)s days left on arrival; %(agreed)s were agreed.",
        days,
        agreed=agreed,
    )
