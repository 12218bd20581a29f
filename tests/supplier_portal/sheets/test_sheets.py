"""Orders come by the sheet, whole or not at all; templates and quantity breaks stand beside them."""

import re
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlmodel import col, select

from hub import db
from hub.demo import builder
from hub.errors import HubError, NotFound
from hub.models.access import Upload
from hub.models.base import now
from hub.models.party import OrganizationKind, Role
from hub.models.supply import Price
from hub.models.trade import OrderLine, PurchaseOrder
from hub.registry.prices import PriceForm, Prices
from supplier_portal.orders import orders
from supplier_portal.orders.order_book import OrderStatus
from supplier_portal.orders.templates import templates
from supplier_portal.orders.templates.templates import NameTaken
from tests.supermarket import signed_in

SHEET = "/buyer/orders/sheet"
HEAD = "Place,Arrives,Item,Quantity,Counted in\n"


@pytest.fixture
def gao(trade):
    trade.at, trade.deliver_on = now(), (now() + timedelta(days=20)).date()
    return signed_in(trade.chain, Role.BUYER, "gao@example.org")


def looked_at(browser, text: str):
    return browser.post(f"{SHEET}/import", files={"file": ("week.csv", text.encode())})


def taken(browser, shown):
    [address] = re.findall(rf'action="({SHEET}/import/[^"]+)"', shown.text)
    return browser.post(address), address


def drafted(trade) -> dict[str, dict[str, Decimal]]:
    """What each draft asks for, by the stores' names."""
    with db.session(trade.buyer.who) as session:
        names = {trade.tomato.id: "tomato", trade.eggs.id: "eggs"}
        stores = {store.id: store.name_en for store in trade.stores}
        rows = session.exec(select(PurchaseOrder).where(col(PurchaseOrder.drafted)).order_by(col(PurchaseOrder.number)))
        return {
            stores[row.deliver_to_id]: {
                names[line.trade_item_id]: line.quantity for line in orders.lines_of(session, row)
            }
            for row in rows
        }


def test_rows_of_one_supplier_place_and_day_are_one_draft_and_cases_are_counted_out(trade, gao):
    day, first, second = trade.deliver_on, *trade.stores
    shown = looked_at(
        gao,
        HEAD
        + f"{first.gln},{day},{trade.tomato.gtin},12.5,\nStore 1,{day},E-1,4,Case\n{second.gln},{day},T-1,3,unit\n",
    )
    assert shown.status_code == 200 and drafted(trade) == {}
    done, address = taken(gao, shown)
    assert done.status_code == 303 and done.headers["location"].startswith("/buyer/orders?state=drafts")
    assert drafted(trade) == {
        "Store 1": {"tomato": Decimal("12.5"), "eggs": Decimal(120)},
        "Store 2": {"tomato": Decimal(3)},
    }
    assert gao.post(address).status_code == 303 and len(drafted(trade)) == 2


def test_lines_can_be_pasted(trade, gao):
    pasted = f"Place\tArrives\tItem\tQuantity\nStore 1\t{trade.deliver_on}\tT-1\t7\n"
    shown = gao.post(f"{SHEET}/import", data={"pasted": pasted})
    assert taken(gao, shown)[0].status_code == 303
    assert drafted(trade) == {"Store 1": {"tomato": Decimal(7)}}


