"""What the store's pages show, decided and said in the reader's language; their templates lay it out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode
from uuid import UUID

from hub.models.catalogue import TradeItem
from hub.models.inventory import NEAR_ITS_DATE, LotStock
from hub.models.party import Place
from hub.models.trade import Shipment
from hub.web.i18n import N_, Language
from hub.web.view import Paging, State, paging
from logistics import models
from logistics.models import Reading, Receipt, ReceiptLine
from logistics.receive.receiving import Announced
from logistics.receive.store import Delivery, Only, Shelf
from logistics.view import excursion_sentence, spoken_by, temperature_class

_SHORT_SHOWN = 8
_LOTS_SHOWN = 4
_READINGS_SHOWN = 12

REASONS = {
    "damaged": N_("Damaged"),
    "missing": N_("Not there"),
    "too-warm": N_("Too warm"),
    "too-old": N_("Too old"),
    "wrong": N_("Not what was ordered"),
}
"""Why a line is short, as a store may choose it."""
_PARTS = {Only.ALL: N_("All"), Only.LOW: N_("Running low"), Only.NEAR: N_("Near their date")}

Recalled = Collection[tuple[UUID, str]]
"""The lots under an open recall, as item and lot number."""


@dataclass(frozen=True)
class Tab:
    """One part of a list, and how much is in it where that is known."""

    word: str
    address: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class DeliveryRow:
    """A delivery on a list: from whom, when, how warm it was where it was too warm or too cold, and what to do.

    ``reference`` is its number, with its store where there are several; ``plate`` is empty while no route is published.
    """

    sscc: str
    reference: str
    supplier: str
    expected: str
    plate: str
    weight_kg: int
    temperature: str
    state: State
    excursion: str
    action: str
    action_label: str


@dataclass(frozen=True)
class Warm:
    """A delivery of today that was too warm or too cold."""

    supplier: str
    sentence: str
    sscc: str
    number: str


@dataclass(frozen=True)
class ShortLine:
    """A line of which less came than was announced."""

    sscc: str
    item: str
    difference: str
    reason: str


@dataclass(frozen=True)
class NearLot:
    """A lot that is near its best-before date, or past it."""

    address: str
    number: str
    item: str
    best_before: date
    tone: str
    on_hand: str


class LowItem(NamedTuple):
    """An item of which there is less than its safety level."""

    item: str
    on_hand: str
    safety: str


@dataclass(frozen=True)
class StorePage:
    """A store's day: what comes, what came, what was short, and what needs a look on the shelves.

    ``name`` is empty where somebody works at more stores than one. ``next_sscc`` is the delivery to count next,
    ``next_day`` when the next is announced for. ``lows`` and ``nears`` count more than is listed.
    """

    name: str
    day: date
    summary: str
    next_sscc: str
    warm: Sequence[Warm]
    coming: Sequence[DeliveryRow]
    next_day: date | None
    received: Sequence[DeliveryRow]
    short: Sequence[ShortLine]
    shorts: int
    near: Sequence[NearLot]
    nears: int
    low: Sequence[LowItem]
    lows: int


@dataclass(frozen=True)
class DeliveriesPage:
    """A list of deliveries; ``finds`` is where it is searched."""

    rows: Sequence[DeliveryRow]
    search: str
    finds: str
    tabs: Sequence[Tab]
    paging: Paging


@dataclass(frozen=True)
class LotLink:
    """A lot, and where it can be looked up."""

    number: str
    address: str
    recalled: bool


@dataclass(frozen=True)
class Excursion:
    """That a delivery was too warm or too cold, and when that was measured."""

    sentence: str
    measured: str


@dataclass(frozen=True)
class LineToCount:
    """A line that the store has to count; ``legend`` names it for whoever does not see the table."""

    line_id: UUID
    item: str
    gtin: str
    lot: LotLink
    best_before: str
    announced: str
    unit: str
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
    """A receipt, and whether the hand-over is in the ledger's records yet."""

    lines: Sequence[CountedLine]
    note: str
    record: State
    record_sentence: str


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
    excursions: Sequence[Excursion]
    facts: Sequence[tuple[str, str]]
    to_count: Sequence[LineToCount]
    reasons: Sequence[tuple[str, str]]
    counted: Counted | None
    measurements: Sequence[Measurement]
    measured: int


