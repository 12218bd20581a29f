"""The records of a lot's life, written as EPCIS events by people who never heard of EPCIS.

Each function writes one event of the organisation that the session serves, and keeps the lot in step. The steps
that the Core Business Vocabulary has no word for are ours: ``urn:furrow:bizstep:planting``, ``…:spraying`` and
``…:growing``.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from hub import db
from hub.errors import Amount, HubError, InvalidInput
from hub.gs1 import digital_link, reading
from hub.ledger.formats import streams
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Organization, Place
from hub.models.trace import Event, EventKey
from hub.trace import capture

PESTICIDES, VETERINARY_DRUGS, MYCOTOXINS = "GB 2763-2026", "GB 31650-2019", "GB 2761-2017"
STANDARDS = {
    **dict.fromkeys(("vegetables", "fruit", "mushrooms", "tea", "grain"), PESTICIDES),
    **dict.fromkeys(("meat", "eggs", "dairy", "fish", "poultry"), VETERINARY_DRUGS),
    "bakery": MYCOTOXINS,
}
"""What each category is tested for by law in China.

Residues of pesticides, of veterinary drugs, mycotoxins in what flour makes.
"""

PLANTING, SPRAYING, GROWING = (f"urn:furrow:bizstep:{step}" for step in ("planting", "spraying", "growing"))


_LONGEST_WAIT = 1000
"""Days: no product asks for more, and a date has an end."""


class LotExists(HubError):
    """This item has a lot of that number already."""

    code, status = "lot-exists", 409


class AlreadyHarvested(HubError):
    """The lot has been harvested; a lot begins once."""

    code, status = "already-harvested", 409


class NotHarvested(HubError):
    """The lot still grows: record its harvest first."""

    code, status = "not-harvested", 409


class IntervalNotOver(HubError):
    """The waiting time after the last spraying is not over, so the lot may not be harvested yet."""

    code, status = "pre-harvest-interval", 409


@dataclass(frozen=True)
class Scene:
    """Where and when something happened."""

    place: Place
    at: datetime

    @property
    def clock(self) -> str:
        """What the clock of the place showed, with its offset."""
        return _local(self.at, self.place)

    @property
    def day(self) -> date:
        """The day that it was at the place."""
        return self.place.day(self.at)


@dataclass(frozen=True)
class Goods:
    """Some of a lot, in its item's unit."""

    lot: Lot
    item: TradeItem
    quantity: Decimal


@dataclass(frozen=True)
class Treatment:
    """A plant protection product used, and the days that must pass before harvest (安全间隔期).

    ``file`` is the SHA-256 of a photo of its label, as hexadecimal digits; empty where there is none.
    """

    product: str
    substance: str
    dose: Decimal
    dose_unit: str
    interval_days: int
    file: str = ""


@dataclass(frozen=True)
class Reading:
    """A measurement of the growing environment: GS1's measurement type, unit (Rec 20), and mean, lowest, highest."""

    kind: str
    unit: str
    mean: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Environment:
    """What was measured while a lot grew, from a moment on."""

    since: datetime
    readings: Sequence[Reading]


@dataclass(frozen=True)
class Batch:
    """What is made in one go: how much, until when it is good, and of which other lots."""

    quantity: Decimal
    best_before: date | None = None
    inputs: Sequence[Goods] = ()


@dataclass(frozen=True)
class Residue:
    """One substance a laboratory looked for; milligrams a kilogram, None where nothing was found."""

    name_zh: str
    name_en: str
    found: Decimal | None
    limit: Decimal


@dataclass(frozen=True)
class Report:
    """A laboratory's findings under its number for them.

    Without a ``standard`` it is the one that the law asks of the item's category. ``file`` is the SHA-256 of the report
    itself, as hexadecimal digits; empty where it is not at hand.
    """

    laboratory: str
    number: str
    residues: Sequence[Residue]
    standard: str = ""
    file: str = ""


@dataclass(frozen=True)
class Handover:
    """What both halves of a hand-over tell alike: the unit, from whom to whom, from where to where, for which order."""

    sscc: str
    sender: Organization
    receiver: Organization
    ship_from: Place
    deliver_to: Place
    order_number: str


@dataclass(frozen=True)
class Breach:
    """A temperature outside its limits."""

    celsius: Decimal
    lowest: Decimal
    highest: Decimal


