"""What the dispatcher's pages show, decided and said in the reader's language; their templates lay it out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from hub.web.drawing import Chart, Leg, Point
from hub.web.i18n import Language
from hub.web.view import KeyFigure, Paging, State, paging
from logistics.models import PlanState, RoutePlan
from logistics.plan.board import Board, Call, Left, Tour
from logistics.shipments import Standing
from logistics.view import temperature_class

_CROWDED = 5
"""So near to the present, in percent, an hour of the time line goes unnamed."""
_DEPOT_WIDTH = 2.2
"""How wide a depot stands on the time line, and how wide a call at least, in percent."""
_LIFT = 0.08
"""What nobody takes stands so much of the map's height above a stop at the same place, so that both can be read."""
_MENDED_BY_VEHICLE = ("ends", "weight", "pallets")


@dataclass(frozen=True)
class Progress:
    """A plan that is being made: how long it has been searched for, in words and in percent of the time it has."""

    plan_id: UUID
    day: date
    elapsed: str
    label: str
    percent: float


@dataclass(frozen=True)
class Notice:
    """What went wrong with the latest plan."""

    title: str
    text: str
    tone: str


@dataclass(frozen=True)
class Change:
    """The vehicle that would take a shipment if it were changed."""

    plate: str
    address: str


@dataclass(frozen=True)
class Waiting:
    """A shipment that no route takes: its letter on the map, why, and what would change that."""

    letter: str
    place: str
    weight_kg: int
    temperature: str
    reason: str
    change: Change | None
    number: str
    window: str


@dataclass(frozen=True)
class Hour:
    """A moment on the time line, in percent, and what the clock shows then."""

    x: float
    clock: str


@dataclass(frozen=True)
class Block:
    """A call on the time line; ``fill`` and ``ink`` are the classes of the block and of its number."""

    number: int
    x: float
    width: float
    middle: float
    fill: str
    ink: str


@dataclass(frozen=True)
class Line:
    """A vehicle on the time line: how far it has come, where it calls, and all of that in words."""

    label: str
    colour: int
    plate: str
    driver: str
    state: State
    description: str
    left: float
    reached: float
    right: float
    depot: float
    depot_middle: float
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Timeline:
    """The vehicles of a day hour by hour; ``present`` where the day is now."""

    hours: Sequence[Hour]
    ticks: Sequence[float]
    present: Hour | None
    lines: Sequence[Line]


@dataclass(frozen=True)
class BoardPage:
    """A day as its dispatcher sees it; what is empty is not there to be shown.

    ``draft`` is the plan to publish, ``withdrawable`` the one to take back. ``to_plan`` says that shipments came which
    no plan knows, ``to_plan_again`` that all that is left out was tried before.
    """

    day: date
    when: str
    summary: str
    before: date
    after: date
    draft: UUID | None
    to_plan: bool
    to_plan_again: bool
    withdrawable: UUID | None
    progress: Progress | None
    notice: Notice | None
    figures: Sequence[KeyFigure]
    chart: Chart | None
    waiting: Sequence[Waiting]
    timeline: Timeline | None


@dataclass(frozen=True)
class Row:
    """A shipment on the list."""

    number: str
    sscc: str
    place: str
    buyer: str
    day: date
    weight_kg: int
    pallets: float
    temperature: str
    plate: str
    state: State


@dataclass(frozen=True)
class ShipmentsPage:
    """The list of shipments, what it was searched for, and where it can be taken away."""

    rows: Sequence[Row]
    search: str
    day: str
    export: str
    paging: Paging