class ShelfLot(NamedTuple):
    """A lot on a shelf; ``tone`` says how near its date it is, and ``past`` that it is over."""

    link: LotLink
    on_hand: str
    best_before: date | None
    tone: str
    past: bool


@dataclass(frozen=True)
class ShelfRow:
    """An item on a shelf with its oldest lots, and how many more there are."""

    item: str
    gtin: str
    place: str
    on_hand: str
    tone: str
    safety: str
    state: State
    lots: Sequence[ShelfLot]
    more: int


@dataclass(frozen=True)
class StockPage:
    """The shelves of a store, or of all; ``nothing`` says why the list is empty and leads to all items."""

    rows: Sequence[ShelfRow]
    many: bool
    summary: str
    search: str
    export: str
    tabs: Sequence[Tab]
    paging: Paging
    nothing: Sequence[str]


def store_page(
    places: Sequence[Place],
    speaks: Language,
    *,
    day: date,
    at: datetime,
    waiting: Sequence[Delivery],
    received: Sequence[Delivery],
    short: Sequence[tuple[ReceiptLine, TradeItem, Shipment]],
    low: Sequence[Shelf],
    near: Sequence[Shelf],
    lows: int,
    nears: int,
) -> StorePage:
    """A day of these stores; what is ``waiting`` was not counted yet, the next day first."""
    coming = [delivery for delivery in waiting if delivery.shipment.deliver_on <= day]
    later = [delivery for delivery in waiting if delivery.shipment.deliver_on > day]
    on_way = _by_time(coming)
    unplanned = [delivery for delivery in coming if delivery.expected_at is None]
    to_count = [*_at_door(coming), *on_way]
    many = len(places) != 1

    def rows(deliveries: Sequence[Delivery]) -> list[DeliveryRow]:
        return [_delivery_row(delivery, speaks, at=at, many=many, clock_only=True) for delivery in deliveries]

    return StorePage(
        name="" if many else speaks.name(places[0]),
        day=day,
        summary=_day_summary(coming, received, speaks),
        next_sscc=to_count[0].shipment.sscc if to_count else "",
        warm=[_warm(delivery, speaks) for delivery in coming if delivery.excursions],
        coming=rows([*on_way, *unplanned]),
        next_day=later[0].shipment.deliver_on if later else None,
        received=rows(received),
        short=[_short(line, item, shipment, speaks) for line, item, shipment in short[:_SHORT_SHOWN]],
        shorts=len(short),
        near=[lot for shelf in near for lot in _near_lot(shelf, day, speaks)],
        nears=nears,
        low=[_low(shelf, speaks) for shelf in low],
        lows=lows,
    )


def deliveries_page(
    deliveries: Sequence[Delivery],
    places: Sequence[Place],
    speaks: Language,
    *,
    state: str,
    search: str,
    at: datetime,
    number: int,
    more: bool,
) -> DeliveriesPage:
    """Page ``number`` of the deliveries: those ``open`` to be counted, or ``all``."""
    words = {"open": speaks.gettext("To be counted"), "all": speaks.gettext("All")}
    path = "/store/deliveries"
    return DeliveriesPage(
        rows=[_delivery_row(delivery, speaks, at=at, many=len(places) != 1) for delivery in deliveries],
        search=search,
        finds=f"{path}?state={state}",
        tabs=[
            Tab(word, f"{path}?{urlencode({'state': name, 'q': search})}", name == state)
            for name, word in words.items()
        ],
        paging=paging(f"{path}?{urlencode({'state': state, 'q': search})}", number, more=more),
    )


