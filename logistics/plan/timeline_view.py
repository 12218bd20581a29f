"""The tours of a day beside the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.web.i18n import Language
from hub.web.view import State
from logistics.plan.board import Board, Call, Tour
from logistics.plan.chart_view import CROWDED, DEPOT_WIDTH


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


def timeline(board: Board, speaks: Language) -> Timeline:
    zone = board.haulier
    begins, ends = board.span
    present = Hour(board.x(board.at), speaks.clock(board.at, zone)) if begins < board.at < ends else None
    hours = [Hour(board.x(hour), speaks.clock(hour, zone)) for hour in board.hours]
    named = [
        hour
        for hour in hours
        if int(hour.clock[:2]) % 2 == 0 and (present is None or abs(hour.x - present.x) > CROWDED)
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
        depot=round(max(left - DEPOT_WIDTH, 0), 2),
        depot_middle=round(max(left - DEPOT_WIDTH / 2, DEPOT_WIDTH / 2), 2),
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
    width = max(board.x(call.ends) - x, DEPOT_WIDTH)
    fill, ink = f"plan c{colour}", "b"
    if call.done:
        fill, ink = f"f{colour} c{colour}", "b inv"
    elif call.too_late:
        fill, ink = "late", "b w"
    return Block(call.number, x, round(width, 2), round(x + width / 2, 2), fill, ink)