def board_page(board: Board, speaks: Language, *, today: date, vehicles: Mapping[str, UUID]) -> BoardPage:
    """The board of a day; ``vehicles`` are those of the fleet, by their plates."""
    fresh = [left for left in board.left if left.why is None]
    to_plan = bool(board.left) and not board.planning and board.draft is None
    settled = board.published and not board.draft and not board.planning and not board.under_way
    return BoardPage(
        day=board.day,
        when=_when(board, today, speaks),
        summary=_summary(board, speaks),
        before=board.day - timedelta(days=1),
        after=board.day + timedelta(days=1),
        draft=board.draft.id if board.draft else None,
        to_plan=to_plan and bool(fresh),
        to_plan_again=to_plan and not fresh,
        withdrawable=board.published[0].id if settled else None,
        progress=progress_of(board.latest, speaks, at=board.at) if board.latest and board.planning else None,
        notice=_notice(board.latest, speaks) if board.latest else None,
        figures=_figures(board, speaks) if board.tours else [],
        chart=_chart(board, speaks) if board.tours or board.left else None,
        waiting=[_waiting(left, board, vehicles, speaks) for left in board.left],
        timeline=_timeline(board, speaks) if board.tours else None,
    )


def progress_of(plan: RoutePlan, speaks: Language, *, at: datetime) -> Progress:
    """How far the search for a plan is."""
    gone = (at - plan.begun_at).total_seconds() if plan.begun_at else 0
    share = min(gone / plan.seconds, 1)
    if plan.begun_at:
        elapsed = speaks.gettext("%(gone)s of %(all)s s.", gone=min(int(gone), plan.seconds), all=plan.seconds)
    else:
        elapsed = speaks.gettext("A worker takes it up within a second or two.")
    label = speaks.gettext("%(percent)s of the time is over", percent=speaks.percent(share))
    return Progress(plan.id, plan.day, elapsed, label, round(100 * share, 1))


def shipments_page(
    standings: Sequence[Standing], speaks: Language, *, search: str, day: date | None, number: int, more: bool
) -> ShipmentsPage:
    """Page ``number`` of the shipments; ``more`` says that another follows."""
    query = {"q": search, "day": day or ""}
    return ShipmentsPage(
        rows=[_row(standing, speaks) for standing in standings],
        search=search,
        day=day.isoformat() if day else "",
        export=f"/dispatch/shipments.csv?{urlencode(query)}",
        paging=paging(f"/dispatch/shipments?{urlencode(query)}", number, more=more),
    )


def _when(board: Board, today: date, speaks: Language) -> str:
    day = speaks.day(board.day)
    if board.day != today:
        return day
    return f"{day}{' ' if speaks.code == 'zh' else ', '}{speaks.clock(board.at, board.haulier)}"


def _summary(board: Board, speaks: Language) -> str:
    """What is true of the day, in one sentence."""
    calls, done = board.calls, [call for call in board.calls if call.done]
    warm, behind = [tour for tour in board.tours if tour.excursions], _behind(board)
    if board.planning:
        return speaks.gettext("Routes for this day are being planned.")
    if board.draft:
        return speaks.gettext("This is a draft: drivers and stores see it once you publish it.")
    if board.left and not board.published:
        return speaks.ngettext(
            "%(num)s shipment waits to be planned.", "%(num)s shipments wait to be planned.", len(board.left)
        )
    if not calls:
        return speaks.gettext("Nothing is to be delivered on this day.")
    if len(done) == len(calls):
        return speaks.gettext("Every stop is done.")
    if warm:
        return speaks.ngettext(
            "%(num)s vehicle carries goods outside their temperature limits.",
            "%(num)s vehicles carry goods outside their temperature limits.",
            len(warm),
        )
    if behind:
        return speaks.ngettext("%(num)s vehicle runs late.", "%(num)s vehicles run late.", len(behind))
    return speaks.gettext(
        "%(done)s of %(all)s stops are done, and no vehicle runs late.", done=len(done), all=len(calls)
    )


def _behind(board: Board) -> list[Tour]:
    return [tour for tour in board.tours if tour.behind(board.at)]