@pytest.mark.parametrize(
    ("row", "column", "why"),
    [
        ("Nowhere,{day},T-1,1,", "Place", "GLN or name"),
        ("Store 1,{day},T-9,1,", "Item", "your assortment"),
        ("Store 1,{day},T-1,0,", "Quantity", "more than 0"),
        ("Store 1,{day},T-1,-1,", "Quantity", ""),
        ("Store 1,{day},T-1,NaN,", "Quantity", ""),
        ("Store 1,{day},E-1,1.5,", "Quantity", "whole number"),
        ("Store 1,2020-01-01,T-1,1,", "Arrives", "has passed"),
        ("Store 1,soon,T-1,1,", "Arrives", ""),
        ("Store 1,{day},T-1,1,dozen", "Counted in", ""),
        ("Store 1,{day},<script>alert(1)</script>,1,", "Item", "your assortment"),
        ("Store 1,{day},T-1,1,\nStore 1,{day},T-1,2,", "Item", "Row 2 has the same"),
    ],
)
def test_one_wrong_cell_is_named_and_nothing_is_taken(trade, gao, row, column, why):
    good = f"Store 2,{trade.deliver_on},T-1,5,\n"
    shown = looked_at(gao, HEAD + row.format(day=trade.deliver_on) + "\n" + good)
    assert shown.status_code == 422 and drafted(trade) == {}
    assert column in shown.text and why in shown.text and "<script>alert" not in shown.text
    assert not re.findall(rf'action="({SHEET}/import/[^"]+)"', shown.text)


def test_a_file_that_is_none_is_refused_and_a_store_may_not(trade, gao):
    assert looked_at(gao, "\x00\x01").status_code == 422
    assert gao.post(f"{SHEET}/import").status_code == 422
    store = signed_in(trade.chain, Role.STORE, "shop@example.org")
    assert looked_at(store, HEAD).status_code == 403


