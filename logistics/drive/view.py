"""What the driver's page shows, decided and said in the reader's language; its template lays it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from hub.models.party import Organization
from hub.web.i18n import Language
from hub.web.view import State
from logistics.plan.board import Call, Tour
from logistics.view import excursion_sentence, spoken_by, temperature_class


@dataclass(frozen=True)
class Goods:
    """A shipment to hand over at the next call."""

    number: str
    weight_kg: int
    temperature: str


@dataclass(frozen=True)
class CallLine:
    """A call of the route: where, in which window, how much to leave; a state where the time alone does not say it.

    ``stage`` is over, here (the next call) or empty; ``handed_over`` says to whom and when.
    """

    number: int
    place: str
    window: str
    weight_kg: int
    begins: str
    state: State | None
    stage: str
    handed_over: str


@dataclass(frozen=True)
class NextCall:
    """Where the driver goes, or is, and what he does there."""

    line: CallLine
    stop_id: UUID
    goods: Sequence[Goods]
    arrived: bool


@dataclass(frozen=True)
class DriverRoute:
    """A route: what is next, in one sentence; what was too warm or too cold; every call.

    Nothing is next at its end, nor while a route of a day before is not driven yet.
    """

    plate: str
    summary: str
    progress: str
    alarms: Sequence[str]
    next: NextCall | None
    calls: Sequence[CallLine]


@dataclass(frozen=True)
class DrivePage:
    """A driver's day."""

    day: date
    routes: Sequence[DriverRoute]


def drive_page(tours: Sequence[Tour], haulier: Organization, speaks: Language, *, day: date) -> DrivePage:
    """The routes of a driver from a day on, on his haulier's clock."""
    on_the_road = any(tour.day == day and tour.done < len(tour.calls) for tour in tours)
    routes = [
        _ahead(tour, haulier, speaks) if on_the_road and tour.day > day else _route(tour, haulier, speaks, day)
        for tour in tours
    ]
    return DrivePage(day, routes)


def _ahead(tour: Tour, haulier: Organization, speaks: Language) -> DriverRoute:
    """A route that is driven after today's."""
    leaves = speaks.clock(tour.route.departs_at, haulier)
    return DriverRoute(
        plate=tour.vehicle.plate,
        summary=speaks.gettext("%(day)s, leaving at %(time)s.", day=speaks.day(tour.day), time=leaves),
        progress=speaks.gettext("%(done)s of %(all)s", done=tour.done, all=len(tour.calls)),
        alarms=[],
        next=None,
        calls=[_line(call, haulier, speaks, following=False) for call in tour.calls],
    )


def _route(tour: Tour, haulier: Organization, speaks: Language, day: date) -> DriverRoute:
    following = next((call for call in tour.calls if not call.done), None)
    alarms = [f"{excursion_sentence(alarm, speaks)} {speaks.clock(alarm.read_at, haulier)}" for alarm in tour.alarms]
    return DriverRoute(
        plate=tour.vehicle.plate,
        summary=_on_its_day(_summary(tour, following, haulier, speaks), tour, speaks, day),
        progress=speaks.gettext("%(done)s of %(all)s", done=tour.done, all=len(tour.calls)),
        alarms=alarms if following else [],
        next=_next_call(following, haulier, speaks) if following else None,
        calls=[_line(call, haulier, speaks, following=call is following) for call in tour.calls],
    )


def _on_its_day(summary: str, tour: Tour, speaks: Language, day: date) -> str:
    """A sentence with the day before it, where that is not today."""
    if tour.day == day:
        return summary
    return speaks.gettext("%(day)s. %(summary)s", day=speaks.day(tour.day), summary=summary)


def _summary(tour: Tour, following: Call | None, haulier: Organization, speaks: Language) -> str:
    if following is None:
        return speaks.gettext("All done. Drive back to %(depot)s.", depot=speaks.name(tour.depot))
    place = speaks.name(following.place)
    if following.arrived:
        return speaks.gettext("You are at %(place)s: hand over.", place=place)
    return speaks.gettext(
        "Next: %(place)s, expected at %(time)s.", place=place, time=speaks.clock(following.begins, haulier)
    )


def _next_call(call: Call, haulier: Organization, speaks: Language) -> NextCall:
    goods = [
        Goods(shipment.number, round(shipment.weight_kg), temperature_class(shipment.temperature, speaks))
        for shipment in call.shipments
    ]
    return NextCall(_line(call, haulier, speaks, following=True), call.stops[0].id, goods, call.arrived)


def _line(call: Call, haulier: Organization, speaks: Language, *, following: bool) -> CallLine:
    stop = call.stops[0]
    return CallLine(
        number=call.number,
        place=speaks.name(call.place),
        window=f"{speaks.clock(stop.opens_at, haulier)}–{speaks.clock(stop.closes_at, haulier)}",
        weight_kg=round(call.weight_kg),
        begins=speaks.clock(call.begins, haulier),
        state=_state(call, haulier, speaks),
        stage="over" if call.done else "here" if following else "",
        handed_over=_handed_over(call, haulier, speaks),
    )


def _state(call: Call, haulier: Organization, speaks: Language) -> State | None:
    delivered_at = call.stops[-1].delivered_at
    if call.done and delivered_at:
        return State(speaks.clock(delivered_at, haulier), "ok", "ok")
    if call.arrived:
        return State(speaks.gettext("Arrived"), "pin", "act")
    return State(speaks.clock(call.begins, haulier), "clock", "warn") if call.too_late else None


def _handed_over(call: Call, haulier: Organization, speaks: Language) -> str:
    """To whom and when, and that a dispatcher said so where the driver did not."""
    last = call.stops[-1]
    if not call.done or last.delivered_at is None:
        return ""
    sentence = speaks.gettext(
        "Handed over to %(name)s at %(time)s.", name=last.received_by, time=speaks.clock(last.delivered_at, haulier)
    )
    return speaks.paragraph(sentence, spoken_by(last.delivered_as, speaks))
