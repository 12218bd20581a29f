"""What was recorded before, to be said again: a form is filled in as it was last Tuesday, in greenhouse 3."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from hub.access import Actor
from hub.gs1 import digital_link, reading
from hub.models.catalogue import TradeItem
from hub.models.party import Place
from hub.models.trace import Event
from hub.trace import records
from supplier_portal.lots.recording.forms import MEASURED

STEPS: Mapping[str, str] = {
    "spray": records.SPRAYING,
    "grow": records.GROWING,
    "test": "inspecting",
    "pack": "packing",
}
"""The forms that are filled in as before, and the business step that each records."""
_LOOKED_THROUGH, _OFFERED = 80, 5

Values = Mapping[str, str]
"""What the fields of a form say, by their names."""


@dataclass(frozen=True)
class Earlier:
    """A record that can be said again: when and where it was made, and what its form said then."""

    at: datetime
    place: Place
    values: Values


def of(
    session: Session, actor: Actor, places: Sequence[Place], steps: Collection[str], item: TradeItem | None = None
) -> dict[str, list[Earlier]]:
    """The last different records of each step, the newest first; those of an ``item`` before others.

    What no form of ours says (a record captured by program) is left out, and so is a place that is used no more.
    """
    recorded = session.scalars(
        select(Event)
        .where(
            col(Event.owner_id) == actor.organization_id,
            col(Event.biz_step).in_([STEPS[step] for step in steps if step in STEPS]),
        )
        .order_by(col(Event.event_time).desc())
        .limit(_LOOKED_THROUGH)
    ).all()
    by_link = {digital_link.place_link(place.gln): place for place in places}
    forms = {recorded_as: step for step, recorded_as in STEPS.items()}
    offered: dict[str, list[Earlier]] = {step: [] for step in steps}
    for event in sorted(recorded, key=lambda event: not _is_of(event, item)):
        step = forms[event.biz_step]
        again = _again(step, event, by_link)
        if again is not None and len(offered[step]) < _OFFERED and _is_new(again, offered[step]):
            offered[step].append(again)
    return offered


def _again(step: str, event: Event, places: Mapping[str, Place]) -> Earlier | None:
    """What a form of a step says that records the same once more; None where none could."""
    said = reading.event_of(event.payload or b"")
    place = places.get(reading.place(said)) if said else None
    if said is None or place is None or not (values := _SAID[step](said)):
        return None
    return Earlier(event.event_time, place, {"place": str(place.id), **values})


def _is_new(again: Earlier, offered: Sequence[Earlier]) -> bool:
    return all(again.values != other.values for other in offered)


def _is_of(event: Event, item: TradeItem | None) -> bool:
    return item is not None and f"/01/{item.gtin}/".encode() in (event.payload or b"")


def _sprayed(event: Mapping[str, Any]) -> Values:
    protection = event.get("furrow:protection")
    dose = reading.member(protection, "furrow:dose")
    return _known(
        {
            "product": reading.text(protection, "furrow:product"),
            "substance": reading.text(protection, "furrow:substance"),
            "dose": _figure(reading.member(dose, "value")),
            "dose_unit": reading.text(dose, "uom"),
            "interval_days": _figure(reading.member(protection, "furrow:intervalDays")),
        },
        needed="product",
    )


def _grew(event: Mapping[str, Any]) -> Values:
    names = {measured: name for name, measured in MEASURED.items()}
    values = {}
    for element in reading.listed(event.get("sensorElementList")):
        for report in reading.listed(reading.member(element, "sensorReport")):
            name = names.get((reading.text(report, "type"), reading.text(report, "uom")))
            if name is not None:
                for field, said in (("lowest", "minValue"), ("mean", "meanValue"), ("highest", "maxValue")):
                    values[f"{name}.{field}"] = _figure(reading.member(report, said))
    return _known(values)


def _tested(event: Mapping[str, Any]) -> Values:
    """What was looked for, and where: what is found this time, and the report's number, are never those of before."""
    test = event.get("furrow:test")
    values = {
        "laboratory": reading.text(test, "furrow:laboratory"),
        "standard": reading.text(test, "furrow:standard"),
    }
    for line, result in enumerate(reading.listed(reading.member(test, "furrow:results"))[:SUBSTANCES]):
        values[f"residues.{line}.name_zh"] = reading.text(result, "furrow:substanceZh")
        values[f"residues.{line}.name_en"] = reading.text(result, "furrow:substanceEn")
        values[f"residues.{line}.limit"] = _figure(reading.member(result, "furrow:limit"))
    return _known(values, needed="laboratory")


def _packed(event: Mapping[str, Any]) -> Values:
    quantities = list(reading.quantities(dict(event)))
    quantity = quantities[0].amount if len(quantities) == 1 else None
    return _known({"quantity": _figure(quantity), "cases": _figure(event.get("furrow:cases"))}, needed="cases")


SUBSTANCES = 3
"""How many substances the form of a test asks for."""
_SAID: Mapping[str, Callable[[Mapping[str, Any]], Values]] = {
    "spray": _sprayed,
    "grow": _grew,
    "test": _tested,
    "pack": _packed,
}


def _known(values: Values, needed: str = "") -> Values:
    """What a record says of its form's fields; nothing where it does not say what is ``needed``."""
    said = {name: value for name, value in values.items() if value}
    return {} if needed and needed not in said else said


def _figure(value: Any) -> str:
    """A number as people type it; nothing for what is none."""
    number = reading.number(value)
    return "" if number is None else f"{number:.6f}".rstrip("0").rstrip(".")
