"""The drawing of a day's routes on the board."""

from collections.abc import Sequence
from uuid import UUID

from hub.web.drawing import Chart, Leg, Point
from hub.web.i18n import Language
from logistics.plan.board import Board, Call, Tour

CROWDED = 5
"""So near to the present, in percent, an hour of the time line goes unnamed."""


DEPOT_WIDTH = 2.2
"""How wide a depot stands on the time line, and how wide a call at least, in percent."""


_LIFT = 0.08
"""What nobody takes stands so much of the map's height above a stop at the same place, so that both can be read."""


def chart(board: Board, speaks: Language) -> Chart:
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
