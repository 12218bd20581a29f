"""Calling off late what both had agreed on costs what both had agreed; both record it, and it stands in the month."""

import re
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from hub import access, db, outbox
from hub.access import Permission
from hub.demo import builder
from hub.errors import HubError, InvalidInput, NotAllowed, NotFound
from hub.listeners import LISTENERS
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind, Role
from hub.models.trace import Event
from hub.models.trade import AnswerKind, PurchaseOrder
from hub.trace.agreements import CANCELLING
from supplier_portal.orders.cancelling import cancelling, terms
from supplier_portal.orders.cancelling.cancelling import CostsMore
from supplier_portal.orders.cancelling.models import Cancellation, CancelTerm, CancelTermReply
from supplier_portal.orders.cancelling.terms import TermAnswered
from supplier_portal.orders.order_book import OrderStatus
from supplier_portal.settling import statements
from tests.supermarket import signed_in, stranger

LATE = timedelta(days=1)
"""Tuesday half past eight: less than a day before Wednesday begins."""


def asks(trade, hours=24, share="0.2", *, at=None):
    with db.session(trade.grower.who) as session:
        chain = session.get_one(Organization, trade.chain.id)
        return terms.state(session, trade.grower, chain, (hours, Decimal(share)), at=at or trade.at - LATE)


def says(trade, term, *, agrees=True, words="", actor=None, at=None):
    actor = actor or trade.buyer
    with db.session(actor.who) as session:
        held = terms.find(session, actor, term.id)
        return terms.reply(session, actor, held, agrees=agrees, words=words, at=at or trade.at - LATE)


def calls_off(trade, order, *, after=LATE, costs="0", actor=None):
    actor = actor or trade.buyer
    with db.session(actor.who) as session:
        held = session.get_one(PurchaseOrder, order.id)
        return cancelling.cancel(
            session, actor, held, at=trade.at + after, reason="The shop is closed", costs=Decimal(costs)
        )


def kept(trade):
    with db.session(trade.grower.who) as session:
        return session.exec(select(Cancellation)).all()


def recorded(party):
    with db.session(db.Who(party.id)) as session:
        return session.exec(select(Event).where(Event.biz_step == CANCELLING, Event.owner_id == party.id)).all()


def test_until_the_agreed_hour_it_is_free_and_after_it_the_agreed_share_is_owed(trade):
    says(trade, asks(trade))
    early, late = trade.ordered(), trade.ordered(tomato="100", eggs="30")
    for order in (early, late):
        trade.answer(order)
    calls_off(trade, early, after=timedelta(hours=2))
    due = Decimal("0.2") * (100 * trade.tomato.price + 30 * trade.eggs.price)
    with pytest.raises(CostsMore) as refused:
        calls_off(trade, late)
    assert refused.value.at == "costs" and trade.status(late, after=LATE) is OrderStatus.CONFIRMED
    for _ in range(2):
        calls_off(trade, late, costs=str(due))
    assert {row.number: row.owed for row in kept(trade)} == {early.number: 0, late.number: due}


def test_what_was_not_confirmed_and_what_was_ordered_before_both_agreed_costs_nothing(trade):
    term = asks(trade)
    before = trade.ordered()
    trade.answer(before)
    says(trade, term, at=trade.at + timedelta(minutes=1))
    silent = trade.ordered()
    for order in (before, silent):
        calls_off(trade, order)
    assert [(row.number, row.owed) for row in kept(trade)] == [(before.number, 0)]


def test_of_a_line_agreed_in_part_and_one_declined_the_part_alone_is_reckoned(trade):
    says(trade, asks(trade))
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 90), eggs=(AnswerKind.DECLINED,))
    trade.reply(order, trade.buyer)
    due = Decimal("0.2") * 90 * trade.tomato.price
    calls_off(trade, order, costs=str(due))
    assert [row.owed for row in kept(trade)] == [due]