def plant(session: Session, item: TradeItem, number: str, scene: Scene, *, area_m2: Decimal | None = None) -> Lot:
    """Begin a lot in the field: what will be harvested under this number."""
    lot = _new_lot(session, item, number)
    more = {} if area_m2 is None else {"furrow:area": {"value": _number(area_m2), "uom": "MTK"}}
    _of_lot(session, lot, item, PLANTING, scene, **more)
    return lot


def spray(session: Session, lot: Lot, item: TradeItem, scene: Scene, treatment: Treatment) -> Event:
    """Record that a plant protection product was used."""
    if lot.made_on is not None:
        raise AlreadyHarvested
    protection = {
        "furrow:product": treatment.product,
        "furrow:substance": treatment.substance,
        "furrow:dose": {"value": _number(treatment.dose), "uom": treatment.dose_unit},
        "furrow:intervalDays": treatment.interval_days,
        **_file(treatment.file),
    }
    return _of_lot(session, lot, item, SPRAYING, scene, **{"furrow:protection": protection})


def grow(session: Session, lot: Lot, item: TradeItem, scene: Scene, environment: Environment) -> Event:
    """Record the growing environment from a moment to that of the scene."""
    if environment.since >= scene.at:
        raise InvalidInput("This is not before the end.", at="since")
    reports = [
        {"type": r.kind, "meanValue": r.mean, "minValue": r.lowest, "maxValue": r.highest, "uom": r.unit}
        for r in environment.readings
    ]
    element = {
        "sensorMetadata": {"startTime": _local(environment.since, scene.place), "endTime": scene.clock},
        "sensorReport": reports,
    }
    return _of_lot(session, lot, item, GROWING, scene, sensorElementList=[element])


def harvest(session: Session, goods: Goods, scene: Scene, *, best_before: date | None = None) -> Event:
    """The lot comes into being: so much, here, today. Its blinded key is made here and registered on the chain."""
    if goods.lot.made_on is not None:
        raise AlreadyHarvested
    _wait_after_spraying(session, goods.lot, goods.item, scene)
    return _commission(session, goods, scene, best_before, "harvestDate")


def make(session: Session, item: TradeItem, number: str, scene: Scene, batch: Batch) -> Lot:
    """Eggs laid, milk filled, bread baked: a lot that begins where it is made, of other lots where it has inputs."""
    _positive(batch.quantity)
    lot = _new_lot(session, item, number)
    goods = Goods(lot, item, batch.quantity)
    if not batch.inputs:
        _commission(session, goods, scene, batch.best_before, "productionDate")
        return lot
    salt = secrets.token_bytes(32)
    event = _event("TransformationEvent", "commissioning", scene) | {
        "inputQuantityList": [_quantity(used) for used in batch.inputs],
        "outputQuantityList": [_quantity(goods)],
        "ilmd": _ilmd(salt, "productionDate", scene.day, batch.best_before),
        "furrow:inputLots": ["0x" + used.lot.key.hex() for used in batch.inputs if used.lot.key],
    }
    lot.event_id = capture.record(session, event).id
    _begin(session, goods, salt, scene.day, batch.best_before)
    return lot


def test(session: Session, lot: Lot, item: TradeItem, scene: Scene, report: Report) -> Event:
    """Record a laboratory's findings; a residue above its limit makes the lot non-conformant, for all to see."""
    standard = report.standard.strip() or STANDARDS.get(item.category, "")
    if not standard:
        raise InvalidInput("Name the standard that this item was tested by.", at="standard")
    passed = all(r.found is None or r.found <= r.limit for r in report.residues)
    results = [
        {
            "furrow:substanceZh": r.name_zh,
            "furrow:substanceEn": r.name_en,
            "furrow:limit": _number(r.limit),
            **({} if r.found is None else {"furrow:found": _number(r.found)}),
        }
        for r in report.residues
    ]
    event = _event("ObjectEvent", "inspecting", scene) | {
        "action": "OBSERVE",
        "disposition": "conformant" if passed else "non_conformant",
        "quantityList": [{"epcClass": _link(lot, item)}],
        "furrow:test": {
            "furrow:laboratory": report.laboratory,
            "furrow:report": report.number,
            "furrow:standard": standard,
            "furrow:results": results,
            **_file(report.file),
        },
    }
    return capture.record(session, event)


