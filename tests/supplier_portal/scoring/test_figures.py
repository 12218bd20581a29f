"""Figures come out of lines: without one there is none, and what both leave out does not count."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from supplier_portal.orders.agreeing.terms import Part
from supplier_portal.scoring.figures import Line, figure, in_time

MON, TUE = date(2026, 11, 23), date(2026, 11, 24)


def line(got, of, hours=None) -> Line:
    return Line(uuid4(), Decimal(got), Decimal(of), hours=hours)


def part(day, quantity) -> Part:
    return Part(day, Decimal(quantity))


def test_without_a_line_there_is_no_figure():
    assert figure([]).share is None and figure([line(0, 0)]).share is None
    only = line(0, 1)
    left = figure([only], {only.subject_id})
    assert (left.share, left.lines, left.left_out) == (None, 0, 1)


def test_a_figure_is_what_was_got_of_what_should_have_been_and_more_does_not_make_up_for_less():
    assert figure([line(5, 10), line(30, 10)]).share == 0.75


def test_the_median_is_of_the_lines_that_count():
    lines = [line(1, 1, 2.0), line(0, 1, 10.0), line(1, 1, 4.0)]
    assert figure(lines).hours == 4.0
    assert figure(lines, {lines[1].subject_id}).hours == 3.0


def test_by_each_agreed_day_as_much_has_come_as_was_agreed_by_then():
    agreed = (part(MON, 10), part(TUE, 20))
    assert in_time(agreed, (part(MON, 10), part(TUE, 20)))
    assert in_time(agreed, (part(MON, 30),))
    assert not in_time(agreed, (part(TUE, 30),))
    assert not in_time(agreed, (part(MON, 10), part(TUE, 19)))
    assert not in_time(agreed, ())


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=20))
def test_a_share_is_never_below_nothing_nor_above_all(pairs):
    share = figure([line(got, of) for got, of in pairs]).share
    assert share is None or 0 <= share <= 1
