"""A chain's own system writes, places, approves and calls off orders, once however often it asks."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from hub import db
from hub.access import Permission
from hub.models.base import now
from hub.models.party import Organization, Role
from hub.models.trade import PurchaseOrder
from tests.supermarket import signed_in
from tests.supplier_portal.test_api import Open, Trade, system, tell

__all__ = ["system"]


@pytest.fixture
def trade(trade: Trade) -> Trade:
    trade.at, trade.deliver_on = now(), (now() + timedelta(days=20)).date()
    return trade


@pytest.fixture
def erp(trade: Trade, system: Open):
    return system(trade.chain, Permission.PLACE_ORDERS, Permission.APPROVE_ORDERS)


def wanted(trade: Trade, **more: object) -> dict[str, object]:
    return {
        "supplier": trade.farm.gln,
        "deliver_to": trade.stores[0].gln,
        "deliver_on": trade.deliver_on.isoformat(),
        "lines": [{"gtin": trade.tomato.gtin, "quantity": "12.5"}, {"gtin": trade.eggs.gtin, "quantity": 30}],
    } | more


def test_an_order_is_written_and_placed_once(trade, erp):
    answers = [tell(erp, "/orders", wanted(trade)) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201] and answers[0].json() == answers[1].json()
    told = answers[0].json()
    assert told["status"] == "awaiting" and told["deliver_to"] == trade.stores[0].gln
    assert [(line["gtin"], line["ordered"]) for line in told["lines"]] == [
        (trade.tomato.gtin, "12.5"), (trade.eggs.gtin, "30"),
    ]  # fmt: skip
    with db.session(trade.grower.who) as session:
        assert [order.number for order in session.exec(select(PurchaseOrder))] == [told["number"]]
    other = tell(erp, "/orders", wanted(trade, lines=[{"gtin": trade.eggs.gtin, "quantity": 1}]))
    assert other.status_code == 422 and "idempotency-key-reused" in other.text


def test_a_draft_is_placed_later_and_called_off(trade, erp):
    number = tell(erp, "/orders", wanted(trade, place=False)).json()["number"]
    assert erp.get(f"/api/orders/{number}").json()["status"] == "draft"
    with db.session(trade.grower.who) as session:
        assert session.exec(select(PurchaseOrder)).all() == []
    placed = tell(erp, f"/orders/{number}/placing", None, key="k-2").json()
    assert placed["status"] == "awaiting"
    gone = tell(erp, f"/orders/{number}/cancellation", {"reason": "Twice"}, key="k-3").json()
    assert (gone["status"], gone["cancel_reason"]) == ("cancelled", "Twice")
    assert tell(erp, f"/orders/{number}/placing", None, key="k-4").status_code == 409


def test_above_the_sum_a_person_approves_what_a_machine_asks_for_and_the_other_way_round(trade, erp):
    with db.session(trade.buyer.who) as session:
        session.get_one(Organization, trade.chain.id).approve_above = Decimal(1)
    number = tell(erp, "/orders", wanted(trade)).json()["number"]
    assert erp.get(f"/api/orders/{number}").json()["status"] == "to-approve"
    own = tell(erp, f"/orders/{number}/approval", {"approved": True}, key="k-2")
    assert own.status_code == 403 and own.json()["code"] == "own-order"
    gao = signed_in(trade.chain, Role.BUYER, "gao@example.org")
    assert gao.post(f"/buyer/orders/{number}/approve").status_code == 303
    draft = tell(erp, "/orders", wanted(trade, place=False), key="k-3").json()["number"]
    gao.post(f"/buyer/orders/{draft}/place")
    returned = tell(erp, f"/orders/{draft}/approval", {"approved": False, "reason": "no"}, key="k-4")
    assert returned.json()["status"] == "draft"
    gao.post(f"/buyer/orders/{draft}/place")
    assert tell(erp, f"/orders/{draft}/approval", {"approved": True}, key="k-5").json()["status"] == "awaiting"


def test_what_is_not_there_is_named(trade, erp, system):
    for said, status, code in (
        ({"supplier": "6900000000006"}, 404, "not-found"),
        ({"supplier": trade.haulier.gln}, 404, "not-found"),
        ({"deliver_to": trade.farm.gln}, 404, "not-found"),
        ({"lines": [{"gtin": "06901234000993", "quantity": 1}]}, 404, "unknown-gtin"),
        ({"lines": [{"gtin": trade.eggs.gtin, "quantity": "1.5"}]}, 422, "invalid-input"),
        ({"lines": [{"gtin": trade.eggs.gtin, "quantity": 0}]}, 422, "invalid-input"),
        ({"deliver_on": "2026-01-01"}, 409, "delivery-date-passed"),
    ):
        answer = tell(erp, "/orders", wanted(trade, **said), key=str(said)[:190])
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert tell(system(trade.farm), "/orders", wanted(trade)).status_code == 403
    with db.session(trade.buyer.who) as session:
        assert session.exec(select(PurchaseOrder)).all() == []