def _notice(plan: RoutePlan, speaks: Language) -> Notice | None:
    if plan.state is PlanState.FAILED and plan.failure:
        return Notice(
            speaks.gettext("These figures cannot be planned with."),
            speaks.gettext("%(where)s: %(figure)s is %(value)s. Put it right and plan again.", **plan.failure),
            "stop",
        )
    if plan.state is PlanState.FAILED:
        return Notice(
            speaks.gettext("Planning came to no end three times."),
            speaks.gettext("Nothing is lost. Plan again; if it happens again, tell your administrator."),
            "stop",
        )
    if plan.state is PlanState.DRAFT and not plan.searched:
        return Notice(
            speaks.gettext("The search for short routes failed."),
            speaks.gettext(
                "These routes keep every rule and are longer than they need be. Plan again for better ones."
            ),
            "warn",
        )
    return None


def _figures(board: Board, speaks: Language) -> list[KeyFigure]:
    """The day in six figures."""
    calls = board.calls
    to_do = [call.ends for call in calls if not call.done]
    in_time = [call for call in calls if not call.too_late]
    warm, behind = [tour for tour in board.tours if tour.excursions], _behind(board)
    return [
        KeyFigure(
            speaks.gettext("Stops on time"),
            speaks.gettext("%(n)s of %(all)s", n=len(in_time), all=len(calls)),
            speaks.percent(len(in_time) / len(calls)),
            "" if len(in_time) == len(calls) else "warn",
        ),
        KeyFigure(
            speaks.gettext("Still to do"),
            str(len(to_do)),
            speaks.gettext("last at %(time)s", time=speaks.clock(max(to_do), board.haulier)) if to_do else "",
            "",
        ),
        KeyFigure(speaks.gettext("Unassigned"), str(len(board.left)), "", "warn" if board.left else ""),
        KeyFigure(
            speaks.gettext("Running late"),
            str(len(behind)),
            f"{behind[0].label}, {speaks.span(behind[0].behind(board.at))}" if behind else "",
            "warn" if behind else "",
        ),
        KeyFigure(
            speaks.gettext("Cold chain"),
            str(len(warm)),
            f"{warm[0].label}, {speaks.temperature(warm[0].alarms[0].celsius)}"
            if warm
            else speaks.gettext("within limits"),
            "stop" if warm else "",
        ),
        KeyFigure(
            speaks.gettext("Distance"),
            speaks.quantity(round(board.metres / 1000), "KMT"),
            speaks.ngettext("%(num)s vehicle", "%(num)s vehicles", len(board.tours)),
            "",
        ),
    ]


def _chart(board: Board, speaks: Language) -> Chart:
    points: list[Point] = []
    depots: set[UUID] = set()
    for tour in board.tours:
        if tour.depot.id not in depots:
            depots.add(tour.depot.id)
            name = speaks.name(tour.depot)
            points.append(Point(tour.depot.latitude, tour.depot.longitude, name, "depot", speaks.gettext("D")))
        points += _stops(tour)
    legs = [Leg([_home(tour), *map(_position, tour.calls), _home(tour)], tour.colour) for tour in board.tours]
    label = speaks.gettext(
        "Map of %(routes)s routes and %(left)s unassigned shipments; the time line and the list say the same.",
        routes=len(board.tours),
        left=len(board.left),
    )
    return Chart([*points, *_left_out(board, points)], legs, label)


def _stops(tour: Tour) -> list[Point]:
    """A tour's calls on the map; the one in the middle bears its name."""
    middle = (len(tour.calls) + 1) // 2
    return [
        Point(
            *_position(call),
            tour.label if count == middle else "",
            "done" if call.done else "stop",
            str(call.number),
            tour.colour,
        )
        for count, call in enumerate(tour.calls, start=1)
    ]


def _left_out(board: Board, points: Sequence[Point]) -> list[Point]:
    latitudes = [point.latitude for point in points]
    lift = (max(latitudes) - min(latitudes)) * _LIFT if latitudes else 0
    taken = {call.place.id for call in board.calls}
    shown = []
    for left in board.left:
        place = left.consignment.place
        latitude = place.latitude + (lift if place.id in taken else 0)
        shown.append(Point(latitude, place.longitude, "", "un", left.letter))
    return shown


def _home(tour: Tour) -> tuple[float, float]:
    return tour.depot.latitude, tour.depot.longitude


def _position(call: Call) -> tuple[float, float]:
    return call.place.latitude, call.place.longitude