def delivery_page(
    delivery: Delivery,
    lines: Sequence[Announced],
    speaks: Language,
    *,
    counted: Mapping[UUID, ReceiptLine],
    readings: Sequence[Reading],
    recalled: Recalled,
) -> DeliveryPage:
    """One delivery; ``counted`` holds a receipt's lines by the lines of the shipment."""
    shipment, place, receipt = delivery.shipment, delivery.place, delivery.receipt
    return DeliveryPage(
        number=shipment.number,
        sscc=shipment.sscc,
        supplier=_supplier(delivery, speaks),
        state=delivery_state(delivery, speaks),
        summary=_delivery_summary(delivery, speaks),
        recalled=any((line.item.id, line.lot.number) in recalled for line in lines),
        excursions=[_excursion(excursion, delivery, speaks) for excursion in delivery.excursions],
        facts=[
            (speaks.gettext("Dispatch advice"), shipment.number),
            ("SSCC", shipment.sscc),
            (speaks.gettext("Store"), speaks.name(place)),
            (speaks.gettext("Arrives"), speaks.day(shipment.deliver_on)),
            (speaks.gettext("Weight"), speaks.quantity(round(shipment.weight_kg), "KGM")),
            (speaks.gettext("Temperature"), temperature_class(shipment.temperature, speaks)),
        ],
        to_count=[] if receipt else [_line_to_count(line, recalled, speaks) for line in lines],
        reasons=[("", speaks.gettext("Choose")), *((key, speaks.gettext(word)) for key, word in REASONS.items())],
        counted=_counted(receipt, lines, counted, recalled, speaks) if receipt else None,
        measurements=[
            Measurement(speaks.moment(reading.read_at, place), speaks.temperature(reading.celsius))
            for reading in readings[-_READINGS_SHOWN:]
        ],
        measured=len(readings),
    )


def stock_page(
    shelves: Sequence[Shelf],
    places: Sequence[Place],
    speaks: Language,
    *,
    day: date,
    only: Only,
    search: str,
    counts: Mapping[Only, int],
    recalled: Recalled,
    number: int,
    more: bool,
) -> StockPage:
    """Page ``number`` of the shelves, or of a part of them; ``counts`` says how many are in each part."""
    path, query = "/store/stock", {"only": only.value, "q": search}
    return StockPage(
        rows=[_shelf_row(shelf, day, recalled, speaks) for shelf in shelves],
        many=len(places) != 1,
        summary=speaks.gettext(
            "%(low)s items run low; %(near)s have a lot within three days of its date.",
            low=speaks.number(counts[Only.LOW]),
            near=speaks.number(counts[Only.NEAR]),
        ),
        search=search,
        export=f"/store/stock.csv?{urlencode(query)}",
        tabs=[
            Tab(
                speaks.gettext(word),
                f"{path}?{urlencode({'only': part.value, 'q': search})}",
                part is only,
                counts[part],
            )
            for part, word in _PARTS.items()
        ],
        paging=paging(f"{path}?{urlencode(query)}", number, more=more),
        nothing=_no_stock(only, search, speaks),
    )


def delivery_state(delivery: Delivery, speaks: Language) -> State:
    """How far a delivery is, for the store."""
    stop, receipt = delivery.stop, delivery.receipt
    if receipt and receipt.disputed:
        return State(speaks.gettext("Disputed"), "stop", "stop")
    if receipt:
        return State(speaks.gettext("Received"), "ok", "ok")
    if stop is None:
        return State(speaks.gettext("Announced"), "box")
    if stop.delivered_at:
        return State(speaks.gettext("To be counted"), "clock", "warn")
    if stop.arrived_at:
        return State(speaks.gettext("At the door"), "truck", "act")
    return State(speaks.gettext("On the way"), "truck")


def _supplier(delivery: Delivery, speaks: Language) -> str:
    """From whom it is; its number where we may not know."""
    return speaks.name(delivery.supplier) if delivery.supplier else delivery.shipment.number


def _delivery_row(
    delivery: Delivery, speaks: Language, *, at: datetime, many: bool, clock_only: bool = False
) -> DeliveryRow:
    shipment, place, expected = delivery.shipment, delivery.place, delivery.expected_at
    tell = speaks.clock if clock_only else speaks.moment
    if delivery.to_count(at):
        action, label = speaks.gettext("Count"), speaks.gettext("Count %(number)s", number=shipment.number)
    else:
        action, label = speaks.gettext("View"), speaks.gettext("View %(number)s", number=shipment.number)
    return DeliveryRow(
        sscc=shipment.sscc,
        reference=f"{shipment.number} · {speaks.name(place)}" if many else shipment.number,
        supplier=_supplier(delivery, speaks),
        expected=tell(expected, place) if expected else speaks.day(shipment.deliver_on),
        plate=delivery.stop.plate if delivery.stop else "",
        weight_kg=round(shipment.weight_kg),
        temperature=temperature_class(shipment.temperature, speaks),
        state=delivery_state(delivery, speaks),
        excursion=speaks.temperature(delivery.excursions[-1].celsius) if delivery.excursions else "",
        action=action,
        action_label=label,
    )


def _at_door(coming: Sequence[Delivery]) -> list[Delivery]:
    return [delivery for delivery in coming if delivery.stop and delivery.stop.arrived_at]


