"""Orders above the chain's own sum: one person asks, another approves or returns, and nobody approves their own."""

import re
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select

from hub import access, db, outbox
from hub.access import Permission
from hub.demo import builder
from hub.errors import HubError, InvalidInput, NotAllowed
from hub.listeners import LISTENERS
from hub.lists import Search
from hub.models.base import now
from hub.models.notice import Notice
from hub.models.party import Organization, OrganizationKind, Role
from hub.models.trade import PurchaseOrder
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.buying import approval, drafts
from supplier_portal.orders.buying.approval import OwnOrder
from supplier_portal.orders.order_book import OrderStatus
from supplier_portal.orders.orders import DeliveryDatePassed, OrderNotOpen
from tests.supermarket import signed_in
from tests.supplier_portal.conftest import Trade


def limit(trade, above: str | None) -> None:
    with db.session(trade.buyer.who) as session:
        session.get_one(Organization, trade.chain.id).approve_above = Decimal(above) if above else None


@pytest.fixture
def second(trade):
    """A second buyer of the chain, which approves orders above nothing."""
    limit(trade, "0")
    person = builder.person(trade.chain, Role.BUYER, "a long enough password", "lin@example.org")
    return replace(trade.buyer, user_id=person.id, name="Lin")


@pytest.fixture
def first(trade, second, monkeypatch):
    """The first, who writes whatever the trade orders."""
    person = builder.person(trade.chain, Role.BUYER, "a long enough password", "gao@example.org")
    actor = replace(trade.buyer, user_id=person.id, name="Gao")
    monkeypatch.setattr(Trade, "buyer", property(lambda _trade: actor))
    return actor


def does(trade, actor, order, what, **more):
    with db.session(actor.who) as session:
        return what(session, actor, session.get_one(PurchaseOrder, order.id), **more)


def test_an_order_above_the_sum_waits_until_another_approves_it(trade, first, second):
    order = trade.ordered()
    assert trade.status(order) is OrderStatus.TO_APPROVE
    with db.session(trade.grower.who) as session:
        assert session.get(PurchaseOrder, order.id) is None
    with pytest.raises(OwnOrder):
        does(trade, first, order, approval.approve, at=trade.at)
    does(trade, first, order, orders.place, at=trade.at)
    assert trade.status(order) is OrderStatus.TO_APPROVE
    later = trade.at + timedelta(hours=3)
    for _ in range(2):
        approved = does(trade, second, order, approval.approve, at=later)
    assert (approved.approved_by, approved.placed_at) == (second.user_id, later)
    assert approved.respond_by == later + timedelta(hours=8)
    assert trade.status(order) is OrderStatus.AWAITING
    with pytest.raises(OrderNotOpen):
        does(trade, first, order, approval.take_back)


def test_the_sum_itself_and_what_is_below_it_need_nobody(trade, first):
    value = order_value(trade)
    limit(trade, str(value))
    assert trade.status(trade.ordered()) is OrderStatus.AWAITING
    limit(trade, str(value - 1))
    assert trade.status(trade.ordered()) is OrderStatus.TO_APPROVE
    limit(trade, None)
    assert trade.status(trade.ordered()) is OrderStatus.AWAITING


def order_value(trade) -> Decimal:
    order = trade.ordered(placed=False)
    with db.session(trade.buyer.who) as session:
        return order_book.sheet(session, trade.buyer, order.id, at=trade.at).value


def test_what_is_returned_is_a_draft_with_its_reason_and_can_be_asked_for_anew(trade, first, second):
    order = trade.ordered()
    with pytest.raises(InvalidInput, match="Say why"):
        does(trade, second, order, approval.give_back, reason=" ", at=trade.at)
    with pytest.raises(OwnOrder):
        does(trade, first, order, approval.give_back, reason="too much", at=trade.at)
    returned = does(trade, second, order, approval.give_back, reason="Half would do", at=trade.at)
    assert returned.returned == "Half would do" and trade.status(order) is OrderStatus.DRAFT
    with pytest.raises(OrderNotOpen):
        does(trade, second, order, approval.approve, at=trade.at)
    asked = does(trade, second, order, orders.place, at=trade.at)
    assert asked.returned == "" and trade.status(order) is OrderStatus.TO_APPROVE
    does(trade, first, order, approval.approve, at=trade.at)
    assert trade.status(order) is OrderStatus.AWAITING


def test_what_is_taken_back_is_a_draft_and_what_is_called_off_waits_for_nobody(trade, first, second):
    order = trade.ordered()
    does(trade, first, order, approval.take_back)
    assert trade.status(order) is OrderStatus.DRAFT
    does(trade, first, order, orders.place, at=trade.at)
    does(trade, first, order, orders.cancel, at=trade.at)
    with pytest.raises(OrderNotOpen):
        does(trade, second, order, approval.approve, at=trade.at)


def test_what_cannot_be_sent_any_more_is_not_approved(trade, first, second):
    order = trade.ordered()
    with pytest.raises(DeliveryDatePassed):
        does(trade, second, order, approval.approve, at=trade.at + timedelta(days=5))
    assert trade.status(order) is OrderStatus.TO_APPROVE


def test_a_machine_asks_and_only_a_person_approves_that(trade, first, second):
    machine = replace(first, user_id=None, permissions=frozenset(Permission), via="api")
    order = trade.ordered(placed=False)
    does(trade, machine, order, orders.place, at=trade.at)
    with pytest.raises(OwnOrder):
        does(trade, machine, order, approval.approve, at=trade.at)
    with pytest.raises(NotAllowed):
        weak = replace(second, permissions=second.permissions - {Permission.APPROVE_ORDERS})
        does(trade, weak, order, approval.approve, at=trade.at)
    does(trade, first, order, approval.approve, at=trade.at)
    assert trade.status(order) is OrderStatus.AWAITING


