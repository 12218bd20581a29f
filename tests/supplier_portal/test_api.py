"""A supplier's own system reads orders, answers them, announces shipments and commits, once however often it asks."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, select

from hub import access, db
from hub.access import Permission
from hub.app import create_app
from hub.demo import builder
from hub.gs1 import digital_link
from hub.models.access import IdempotencyKey
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind
from hub.models.trade import OrderAnswer, Shipment
from supplier_portal import lookup
from supplier_portal.forecast import making
from tests import supermarket
from tests.supplier_portal.conftest import Trade

SCOPES = [Permission.ANSWER_ORDERS, Permission.COMMIT_TO_FORECASTS]
Open = Callable[..., TestClient]


@pytest.fixture
def system() -> Iterator[Open]:
    """An organisation's own system, by an API key."""
    opened = []

    def open_one(org: Organization, *scopes: Permission) -> TestClient:
        with db.session(db.Who(org.id)) as session:
            key = access.make_api_key(session, org.id, "their system", list(scopes) or SCOPES)
        made = TestClient(create_app(), headers={"authorization": f"Bearer {key}"})
        made.__enter__()
        opened.append(made)
        return made

    yield open_one
    for made in opened:
        made.__exit__(None, None, None)


@pytest.fixture
def trade(trade: Trade) -> Trade:
    """The trade as it is today, since doors read the clock."""
    trade.at = now()
    trade.deliver_on = (now() + timedelta(days=2)).date()
    return trade


@pytest.fixture
def farm(trade: Trade, system: Open) -> TestClient:
    return system(trade.farm)


def confirmation(trade: Trade, **lines: dict[str, Any]) -> dict[str, Any]:
    said = {"tomato": {"answer": "confirmed"}, "eggs": {"answer": "confirmed"}} | lines
    return {"lines": [{"gtin": getattr(trade, name).gtin, **line} for name, line in said.items()]}


def tell(client: TestClient, path: str, body: Any, key: str = "k-1") -> Response:
    return client.post(f"/api{path}", json=body, headers={"idempotency-key": key})


def count(table: Any) -> int:
    with db.hub_session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_orders_are_listed_and_read(trade, farm):
    order = trade.ordered()
    listed = farm.get("/api/orders", params={"status": "awaiting"}).json()
    assert [(one["number"], one["status"], one["lines"], one["value"]) for one in listed["orders"]] == [
        (order.number, "awaiting", 2, "756")
    ]
    sheet = farm.get(f"/api/orders/{order.number}").json()
    assert [(line["gtin"], line["ordered"], line["unit"], line["answer"]) for line in sheet["lines"]] == [
        (trade.tomato.gtin, "120", "KGM", None),
        (trade.eggs.gtin, "60", "H87", None),
    ]
    assert (sheet["buyer"], sheet["deliver_to"]) == (trade.chain.gln, trade.stores[0].gln)


def test_a_system_answers_line_by_line(trade, farm):
    order = trade.ordered()
    said = confirmation(trade, tomato={"answer": "less", "quantity": 90, "reason": "cold nights"})
    answered = tell(farm, f"/orders/{order.number}/confirmation", said)
    assert answered.status_code == 200, answered.text
    assert [(line["answer"], line["quantity"]) for line in answered.json()["lines"]] == [
        ("less", "90"),
        ("confirmed", "60"),
    ]
    assert answered.json()["status"] == "asked" and count(OrderAnswer) == 1
    assert [line["agreed"] for line in answered.json()["lines"]] == [False, True]


def test_a_refusal_says_which_field_of_which_line_is_to_be_changed(trade, farm):
    order = trade.ordered()
    day = order.deliver_on.isoformat()
    for line, field, told in (
        ({"answer": "less", "quantity": 60}, "lines.1.quantity", "Enter more than 0 and less than 60 pieces."),
        ({"answer": "less", "quantity": 1.5}, "lines.1.quantity", "Enter a whole number."),
        ({"answer": "other_date", "deliver_on": day}, "lines.1.deliver_on", "Choose another day than "),
        ({"answer": "confirmed", "quantity": 61}, "lines.1.quantity", "Line 2: the answer and its figures"),
    ):
        refused = tell(farm, f"/orders/{order.number}/confirmation", confirmation(trade, eggs=line), key=told)
        assert (refused.status_code, refused.json()["code"]) == (409, "answer-contradicts")
        (error,) = refused.json()["errors"]
        assert error["where"] == field and error["what"].startswith(told)