def _by_time(coming: Sequence[Delivery]) -> list[Delivery]:
    """What is on a route, the next first."""
    timed = [(delivery.expected_at, delivery) for delivery in coming if delivery.expected_at is not None]
    return [delivery for _moment, delivery in sorted(timed, key=lambda pair: pair[0])]


def _day_summary(coming: Sequence[Delivery], received: Sequence[Delivery], speaks: Language) -> str:
    """What is true of a store's day, in one sentence."""
    at_door, on_way = _at_door(coming), _by_time(coming)
    if at_door:
        return speaks.ngettext(
            "%(num)s delivery is at the door: count it.",
            "%(num)s deliveries are at the door: count them.",
            len(at_door),
        )
    if on_way and on_way[0].expected_at:
        return speaks.ngettext(
            "%(num)s delivery is still to come today; the next at %(time)s.",
            "%(num)s deliveries are still to come today; the next at %(time)s.",
            len(coming),
            time=speaks.clock(on_way[0].expected_at, on_way[0].place),
        )
    if coming:
        return speaks.ngettext(
            "%(num)s delivery is announced for today, not yet on a route.",
            "%(num)s deliveries are announced for today, not yet on a route.",
            len(coming),
        )
    if received:
        return speaks.gettext("Everything announced for today was counted.")
    return speaks.gettext("No delivery is announced for today.")


def _warm(delivery: Delivery, speaks: Language) -> Warm:
    sentence = excursion_sentence(delivery.excursions[-1], speaks)
    return Warm(_supplier(delivery, speaks), sentence, delivery.shipment.sscc, delivery.shipment.number)


def _reason(reason: str, speaks: Language) -> str:
    """Why a line is short: one of our words, or what a program wrote."""
    return speaks.gettext(REASONS[reason]) if reason in REASONS else reason


def _short(line: ReceiptLine, item: TradeItem, shipment: Shipment, speaks: Language) -> ShortLine:
    difference = f"{speaks.signed(line.quantity - line.announced)} {speaks.unit(item.unit)}"
    return ShortLine(shipment.sscc, speaks.name(item), difference, _reason(line.reason, speaks))


def _near_lot(shelf: Shelf, day: date, speaks: Language) -> list[NearLot]:
    """The first of a shelf's lots that is near its date, if one is."""
    dated = [(lot, lot.best_before) for lot in shelf.lots if lot.best_before and lot.best_before <= day + NEAR_ITS_DATE]
    return [
        NearLot(
            address=_address(shelf.item, lot.lot),
            number=lot.lot,
            item=speaks.name(shelf.item),
            best_before=best_before,
            tone="t-stop" if best_before < day else "t-warn",
            on_hand=speaks.quantity(lot.on_hand, shelf.item.unit),
        )
        for lot, best_before in dated[:1]
    ]


def _low(shelf: Shelf, speaks: Language) -> LowItem:
    unit = shelf.item.unit
    return LowItem(
        speaks.name(shelf.item), speaks.quantity(shelf.level.on_hand, unit), speaks.quantity(shelf.level.safety, unit)
    )


def _address(item: TradeItem, lot: str) -> str:
    return f"/01/{item.gtin}/10/{quote(lot)}"


def _lot_link(item: TradeItem, number: str, recalled: Recalled) -> LotLink:
    return LotLink(number, _address(item, number), (item.id, number) in recalled)


def _delivery_summary(delivery: Delivery, speaks: Language) -> str:
    """What is true of a delivery, and what is to be done."""
    place, stop, expected = delivery.place, delivery.stop, delivery.expected_at
    if delivery.receipt:
        received = speaks.moment(delivery.receipt.received_at, place)
        return speaks.gettext("Counted %(moment)s. A receipt is final.", moment=received)
    if stop and stop.arrived_at:
        arrived, speaker = speaks.gettext("Arrived"), spoken_by(stop.arrived_as, speaks)
        here = speaks.gettext("It is here: count every line, then receive it.")
        return f"{arrived}: {speaker}. {here}" if speaker else here
    if stop and expected:
        return speaks.gettext(
            "Expected %(moment)s with %(plate)s.", moment=speaks.moment(expected, place), plate=stop.plate
        )
    return speaks.gettext(
        "Announced for %(day)s; no route is published yet.", day=speaks.day(delivery.shipment.deliver_on)
    )


