"""What the forms of a lot's life ask for, in the supplier's language."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from hub.models.catalogue import TradeItem
from hub.models.party import Organization, Place
from hub.web.i18n import N_, Language, zone_of
from hub.web.words import MEASURES
from supplier_portal.lots.lot_book import LotRow
from supplier_portal.lots.recording.earlier import Earlier
from supplier_portal.lots.recording.forms import MEASURED
from supplier_portal.lots.view import Options

DOSES: Mapping[str, str] = {
    "LTR": N_("litres"),
    "KGM": N_("kilograms"),
    "MLT": N_("millilitres"),
    "GRM": N_("grams"),
}

RECORDED: Mapping[str, str] = {
    "spray": N_("Spraying"),
    "grow": N_("Growing conditions"),
    "harvest": N_("Harvest"),
    "test": N_("Laboratory test"),
    "pack": N_("Packing"),
}
"""The steps of a lot that have a form, by the ends of their addresses."""
_TELLING: Mapping[str, str] = {
    "product": "%(said)s",
    "laboratory": "%(said)s",
    "temperature.mean": "%(said)s ℃",
    "humidity.mean": "%(said)s %%",
    "cases": N_("%(said)s cases"),
}
"""What tells an earlier record from others, as far as its form said it."""


class Measurement(NamedTuple):
    """Something that sensors measure: the name of its fields, its word and its unit."""

    name: str
    word: str
    unit: str


class Again(NamedTuple):
    """An earlier record in a few words, and what its form said, to be filled in once more."""

    word: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class StepFields:
    """What the fields of any step offer; ``present`` is the moment that a form shows at first.

    ``again`` has the earlier records of each step that a form can be filled in from.
    """

    places: Options
    present: str
    doses: Options
    measurements: Sequence[Measurement]
    again: Mapping[str, Sequence[Again]]


@dataclass(frozen=True)
class NextSteps:
    """What can be recorded next of a lot, in the lot's ``unit``: while it ``grows``, and once it is harvested.

    ``said`` is what each step's form is, where a phone keeps it for want of a line, and ``once`` the word that its
    sending is known by.
    """

    grows: bool
    unit: str
    fields: StepFields
    said: Mapping[str, str]
    once: str


@dataclass(frozen=True)
class LotBeginning:
    """What a new lot can be of, and where it can begin; ``chosen`` is the item that the reader came from."""

    items: Options
    places: Options
    chosen: str
    present: str


def step_fields(
    places: Sequence[Place], present: str, earlier: Mapping[str, Sequence[Earlier]], speaks: Language
) -> StepFields:
    """What the fields of steps offer at some places."""
    return StepFields(
        places=[(str(place.id), speaks.name(place)) for place in places],
        present=present,
        doses=[(unit, speaks.gettext(word)) for unit, word in DOSES.items()],
        measurements=[
            Measurement(name, speaks.gettext(MEASURES[kind]), speaks.unit(unit))
            for name, (kind, unit) in MEASURED.items()
        ],
        again={step: [_again(one, speaks) for one in earlier.get(step, ())] for step in RECORDED},
    )


def _again(one: Earlier, speaks: Language) -> Again:
    what = [speaks.gettext(word, said=one.values[name]) for name, word in _TELLING.items() if name in one.values]
    parts = [speaks.day(one.place.day(one.at)), speaks.name(one.place), *what]
    return Again(" · ".join(parts), one.values)


def next_steps(row: LotRow, fields: StepFields, speaks: Language) -> NextSteps:
    """The forms of a lot."""
    return NextSteps(
        grows=row.lot.made_on is None,
        unit=speaks.unit(row.item.unit),
        fields=fields,
        said={
            step: speaks.gettext("%(step)s, lot %(number)s", step=speaks.gettext(word), number=row.lot.number)
            for step, word in RECORDED.items()
        },
        once=secrets.token_urlsafe(16),
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
