"""What the page of one delivery shows: the announcement, the way, and the count."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from hub.models.base import plain
from hub.settings import settings
from hub.web.i18n import Language
from hub.web.view import State
from logistics import models
from logistics.models import EarlierReceipt, Reading, Receipt, ReceiptLine, ReceiptPart
from logistics.receive import parts
from logistics.receive.contents import Announced
from logistics.receive.receiving import LineCount
from logistics.receive.store import Delivery
from logistics.receive.view import REASONS, LotLink, Recalled, delivery_state, lot_link, reason, supplier
from logistics.view import excursion_sentence, spoken_by, temperature_class

_READINGS_SHOWN = 12


@dataclass(frozen=True)
class DeliverySheet:
    """A delivery as it was read; ``counted`` holds a receipt's lines by the lines of the shipment.

    ``parts`` were counted while more was to come; ``earlier`` counts were undone.

    ``day`` is the one it is received on: today, or the receipt's.
    """

    delivery: Delivery
    lines: Sequence[Announced]
    day: date
    counted: Mapping[UUID, ReceiptLine] = field(default_factory=dict)
    readings: Sequence[Reading] = ()
    recalled: Recalled = frozenset()
    parts: Sequence[ReceiptPart] = ()
    earlier: Sequence[EarlierReceipt] = ()

    @cached_property
    def so_far(self) -> Mapping[UUID, LineCount]:
        """What the parts come to, line by line."""
        return parts.summed(self.parts)


@dataclass(frozen=True)
class Excursion:
    """That a delivery was too warm or too cold, and when that was measured."""

    sentence: str
    measured: str


@dataclass(frozen=True)
class LineToCount:
    """A line that the store has to count; ``legend`` names it for whoever does not see the table.

    What is ``whole``, its ``unit_code`` and the day ``best_before_on`` are for a scanner to compare with.
    """

    line_id: UUID
    item: str
    gtin: str
    lot: LotLink
    best_before: str
    too_short: str
    best_before_on: str
    announced: str
    so_far: str
    whole: str
    unit: str
    unit_code: str
    legend: str


@dataclass(frozen=True)
class CountedLine:
    """A line as the store counted it; a tone where it was short."""

    item: str
    lot: LotLink
    announced: str
    accepted: str
    tone: str
    reason: str


@dataclass(frozen=True)
class Counted:
    """A receipt, and whether the hand-over is in the ledger's records yet; until when it can be undone, if it can."""

    lines: Sequence[CountedLine]
    note: str
    record: State
    record_sentence: str
    undo: str


@dataclass(frozen=True)
class PartRow:
    """A part that was counted before: when, and what came with it."""

    part_id: UUID
    counted: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Measurement:
    """A temperature on the way."""

    when: str
    celsius: str


@dataclass(frozen=True)
class DeliveryPage:
    """One delivery: what was announced, what happened on the way, and the count, which is still to come or final."""

    number: str
    sscc: str
    supplier: str
    state: State
    summary: str
    recalled: bool
    said: str
    once: str
    excursions: Sequence[Excursion]
    too_short: Sequence[str]
    facts: Sequence[tuple[str, str]]
    to_count: Sequence[LineToCount]
    reasons: Sequence[tuple[str, str]]
    sure: str
    parts: Sequence[PartRow]
    earlier: Sequence[str]
    counted: Counted | None
    measurements: Sequence[Measurement]
    measured: int