def pack(session: Session, goods: Goods, scene: Scene, *, cases: int) -> Event:
    """Record what was packed of a lot, in how many cases: no more than there is of it."""
    _harvested(goods.lot)
    if goods.quantity > goods.lot.quantity:
        raise InvalidInput("Enter at most %(most)s.", at="quantity", most=Amount(goods.lot.quantity, goods.item.unit))
    event = _event("ObjectEvent", "packing", scene)
    more = {"action": "OBSERVE", "quantityList": [_quantity(goods)], "furrow:cases": cases}
    return capture.record(session, event | more)


def shipping(
    session: Session, goods: Sequence[Goods], handover: Handover, *, advice_number: str, at: datetime
) -> Event:
    """The sender's half of a hand-over: what left, for whom, under which SSCC."""
    for some in goods:
        _harvested(some.lot)
    event = _event("ObjectEvent", "shipping", Scene(handover.ship_from, at)) | {
        "action": "OBSERVE",
        "disposition": "in_transit",
        **_handed(goods, handover),
    }
    advice = {"type": "desadv", "bizTransaction": transaction(handover.sender, advice_number)}
    event["bizTransactionList"].append(advice)
    return capture.record(session, event, published=True)


def receiving(
    session: Session, goods: Sequence[Goods], handover: Handover, *, handover_of: bytes, at: datetime
) -> Event:
    """The receiver's half: what was counted and accepted, naming the sender's leaf."""
    event = _event("ObjectEvent", "receiving", Scene(handover.deliver_to, at)) | {
        "action": "OBSERVE",
        "disposition": "in_progress",
        **_handed(goods, handover),
        "bizLocation": {"id": digital_link.place_link(handover.deliver_to.gln)},
        "furrow:handoverOf": "0x" + handover_of.hex(),
    }
    return capture.record(session, event, published=True)


def excursion(
    session: Session, sscc: str, goods: Sequence[tuple[Lot, TradeItem]], scene: Scene, breach: Breach
) -> Event:
    """A temperature outside the limits on the way, as a sensor event.

    It is about the logistic unit and those of its lots that are known.
    """
    report = {
        "type": "Temperature",
        "value": _number(breach.celsius),
        "uom": "CEL",
        "exception": "ALARM_CONDITION",
        "furrow:lowest": _number(breach.lowest),
        "furrow:highest": _number(breach.highest),
    }
    event = _event("ObjectEvent", "sensor_reporting", scene) | {
        "action": "OBSERVE",
        "epcList": [digital_link.sscc_link(sscc)],
        **({"quantityList": [{"epcClass": _link(lot, item)} for lot, item in goods]} if goods else {}),
        "sensorElementList": [{"sensorMetadata": {"time": scene.clock}, "sensorReport": [report]}],
    }
    return capture.record(session, event, published=False)


def _commission(session: Session, goods: Goods, scene: Scene, best_before: date | None, name: str) -> Event:
    _positive(goods.quantity)
    salt, day = secrets.token_bytes(32), scene.day
    event = _event("ObjectEvent", "commissioning", scene) | {
        "action": "ADD",
        "disposition": "active",
        "quantityList": [_quantity(goods)],
        "ilmd": _ilmd(salt, name, day, best_before),
    }
    written = capture.record(session, event)
    goods.lot.event_id = written.id
    _begin(session, goods, salt, day, best_before)
    return written


def _ilmd(salt: bytes, name: str, day: date, best_before: date | None) -> dict[str, Any]:
    ilmd = {"furrow:lotSalt": "0x" + salt.hex(), f"cbvmda:{name}": day.isoformat()}
    return ilmd if best_before is None else ilmd | {"cbvmda:bestBeforeDate": best_before.isoformat()}


def _begin(session: Session, goods: Goods, salt: bytes, day: date, best_before: date | None) -> None:
    lot, item = goods.lot, goods.item
    lot.salt, lot.key = salt, streams.lot_key(_link(lot, item), salt)
    lot.made_on, lot.quantity, lot.best_before = day, goods.quantity, best_before
    if best_before is None and item.shelf_life_days:
        lot.best_before = day + timedelta(days=item.shelf_life_days)
    session.flush()


