"""What one supplier does not deliver is ordered from another: once, whoever clicks and whoever answers meanwhile."""

import re
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select

from hub import access, db, outbox
from hub.access import Permission
from hub.demo import builder
from hub.errors import HubError, NotAllowed, NotFound
from hub.listeners import LISTENERS
from hub.models.base import now
from hub.models.notice import Notice
from hub.models.party import Organization, OrganizationKind, Role
from hub.models.supply import SupplyTerms
from hub.models.trade import AnswerKind, PurchaseOrder
from supplier_portal import lookup
from supplier_portal.orders import orders
from supplier_portal.orders.deadlines import fallback, registers
from supplier_portal.orders.deadlines.fallback import NothingToMove, NotToMove
from supplier_portal.orders.deadlines.registers import AnswerTimeForm, FallbackForm
from supplier_portal.orders.order_book import OrderStatus
from supplier_portal.orders.orders import OrderNotOpen
from tests.supermarket import signed_in, stranger

LATE = timedelta(hours=9)
PASSED = timedelta(hours=8, minutes=1)


@pytest.fixture
def market(trade):
    """The trade, and a second grower whose tomatoes come where the first fails."""
    trade.second = builder.party(OrganizationKind.SUPPLIER, "Nanshan")
    builder.relation(trade.chain, trade.second)
    builder.member(trade.second)
    trade.other_tomato = builder.item(trade.second, "Tomato of Nanshan")
    builder.assortment(trade.chain, {"T-2": trade.other_tomato})
    said = {"gtin": trade.tomato.gtin, "fallback_gtin": trade.other_tomato.gtin}
    with db.session(trade.buyer.who) as session:
        registers.Fallbacks().add(session, trade.buyer, FallbackForm.model_validate(said))
    return trade


def goes(market, order, *, actor=None, after=LATE, automatic=False):
    actor = actor or market.buyer
    with db.session(actor.who) as session:
        held = session.get_one(PurchaseOrder, order.id)
        made = fallback.order_elsewhere(session, actor, held, at=market.at + after, automatic=automatic)
        return [new.id for new in made]


def ordered(market) -> dict[str, dict[str, Decimal]]:
    """What each supplier is asked for and nobody called off, by its name and the items' names."""
    with db.session(market.buyer.who) as session:
        rows = session.exec(
            select(PurchaseOrder).where(
                col(PurchaseOrder.placed_at).is_not(None), col(PurchaseOrder.cancelled_at).is_(None)
            )
        ).all()
        names = lookup.organizations(session, {row.supplier_id for row in rows})
        told: dict[str, dict[str, Decimal]] = {}
        for row in rows:
            lines = orders.lines_of(session, row)
            items = lookup.items(session, {line.trade_item_id for line in lines})
            wants = told.setdefault(names[row.supplier_id].name_en, {})
            for line in lines:
                name = items[line.trade_item_id].name_en
                wants[name] = wants.get(name, Decimal(0)) + line.quantity
        return told


def notices(party, kind: str) -> list[str]:
    outbox.relay(LISTENERS)
    with db.session(db.Who(party.id)) as session:
        rows = select(Notice).where(col(Notice.owner_id) == party.id, col(Notice.kind) == kind)
        return [row.key for row in session.exec(rows.order_by(col(Notice.key)))]


def test_what_is_overdue_goes_to_the_fallback_and_the_rest_anew_to_the_same_supplier(market):
    order = market.ordered()
    with pytest.raises(NotToMove):
        goes(market, order, after=timedelta(hours=1))
    made = goes(market, order)
    assert market.status(order, after=LATE) is OrderStatus.CANCELLED
    assert ordered(market) == {"Nanshan": {"Tomato of Nanshan": Decimal(120)}, "Qinghe": {"Eggs": Decimal(60)}}
    assert goes(market, order) == made
    with pytest.raises(OrderNotOpen, match="withdrawn before you answered"):
        market.answer(order, after=LATE)
    builder.person(market.farm, Role.SUPPLIER, "a long enough password", "wang@example.org")
    with db.session(market.buyer.who) as session:
        assert session.get_one(PurchaseOrder, order.id).cancel_reason == fallback.WITHDRAWN
        anew = session.get_one(PurchaseOrder, made[1])
        assert anew.respond_by == market.at + LATE + timedelta(hours=8)