def test_nobody_of_another_chain_approves(trade, first, second):
    order = trade.ordered()
    rival = builder.party(OrganizationKind.RETAILER, "Rival")
    stranger = signed_in(rival, Role.BUYER, "ma@example.net")
    for what in ("approve", "return", "take-back", "place"):
        assert stranger.post(f"/buyer/orders/{order.number}/{what}", data={"reason": "x"}).status_code == 404
    assert trade.status(order) is OrderStatus.TO_APPROVE


def test_of_many_placed_at_once_those_above_the_sum_wait_and_all_is_told_once(trade, first, second):
    found = [trade.ordered(placed=False, tomato=amount) for amount in ("1", "500", "600")]
    limit(trade, "1000")
    with db.session(first.who) as session:
        rows = [session.get_one(PurchaseOrder, order.id) for order in found]
        done = drafts.place_many(session, first, rows, at=trade.at)
    assert (done.placed, done.asked) == (1, 2)
    supermarket_hears()
    with db.session(trade.buyer.who) as session:
        kept = session.exec(select(Notice).where(col(Notice.kind) == "order.to-approve")).all()
    assert [(row.user_id, row.said["who"]) for row in kept] == [(second.user_id, "Gao")]
    for order in found[1:]:
        assert unread(trade) == 1
        does(trade, second, order, approval.approve, at=trade.at)
    assert unread(trade) == 0


def unread(trade) -> int:
    with db.session(trade.buyer.who) as session:
        waiting = (col(Notice.kind) == "order.to-approve") & col(Notice.read_at).is_(None)
        return len(session.exec(select(Notice).where(waiting)).all())


def supermarket_hears() -> None:
    while outbox.relay(LISTENERS):
        pass


@pytest.mark.parametrize("other", ["take_back", "cancel", "give_back"])
def test_approved_and_withdrawn_at_once_is_one_of_the_two(trade, first, second, other):
    for _ in range(4):
        order = trade.ordered()
        barrier, refused = threading.Barrier(2), []

        def settle(actor, what, order=order, barrier=barrier, refused=refused, **more):
            barrier.wait()
            try:
                does(trade, actor, order, what, **more)
            except HubError as refusal:
                refused.append(refusal.code)

        against = {
            "take_back": lambda: settle(first, approval.take_back),
            "cancel": lambda: settle(first, orders.cancel, at=trade.at),
            "give_back": lambda: settle(replace(second, user_id=None), approval.give_back, reason="no", at=trade.at),
        }[other]
        both = [
            threading.Thread(target=lambda settle=settle: settle(second, approval.approve, at=trade.at)),
            threading.Thread(target=against),
        ]
        [thread.start() for thread in both]
        [thread.join() for thread in both]
        with db.session(trade.buyer.who) as session:
            kept = session.get_one(PurchaseOrder, order.id)
            sent = kept.placed_at is not None
            if other == "cancel":  # an order that was sent can still be called off
                assert (kept.cancelled_at is not None) and len(refused) == (not sent)
            else:
                assert refused == ["order-not-open"]
                assert sent == (kept.asked_at is not None)


def test_the_pages_show_what_waits_to_those_who_may_approve(trade, first, second):
    trade.at, trade.deliver_on = now(), (now() + timedelta(days=20)).date()
    gao = signed_in(trade.chain, Role.BUYER, "zhou@example.org")
    order = trade.ordered()
    listed = gao.get("/buyer/orders?state=to-approve").text
    assert order.number in listed
    page = gao.get(f"/buyer/orders/{order.number}").text
    assert f"/buyer/orders/{order.number}/approve" in page and "asked for approval" in page
    silent = gao.post(f"/buyer/orders/{order.number}/return")
    assert silent.status_code == 422 and "Say why" in silent.text
    back = gao.post(f"/buyer/orders/{order.number}/return", data={"reason": "Half would do"})
    assert back.status_code == 303 and "Half would do" in gao.get(f"/buyer/orders/{order.number}").text
    asked = gao.post(f"/buyer/orders/{order.number}/place")
    assert asked.status_code == 303 and trade.status(order) is OrderStatus.TO_APPROVE
    own = gao.get(f"/buyer/orders/{order.number}").text
    assert not re.search(r'action="[^"]+/approve"', own) and "take-back" in own
    assert gao.post(f"/buyer/orders/{order.number}/approve").status_code == 403
    assert gao.post(f"/buyer/orders/{order.number}/take-back").status_code == 303
    with db.session(trade.buyer.who) as session:
        drafts_ = order_book.buyer_orders(session, trade.buyer, Search(), at=now(), states={OrderStatus.DRAFT})
        assert [row.order.number for row in drafts_.rows] == [order.number]
    assert access.GRANTS[Role.BUYER] >= {Permission.APPROVE_ORDERS}


def test_the_chain_says_its_sum_among_its_settings(trade):
    boss = signed_in(trade.chain, Role.ADMINISTRATOR, "boss@example.org")
    form = {"name_zh": "合家", "gln": trade.chain.gln, "time_zone": "Asia/Shanghai", "weight_tolerance": "5"}
    assert boss.post("/settings/organization", data=form | {"approve_above": "5000"}).status_code == 303
    assert 'value="5000"' in boss.get("/settings/organization").text
    assert boss.post("/settings/organization", data=form | {"approve_above": "-1"}).status_code == 422
    with db.session(trade.buyer.who) as session:
        assert session.get_one(Organization, trade.chain.id).approve_above == 5000
    boss.post("/settings/organization", data=form)
    with db.session(trade.buyer.who) as session:
        assert session.get_one(Organization, trade.chain.id).approve_above is None
