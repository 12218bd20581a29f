"""A line is agreed when both sides say the same of it, and not before."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from supplier_portal.orders.agreeing.terms import Part, Says, Side, Standing, Terms, Turn, Word, standings

LINE, TOMATO = UUID(int=1), UUID(int=2)
WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
BUYER, SUPPLIER = Side.BUYER, Side.SUPPLIER


def terms(quantity=100, day=WEDNESDAY, price="4.00"):
    return Terms((Part(day, Decimal(quantity)),) if quantity else (), Decimal(price), TOMATO)


ORDERED = terms()


def stands(*said: tuple[Side, Says | Terms]) -> Standing:
    """How a line of a hundred tomatoes stands after what was said to it."""
    turns = [
        Turn(side, [Word(LINE, Says.OFFER, what) if isinstance(what, Terms) else Word(LINE, what)])
        for side, what in said
    ]
    return standings({LINE: ORDERED}, turns)[LINE]


def test_an_order_waits_for_its_supplier_and_is_agreed_by_its_yes():
    assert stands().waits_for(SUPPLIER) and stands().held is None
    agreed = stands((SUPPLIER, Says.ACCEPT))
    assert agreed.held == ORDERED and agreed.by is None


def test_less_is_not_agreed_until_the_buyer_takes_it():
    asked = stands((SUPPLIER, terms(80)))
    assert asked.held is None and asked.waits_for(BUYER) and asked.offered == terms(80)
    assert stands((SUPPLIER, terms(80)), (BUYER, Says.ACCEPT)).held == terms(80)


def test_a_counter_offer_waits_for_the_supplier_and_what_both_say_is_agreed():
    countered = stands((SUPPLIER, terms(80)), (BUYER, terms(90)))
    assert countered.waits_for(SUPPLIER) and countered.offered == terms(90)
    assert stands((SUPPLIER, terms(80)), (BUYER, terms(90)), (SUPPLIER, terms(90))).held == terms(90)


def test_an_offer_of_what_the_other_still_wants_is_a_yes():
    assert stands((SUPPLIER, terms(80)), (SUPPLIER, ORDERED)).held == ORDERED


def test_a_refusal_before_anything_was_agreed_ends_the_line_and_one_after_leaves_what_holds():
    over = stands((SUPPLIER, terms(80)), (BUYER, Says.REFUSE))
    assert over.over and over.held is None and over.by is None
    kept = stands((SUPPLIER, Says.ACCEPT), (SUPPLIER, terms(80)), (BUYER, Says.REFUSE))
    assert kept.held == ORDERED and kept.by is None and not kept.over


def test_a_change_that_is_asked_for_later_leaves_what_holds_until_the_other_agrees():
    asked = stands((SUPPLIER, Says.ACCEPT), (BUYER, terms(100, THURSDAY)))
    assert asked.held == ORDERED and asked.waits_for(SUPPLIER)
    assert stands((SUPPLIER, Says.ACCEPT), (BUYER, terms(100, THURSDAY)), (SUPPLIER, Says.ACCEPT)).held == terms(
        100, THURSDAY
    )


def test_a_change_taken_back_is_as_if_it_had_not_been_asked():
    back = stands((SUPPLIER, Says.ACCEPT), (BUYER, terms(70)), (BUYER, ORDERED))
    assert back == Standing(held=ORDERED)


def test_nothing_more_is_said_to_a_line_that_is_over():
    assert stands((SUPPLIER, Says.REFUSE), (BUYER, terms(50))).over


def test_words_come_back_from_json_as_they_went():
    word = Word(
        LINE,
        Says.OFFER,
        Terms((Part(WEDNESDAY, Decimal("60.5")), Part(THURSDAY, Decimal(40))), Decimal("3.95"), TOMATO),
        "霜冻",
    )
    assert Word.read(word.body()) == word


_SAID = st.sampled_from([*Says, terms(80), terms(90), terms(0), ORDERED, terms(100, THURSDAY), terms(100, price="5")])


@given(st.lists(st.tuples(st.sampled_from(Side), _SAID), max_size=12))
def test_whatever_is_said_nothing_holds_that_not_both_sides_have_said(said):
    """The buyer has said the order itself; each of the others must have been said, or accepted, by both."""
    uttered, held = {BUYER: [ORDERED], SUPPLIER: []}, None
    for count, (side, what) in enumerate(said, 1):
        before, now = stands(*said[: count - 1]), stands(*said[:count])
        if isinstance(what, Terms):
            uttered[side].append(what)
        elif what is Says.ACCEPT and before.waits_for(side):
            uttered[side].append(before.offered)
        if now.held is not None:
            assert now.held in uttered[BUYER] and now.held in uttered[SUPPLIER]
        assert not (now.waits_for(BUYER) and now.waits_for(SUPPLIER))
        assert held is None or now.held is not None  # what was agreed once is never lost
        held = now.held