def _new_lot(session: Session, item: TradeItem, number: str) -> Lot:
    who: db.Who = session.info["who"]
    digital_link.lot_link(item.gtin, number)  # refuses what cannot be a lot number
    known = select(Lot).where(
        col(Lot.owner_id) == who.org, col(Lot.trade_item_id) == item.id, col(Lot.number) == number
    )
    if session.exec(known).first() is not None:
        raise LotExists("This item has a lot %(lot)s already.", lot=number)
    lot = Lot(owner_id=who.org, trade_item_id=item.id, number=number)
    session.add(lot)
    session.flush()
    return lot


def _wait_after_spraying(session: Session, lot: Lot, item: TradeItem, scene: Scene) -> None:
    sprayed = session.exec(
        select(Event)
        .join(EventKey, col(EventKey.event_id) == col(Event.id))
        .where(
            col(Event.owner_id) == lot.owner_id,
            col(Event.biz_step) == SPRAYING,
            col(EventKey.link) == _link(lot, item),
        )
    )
    for event in sprayed:
        protection = (reading.event_of(event.payload or b"") or {}).get("furrow:protection")
        days = reading.number(reading.member(protection, "furrow:intervalDays")) or 0
        free = scene.place.day(event.event_time) + timedelta(days=max(0, min(days, _LONGEST_WAIT)))
        if scene.day < free:
            raise IntervalNotOver(
                "%(product)s was sprayed; harvest is allowed from %(free)s on.",
                product=reading.text(protection, "furrow:product"),
                free=free.isoformat(),
            )


def _of_lot(session: Session, lot: Lot, item: TradeItem, step: str, scene: Scene, **more: Any) -> Event:
    event = _event("ObjectEvent", step, scene) | {
        "action": "OBSERVE",
        "quantityList": [{"epcClass": _link(lot, item)}],
        **more,
    }
    return capture.record(session, event)


def _event(kind: str, step: str, scene: Scene) -> dict[str, Any]:
    local = scene.clock
    return {
        "type": kind,
        "eventTime": local,
        "eventTimeZoneOffset": local[-6:],
        "bizStep": step,
        "readPoint": {"id": digital_link.place_link(scene.place.gln)},
    }


def _handed(goods: Sequence[Goods], handover: Handover) -> dict[str, Any]:
    order = transaction(handover.receiver, handover.order_number)
    return {
        "epcList": [digital_link.sscc_link(handover.sscc)],
        "quantityList": [_quantity(some) for some in goods],
        "bizTransactionList": [{"type": "po", "bizTransaction": order}],
        "sourceList": [
            {"type": "owning_party", "source": digital_link.party_link(handover.sender.gln)},
            {"type": "location", "source": digital_link.place_link(handover.ship_from.gln)},
        ],
        "destinationList": [
            {"type": "owning_party", "destination": digital_link.party_link(handover.receiver.gln)},
            {"type": "location", "destination": digital_link.place_link(handover.deliver_to.gln)},
        ],
    }


def transaction(party: Organization, number: str) -> str:
    """A party's number of a document, as the Core Business Vocabulary writes it."""
    return f"urn:epcglobal:cbv:bt:{party.gln}:{number}"


def _quantity(goods: Goods) -> dict[str, Any]:
    quantity: dict[str, Any] = {"epcClass": _link(goods.lot, goods.item), "quantity": _number(goods.quantity)}
    return quantity if goods.item.unit in ("H87", "EA") else quantity | {"uom": goods.item.unit}


def _link(lot: Lot, item: TradeItem) -> str:
    return digital_link.lot_link(item.gtin, lot.number)


def _local(at: datetime, place: Place) -> str:
    return place.clock(at).isoformat(timespec="seconds")


def _file(sha256: str) -> dict[str, str]:
    return {"furrow:file": f"0x{sha256}"} if sha256 else {}


def _number(value: Decimal) -> float:
    return float(value)


def _positive(quantity: Decimal) -> None:
    if not quantity.is_finite() or quantity <= 0:
        raise InvalidInput("A quantity made is more than 0.", at="quantity")


def _harvested(lot: Lot) -> None:
    if lot.made_on is None:
        raise NotHarvested("Lot %(lot)s still grows: record its harvest first.", lot=lot.number)