def _waiting(left: Left, board: Board, vehicles: Mapping[str, UUID], speaks: Language) -> Waiting:
    consignment, zone = left.consignment, board.haulier
    planned = left.why or board.published or board.latest
    sentences = [_why(left, board, speaks), _remedy(left, board, speaks)] if planned else []
    return Waiting(
        letter=left.letter,
        place=speaks.name(consignment.place),
        weight_kg=round(consignment.shipment.weight_kg),
        temperature=temperature_class(consignment.shipment.temperature, speaks),
        reason=("" if speaks.code == "zh" else " ").join(sentence for sentence in sentences if sentence),
        change=_change(left.why, vehicles) if left.why else None,
        number=consignment.shipment.number,
        window=f"{speaks.clock(consignment.opens, zone)}–{speaks.clock(consignment.closes, zone)}",
    )


def _change(why: dict[str, Any], vehicles: Mapping[str, UUID]) -> Change | None:
    plate = why.get("plate", "")
    if plate not in vehicles or not any(figure in why for figure in _MENDED_BY_VEHICLE):
        return None
    return Change(plate, f"/dispatch/vehicles/{vehicles[plate]}")


def _why(left: Left, board: Board, speaks: Language) -> str:
    """Why nobody takes a shipment."""
    zone, why = board.haulier, left.why
    if why is None:
        return speaks.gettext("It came after the plan was made.")
    match why["reason"]:
        case "no-vehicle":
            return speaks.gettext("No vehicle is in service.")
        case "unreachable":
            return speaks.gettext("Nobody could drive there and back within a whole shift.")
        case "temperature":
            return speaks.gettext("No vehicle that drives that day keeps it as cold as it must be.")
        case "capacity":
            return speaks.gettext(
                "%(plate)s comes nearest, and is %(by)s kg too small for it.",
                plate=why["plate"],
                by=speaks.number(math.ceil(why["by"])),
            )
        case "pallets":
            return speaks.gettext(
                "%(plate)s comes nearest, and lacks room for %(by)s pallets.",
                plate=why["plate"],
                by=speaks.number(why["by"]),
            )
        case "window":
            return speaks.gettext(
                "No vehicle reaches it before %(closes)s. The nearest, %(plate)s, arrives at %(begins)s.",
                closes=speaks.clock(left.consignment.closes, zone),
                plate=why["plate"],
                begins=speaks.clock(why["begins"], zone),
            )
        case "shift":
            return speaks.gettext(
                "The shift of %(plate)s would end %(by)s min too late.", plate=why["plate"], by=why["by"]
            )
    return speaks.gettext("%(plate)s would reach its next stops %(by)s min too late.", plate=why["plate"], by=why["by"])


def _remedy(left: Left, board: Board, speaks: Language) -> str:
    """What it would take to take a shipment along; nothing where no change of ours would help."""
    zone, why = board.haulier, left.why or {}
    changes = []
    if "weight" in why:
        weight = speaks.number(math.ceil(why["weight"]))
        changes.append(speaks.gettext("a load of %(weight)s kg on %(plate)s", weight=weight, plate=why["plate"]))
    if "pallets" in why:
        pallets = speaks.number(why["pallets"])
        changes.append(speaks.gettext("%(pallets)s pallets on %(plate)s", pallets=pallets, plate=why["plate"]))
    if "closes" in why:
        changes.append(speaks.gettext("the store open until %(time)s", time=speaks.clock(why["closes"], zone)))
    if "ends" in why:
        ends = speaks.clock(why["ends"], zone)
        changes.append(speaks.gettext("a shift until %(time)s for %(plate)s", time=ends, plate=why["plate"]))
    if "later_by" in why:
        changes.append(speaks.gettext("%(by)s min more for the stops after it", by=why["later_by"]))
    if "temperature" in why.get("also", ()):
        changes.append(speaks.gettext("a vehicle of the right class"))
    if not changes:
        return ""
    return speaks.gettext("It would take: %(what)s.", what=speaks.gettext(", ").join(changes))