def test_both_record_the_same_cancellation_under_one_event_id(trade):
    order = trade.ordered()
    trade.answer(order)
    outbox.relay(LISTENERS)
    calls_off(trade, order)
    for _ in range(2):
        outbox.relay(LISTENERS)
    [theirs], [ours] = recorded(trade.farm), recorded(trade.chain)
    assert theirs.event_id == ours.event_id
    assert b'"DELETE"' in ours.payload and f"{order.number}.v1".encode() in ours.payload


def test_a_term_holds_once_its_buyer_agrees_and_what_was_agreed_holds_until_then(trade):
    first = asks(trade)
    assert asks(trade).id == first.id
    says(trade, first)
    second = asks(trade, share="0.5")
    with pytest.raises(InvalidInput) as refused:
        says(trade, second, agrees=False)
    assert refused.value.at == "words"
    says(trade, second, agrees=False, words="Too much")
    with pytest.raises(TermAnswered):
        says(trade, second)
    with db.session(trade.buyer.who) as session:
        held = terms.agreed(session, trade.farm.id, trade.chain.id, by=trade.at)
        assert held is not None and held.id == first.id
    third = asks(trade, share="0")
    with pytest.raises(TermAnswered):
        says(trade, first, agrees=False, words="No more")
    says(trade, third)
    order = trade.ordered()
    trade.answer(order)
    calls_off(trade, order)
    assert [row.owed for row in kept(trade)] == [0]


def test_nobody_answers_for_another_and_a_stranger_sees_nothing(trade):
    term = asks(trade)
    rival = builder.actor(builder.party(OrganizationKind.RETAILER, "Rival"), Role.BUYER)
    with pytest.raises(NotAllowed):
        says(trade, term, actor=trade.grower)
    with pytest.raises(NotFound):
        says(trade, term, actor=rival)
    with db.session(rival.who) as session:
        assert session.exec(select(CancelTerm)).all() == []
    with db.session(trade.grower.who) as session, pytest.raises(NotFound):
        other = session.get_one(Organization, trade.farm.id)
        terms.state(session, trade.grower, other, (1, Decimal(1)), at=trade.at)
    order = trade.ordered()
    with pytest.raises(NotAllowed):
        calls_off(trade, order, actor=trade.grower)