def _excursion(excursion: models.Excursion, delivery: Delivery, speaks: Language) -> Excursion:
    measured = speaks.gettext("Measured %(moment)s.", moment=speaks.moment(excursion.read_at, delivery.place))
    look = speaks.gettext("Look at the goods before you accept them.")
    return Excursion(excursion_sentence(excursion, speaks), measured if delivery.receipt else f"{measured} {look}")


def _line_to_count(announced: Announced, recalled: Recalled, speaks: Language) -> LineToCount:
    line, lot, item = announced.line, announced.lot, announced.item
    name = speaks.name(item)
    return LineToCount(
        line_id=line.id,
        item=name,
        gtin=item.gtin,
        lot=_lot_link(item, lot.number, recalled),
        best_before=speaks.day(lot.best_before) if lot.best_before else "–",
        announced=speaks.quantity(line.quantity, line.unit),
        unit=speaks.unit(line.unit),
        legend=speaks.gettext("Count of %(item)s, lot %(lot)s", item=name, lot=lot.number),
    )


def _counted(
    receipt: Receipt,
    lines: Sequence[Announced],
    counted: Mapping[UUID, ReceiptLine],
    recalled: Recalled,
    speaks: Language,
) -> Counted:
    if receipt.event_id:
        record = State(speaks.gettext("Recorded"), "sealed")
        sentence = speaks.gettext("The hand-over is in the ledger's records.")
    else:
        record = State(speaks.gettext("Waiting to be sealed"), "clock")
        sentence = speaks.gettext("The hand-over is written once the supplier's record is sealed.")
    return Counted(
        [_counted_line(line, counted[line.line.id], recalled, speaks) for line in lines], receipt.note, record, sentence
    )


def _counted_line(announced: Announced, count: ReceiptLine, recalled: Recalled, speaks: Language) -> CountedLine:
    unit = announced.line.unit
    return CountedLine(
        item=speaks.name(announced.item),
        lot=_lot_link(announced.item, announced.lot.number, recalled),
        announced=speaks.quantity(count.announced, unit),
        accepted=speaks.quantity(count.quantity, unit),
        tone="t-warn" if count.quantity < count.announced else "",
        reason=_reason(count.reason, speaks),
    )


def _shelf_row(shelf: Shelf, day: date, recalled: Recalled, speaks: Language) -> ShelfRow:
    item, level = shelf.item, shelf.level
    enough, low = State(speaks.gettext("Enough"), "ok", "ok"), State(speaks.gettext("Low"), "less", "warn")
    return ShelfRow(
        item=speaks.name(item),
        gtin=item.gtin,
        place=speaks.name(shelf.place),
        on_hand=speaks.quantity(level.on_hand, item.unit),
        tone="t-warn" if shelf.low else "",
        safety=speaks.quantity(level.safety, item.unit) if level.safety else "–",
        state=low if shelf.low else enough,
        lots=[_shelf_lot(lot, item, day, recalled, speaks) for lot in shelf.lots[:_LOTS_SHOWN]],
        more=max(len(shelf.lots) - _LOTS_SHOWN, 0),
    )


def _shelf_lot(lot: LotStock, item: TradeItem, day: date, recalled: Recalled, speaks: Language) -> ShelfLot:
    best_before = lot.best_before
    past = best_before is not None and best_before < day
    near = best_before is not None and best_before <= day + NEAR_ITS_DATE
    tone = "t-stop" if past else "t-warn" if near else "mute"
    on_hand = speaks.quantity(lot.on_hand, item.unit)
    return ShelfLot(_lot_link(item, lot.lot, recalled), on_hand, best_before, tone, past)


def _no_stock(only: Only, search: str, speaks: Language) -> list[str]:
    """Why nothing is listed: in short, in full; where all items are, and the words that lead there."""
    everything = ["/store/stock", speaks.gettext("Show all items")]
    if search:
        return [speaks.gettext("No item matches."), "", *everything]
    if only is Only.LOW:
        return [
            speaks.gettext("Nothing runs low."), speaks.gettext("Every item is above its safety level."), *everything,
        ]  # fmt: skip
    if only is Only.NEAR:
        return [
            speaks.gettext("No lot is near its date."),
            speaks.gettext("Lots appear here three days before their best-before date."),
            *everything,
        ]
    return [
        speaks.gettext("No stock is known yet."),
        speaks.gettext("It appears here once your supermarket's system has been read."),
    ]
