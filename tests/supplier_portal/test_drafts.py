"""A buyer keeps an order that it has written, changes it, places it later, alone or with others, or throws it away."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from hub import db
from hub.errors import NotFound
from hub.models.base import now
from hub.models.inventory import StockLevel
from hub.models.party import Role
from hub.models.trade import PurchaseOrder
from supplier_portal.forecast import replenishment
from supplier_portal.orders import orders
from supplier_portal.orders.buying import drafts
from supplier_portal.orders.order_book import OrderStatus
from supplier_portal.orders.orders import OrderNotOpen
from tests.supermarket import signed_in
from tests.supplier_portal.test_writing import NEW, placed, sheet, told


@pytest.fixture
def buyer(trade):
    trade.at = now()
    trade.deliver_on = (now() + timedelta(days=20)).date()
    return signed_in(trade.chain, Role.BUYER, "gao@example.org")


def kept(trade, **said: str) -> PurchaseOrder:
    """A draft for the first store."""
    lines = [
        orders.DraftLine(getattr(trade, name).id, Decimal(amount))
        for name, amount in (said or {"tomato": "120"}).items()
    ]
    wanted = orders.OrderDraft(trade.farm.id, trade.stores[0].id, trade.deliver_on, lines)
    with db.session(trade.buyer.who) as session:
        return drafts.keep(session, trade.buyer, wanted, at=trade.at)


def test_a_draft_is_kept_changed_and_sent_under_its_number(trade, buyer):
    answer = buyer.post(NEW + "/keep", data=sheet(trade, tomato="10", once="a"))
    again = buyer.post(NEW + "/keep", data=sheet(trade, tomato="10", once="a"))
    assert answer.status_code == 303 and answer.headers["location"] == again.headers["location"]
    number = answer.headers["location"].rsplit("/", 1)[1]
    assert placed(trade) == {} and number in buyer.get("/buyer/orders?state=drafts").text
    assert number not in buyer.get("/buyer/orders?state=all").text and number not in buyer.get("/buyer/proposals").text
    shown = buyer.get(f"/buyer/orders/{number}")
    assert "Draft" in told(shown) and f"draft={number}" in shown.text
    opened = buyer.get(NEW, params={"draft": number})
    assert 'value="10"' in opened.text and f'name="draft" value="{number}"' in opened.text
    assert f'value="{trade.deliver_on}"' in opened.text
    changed = buyer.post(NEW + "/keep", data=sheet(trade, tomato="12", eggs="30", draft=number, once="b"))
    assert changed.headers["location"].endswith(number) and placed(trade) == {}
    sent = buyer.post(NEW, data=sheet(trade, tomato="15", draft=number, once="c"))
    assert sent.status_code == 303 and placed(trade) == {number: {"tomato": Decimal(15)}}
    late = buyer.post(NEW, data=sheet(trade, tomato="99", draft=number, once="d"))
    assert late.status_code == 422 and "is a draft no more" in told(late)
    assert placed(trade) == {number: {"tomato": Decimal(15)}}


def test_a_draft_that_cannot_be_placed_stays_a_draft_and_one_without_lines_is_none(trade, buyer):
    empty = buyer.post(NEW + "/keep", data=sheet(trade))
    assert empty.status_code == 422 and "Type how much you want" in told(empty)
    number = kept(trade).number
    with db.session(trade.buyer.who) as session:
        session.exec(select(PurchaseOrder)).one().deliver_on = (now() - timedelta(days=3)).date()
    assert buyer.post(f"/buyer/orders/{number}/place").status_code == 409
    assert placed(trade) == {} and number in buyer.get("/buyer/orders?state=drafts").text


def test_a_draft_is_thrown_away_and_can_then_not_be_placed(trade, buyer):
    order = kept(trade)
    assert "Throw it away" in buyer.get(f"/buyer/orders/{order.number}").text
    assert buyer.post(f"/buyer/orders/{order.number}/cancel").status_code == 303
    assert trade.status(order) is OrderStatus.CANCELLED
    assert buyer.post(f"/buyer/orders/{order.number}/place").status_code == 409


def test_many_drafts_are_placed_at_once_and_what_cannot_be_stays(trade, buyer):
    first, second, late = kept(trade), kept(trade, eggs="30"), kept(trade)
    with db.session(trade.buyer.who) as session:
        session.get_one(PurchaseOrder, late.id).deliver_on = (now() - timedelta(days=3)).date()
    page = buyer.get("/buyer/orders?state=drafts")
    assert "Place all 3 orders?" in page.text
    address = re.search(r'action="([^"]+place-drafts[^"]*)"', page.text).group(1)
    assert buyer.post(address).headers["location"].startswith("/buyer/orders?state=drafts")
    assert set(placed(trade)) == {first.number, second.number}
    assert trade.status(late) is OrderStatus.DRAFT


def test_a_proposal_is_withdrawn_when_its_day_comes_and_a_draft_never_is(trade):
    draft, proposal = kept(trade), trade.ordered(placed=False)
    later = trade.at + timedelta(days=9)
    with db.session(trade.buyer.who) as session:
        replenishment.propose(session, at=later)
    assert trade.status(draft, after=timedelta(days=9)) is OrderStatus.DRAFT
    assert trade.status(proposal, after=timedelta(days=9)) is OrderStatus.CANCELLED


def test_what_a_draft_will_bring_is_not_proposed_too_until_its_day_has_passed(trade):
    trade.stocked(tomato=5)
    with db.session(trade.buyer.who) as session:
        for level in session.exec(select(StockLevel)):
            level.safety, level.target = Decimal(20), Decimal(100)
    kept(trade, tomato="200")
    with db.session(trade.buyer.who) as session:
        assert replenishment.shortages(session, at=trade.at) == []
        assert len(replenishment.shortages(session, at=trade.at + timedelta(days=9))) == 1


def test_only_a_draft_is_written_anew_and_only_for_its_own_supplier_and_place(trade):
    draft, sent = kept(trade), trade.ordered()
    line = [orders.DraftLine(trade.eggs.id, Decimal(5))]
    here = orders.OrderDraft(trade.farm.id, trade.stores[0].id, trade.deliver_on, line)
    there = orders.OrderDraft(trade.farm.id, trade.stores[1].id, trade.deliver_on, line)
    with db.session(trade.buyer.who) as session:
        with pytest.raises(OrderNotOpen):
            orders.rewrite(session, trade.buyer, session.get_one(PurchaseOrder, sent.id), here, at=trade.at)
        with pytest.raises(NotFound, match="no such draft"):
            orders.rewrite(session, trade.buyer, session.get_one(PurchaseOrder, draft.id), there, at=trade.at)
        orders.rewrite(session, trade.buyer, session.get_one(PurchaseOrder, draft.id), here, at=trade.at)
    assert set(trade.lines(draft)) == {"eggs"}
    with db.session(trade.grower.who) as session:
        assert session.get(PurchaseOrder, draft.id) is None
