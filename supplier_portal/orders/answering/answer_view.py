"""What the form of a supplier's answer shows: its lines, and what the answer would say if it were sent now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from hub.inputs import typed
from hub.models.base import plain
from hub.models.catalogue import TradeItem
from hub.models.trade import AnswerKind
from hub.web.forms import Filled
from hub.web.i18n import N_, Language
from supplier_portal.orders.agreeing.terms import Part, parts_of
from supplier_portal.orders.order_book import OrderSheet, SheetLine

_OPEN = "open"
_KINDS: Mapping[str, str] = {
    AnswerKind.CONFIRMED: N_("Confirmed"),
    AnswerKind.LESS: N_("Less"),
    AnswerKind.OTHER_DATE: N_("Other date"),
    AnswerKind.OTHERWISE: N_("Otherwise"),
    AnswerKind.DECLINED: N_("Declined"),
    _OPEN: N_("Not answered"),
}
_WITH_QUANTITY = (AnswerKind.LESS, AnswerKind.OTHER_DATE, AnswerKind.OTHERWISE)
_FURTHER = 2
"""So many further days are asked for beside the first on which some of a line comes."""


@dataclass(frozen=True)
class LineToAnswer:
    """A line that waits for its answer; the names of its fields begin with ``name``.

    ``further`` are those of the further parts in which it may come, ``instead`` the items that may come in its place.
    """

    name: str
    id: str
    position: int
    item: str
    gtin: str
    ordered: str
    committed: str
    price: str
    unit: str
    legend: str
    further: Sequence[str]
    instead: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Progress:
    """How many of an order's lines are answered, in figures, in words and in percent of them."""

    figures: str
    label: str
    percent: float


@dataclass(frozen=True)
class Sum:
    """How much has the same kind of answer; ``open`` where it has none."""

    word: str
    amounts: str
    open: bool


@dataclass(frozen=True)
class Effect:
    """What an answer would say if it were sent now."""

    progress: Progress
    sums: Sequence[Sum]


@dataclass(frozen=True)
class AnswerForm:
    """The lines to be answered, and how far the answer is."""

    lines: Sequence[LineToAnswer]
    effect: Effect


class _Amount(NamedTuple):
    """How much was ordered in a unit, and how much of it the answer would give."""

    unit: str
    ordered: Decimal
    given: Decimal


def answer_form(
    sheet: OrderSheet, form: Filled[Any], speaks: Language, offered: Sequence[TradeItem] = ()
) -> AnswerForm:
    """The form of an answer, with what is chosen so far; ``offered`` may come in the place of an item."""
    lines = [_line(number, row, offered, speaks) for number, row in enumerate(sheet.lines)]
    return AnswerForm(lines, effect_of(sheet, form, speaks))


def effect_of(sheet: OrderSheet, form: Filled[Any], speaks: Language) -> Effect:
    """Add up what is chosen so far, whatever else is still wrong in the form."""
    kinds = [form.value(f"lines.{number}.answer") or _OPEN for number in range(len(sheet.lines))]
    done, every = sum(kind != _OPEN for kind in kinds), len(kinds)
    amounts: dict[str, list[_Amount]] = {}
    for number, (kind, row) in enumerate(zip(kinds, sheet.lines, strict=True)):
        given = _given(form.value(f"lines.{number}.quantity"), kind, row.line.quantity)
        amounts.setdefault(kind, []).append(_Amount(row.line.unit, row.line.quantity, given))
    return Effect(
        Progress(
            figures=speaks.gettext("%(done)s of %(all)s", done=done, all=every),
            label=speaks.gettext("%(done)s of %(all)s lines answered", done=done, all=every),
            percent=round(100 * done / every, 1),
        ),
        [
            Sum(speaks.gettext(word), _summed(amounts[kind], speaks), kind == _OPEN)
            for kind, word in _KINDS.items()
            if kind in amounts
        ],
    )


def as_answered(sheet: OrderSheet) -> dict[str, str]:
    """What the form holds when an answer that was given is opened to be changed."""
    values = {"note": sheet.answer.note if sheet.answer else ""}
    for number, row in enumerate(sheet.lines):
        name, answer = f"lines.{number}", row.answer
        if answer is None:
            continue
        special = answer.kind in (AnswerKind.SPLIT, AnswerKind.OTHER_PRICE, AnswerKind.SUBSTITUTE)
        kind = AnswerKind.OTHERWISE if special else answer.kind
        values |= {f"{name}.answer": kind, f"{name}.reason": answer.reason}
        parts = parts_of(answer.parts) or (Part(answer.deliver_on, answer.quantity),)
        if kind in _WITH_QUANTITY:
            values[f"{name}.quantity"] = plain(parts[0].quantity)
        if kind in (AnswerKind.OTHER_DATE, AnswerKind.OTHERWISE):
            values[f"{name}.deliver_on"] = parts[0].deliver_on.isoformat()
        for place, part in enumerate(parts[1:]):
            values[f"{name}.parts.{place}.quantity"] = plain(part.quantity)
            values[f"{name}.parts.{place}.deliver_on"] = part.deliver_on.isoformat()
        if answer.price is not None:
            values[f"{name}.price"] = plain(answer.price)
        if answer.trade_item_id is not None:
            values[f"{name}.substitute"] = str(answer.trade_item_id)
    return values


def _line(number: int, row: SheetLine, offered: Sequence[TradeItem], speaks: Language) -> LineToAnswer:
    line, item = row.line, speaks.name(row.item)
    return LineToAnswer(
        name=f"lines.{number}",
        id=str(line.id),
        position=line.position,
        item=item,
        gtin=row.item.gtin,
        ordered=speaks.quantity(line.quantity, line.unit),
        committed="–" if row.committed is None else speaks.number(row.committed),
        price=speaks.money(line.price, line.currency),
        unit=speaks.unit(line.unit),
        legend=speaks.gettext("Answer for %(item)s", item=item),
        further=[f"lines.{number}.parts.{place}" for place in range(_FURTHER)],
        instead=[
            (str(other.id), f"{speaks.name(other)} · {other.gtin}")
            for other in offered
            if other.unit == line.unit and other.id != row.item.id
        ],
    )


def _given(figure: str, kind: str, ordered: Decimal) -> Decimal:
    """What was typed for a line that gives less or comes later, as far as it is a figure; else what was ordered."""
    if kind not in _WITH_QUANTITY:
        return ordered
    try:
        amount = Decimal(typed(figure))
    except InvalidOperation:
        return ordered
    return amount if amount.is_finite() and 0 < amount <= ordered else ordered


def _summed(amounts: Sequence[_Amount], speaks: Language) -> str:
    """Amounts added up, each unit for itself."""
    return " · ".join(
        _amount([amount for amount in amounts if amount.unit == unit], unit, speaks)
        for unit in dict.fromkeys(amount.unit for amount in amounts)
    )


def _amount(amounts: Sequence[_Amount], unit: str, speaks: Language) -> str:
    ordered = sum((amount.ordered for amount in amounts), Decimal(0))
    given = sum((amount.given for amount in amounts), Decimal(0))
    shown = speaks.quantity(ordered, unit)
    if given == ordered:
        return shown
    return speaks.gettext("%(told)s of %(ordered)s", told=speaks.number(given), ordered=shown)