def test_of_two_clicks_at_once_one_takes_the_sheet(trade, gao):
    shown = looked_at(gao, HEAD + f"Store 1,{trade.deliver_on},T-1,5,\n")
    [address] = re.findall(rf'action="({SHEET}/import/[^"]+)"', shown.text)
    barrier, told = threading.Barrier(3), []

    def click():
        barrier.wait()
        told.append(gao.post(address).status_code)

    clicks = [threading.Thread(target=click) for _ in range(3)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert told == [303, 303, 303]
    with db.session(trade.buyer.who) as session:
        assert len(session.exec(select(PurchaseOrder)).all()) == 1
        assert session.exec(select(Upload)).all() == []


def test_another_chains_sheet_is_not_there(trade, gao):
    shown = looked_at(gao, HEAD + f"Store 1,{trade.deliver_on},T-1,5,\n")
    [address] = re.findall(rf'action="({SHEET}/import/[^"]+)"', shown.text)
    rival = signed_in(builder.party(OrganizationKind.RETAILER, "Rival"), Role.BUYER, "ma@example.net")
    assert rival.post(address).status_code == 303 and drafted(trade) == {}
    assert "Tomato" not in rival.get(f"{SHEET}/export.csv").text


def test_what_is_taken_away_can_be_taken_in_again(trade, gao):
    order = trade.ordered(tomato="12", eggs="30")
    away = gao.get(f"{SHEET}/export.csv").text
    assert trade.tomato.gtin.removeprefix("0") in away and trade.stores[0].gln in away
    assert (
        gao.get(f"{SHEET}/export.xlsx").content.startswith(b"PK")
        and gao.get(f"{SHEET}/template.xlsx").status_code == 200
    )
    done, _ = taken(gao, looked_at(gao, away.lstrip("\ufeff")))
    assert done.status_code == 303 and drafted(trade) == {"Store 1": {"tomato": Decimal(12), "eggs": Decimal(30)}}
    assert trade.status(order) is OrderStatus.AWAITING


def test_an_order_is_kept_as_a_template_and_another_is_started_from_it(trade, gao):
    order = trade.ordered(tomato="12", eggs="30")
    kept = gao.post(f"/buyer/orders/{order.number}/template", data={"name": "  Every  Monday "})
    assert kept.status_code == 303
    listed = gao.get("/buyer/orders/templates").text
    assert "Every Monday" in listed
    [start] = re.findall(r'href="(/buyer/orders/new\?template=[^"]+)"', listed)
    assert 'name="template"' in gao.get(start).text
    sheet = gao.get(f"{start}&place={trade.stores[1].id}").text
    assert 'value="12"' in sheet and 'value="30"' in sheet
    [away] = re.findall(r'action="(/buyer/orders/templates/[^"]+/end)"', listed)
    for _ in range(2):
        assert gao.post(away).status_code == 303
    assert "Every Monday" not in gao.get("/buyer/orders/templates").text


def test_a_name_is_given_once_and_no_other_chain_sees_a_template(trade, gao):
    first, second = trade.ordered(), trade.ordered(tomato="1")
    with db.session(trade.buyer.who) as session:
        row = templates.save(session, trade.buyer, session.get_one(PurchaseOrder, first.id), "Monday")
        assert templates.save(session, trade.buyer, session.get_one(PurchaseOrder, first.id), "monday").id == row.id
        with pytest.raises(NameTaken):
            templates.save(session, trade.buyer, session.get_one(PurchaseOrder, second.id), "Monday")
    for name in ("", "x" * 81):
        assert gao.post(f"/buyer/orders/{first.number}/template", data={"name": name}).status_code == 422
    rival = builder.actor(builder.party(OrganizationKind.RETAILER, "Rival"), Role.BUYER)
    with db.session(rival.who) as session, pytest.raises(NotFound):
        templates.find(session, rival, row.id)
    browser = signed_in(builder.party(OrganizationKind.RETAILER, "Other"), Role.BUYER, "ma@example.net")
    assert browser.get(f"/buyer/orders/new?template={row.id}").status_code == 404
    assert browser.post(f"/buyer/orders/templates/{row.id}/end").status_code == 404


def test_from_a_quantity_on_a_unit_costs_less_when_it_is_written_changed_and_placed(trade, gao):
    said = {"gtin": trade.tomato.gtin, "price": "4", "valid_from": "2026-01-01", "breaks": "500：3.2； 100=3.6"}
    with db.session(trade.grower.who) as session:
        Prices().add(session, trade.grower, PriceForm.model_validate(said))
    assert {str(q): price_of(trade, q) for q in (99, 100, 499, 500)} == {
        "99": Decimal(4), "100": Decimal("3.6"), "499": Decimal("3.6"), "500": Decimal("3.2"),
    }  # fmt: skip
    page = gao.get(f"/buyer/orders/new?supplier={trade.farm.id}&place={trade.stores[0].id}").text
    assert "from 100 kg on" in page
    order = trade.ordered(tomato="99", eggs="30", placed=False)
    with db.session(trade.buyer.who) as session:
        held = session.get_one(PurchaseOrder, order.id)
        line = next(row for row in orders.lines_of(session, held) if row.trade_item_id == trade.tomato.id)
        orders.place(session, trade.buyer, held, at=trade.at, quantities={line.id: Decimal(600)})
        session.flush()
        assert session.get_one(OrderLine, line.id).price == Decimal("3.2")
    with db.session(trade.grower.who) as session:
        assert session.exec(select(Price)).one().breaks == [
            {"from": "100", "price": "3.6"}, {"from": "500", "price": "3.2"},
        ]  # fmt: skip


def price_of(trade, quantity: int) -> Decimal:
    order = trade.ordered(tomato=str(quantity))
    with db.session(trade.buyer.who) as session:
        lines = orders.lines_of(session, session.get_one(PurchaseOrder, order.id))
        return next(line.price for line in lines if line.trade_item_id == trade.tomato.id)


@pytest.mark.parametrize("typed", ["100", "100:x", "0: 4", "100: 4; 100: 3", "-5: 1", "1:2;" * 13, "=1+1: 2"])
def test_breaks_that_cannot_be_are_refused_beside_their_field(typed):
    with pytest.raises(ValidationError) as refused:
        PriceForm.model_validate({"gtin": "1", "price": "4", "valid_from": "2026-01-01", "breaks": typed})
    assert refused.value.errors()[0]["loc"][0] == "breaks"


def test_a_draft_of_a_place_that_is_closed_by_then_is_refused_with_its_row(trade, gao):
    with db.session(trade.buyer.who) as session:
        session.get_one(type(trade.stores[0]), trade.stores[0].id).ended_on = trade.deliver_on
    with pytest.raises(HubError):
        trade.ordered()
    shown = looked_at(gao, HEAD + f"Store 1,{trade.deliver_on},T-1,5,\n")
    assert shown.status_code == 422 and "takes no more goods" in shown.text
