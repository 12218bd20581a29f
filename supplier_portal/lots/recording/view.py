"""What the forms of a lot's life ask for, in the supplier's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from hub.models.catalogue import TradeItem
from hub.models.party import Organization, Place
from hub.web.i18n import N_, Language, zone_of
from hub.web.words import MEASURES
from supplier_portal.lots.view import Options

DOSES: Mapping[str, str] = {
    "LTR": N_("litres"),
    "KGM": N_("kilograms"),
    "MLT": N_("millilitres"),
    "GRM": N_("grams"),
}
MEASURED: Mapping[str, tuple[str, str]] = {
    "temperature": ("Temperature", "CEL"),
    "humidity": ("RelativeHumidity", "P1"),
}
"""What the form of growing conditions asks for: GS1's measurement type of each, and its unit (Rec 20)."""


class Measurement(NamedTuple):
    """Something that sensors measure: the name of its fields, its word and its unit."""

    name: str
    word: str
    unit: str


@dataclass(frozen=True)
class NextSteps:
    """What can be recorded next of a lot, in the lot's ``unit``: while it ``grows``, and once it is harvested.

    ``present`` is the moment that a form shows at first.
    """

    grows: bool
    unit: str
    places: Options
    present: str
    doses: Options
    measurements: Sequence[Measurement]


@dataclass(frozen=True)
class LotBeginning:
    """What a new lot can be of, and where it can begin; ``chosen`` is the item that the reader came from."""

    items: Options
    places: Options
    chosen: str
    present: str


def next_steps(item: TradeItem, places: Sequence[Place], present: str, speaks: Language, *, grows: bool) -> NextSteps:
    """The forms of a lot of an item."""
    return NextSteps(
        grows=grows,
        unit=speaks.unit(item.unit),
        places=[(str(place.id), speaks.name(place)) for place in places],
        present=present,
        doses=[(unit, speaks.gettext(word)) for unit, word in DOSES.items()],
        measurements=[
            Measurement(name, speaks.gettext(MEASURES[kind]), speaks.unit(unit))
            for name, (kind, unit) in MEASURED.items()
        ],
    )


def lot_beginning(
    items: Sequence[TradeItem], places: Sequence[Place], present: str, speaks: Language, *, chosen: str = ""
) -> LotBeginning:
    """The form that begins a lot."""
    return LotBeginning(
        items=[(str(item.id), speaks.name(item)) for item in items],
        places=[(str(place.id), speaks.name(place)) for place in places],
        chosen=chosen,
        present=present,
    )


def present_on(clock: Organization, at: datetime) -> str:
    """A moment on an organisation's own clock, as a form's field is filled with it."""
    return f"{at.astimezone(zone_of(clock)):%Y-%m-%dT%H:%M}"