def delivery_page(sheet: DeliverySheet, speaks: Language) -> DeliveryPage:
    """The page of one delivery."""
    delivery, lines, recalled = sheet.delivery, sheet.lines, sheet.recalled
    shipment, place, receipt = delivery.shipment, delivery.place, delivery.receipt
    return DeliveryPage(
        number=shipment.number,
        sscc=shipment.sscc,
        supplier=supplier(delivery, speaks),
        state=delivery_state(delivery, speaks),
        summary=_delivery_summary(delivery, speaks),
        recalled=any((line.item.id, line.lot.number) in recalled for line in lines),
        said=speaks.gettext("Count of %(number)s", number=shipment.number),
        once=secrets.token_urlsafe(16),
        excursions=[_excursion(excursion, delivery, speaks) for excursion in delivery.excursions],
        too_short=[_too_short(line, left, speaks) for line in lines if (left := line.days_left(sheet.day)) is not None],
        facts=[
            (speaks.gettext("Dispatch advice"), shipment.number),
            ("SSCC", shipment.sscc),
            (speaks.gettext("Store"), speaks.name(place)),
            (speaks.gettext("Arrives"), speaks.day(shipment.deliver_on)),
            (speaks.gettext("Weight"), speaks.quantity(round(shipment.weight_kg), "KGM")),
            (speaks.gettext("Temperature"), temperature_class(shipment.temperature, speaks)),
        ],
        to_count=[] if receipt else [_line_to_count(line, sheet, speaks) for line in lines],
        reasons=[("", speaks.gettext("Choose")), *((key, speaks.gettext(word)) for key, word in REASONS.items())],
        sure=_sure(speaks),
        parts=[] if receipt else [_part(part, sheet, speaks) for part in sheet.parts],
        earlier=[_earlier(undone, sheet, speaks) for undone in sheet.earlier],
        counted=_counted(receipt, sheet, speaks) if receipt else None,
        measurements=[
            Measurement(speaks.moment(reading.read_at, place), speaks.temperature(reading.celsius))
            for reading in sheet.readings[-_READINGS_SHOWN:]
        ],
        measured=len(sheet.readings),
    )


def _delivery_summary(delivery: Delivery, speaks: Language) -> str:
    """What is true of a delivery, and what is to be done."""
    place, stop, expected = delivery.place, delivery.stop, delivery.expected_at
    if delivery.receipt:
        received = speaks.moment(delivery.receipt.received_at, place)
        if not delivery.receipt.told:
            return speaks.gettext("Counted %(moment)s.", moment=received)
        return speaks.gettext("Counted %(moment)s. A receipt is final.", moment=received)
    if stop and stop.arrived_at:
        here = speaks.gettext("It is here: count every line, then receive it.")
        return speaks.paragraph(here, spoken_by(stop.arrived_as, speaks))
    if stop and expected:
        return speaks.gettext(
            "Expected %(moment)s with %(plate)s.", moment=speaks.moment(expected, place), plate=stop.plate
        )
    return speaks.gettext(
        "Announced for %(day)s; no route is published yet.", day=speaks.day(delivery.shipment.deliver_on)
    )


def _sure(speaks: Language) -> str:
    """What comes of it when a delivery is received."""
    if minutes := settings().receipt_undo_minutes:
        return speaks.ngettext(
            "For %(num)s minute you can undo it; then your stock, the supplier and the ledger are told.",
            "For %(num)s minutes you can undo it; then your stock, the supplier and the ledger are told.",
            minutes,
        )
    return speaks.gettext(
        "Your stock, the supplier and the ledger are told at once. A count cannot be changed afterwards."
    )


def _part(part: ReceiptPart, sheet: DeliverySheet, speaks: Language) -> PartRow:
    counted = speaks.gettext("Counted %(moment)s.", moment=speaks.moment(part.counted_at, sheet.delivery.place))
    return PartRow(part.id, counted, _said(part.lines, sheet, speaks))


def _earlier(undone: EarlierReceipt, sheet: DeliverySheet, speaks: Language) -> str:
    place = sheet.delivery.place
    return speaks.gettext(
        "Counted %(moment)s, undone %(undone)s: %(lines)s.",
        moment=speaks.moment(undone.received_at, place),
        undone=speaks.moment(undone.undone_at, place),
        lines=" · ".join(_said(undone.lines, sheet, speaks)),
    )


