"""Orders keep to how their supplier delivers; without terms nothing changes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from hub import db, supply
from hub.demo import builder
from hub.models.base import now
from hub.models.party import OrganizationKind, Role
from hub.models.supply import SupplyTerms
from hub.models.trade import PurchaseOrder
from hub.web.i18n import language
from supplier_portal.forecast import levels, replenishment
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.order_book import OrderStatus
from tests.supermarket import signed_in


def agreed(trade, buyer=None, **said):
    row = SupplyTerms(owner_id=trade.farm.id, buyer_id=buyer.id if buyer else None, **{"lead_days": 1} | said)
    with db.session(trade.grower.who) as session:
        session.add(row)


def proposed(trade, *, after=timedelta(0)):
    with db.session(trade.buyer.who) as session:
        return [(order.deliver_on, order.id) for order in replenishment.propose(session, at=trade.at + after)]


@pytest.fixture
def learned(trade):
    trade.sold()
    trade.stocked(tomato=10, eggs=500)
    with db.session(trade.buyer.who) as session:
        levels.set_levels(session, at=trade.at)
    return trade


def test_terms_for_a_buyer_go_before_those_for_everybody_and_those_that_ended_are_none(trade):
    other = builder.party(OrganizationKind.RETAILER, "Lelin")
    builder.relation(other, trade.farm)
    agreed(trade, lead_days=2)
    agreed(trade, trade.chain, lead_days=5)
    agreed(trade, other, lead_days=9, ended_on=date(2026, 1, 1))
    with db.session(trade.grower.who) as session:
        lead = [
            supply.terms(session, [trade.farm.id], buyer.id)[trade.farm.id].lead_days for buyer in (trade.chain, other)
        ]
    assert lead == [5, 2]


@pytest.mark.parametrize(
    ("terms", "arrives"),
    [
        ({"lead_days": 1}, date(2026, 11, 24)),
        ({"lead_days": 3}, date(2026, 11, 26)),
        ({"lead_days": 1, "weekdays": "1 5"}, date(2026, 11, 27)),
        ({"lead_days": 1, "weekdays": "1 5", "days_off": ["2026-11-27"]}, date(2026, 11, 30)),
        ({"lead_days": 0}, date(2026, 11, 24)),
    ],
)
def test_a_proposal_arrives_on_the_first_day_that_its_supplier_delivers(learned, terms, arrives):
    agreed(learned, **terms)
    ((day, _),) = proposed(learned)
    assert day == arrives and proposed(learned) == []


def test_a_longer_way_asks_for_more_stock(learned):
    def target():
        with db.session(learned.buyer.who) as session:
            levels.set_levels(session, at=learned.at)
            return replenishment.shortages(session, at=learned.at)[0].target

    before = target()
    agreed(learned, lead_days=4)
    assert target() > 2 * before


def test_a_proposal_that_new_terms_forbid_is_made_anew_for_another_day(learned):
    ((_, first),) = proposed(learned)
    agreed(learned, days_off=["2026-11-24"])
    ((day, _),) = proposed(learned)
    assert day == date(2026, 11, 25)
    with db.session(learned.buyer.who) as session:
        held = session.get_one(PurchaseOrder, first)
        assert order_book.status_of(session, held, at=learned.at) is OrderStatus.CANCELLED


@pytest.mark.parametrize(
    ("terms", "refusal", "sentence"),
    [
        (
            {"weekdays": "1 5"},
            supply.NotDeliveredThen,
            "This supplier does not deliver on Wed 25 Nov. The next possible day is Fri 27 Nov.",
        ),
        (
            {"days_off": ["2026-11-25"]},
            supply.NotDeliveredThen,
            "This supplier does not deliver on Wed 25 Nov. The next possible day is Thu 26 Nov.",
        ),
        (
            {"lead_days": 3},
            supply.OrderedTooLate,
            "For Wed 25 Nov it is too late: this supplier needs 3 days. The next possible day is Thu 26 Nov.",
        ),
        (
            {"minimum": Decimal(1000)},
            supply.BelowMinimum,
            "This order comes to ¥ 756.00, and this supplier delivers from ¥ 1,000.00 on: ¥ 244.00 are missing.",
        ),
    ],
)
def test_what_the_supplier_does_not_deliver_is_not_placed_and_the_buyer_is_told_what_would_do(
    trade, terms, refusal, sentence
):
    agreed(trade, **terms)
    with pytest.raises(refusal) as refused:
        trade.ordered()
    said = refused.value
    assert language("en").sentence(said.sentence, said.values) == sentence
    assert language("zh").sentence(said.sentence, said.values) != sentence


def test_an_order_that_keeps_the_terms_is_placed_to_the_day_and_to_the_cent(trade):
    agreed(trade, lead_days=2, weekdays="3", minimum=Decimal(756))
    assert trade.ordered().placed_at == trade.at


def test_lead_time_is_reckoned_where_the_supplier_is(trade):
    agreed(trade, lead_days=2)
    trade.at = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    assert trade.ordered().placed_at
    trade.at += timedelta(minutes=1)
    with pytest.raises(supply.OrderedTooLate):
        trade.ordered()


def test_a_minimum_counts_what_is_ordered_after_the_buyer_changed_it(trade):
    agreed(trade, minimum=Decimal(700))
    order = trade.ordered(placed=False)
    tomato = trade.lines(order)["tomato"]
    with pytest.raises(supply.BelowMinimum), db.session(trade.buyer.who) as session:
        held = session.get_one(PurchaseOrder, order.id)
        orders.place(session, trade.buyer, held, at=trade.at, quantities={tomato: Decimal(10)})
    assert trade.status(order) is OrderStatus.PROPOSED


def test_the_page_says_beside_the_order_why_it_is_not_placed_and_places_the_others(trade):
    agreed(trade, minimum=Decimal(700))
    trade.deliver_on = now().date() + timedelta(days=20)
    small, large = trade.ordered(tomato="10", placed=False), trade.ordered(placed=False)
    browser = signed_in(trade.chain, Role.BUYER)
    lines = {f"lines.{n}.{what}": value for n, line in enumerate(trade.lines(small).values())
             for what, value in (("line", str(line)), ("quantity", "10"))}  # fmt: skip
    answer = browser.post(f"/buyer/proposals/{small.id}/place", data=lines)
    assert answer.status_code == 422 and "delivers from ¥ 700.00 on" in answer.text
    every = browser.post("/buyer/proposals/place-all")
    assert every.status_code == 303 and every.headers["location"].startswith("/buyer/proposals")
    with db.session(trade.buyer.who) as session:
        placed = [session.get_one(PurchaseOrder, order.id).placed_at for order in (small, large)]
    assert placed[0] is None and placed[1] is not None