def test_of_what_was_declined_or_confirmed_in_part_what_is_missing_is_ordered_in_addition(market):
    order = market.ordered()
    market.answer(order, tomato=(AnswerKind.LESS, 90))
    with pytest.raises(NotToMove):
        goes(market, order)
    market.reply(order, market.buyer)
    goes(market, order)
    assert market.status(order, after=LATE) is OrderStatus.PARTLY
    both = {"Tomato": Decimal(120), "Eggs": Decimal(60)}
    assert ordered(market) == {"Nanshan": {"Tomato of Nanshan": Decimal(30)}, "Qinghe": both}
    goes(market, order)
    assert ordered(market)["Nanshan"] == {"Tomato of Nanshan": Decimal(30)}
    declined = market.ordered(tomato="10", eggs="5")
    market.answer(declined, tomato=(AnswerKind.DECLINED,))
    goes(market, declined)
    assert ordered(market)["Nanshan"] == {"Tomato of Nanshan": Decimal(40)}


def test_what_the_fallback_was_asked_for_and_is_called_off_again_can_be_ordered_once_more(market):
    order = market.ordered()
    market.answer(order, tomato=(AnswerKind.DECLINED,))
    [first] = goes(market, order)
    with db.session(market.buyer.who) as session:
        orders.cancel(session, market.buyer, session.get_one(PurchaseOrder, first), at=market.at + LATE)
    goes(market, order)
    assert ordered(market)["Nanshan"] == {"Tomato of Nanshan": Decimal(120)}


def test_what_has_no_fallback_stays_where_it_is(market):
    with db.session(market.buyer.who) as session:
        [row] = registers.Fallbacks().all(session, market.buyer)
        registers.Fallbacks().end(session, market.buyer, row, market.deliver_on)
    order = market.ordered()
    with pytest.raises(NothingToMove):
        goes(market, order)
    assert market.status(order, after=LATE) is OrderStatus.OVERDUE


def test_a_fallback_that_delivers_later_is_asked_for_its_first_day_and_one_that_refuses_leaves_all_as_it_was(market):
    with db.session(db.Who(market.second.id)) as session:
        session.add(SupplyTerms(owner_id=market.second.id, lead_days=5))
    order = market.ordered()
    made = goes(market, order)
    with db.session(market.buyer.who) as session:
        assert session.get_one(PurchaseOrder, made[0]).deliver_on == market.deliver_on + timedelta(days=3)
    with db.session(db.Who(market.second.id)) as session:
        session.exec(select(SupplyTerms)).one().minimum = Decimal(1_000_000)
    second = market.ordered(tomato="7", eggs="3")
    with pytest.raises(HubError, match="delivers from"):
        goes(market, second)
    assert market.status(second, after=LATE) is OrderStatus.OVERDUE


