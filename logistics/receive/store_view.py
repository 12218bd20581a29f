"""What a store's first page shows: what arrives today, what went wrong, what runs out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from hub.models.catalogue import TradeItem
from hub.models.inventory import NEAR_ITS_DATE
from hub.models.party import Place
from hub.models.trade import Shipment
from hub.web.i18n import Language
from logistics.models import ReceiptLine
from logistics.receive.store import Delivery, Shelf
from logistics.receive.view import DeliveryRow, address, delivery_row, reason, supplier
from logistics.view import excursion_sentence

_SHORT_SHOWN = 8


LOTS_SHOWN = 4


@dataclass(frozen=True)
class Day:
    """The day of somebody's stores as it was read, at a moment of it.

    What is ``waiting`` was not counted yet, the next day first; ``low`` and ``near`` are a few of ``lows`` and
    ``nears`` shelves.
    """

    places: Sequence[Place]
    date: date
    at: datetime
    waiting: Sequence[Delivery] = ()
    received: Sequence[Delivery] = ()
    short: Sequence[tuple[ReceiptLine, TradeItem, Shipment]] = ()
    low: Sequence[Shelf] = ()
    near: Sequence[Shelf] = ()
    lows: int = 0
    nears: int = 0


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


def store_page(day: Day, speaks: Language) -> StorePage:
    """A day of somebody's stores."""
    coming = [delivery for delivery in day.waiting if delivery.shipment.deliver_on <= day.date]
    later = [delivery for delivery in day.waiting if delivery.shipment.deliver_on > day.date]
    on_way = _by_time(coming)
    unplanned = [delivery for delivery in coming if delivery.expected_at is None]
    to_count = [*_at_door(coming), *on_way]
    many = len(day.places) != 1

    def rows(deliveries: Sequence[Delivery]) -> list[DeliveryRow]:
        return [delivery_row(delivery, speaks, at=day.at, many=many, clock_only=True) for delivery in deliveries]

    return StorePage(
        name="" if many else speaks.name(day.places[0]),
        day=day.date,
        summary=_day_summary(coming, day.received, speaks),
        next_sscc=to_count[0].shipment.sscc if to_count else "",
        warm=[_warm(delivery, speaks) for delivery in coming if delivery.excursions],
        coming=rows([*on_way, *unplanned]),
        next_day=later[0].shipment.deliver_on if later else None,
        received=rows(day.received),
        short=[_short(line, item, shipment, speaks) for line, item, shipment in day.short[:_SHORT_SHOWN]],
        shorts=len(day.short),
        near=[lot for shelf in day.near for lot in _near_lot(shelf, day.date, speaks)],
        nears=day.nears,
        low=[_low(shelf, speaks) for shelf in day.low],
        lows=day.lows,
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
    return Warm(supplier(delivery, speaks), sentence, delivery.shipment.sscc, delivery.shipment.number)


def _short(line: ReceiptLine, item: TradeItem, shipment: Shipment, speaks: Language) -> ShortLine:
    difference = f"{speaks.signed(line.quantity - line.announced)} {speaks.unit(item.unit)}"
    return ShortLine(shipment.sscc, speaks.name(item), difference, reason(line.reason, speaks))


def _near_lot(shelf: Shelf, day: date, speaks: Language) -> list[NearLot]:
    """The first of a shelf's lots that is near its date, if one is."""
    dated = [(lot, lot.best_before) for lot in shelf.lots if lot.best_before and lot.best_before <= day + NEAR_ITS_DATE]
    return [
        NearLot(
            address=address(shelf.item, lot.lot),
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
