"""What every room's pages show: how far off a deadline is, and where a list goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.lists import CountedPage, Page, Search
from hub.models.party import Role
from hub.web import nav
from hub.web.drawing import Leg, Point, bar, sketch
from hub.web.i18n import language
from hub.web.view import Deadline, counted_paging, deadline, paging

EN, ZH = language("en"), language("zh")
AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (timedelta(minutes=-1), Deadline("08:59", "1 min late", "stop", "stop")),
        (timedelta(0), Deadline("09:00", "0 min left", "warn", "clock")),
        (timedelta(hours=3, minutes=59), Deadline("12:59", "3 h 59 min left", "warn", "clock")),
        (timedelta(hours=4), Deadline("13:00", "4 h left")),
    ],
)
def test_a_deadline_is_near_within_four_hours_and_late_once_it_has_passed(left, shown):
    assert deadline(AT + left, AT, "Asia/Shanghai", EN) == shown


def test_a_deadline_is_told_on_the_clock_of_its_place_in_the_readers_language():
    there = deadline(AT + timedelta(hours=5), AT, "Europe/London", ZH)
    assert (there.clock, there.left) == ("06:00", "还剩5小时")


def test_a_list_leads_to_its_earlier_and_later_pages_and_keeps_what_was_asked():
    there = paging("/store/stock?q=T+1%262", Page([], more=True, search=Search("T 1&2", 2)))
    assert (there.earlier, there.later) == ("/store/stock?q=T+1%262&p=1", "/store/stock?q=T+1%262&p=3")
    alone = paging("/store/stock?q=", Page([]))
    assert (alone.earlier, alone.later, alone.shown) == ("", "", "")


@pytest.mark.parametrize(
    ("number", "rows", "total", "shown", "later"),
    [
        (1, 25, 1060, "1–25 of 1,060", "/o?q=&p=2"),
        (2, 25, 50, "26–50 of 50", ""),
        (2, 1, 26, "26–26 of 26", ""),
    ],
)
def test_a_counted_list_says_how_far_through_it_a_page_is(number, rows, total, shown, later):
    way = counted_paging("/o?q=", CountedPage([None] * rows, total, Search(page=number, size=25)), EN)
    assert (way.shown, way.later) == (shown, later)
    assert way.earlier == ("" if number == 1 else "/o?q=&p=1")


def test_a_list_that_was_read_one_row_further_knows_whether_it_goes_on():
    assert Page.of([1, 2, 3], Search(size=2)) == Page([1, 2], more=True, search=Search(size=2))
    assert Page.of([1, 2], Search(size=2)) == Page([1, 2], more=False, search=Search(size=2))


def test_four_shortcuts_fit_at_the_foot_of_a_page_and_a_single_one_is_none():
    assert nav.shortcuts(Role.DISPATCHER) == nav.Shortcuts(nav.links(Role.DISPATCHER), [])
    assert nav.shortcuts(Role.DRIVER) == nav.shortcuts(None) == nav.Shortcuts([], [])
    suppliers = nav.shortcuts(Role.SUPPLIER)
    assert [link.path for link in suppliers.links] == ["/supplier", "/supplier/orders", "/supplier/forecast"]
    assert suppliers.links + suppliers.more == nav.links(Role.SUPPLIER)


def test_a_bar_is_as_long_as_the_figure_or_its_limit_whichever_is_more():
    within, over = bar(0.25), bar(1.6)
    assert (within.over, within.width, within.limit) == (False, "25.00", "100.00")
    assert (over.over, over.width, over.limit) == (True, "100.00", "62.50")
    assert not bar(1).over


def test_a_map_has_its_scale_at_the_lower_right_and_its_signs_around_their_places():
    drawn = sketch([Point(36.7, 117.0), Point(36.6, 117.2)], [Leg([(36.7, 117.0), (36.6, 117.2)])], 400, 300)
    left = 400 - 20 - drawn.bar
    assert drawn.scale.path.startswith(f"M{left} 286h{drawn.bar}")
    assert (drawn.scale.x, drawn.scale.y) == (left + drawn.bar / 2, 278)
    first = drawn.points[0]
    assert first.before(11) == (first.x - 11, first.y - 11) and first.baseline == first.y + 4
