"""What a driver reads on his phone, from plain values."""

from datetime import timedelta

import pytest

from hub.web.i18n import Language
from logistics.drive.view import DriverRoute, drive_page
from logistics.plan.board import Tour
from tests.logistics.conftest import WEDNESDAY, morning
from tests.logistics.plain import AT_DOOR, EN, HAULIER, ON_ROUTE, OTHER, call, excursion, handed_over, stop, tour


def driving(route: Tour, speaks: Language = EN) -> DriverRoute:
    """What the driver gets on his phone."""
    (shown,) = drive_page([route], HAULIER, speaks, day=WEDNESDAY).routes
    return shown


@pytest.mark.parametrize(
    ("calls", "summary"),
    [
        ([call(1, ON_ROUTE)], "Next: Store 1, expected at 07:00."),
        ([call(1, AT_DOOR)], "You are at Store 1: hand over."),
        ([call(1, stop(morning(6), **handed_over(morning(6))))], "All done. Drive back to Jinan depot."),
    ],
)
def test_a_driver_reads_first_what_to_do_next(calls, summary):
    assert driving(tour(*calls)).summary == summary


def test_tomorrows_route_shows_the_evening_before_and_is_next_once_todays_is_driven():
    tomorrow = tour(call(1, ON_ROUTE), day=WEDNESDAY + timedelta(days=1))
    shown = drive_page([tour(call(1, ON_ROUTE)), tomorrow], HAULIER, EN, day=WEDNESDAY).routes
    assert shown[0].next is not None and shown[1].next is None
    assert shown[1].summary == "Thu 26 Nov, leaving at 05:00."
    driven = tour(call(1, stop(morning(6), **handed_over(morning(6)))))
    shown = drive_page([driven, tomorrow], HAULIER, EN, day=WEDNESDAY).routes
    assert shown[0].next is None and shown[1].next is not None
    assert shown[1].summary == "Thu 26 Nov. Next: Store 1, expected at 07:00."


def test_a_driver_goes_from_call_to_call():
    done = call(1, stop(morning(6), **handed_over(morning(6))))
    route = driving(tour(done, call(2, ON_ROUTE, ON_ROUTE, where=OTHER), call(3, stop(morning(8)))))
    assert route.progress == "1 of 3" and route.next is not None
    assert [line.stage for line in route.calls] == ["over", "here", ""]
    assert (route.next.stop_id, route.next.arrived) == (ON_ROUTE.id, False)
    assert (route.next.line.place, route.next.line.window, route.next.line.weight_kg) == ("Store 2", "05:00–09:00", 241)
    assert [(goods.number, goods.weight_kg) for goods in route.next.goods] == [("S-2", 120), ("S-2", 120)]


@pytest.mark.parametrize(
    ("way", "state"),
    [
        (ON_ROUTE, None),
        (stop(morning(7), expected_at=morning(9, 30)), ("09:30", "clock", "warn")),
        (AT_DOOR, ("Arrived", "pin", "act")),
        (stop(morning(6), **handed_over(morning(6))), ("06:10", "ok", "ok")),
    ],
)
def test_a_call_that_comes_in_time_is_told_by_its_time_alone(way, state):
    assert driving(tour(call(1, way))).calls[0].state == state


def test_a_call_is_over_once_everything_is_handed_over_and_says_who_said_so():
    over = handed_over(morning(6))
    assert driving(tour(call(1, stop(morning(6), **over), AT_DOOR))).calls[0].handed_over == ""
    himself, for_him = (
        driving(tour(call(1, stop(morning(6), **over, delivered_as=role)))).calls[0].handed_over
        for role in ("driver", "dispatcher")
    )
    assert himself == "Handed over to Wang at 06:10."
    assert for_him == "Handed over to Wang at 06:10. The dispatcher said so for the driver."


def test_a_driver_is_warned_of_the_load_until_it_is_handed_over():
    warm = [excursion(8.5), excursion(9.4)]
    assert driving(tour(call(1, AT_DOOR), excursions=warm)).alarms == [
        "Too warm on the way: 9.4 ℃, allowed up to 8.0 ℃. 06:00"
    ]
    over = driving(tour(call(1, stop(morning(6), **handed_over(morning(6)))), excursions=warm))
    assert (over.alarms, over.next) == ([], None)