def test_both_sides_agree_by_programs_alone_over_days_price_and_item(trade, farm, system):
    cherry = builder.item(trade.farm, "Cherry tomato")
    order, later = trade.ordered(), (trade.deliver_on + timedelta(days=2)).isoformat()
    split = {"answer": "otherwise", "quantity": "70", "parts": [{"quantity": "50", "deliver_on": later}],
             "price": "3.90", "instead": cherry.gtin}  # fmt: skip
    answered = tell(farm, f"/orders/{order.number}/confirmation", confirmation(trade, tomato=split))
    assert answered.status_code == 200, answered.text
    shops = system(trade.chain, Permission.PLACE_ORDERS)
    turns = f"/orders/{order.number}/turns"
    assert shops.get(f"/api{turns}").json()["waiting"] == [trade.tomato.gtin]
    offer = {"turn": 1, "lines": [{"gtin": trade.tomato.gtin, "says": "offer", "price": "3.80"}]}
    assert tell(shops, turns, offer, "t-1").json()["status"] == "countered"
    assert tell(shops, turns, offer, "t-1").status_code == 200
    refused = tell(farm, turns, {"turn": 1, "lines": [{"gtin": trade.tomato.gtin, "says": "accept"}]}, "t-2")
    assert (refused.status_code, refused.json()["code"]) == (409, "outdated-turn")
    done = tell(farm, turns, {"turn": 2, "lines": [{"gtin": trade.tomato.gtin, "says": "accept"}]}, "t-3").json()
    tomato = done["lines"][0]
    assert (done["status"], tomato["agreed"], tomato["agreed_price"]) == ("partly", True, "3.8")
    assert tomato["instead"] == cherry.gtin and [part["quantity"] for part in tomato["parts"]] == ["70", "50"]


def test_the_same_request_twelve_times_at_once_is_one_answer(trade, farm):
    order = trade.ordered()
    path, said = f"/orders/{order.number}/confirmation", confirmation(trade)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: tell(farm, path, said), range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert (count(OrderAnswer), count(IdempotencyKey)) == (1, 1)


def test_a_key_used_for_another_request_is_refused(trade, farm):
    order = trade.ordered()
    path = f"/orders/{order.number}/confirmation"
    tell(farm, path, confirmation(trade))
    refused = tell(farm, path, confirmation(trade, eggs={"answer": "declined"}))
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")


def test_a_refused_request_may_come_again_under_its_key(trade, farm):
    order = trade.ordered()
    path = f"/orders/{order.number}/confirmation"
    half = {"lines": [{"gtin": trade.tomato.gtin, "answer": "confirmed"}]}
    assert tell(farm, path, half).json()["code"] == "answer-incomplete"
    assert tell(farm, path, confirmation(trade)).status_code == 200


def test_a_request_without_a_key_is_told_so(trade, farm):
    order = trade.ordered()
    refused = farm.post(f"/api/orders/{order.number}/confirmation", json=confirmation(trade))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["where"] == "header.idempotency-key"


@pytest.mark.parametrize("quantity", [-5, 0, "NaN", "1e30"])
def test_a_quantity_that_is_none_is_refused_where_it_stands(trade, farm, quantity):
    order = trade.ordered()
    said = confirmation(trade, tomato={"answer": "less", "quantity": quantity})
    refused = tell(farm, f"/orders/{order.number}/confirmation", said)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-input")
    assert refused.json()["errors"][0]["where"] == "body.lines.0.quantity"


def test_an_unknown_gtin_is_refused_by_name(trade, farm):
    order = trade.ordered()
    body = "0690999900001"
    strange = body + digital_link.check_digit(body)
    said = confirmation(trade)
    said["lines"][0]["gtin"] = strange
    refused = tell(farm, f"/orders/{order.number}/confirmation", said)
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown-gtin")
    said["lines"][0]["gtin"] = "4711"
    assert tell(farm, f"/orders/{order.number}/confirmation", said, "k-2").json()["code"] == "bad-gs1-key"


def test_another_suppliers_order_is_not_there(trade, farm, system):
    order = trade.ordered()
    other = builder.party(OrganizationKind.SUPPLIER, "Luyuan")
    builder.relation(trade.chain, other)
    stranger = system(other)
    assert stranger.get(f"/api/orders/{order.number}").status_code == 404
    refused = tell(stranger, f"/orders/{order.number}/confirmation", confirmation(trade))
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert stranger.get("/api/orders").json()["total"] == 0


