"""A buyer writes an order by hand: types or pastes how much of what, and sends it, once."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from sqlmodel import col, select

from hub import db
from hub.demo import builder
from hub.models.base import now
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, OrganizationKind, Role
from hub.models.trade import OrderLine, PurchaseOrder
from hub.prices import Asked
from supplier_portal.orders import orders
from supplier_portal.orders.buying import writing
from supplier_portal.orders.buying.writing import Offer, PastedTooMuch
from tests.supermarket import signed_in

NEW = "/buyer/orders/new"


@pytest.fixture
def buyer(trade):
    trade.at = now()
    trade.deliver_on = (now() + timedelta(days=20)).date()
    return signed_in(trade.chain, Role.BUYER, "gao@example.org")


def sheet(trade, **said: str) -> dict[str, str]:
    """The sheet for the first store, with quantities by item."""
    offered = sorted((trade.tomato, trade.eggs), key=lambda item: item.gtin)
    names = {trade.tomato.id: "tomato", trade.eggs.id: "eggs"}
    rows = {f"lines.{place}": item for place, item in enumerate(offered)}
    fields = {f"{row}.item": str(item.id) for row, item in rows.items()}
    fields |= {f"{row}.quantity": said.get(names[item.id], "") for row, item in rows.items()}
    return {
        "supplier": str(trade.farm.id),
        "place": str(trade.stores[0].id),
        "deliver_on": trade.deliver_on.isoformat(),
        **fields,
        **{name: value for name, value in said.items() if name not in ("tomato", "eggs")},
    }


def placed(trade) -> dict[str, dict[str, Decimal]]:
    """Every order of the chain that was placed: how much of what."""
    names = {trade.tomato.id: "tomato", trade.eggs.id: "eggs"}
    with db.session(trade.buyer.who) as session:
        held = session.exec(select(PurchaseOrder).where(col(PurchaseOrder.placed_at).is_not(None))).all()
        return {
            order.number: {
                names[line.trade_item_id]: line.quantity
                for line in session.exec(select(OrderLine).where(col(OrderLine.order_id) == order.id))
            }
            for order in held
        }


def told(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_an_order_is_written_and_sent_and_its_supplier_sees_it(trade, buyer):
    chosen = buyer.get(NEW)
    assert chosen.status_code == 200 and "Qinghe" in told(chosen)
    shown = buyer.get(NEW, params={"supplier": str(trade.farm.id), "place": str(trade.stores[0].id)})
    assert str(trade.tomato.gtin) in shown.text and str(trade.eggs.gtin) in shown.text
    sent = buyer.post(NEW, data=sheet(trade, tomato="１２０.５", once="a"))
    assert sent.status_code == 303, told(sent)
    [(number, lines)] = placed(trade).items()
    assert sent.headers["location"].endswith(number) and lines == {"tomato": Decimal("120.5")}
    grower = signed_in(trade.farm, Role.SUPPLIER, "wang@example.org")
    assert number in grower.get("/supplier/orders").text


def test_two_clicks_are_one_order_and_two_sheets_are_two(trade, buyer):
    first = buyer.post(NEW, data=sheet(trade, tomato="10", once="a"))
    again = buyer.post(NEW, data=sheet(trade, tomato="10", once="a"))
    assert first.headers["location"] == again.headers["location"] and len(placed(trade)) == 1
    buyer.post(NEW, data=sheet(trade, tomato="10", once="b"))
    assert len(placed(trade)) == 2


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "Type how much you want of at least one item."),
        ({"tomato": "0", "eggs": "0"}, "Type how much you want of at least one item."),
        ({"eggs": "1.5"}, "Enter a whole number."),
        ({"tomato": "-1"}, "Enter 0 or more."),
        ({"tomato": "1234567890123456789"}, "digits"),
        ({"tomato": "a few"}, "number"),
        ({"tomato": "5", "deliver_on": "2026-01-01"}, "passed"),
    ],
)
def test_what_cannot_be_ordered_is_said_at_its_field_and_nothing_is_sent(trade, buyer, said, why):
    answer = buyer.post(NEW, data=sheet(trade, **said))
    assert answer.status_code == 422 and why in told(answer), told(answer)
    assert 'aria-invalid="true"' in answer.text
    assert placed(trade) == {}
    with db.session(trade.buyer.who) as session:
        assert session.exec(select(PurchaseOrder)).all() == []


def test_lines_are_pasted_and_those_that_are_not_read_are_named(trade, buyer):
    text = f"Item\tQty\n{trade.tomato.gtin}\t1,200\nE-1 60\nwater 5\n{trade.tomato.gtin}\t3\neggs\n"
    answer = buyer.post(NEW + "/paste", data=sheet(trade, pasted=text))
    assert answer.status_code == 200
    said = told(answer)
    assert "2 lines are filled in below." in said and "3 lines were not read." in said
    assert "Line 4: water 5 – This supplier offers you no such item." in said
    assert "Line 5:" in said and "stands in an earlier line already" in said
    assert 'value="1200"' in answer.text and 'value="60"' in answer.text
    assert placed(trade) == {}


def test_too_much_is_not_read(trade, buyer):
    answer = buyer.post(NEW + "/paste", data=sheet(trade, pasted="\n".join(["E-1 1"] * (writing.MOST_PASTED + 1))))
    assert answer.status_code == 422 and "at most" in told(answer)
    with pytest.raises(PastedTooMuch):
        writing.pasted("a 1\n" * (writing.MOST_PASTED + 1), [])


def test_names_that_several_items_have_are_not_guessed():
    items = [TradeItem(gtin=f"0690123400001{n}", name_zh="番茄", name_en=f"Tomato {n}", unit="KGM") for n in range(2)]
    offered = [Offer(item, f"T-{n}", Asked(Decimal(1), "CNY")) for n, item in enumerate(items)]
    quantities, wrong = writing.pasted("番茄 5\nＴ－１　３\ntomato  0\t4\nT-0 0", offered)
    assert quantities == {items[1].id: Decimal(3), items[0].id: Decimal(4)}
    assert [(one.line, one.why) for one in wrong] == [
        (1, "Several items are called so: give the GTIN."),
        (4, "This item stands in an earlier line already."),
    ]


def test_an_order_is_written_again_like_an_earlier_one(trade, buyer):
    order = trade.ordered(tomato="120", eggs="60")
    shown = buyer.get(NEW, params={"like": order.number})
    assert 'value="120"' in shown.text and 'value="60"' in shown.text
    assert f"like={order.number}" in buyer.get(f"/buyer/orders/{order.number}").text
    assert "120" in told(buyer.get(NEW, params={"supplier": str(trade.farm.id), "place": str(trade.stores[0].id)}))


def test_nobody_orders_with_anothers_supplier_store_or_order(trade, buyer):
    order = trade.ordered()
    rival = builder.party(OrganizationKind.RETAILER, "Rival")
    stranger = signed_in(rival, Role.BUYER, "ma@example.net")
    for answer in (
        stranger.get(NEW, params={"supplier": str(trade.farm.id), "place": str(trade.stores[0].id)}),
        stranger.get(NEW, params={"like": order.number}),
        stranger.post(NEW, data=sheet(trade, tomato="5")),
        stranger.post(NEW + "/paste", data=sheet(trade, pasted="E-1 1")),
        buyer.get(NEW, params={"supplier": str(trade.haulier.id), "place": str(trade.stores[0].id)}),
        buyer.get(NEW, params={"supplier": "x", "place": "y"}),
        buyer.post(NEW, data={"supplier": "x"}),
    ):
        assert answer.status_code == 404, answer.url
    assert list(placed(trade)) == [order.number]


def test_an_ended_item_is_not_offered_and_is_refused_where_the_sheet_is_older(trade, buyer):
    old = sheet(trade, tomato="5", eggs="7")
    with db.session(trade.grower.who) as session:
        session.get_one(TradeItem, trade.eggs.id).ended_on = trade.farm.day(now())
    shown = buyer.get(NEW, params={"supplier": old["supplier"], "place": old["place"]})
    assert str(trade.eggs.gtin) not in shown.text
    answer = buyer.post(NEW, data=old)
    assert answer.status_code == 422 and placed(trade) == {}


def test_what_its_supplier_does_not_deliver_is_refused_with_the_next_day(trade, buyer):
    wang = signed_in(trade.farm, Role.ADMINISTRATOR, "wang@example.org")
    wang.post("/settings/terms/new", data={"buyer": trade.chain.gln, "lead_days": "30"})
    answer = buyer.post(NEW, data=sheet(trade, tomato="5"))
    assert answer.status_code == 422 and "The next possible day is" in told(answer)
    with db.session(trade.buyer.who) as session:
        farm = session.get_one(Organization, trade.farm.id)
        first = writing.first_day(session, trade.buyer, farm, trade.stores[0], at=now())
        assert first == farm.day(now()) + timedelta(days=30)
    assert orders.PIECES and placed(trade) == {}
