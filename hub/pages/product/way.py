"""The way a lot came, as its page shows it: in one sentence, on a map, stage by stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hub.gs1 import digital_link
from hub.models.party import Place
from hub.pages.product.lookup import Product
from hub.pages.product.names import Names
from hub.pages.product.words import alarming, step_name
from hub.trace import records
from hub.trace.asking.names import Called
from hub.trace.journey import Journey, Step
from hub.web import calling
from hub.web.drawing import Chart, Leg, Point
from hub.web.i18n import Language


class Stage(NamedTuple):
    """One thing that happened on the way; ``kind`` is empty, ``next`` (not in the ledger yet) or ``bad``.

    ``said`` are sentences with names that no record covers.
    """

    when: str
    title: str
    place: str
    detail: str
    kind: str
    said: Sequence[str] = ()


@dataclass(frozen=True)
class Ingredient:
    """Another lot, of which this one was made; ``said`` is what it is called without proof, or empty."""

    address: str
    number: str
    said: str = ""


@dataclass(frozen=True)
class Way:
    """What is known of a lot's way; a lot that stayed where it was has no summary and no map.

    ``unproved`` are all names in it that no record covers, with their identifiers.
    """

    summary: str
    chart: Chart | None
    stages: Sequence[Stage]
    ingredients: Sequence[Ingredient]
    unproved: Sequence[str] = ()


def way_of(product: Product, speaks: Language) -> Way:
    """The way of a lot, recalls first, then what its records say in their order."""
    journey, names = product.journey, Names(product.verdict, speaks)
    return Way(
        summary=_summary(journey, speaks),
        chart=_chart(journey, names, speaks),
        stages=_recalls(product, speaks)
        + [_stage(step, product, names, speaks) for step in journey.steps if step.kind != records.GROWING],
        ingredients=[_ingredient(link, journey, speaks) for link in journey.inputs],
        unproved=list(dict.fromkeys(word for called in _called(journey) for word in calling.words(called, speaks))),
    )


def _summary(journey: Journey, speaks: Language) -> str:
    path = journey.path
    if len(path) < 2:
        return ""
    return speaks.gettext(
        "%(count)s records, from %(first)s to %(last)s.",
        count=len(journey.steps),
        first=speaks.moment(path[0].at, path[0].place),
        last=speaks.moment(path[-1].at, path[-1].place),
    )


def _chart(journey: Journey, names: Names, speaks: Language) -> Chart | None:
    """The places a lot was at, each once, and the way between them."""
    stops: list[Place] = []
    for step in journey.path:
        for place in (step.place, step.to):
            if place is not None and (not stops or stops[-1].id != place.id):
                stops.append(place)
    places = {place.id: place for place in stops}
    if len(places) < 2:
        return None
    points = [
        Point(place.latitude, place.longitude, str(names.of(place)), "done" if place is stops[-1] else "stop")
        for place in places.values()
    ]
    stations = " → ".join(point.label for point in points)
    return Chart(
        points,
        [Leg([(place.latitude, place.longitude) for place in stops])],
        speaks.gettext("Schematic map of the way: %(places)s", places=stations),
    )


def _recalls(product: Product, speaks: Language) -> list[Stage]:
    open_now = [
        Stage(
            speaks.moment(recall.at, product.maker), speaks.gettext("Recalled"), "", recall.reason(speaks.code), "bad"
        )
        for recall in [product.recalled]
        if recall
    ]
    closed = speaks.gettext("Recalled, since closed")
    return open_now + [
        Stage(speaks.moment(notice.opened_at, product.maker), closed, "", "", "bad") for notice in product.over
    ]


def _stage(step: Step, product: Product, names: Names, speaks: Language) -> Stage:
    """A step; parties and places are called as they were then, and as they are now where that differs."""
    details = [
        *([speaks.gettext("to %(place)s", place=names.of(step.to, step.at))] if step.to else []),
        *([speaks.gettext("recorded by %(who)s", who=names.of(step.by, step.at))] if step.by else []),
    ]
    if step.place and (later := names.later(step.place, step.at)):
        details.insert(0, speaks.gettext("now called %(name)s", name=later))
    return Stage(
        when=speaks.moment(step.at, step.place or product.maker),
        title=speaks.sentence(step_name(step, product.item.category), {}),
        place=names.of(step.place, step.at) if step.place else "",
        detail=" · ".join(details),
        kind=_kind(step),
        said=calling.of_step(step, speaks),
    )


def _kind(step: Step) -> str:
    if alarming(step) or step.event.get("disposition") == "non_conformant":
        return "bad"
    return "next" if step.row.log_index is None else ""


def _ingredient(link: str, journey: Journey, speaks: Language) -> Ingredient:
    named = journey.made_of.get(link)
    said = calling.sentence(named.called, named.by, calling.ITEM, speaks) if named else ""
    return Ingredient(link.replace(digital_link.ROOT, ""), link.split("/")[-1], said)


def _called(journey: Journey) -> list[Called]:
    """What is called by its writers' word alone, in the order of the page."""
    steps = [step for step in journey.steps if step.kind != records.GROWING]
    places = [called for step in steps for called in (step.at_called, step.to_called) if called]
    return places + [named.called for named in journey.made_of.values()]