def test_a_change_is_asked_for_until_goods_leave_and_what_was_agreed_holds(trade, farm):
    order = trade.ordered()
    path = f"/orders/{order.number}/confirmation"
    tell(farm, path, confirmation(trade))
    changed = tell(farm, path, confirmation(trade, eggs={"answer": "declined"}), "k-2").json()
    assert changed["lines"][1]["answer"] == "confirmed" and changed["changed_at"] and changed["status"] == "asked"
    told = farm.get(f"/api/orders/{order.number}/turns").json()
    assert (told["turn"], told["waiting"]) == (2, []) and [turn["by"] for turn in told["turns"]] == ["supplier"] * 2
    assert [(line["gtin"], line["says"], line["terms"]["parts"]) for line in told["turns"][1]["lines"]] == [
        (trade.eggs.gtin, "offer", [])
    ]

    supermarket.lot(trade.tomato, "T-88")
    said = {
        "ship_from": trade.packhouse.gln,
        "lines": [{"gtin": trade.tomato.gtin, "lot": "T-88", "quantity": "1"}],
    }
    assert tell(farm, f"/orders/{order.number}/shipments", said, "s-1").status_code == 201
    refused = tell(farm, path, confirmation(trade), "k-3")
    assert (refused.status_code, refused.json()["code"]) == (409, "order-not-open")


def test_a_shipment_is_announced_once_and_names_its_sscc(trade, farm):
    order = trade.ordered()
    tell(farm, f"/orders/{order.number}/confirmation", confirmation(trade))
    supermarket.lot(trade.tomato, "T-88")
    said = {
        "ship_from": trade.packhouse.gln,
        "lines": [{"gtin": trade.tomato.gtin, "lot": "T-88", "quantity": "120"}],
    }
    sent = [tell(farm, f"/orders/{order.number}/shipments", said, "s-1") for _ in range(2)]
    assert [one.status_code for one in sent] == [201, 201], sent[0].text
    assert sent[0].json() == sent[1].json() and len(sent[0].json()["sscc"]) == 18
    assert count(Shipment) == 1
    more = said | {"lines": [{"gtin": trade.tomato.gtin, "lot": "T-88", "quantity": 1}]}
    refused = tell(farm, f"/orders/{order.number}/shipments", more, "s-2")
    assert (refused.status_code, refused.json()["code"]) == (409, "more-than-confirmed")


def test_an_order_not_answered_cannot_be_shipped(trade, farm):
    order = trade.ordered()
    supermarket.lot(trade.tomato, "T-88")
    said = {
        "ship_from": trade.packhouse.gln,
        "lines": [{"gtin": trade.tomato.gtin, "lot": "T-88", "quantity": 1}],
    }
    refused = tell(farm, f"/orders/{order.number}/shipments", said)
    assert (refused.status_code, refused.json()["code"]) == (409, "order-not-open")


def test_a_forecast_is_read_and_committed_to(trade, farm):
    today = trade.chain.day(now())
    trade.sold(through=today)
    with db.session(db.Who(trade.chain.id)) as session:
        making.make(session, at=now(), through=today)  # each week of it lies ahead, on a Monday too
    grid = farm.get("/api/forecast", params={"buyer": trade.chain.gln}).json()
    week = next(w for w in grid["items"][0]["weeks"] if w["actual"] is None)
    promised = {"gtin": grid["items"][0]["gtin"], "week": week["week"], "quantity": 1}
    answered = tell(farm, "/forecast/commitments", {"buyer": trade.chain.gln, "weeks": [promised]})
    assert answered.status_code == 200, answered.text
    assert answered.json()["weeks"][0] | {"asked": None} == promised | {
        "asked": None,
        "quantity": "1",
        "commitment": "lower",
    }
    promised["quantity"] = -5
    refused = tell(farm, "/forecast/commitments", {"buyer": trade.chain.gln, "weeks": [promised]}, "k-2")
    assert refused.json()["errors"][0]["where"] == "body.weeks.0.quantity"


def test_a_program_without_a_key_is_told_to_sign_in(trade):
    with TestClient(create_app()) as nobody:
        refused = nobody.get("/api/orders")
    assert (refused.status_code, refused.json()["code"]) == (401, "sign-in-needed")


def test_a_key_without_the_scope_is_refused(trade, system):
    reader = system(trade.farm, Permission.CAPTURE_EVENTS)
    assert reader.get("/api/orders").json()["code"] == "not-allowed"


def test_a_supplier_ships_its_own_item_of_a_number_that_its_partner_lists_too(trade, farm):
    rival = builder.party(OrganizationKind.SUPPLIER, "Rival")
    builder.relation(trade.farm, rival)
    theirs = builder.item(rival, "Rival's tomato", gtin=trade.tomato.gtin)
    with db.session(db.Who(rival.id)) as session:
        session.add(theirs)
        theirs.created_at = theirs.created_at.replace(year=2020)
    with db.session(trade.grower.who) as session:
        assert lookup.own_item(session, trade.grower, trade.tomato.gtin).id == trade.tomato.id
        with pytest.raises(lookup.UnknownGtin):
            lookup.own_item(session, trade.grower, builder.gtin(700))