def _said(lines: Sequence[Mapping[str, str]], sheet: DeliverySheet, speaks: Language) -> list[str]:
    """What was said of each line of which something came, or something was wrong."""
    quantities = {line["line"]: Decimal(line["quantity"]) for line in lines}
    return [
        f"{speaks.name(row.item)} {speaks.quantity(quantities[str(row.line.id)], row.line.unit)}"
        for row in sheet.lines
        if quantities.get(str(row.line.id))
    ]


def _excursion(excursion: models.Excursion, delivery: Delivery, speaks: Language) -> Excursion:
    measured = speaks.gettext("Measured %(moment)s.", moment=speaks.moment(excursion.read_at, delivery.place))
    look = "" if delivery.receipt else speaks.gettext("Look at the goods before you accept them.")
    return Excursion(excursion_sentence(excursion, speaks), speaks.paragraph(measured, look))


def _too_short(announced: Announced, left: int, speaks: Language) -> str:
    return speaks.gettext(
        "%(item)s, lot %(lot)s: %(left)s; you ask for %(days)s days on receipt.",
        item=speaks.name(announced.item),
        lot=announced.lot.number,
        left=_left(left, speaks),
        days=speaks.number(announced.least_days_left or 0),
    )


def _left(days: int, speaks: Language) -> str:
    if days < 0:
        return speaks.gettext("best before is over")
    return speaks.ngettext("%(num)s day left", "%(num)s days left", days)


def _so_far(quantity: Decimal, unit: str, speaks: Language) -> str:
    return speaks.gettext("%(amount)s came so far", amount=speaks.quantity(quantity, unit))


def _line_to_count(announced: Announced, sheet: DeliverySheet, speaks: Language) -> LineToCount:
    line, lot, item = announced.line, announced.lot, announced.item
    name, left, before = speaks.name(item), announced.days_left(sheet.day), sheet.so_far.get(line.id)
    return LineToCount(
        line_id=line.id,
        item=name,
        gtin=item.gtin,
        lot=lot_link(item, lot.number, sheet.recalled),
        best_before=speaks.day(lot.best_before) if lot.best_before else "–",
        too_short="" if left is None else _left(left, speaks),
        best_before_on=lot.best_before.isoformat() if lot.best_before else "",
        announced=speaks.quantity(line.quantity, line.unit),
        so_far=_so_far(before.quantity, line.unit, speaks) if before else "",
        whole=plain(parts.rest(line.quantity, before)),
        unit=speaks.unit(line.unit),
        unit_code=line.unit,
        legend=speaks.gettext("Count of %(item)s, lot %(lot)s", item=name, lot=lot.number),
    )


def _counted(receipt: Receipt, sheet: DeliverySheet, speaks: Language) -> Counted:
    if receipt.event_id:
        record = State(speaks.gettext("Recorded"), "sealed")
        sentence = speaks.gettext("The hand-over is in the ledger's records.")
    else:
        record = State(speaks.gettext("Waiting to be sealed"), "clock")
        sentence = speaks.gettext("The hand-over is written once the supplier's record is sealed.")
    lines = [_counted_line(line, sheet.counted[line.line.id], sheet.recalled, speaks) for line in sheet.lines]
    undo = ""
    if receipt.final_at and not receipt.told:
        until = speaks.clock(receipt.final_at, sheet.delivery.place)
        undo = speaks.gettext("Nobody was told yet. Until %(time)s you can undo this receipt.", time=until)
        sentence = speaks.gettext("The hand-over is written once the receipt is final.")
    return Counted(lines, receipt.note, record, sentence, undo)


def _counted_line(announced: Announced, count: ReceiptLine, recalled: Recalled, speaks: Language) -> CountedLine:
    unit = announced.line.unit
    return CountedLine(
        item=speaks.name(announced.item),
        lot=lot_link(announced.item, announced.lot.number, recalled),
        announced=speaks.quantity(count.announced, unit),
        accepted=speaks.quantity(count.quantity, unit),
        tone="t-warn" if count.quantity < count.announced else "",
        reason=reason(count.reason, speaks),
    )