def test_of_a_yes_and_a_no_at_once_one_counts(trade):
    term = asks(trade)
    barrier, told = threading.Barrier(2), []

    def work(agrees):
        barrier.wait()
        try:
            told.append(says(trade, term, agrees=agrees, words="No").agrees)
        except HubError as refusal:
            told.append(refusal.code)

    threads = [threading.Thread(target=work, args=(agrees,)) for agrees in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "term-answered" in told
    with db.session(trade.buyer.who) as session:
        assert len(session.exec(select(CancelTermReply)).all()) == 1


def test_what_is_owed_stands_in_the_statement_of_the_month_in_which_it_was_called_off(trade):
    says(trade, asks(trade, share="0.25"))
    order = trade.ordered(tomato="100", eggs="30")
    trade.answer(order)
    due = Decimal("0.25") * (100 * trade.tomato.price + 30 * trade.eggs.price)
    calls_off(trade, order, costs=str(due))
    with db.session(trade.buyer.who) as session:
        farm = session.get_one(Organization, trade.farm.id)
        assert [row.month for row in statements.months(session, trade.buyer)] == [trade.at.date().replace(day=1)]
        stated = statements.issue(session, trade.buyer, farm, trade.at.date(), at=datetime(2026, 12, 2, tzinfo=UTC))
        assert (stated.goods, stated.cancelled, stated.total) == (0, due, due)
    wang = signed_in(trade.farm, Role.SUPPLIER, "wang@example.org")
    page = wang.get(f"/supplier/statements/{stated.id}").text
    assert order.number in page and "Called off late" in page
    assert wang.get(f"/supplier/statements/{stated.id}/statement.pdf").content.startswith(b"%PDF")
    assert wang.get(f"/supplier/statements/{stated.id}/statement.xlsx").status_code == 200


def test_the_sum_is_read_before_it_is_called_off_and_both_sides_read_it_afterwards(trade):
    gao = signed_in(trade.chain, Role.BUYER, "gao@example.org")
    wang = signed_in(trade.farm, Role.SUPPLIER, "wang@example.org")
    asked = wang.post(f"/supplier/cancellation-terms/of/{trade.chain.gln}", data={"hours": "240", "share": "20"})
    assert asked.status_code == 303
    with db.session(trade.buyer.who) as session:
        term = session.exec(select(CancelTerm)).one()
    shown = gao.get(f"/buyer/cancellation-terms?partner={trade.farm.gln}").text
    assert "20%" in shown and f'action="/buyer/cancellation-terms/{term.id}"' in shown
    assert gao.post(f"/buyer/cancellation-terms/{term.id}", data={"do": "agree"}).status_code == 303
    trade.at, trade.deliver_on = now(), (now() + timedelta(days=3)).date()
    order = trade.ordered(tomato="100", eggs="30")
    trade.answer(order, after=timedelta(0))
    due = Decimal("0.2") * (100 * trade.tomato.price + 30 * trade.eggs.price)
    page = gao.get(f"/buyer/orders/{order.number}").text
    assert "It costs you" in page and re.search(rf'name="costs" value="{due.normalize():f}"', page)
    said = {"reason": "The shop is closed"}
    refused = gao.post(f"/buyer/orders/{order.number}/cancel", data=said)
    assert refused.status_code == 422 and "by now" in refused.text
    done = gao.post(f"/buyer/orders/{order.number}/cancel", data=said | {"costs": str(due)})
    assert done.status_code == 303
    for browser, address in [
        (gao, f"/buyer/orders/{order.number}"),
        (wang, f"/supplier/orders/{order.number}?buyer={trade.chain.gln}"),
    ]:
        assert "Owed for calling it off late" in browser.get(address).text


@pytest.mark.parametrize(
    "said",
    [
        {"hours": "-1", "share": "20"},
        {"hours": "721", "share": "20"},
        {"hours": "24", "share": "101"},
        {"hours": "24", "share": "-1"},
        {"hours": "24", "share": "NaN"},
        {"hours": "", "share": "20"},
        {"hours": "<script>", "share": "20"},
    ],
)
def test_what_cannot_be_a_term_is_refused(trade, said):
    wang = signed_in(trade.farm, Role.SUPPLIER, "wang@example.org")
    answer = wang.post(f"/supplier/cancellation-terms/of/{trade.chain.gln}", data=said)
    assert answer.status_code == 422 and "<script>" not in answer.text.replace("<script src", "")
    with db.session(trade.grower.who) as session:
        assert session.exec(select(CancelTerm)).all() == []


def test_a_program_says_that_it_knows_the_cost(trade):
    says(trade, asks(trade, hours=240, at=trade.at), at=trade.at)
    trade.at, trade.deliver_on = now(), (now() + timedelta(days=3)).date()
    order = trade.ordered()
    trade.answer(order, after=timedelta(0))
    with db.session(trade.buyer.who) as session:
        key = access.make_api_key(session, trade.chain.id, "test", [Permission.PLACE_ORDERS])
    machine = stranger()
    machine.headers |= {"authorization": f"Bearer {key}", "accept": "application/json"}
    address, why = f"/api/orders/{order.number}/cancellation", {"reason": "closed"}
    refused = machine.post(address, json=why, headers={"idempotency-key": "a"})
    assert (refused.status_code, refused.json()["code"]) == (409, "costs-more")
    done = machine.post(address, json=why | {"costs": "100000"}, headers={"idempotency-key": "b"})
    assert done.status_code == 200 and done.json()["status"] == "cancelled"