@pytest.mark.parametrize("round_", range(4))
def test_an_answer_at_the_same_moment_counts_or_is_refused_and_nothing_comes_twice(market, round_):
    order = market.ordered()
    barrier, told = threading.Barrier(3), []

    def work(name, does):
        barrier.wait()
        try:
            does()
            told.append(name)
        except HubError as refusal:
            told.append(refusal.code)

    deeds = [
        ("answered", lambda: market.answer(order, after=LATE)),
        ("moved", lambda: goes(market, order)),
        ("moved", lambda: goes(market, order)),
    ]
    threads = [threading.Thread(target=work, args=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tomatoes = sum(wants.get("Tomato", 0) + wants.get("Tomato of Nanshan", 0) for wants in ordered(market).values())
    eggs = sum(wants.get("Eggs", 0) for wants in ordered(market).values())
    assert (tomatoes, eggs) == (Decimal(120), Decimal(60))
    assert sorted(told) in (["answered", "not-to-move", "not-to-move"], ["moved", "moved", "order-not-open"])


def test_only_the_buyer_itself_orders_elsewhere(market):
    order = market.ordered()
    rival = builder.party(OrganizationKind.RETAILER, "Rival")
    with pytest.raises(NotAllowed):
        goes(market, order, actor=market.grower)
    with db.session(db.Who(rival.id)) as session:
        assert session.get(PurchaseOrder, order.id) is None
    with db.session(market.grower.who) as session, pytest.raises(NotFound):
        lookup.order(session, builder.actor(rival, Role.BUYER), order.number)
    assert (
        signed_in(rival, Role.BUYER, "ma@example.net").post(f"/buyer/orders/{order.number}/elsewhere").status_code
        == 404
    )


def by_rule(market, hours: int | None) -> None:
    said = {"supplier": market.farm.gln, "hours": "8", "fallback_hours": "" if hours is None else str(hours)}
    form = AnswerTimeForm.model_validate({name: value for name, value in said.items() if value})
    with db.session(market.buyer.who) as session:
        registers.AnswerTimes().add(session, market.buyer, form)


def test_by_rule_it_goes_by_itself_so_many_hours_after_the_deadline_and_never_where_nothing_was_said(market):
    order = market.ordered()
    assert fallback.move_overdue(market.at + timedelta(days=2)) == 0
    by_rule(market, 2)
    builder.person(market.chain, Role.BUYER, "a long enough password", "gao@example.org")
    assert fallback.move_overdue(market.at + LATE) == 0
    for times in (1, 0):
        assert fallback.move_overdue(market.at + timedelta(hours=10, minutes=1)) == times
    assert ordered(market) == {"Nanshan": {"Tomato of Nanshan": Decimal(120)}, "Qinghe": {"Eggs": Decimal(60)}}
    assert notices(market.chain, "order.moved") == [f"order.moved/{order.id}"]


def test_by_rule_nothing_waits_for_approval_and_its_buyer_is_told_once(market):
    by_rule(market, 0)
    order = market.ordered()
    builder.person(market.chain, Role.BUYER, "a long enough password", "gao@example.org")
    with db.session(market.buyer.who) as session:
        session.get_one(Organization, market.chain.id).approve_above = Decimal(1)
    for _ in range(2):
        assert fallback.move_overdue(market.at + LATE) == 0
        assert notices(market.chain, "order.stays") == [f"order.stays/{order.id}"]
    assert market.status(order, after=LATE) is OrderStatus.OVERDUE


def test_the_page_shows_what_goes_where_before_and_after(market):
    market.at, market.deliver_on = now() - LATE, (now() + timedelta(days=3)).date()
    order = market.ordered()
    gao = signed_in(market.chain, Role.BUYER, "gao@example.org")
    page = re.sub(r"\s+", " ", gao.get(f"/buyer/orders/{order.number}").text)
    assert "From Nanshan" in page and "Tomato of Nanshan · 120 kg" in page and "Anew from Qinghe" in page
    assert gao.post(f"/buyer/orders/{order.number}/elsewhere").status_code == 303
    after = gao.get(f"/buyer/orders/{order.number}").text
    assert "Ordered instead" in after and "Not answered in time" in after
    wang = signed_in(market.farm, Role.SUPPLIER, "wang@example.org")
    theirs = wang.get(f"/supplier/orders/{order.number}?buyer={market.chain.gln}").text
    assert "Not answered in time" in theirs and "Nanshan" not in theirs
    assert gao.post(f"/buyer/orders/{order.number}/elsewhere").status_code == 303
    confirmed = market.ordered()
    market.answer(confirmed)
    refused = gao.post(f"/buyer/orders/{confirmed.number}/elsewhere")
    assert refused.status_code == 422 and "its supplier delivers it" in refused.text


def test_a_program_orders_elsewhere_once_under_its_key(market):
    market.at, market.deliver_on = now() - LATE, (now() + timedelta(days=3)).date()
    order = market.ordered()
    with db.session(market.buyer.who) as session:
        key = access.make_api_key(session, market.chain.id, "test", [Permission.PLACE_ORDERS])
    machine = stranger()
    machine.headers |= {"authorization": f"Bearer {key}", "idempotency-key": "one", "accept": "application/json"}
    answers = [machine.post(f"/api/orders/{order.number}/fallback") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json() and len(answers[0].json()["orders"]) == 2
    machine.headers["idempotency-key"] = "two"
    confirmed = market.ordered()
    market.answer(confirmed)
    refused = machine.post(f"/api/orders/{confirmed.number}/fallback")
    assert (refused.status_code, refused.json()["code"]) == (409, "not-to-move")