def _timeline(board: Board, speaks: Language) -> Timeline:
    zone = board.haulier
    begins, ends = board.span
    present = Hour(board.x(board.at), speaks.clock(board.at, zone)) if begins < board.at < ends else None
    hours = [Hour(board.x(hour), speaks.clock(hour, zone)) for hour in board.hours]
    named = [
        hour
        for hour in hours
        if int(hour.clock[:2]) % 2 == 0 and (present is None or abs(hour.x - present.x) > _CROWDED)
    ]
    return Timeline(named, [hour.x for hour in hours], present, [_line(tour, board, speaks) for tour in board.tours])


def _line(tour: Tour, board: Board, speaks: Language) -> Line:
    zone, left = board.haulier, board.x(tour.route.departs_at)
    reached = [board.x(call.ends) for call in tour.calls if call.arrived]
    return Line(
        label=tour.label,
        colour=tour.colour,
        plate=tour.vehicle.plate,
        driver=tour.driver.name if tour.driver else "",
        state=tour_state(tour, speaks, at=board.at),
        description=speaks.gettext(
            "%(label)s: %(done)s of %(all)s stops done, leaves %(departs)s, back %(returns)s",
            label=tour.label,
            done=tour.done,
            all=len(tour.calls),
            departs=speaks.clock(tour.route.departs_at, zone),
            returns=speaks.clock(tour.returns_at, zone),
        ),
        left=left,
        reached=reached[-1] if reached else left,
        right=board.x(tour.returns_at),
        depot=round(max(left - _DEPOT_WIDTH, 0), 2),
        depot_middle=round(max(left - _DEPOT_WIDTH / 2, _DEPOT_WIDTH / 2), 2),
        blocks=[_block(call, tour.colour, board) for call in tour.calls],
    )


def tour_state(tour: Tour, speaks: Language, *, at: datetime) -> State:
    """How a route stands."""
    if tour.excursions:
        return State(speaks.temperature(tour.alarms[0].celsius), "cold", "stop")
    if not tour.published:
        return State(speaks.gettext("Draft"), "draft")
    if tour.done == len(tour.calls):
        return State(speaks.gettext("Done"), "ok", "ok")
    behind = tour.behind(at)
    if behind:
        return State(speaks.gettext("%(span)s behind", span=speaks.span(behind)), "clock", "warn")
    return State(speaks.gettext("On time"), "ok", "ok")


def _block(call: Call, colour: int, board: Board) -> Block:
    x = board.x(call.begins)
    width = max(board.x(call.ends) - x, _DEPOT_WIDTH)
    fill, ink = f"plan c{colour}", "b"
    if call.done:
        fill, ink = f"f{colour} c{colour}", "b inv"
    elif call.too_late:
        fill, ink = "late", "b w"
    return Block(call.number, x, round(width, 2), round(x + width / 2, 2), fill, ink)


def _row(standing: Standing, speaks: Language) -> Row:
    shipment = standing.shipment
    return Row(
        number=shipment.number,
        sscc=shipment.sscc,
        place=speaks.name(standing.place) if standing.place else "",
        buyer=speaks.name(standing.buyer) if standing.buyer else "",
        day=shipment.deliver_on,
        weight_kg=round(shipment.weight_kg),
        pallets=float(shipment.pallets),
        temperature=temperature_class(shipment.temperature, speaks),
        plate=standing.stop.plate if standing.stop else "–",
        state=_standing_state(standing, speaks),
    )


def _standing_state(standing: Standing, speaks: Language) -> State:
    """How far a shipment is, for the haulier."""
    stop = standing.stop
    if standing.receipt:
        return State(speaks.gettext("Received"), "ok", "ok")
    if stop is None:
        return State(speaks.gettext("Announced"), "box")
    if stop.delivered_at:
        return State(speaks.gettext("Handed over"), "ok", "ok")
    if stop.arrived_at:
        return State(speaks.gettext("Arrived"), "pin", "act")
    return State(speaks.gettext("On a route"), "truck")
