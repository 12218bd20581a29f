"""Pages of an order on both sides: an answer that is changed, an order that is called off."""

from datetime import timedelta

import pytest

from hub import db
from hub.models.base import now
from hub.models.party import Role
from hub.models.trade import AnswerKind, PurchaseOrder
from supplier_portal.orders import order_book
from tests import supermarket


@pytest.fixture
def order(trade):
    trade.at = now()
    trade.deliver_on = (trade.at + timedelta(days=3)).date()
    made = trade.ordered()
    trade.answer(made, after=timedelta(0), tomato=(AnswerKind.LESS, 90))
    return made


@pytest.fixture
def grower(trade):
    return supermarket.signed_in(trade.farm, Role.SUPPLIER, "grower@example.org")


@pytest.fixture
def buyer(trade):
    return supermarket.signed_in(trade.chain, Role.BUYER, "buyer@example.org")


def test_a_supplier_changes_what_is_not_agreed_and_both_read_what_was_said_before(trade, order, grower, buyer):
    where = f"/supplier/orders/{order.number}?buyer={trade.chain.gln}"
    assert "Change the answer" in grower.get(where).text
    form = grower.get(where + "&change=true").text
    assert 'value="90"' in form and "What was agreed holds until" in form
    lines = trade.lines(order)
    said = {
        "lines.0.line": str(lines["tomato"]),
        "lines.0.answer": "less",
        "lines.0.quantity": "70",
        "lines.0.reason": "Hail",
        "lines.1.line": str(lines["eggs"]),
        "lines.1.answer": "confirmed",
        "do": "send",
    }
    wrong = grower.post(
        f"/supplier/orders/{order.number}/answer?buyer={trade.chain.gln}",
        data=said | {"lines.0.quantity": "999"},
    )
    assert wrong.status_code == 422 and 'value="999"' in wrong.text
    sent = grower.post(f"/supplier/orders/{order.number}/answer?buyer={trade.chain.gln}", data=said)
    assert sent.status_code == 303, sent.text
    assert "Qinghe wants: 70 kg" in buyer.get(f"/buyer/orders/{order.number}").text
    for page in (grower.get(where).text, buyer.get(f"/buyer/orders/{order.number}").text):
        assert "70 kg" in page and "Hail" in page and "90 kg" in page and "1 of 2 lines agreed" in page
    assert "Changed answers" in buyer.get("/buyer").text


def test_a_buyer_who_calls_a_confirmed_order_off_says_why_and_the_supplier_reads_it(trade, order, grower, buyer):
    shown = buyer.get(f"/buyer/orders/{order.number}").text
    assert "has confirmed it and may have begun" in shown
    refused = buyer.post(f"/buyer/orders/{order.number}/cancel", data={"reason": " "})
    assert refused.status_code == 422 and "Say why" in refused.text
    with db.session(trade.buyer.who) as session:
        assert (
            order_book.status_of(session, session.get_one(PurchaseOrder, order.id), at=now())
            is not order_book.OrderStatus.CANCELLED
        )
    done = buyer.post(f"/buyer/orders/{order.number}/cancel", data={"reason": "The cold room failed"})
    assert done.status_code == 303
    assert "The cold room failed" in grower.get(f"/supplier/orders/{order.number}?buyer={trade.chain.gln}").text
    assert "The cold room failed" in grower.get("/supplier").text


def test_an_order_nobody_has_answered_is_called_off_without_a_word(trade, buyer):
    trade.at = now()
    trade.deliver_on = (trade.at + timedelta(days=3)).date()
    order = trade.ordered()
    assert "Why, for" not in buyer.get(f"/buyer/orders/{order.number}").text
    assert buyer.post(f"/buyer/orders/{order.number}/cancel").status_code == 303
