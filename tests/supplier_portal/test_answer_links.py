"""The link in a letter: who holds it answers that order, once, and nothing else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from hub import db, letters, outbox
from hub.demo import builder
from hub.listeners import LISTENERS
from hub.models.base import now
from hub.models.party import Role
from hub.models.trade import AnswerKind, OrderAnswer, PurchaseOrder
from hub.notices import delivery
from hub.tasks import LINKS
from tests import supermarket
from tests.letterbox import post

__all__ = ["post"]

PASSWORD = "a long enough sentence"


@pytest.fixture
def order(trade, post):
    """An order just placed, of which the grower's clerk Su has had a letter."""
    trade.at = now()
    trade.deliver_on = (trade.at + timedelta(days=3)).date()
    trade.su = builder.person(trade.farm, Role.SUPPLIER, PASSWORD, "su@example.org", "Su")
    made = trade.ordered()
    while outbox.relay(LISTENERS):
        pass
    assert delivery.send_due(letters.letter, LINKS) == 1
    return made


def link_in(letter):
    return "/answer-order" + re.search(r"/answer-order(\?t=\S+)", letter)[1]


def confirmed(trade, order, **more):
    lines = trade.lines(order)
    said = {"lines.0.line": str(lines["tomato"]), "lines.0.answer": "confirmed",
            "lines.1.line": str(lines["eggs"]), "lines.1.answer": "confirmed", "do": "send"}  # fmt: skip
    return said | more


def answers():
    with db.hub_session() as session:
        return session.exec(select(OrderAnswer)).all()


def test_who_holds_the_letter_answers_the_order_without_signing_in(trade, order, post):
    stranger = supermarket.stranger()
    opened = stranger.get(link_in(post.texts()[0]))
    assert opened.status_code == 303 and opened.headers["location"] == "/answer-order"
    shown = stranger.get("/answer-order")
    assert order.number in shown.text and "You answer as Su for Qinghe" in shown.text
    assert shown.headers["referrer-policy"] == "no-referrer"
    filled = stranger.post("/answer-order/answer", data=confirmed(trade, order, do="fill"))
    assert filled.status_code == 200 and not answers()
    wrong = confirmed(trade, order, **{"lines.0.answer": "less", "lines.0.quantity": "999"})
    refused = stranger.post("/answer-order/answer", data=wrong)
    assert refused.status_code == 422 and 'value="999"' in refused.text and not answers()
    assert "2 of 2" in stranger.post("/answer-order/sum", data=confirmed(trade, order)).text
    assert stranger.post("/answer-order/answer", data=confirmed(trade, order)).status_code == 303
    (given,) = answers()
    assert given.created_by == trade.su.id and given.via == "link"
    assert "nothing to answer here any more" in stranger.get("/answer-order").text


def test_it_works_once_and_a_second_answer_changes_nothing(trade, order, post):
    stranger = supermarket.stranger()
    stranger.get(link_in(post.texts()[0]))
    stranger.post("/answer-order/answer", data=confirmed(trade, order))
    (before,) = answers()
    less = confirmed(trade, order, **{"lines.0.answer": "less", "lines.0.quantity": "1"})
    assert stranger.post("/answer-order/answer", data=less).headers["location"] == "/answer-order"
    (after,) = answers()
    assert after.changed_at is None and after.id == before.id


def test_it_opens_that_order_and_no_other_page(trade, order, post):
    stranger = supermarket.stranger()
    stranger.get(link_in(post.texts()[0]))
    another = trade.ordered(tomato="10")
    lines = trade.lines(another)
    foreign = confirmed(trade, order, **{"lines.0.line": str(lines["tomato"]), "lines.1.line": str(lines["eggs"])})
    assert stranger.post("/answer-order/answer", data=foreign).status_code == 422
    for path in ("/supplier", f"/supplier/orders/{order.number}", "/settings/items", "/notices", "/account"):
        assert stranger.get(path).headers.get("location", "").startswith("/sign-in"), path
    assert stranger.get("/answer-order?t=nonsense").status_code == 303
    assert stranger.get("/answer-order").status_code == 404 and not answers()


def test_a_link_of_who_answers_orders_no_more_or_that_is_too_old_opens_nothing(trade, order, post):
    stranger = supermarket.stranger()
    stranger.get(link_in(post.texts()[0]))
    with db.hub_session() as session:
        session.execute(text("update membership set ended_at = now() where user_id = :p"), {"p": trade.su.id})
    assert stranger.get("/answer-order").status_code == 410
    with db.hub_session() as session:
        session.execute(text("update membership set ended_at = null where user_id = :p"), {"p": trade.su.id})
        session.execute(text("update answer_link set expires_at = now() - interval '1 minute'"))
    assert stranger.post("/answer-order/answer", data=confirmed(trade, order)).status_code == 410 and not answers()


def test_an_order_that_was_answered_meanwhile_or_called_off_is_shown_and_not_answered(trade, order, post):
    stranger = supermarket.stranger()
    stranger.get(link_in(post.texts()[0]))
    trade.answer(order, after=timedelta(0), tomato=(AnswerKind.LESS, 90))
    assert "nothing to answer here any more" in stranger.get("/answer-order").text
    assert stranger.post("/answer-order/answer", data=confirmed(trade, order)).status_code == 303
    (given,) = answers()
    assert given.changed_at is None
    with db.session(trade.buyer.who) as session:
        session.get_one(PurchaseOrder, order.id).cancelled_at = now()
    assert stranger.get("/answer-order").status_code == 200


def test_no_letter_of_an_answered_order_brings_a_link_and_the_database_keeps_no_secret(trade, post):
    trade.at = now()
    trade.deliver_on = (trade.at + timedelta(days=3)).date()
    builder.person(trade.farm, Role.SUPPLIER, PASSWORD, "su@example.org", "Su")
    order = trade.ordered()
    while outbox.relay(LISTENERS):
        pass
    trade.answer(order, after=timedelta(0))
    delivery.send_due(letters.letter, LINKS)
    assert all("/answer-order" not in letter for letter in post.texts())
    with db.hub_session() as session:
        assert session.execute(text("select count(*) from answer_link")).scalar_one() == 0
