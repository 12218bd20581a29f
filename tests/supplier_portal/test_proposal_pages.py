"""The buyer's proposals as it works through them: sorted, narrowed, placed one by one or all that it looked for."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from sqlmodel import col, select

from hub import db
from hub.demo import builder
from hub.lists import Search
from hub.models.base import now
from hub.models.party import OrganizationKind, Role
from hub.models.trade import OrderLine, PurchaseOrder
from supplier_portal.models import ProposalReason
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.order_book import OrderStatus
from tests.supermarket import signed_in


@pytest.fixture
def proposals(trade):
    """Tomatoes and eggs for the first store, tomatoes that have run out for the second, bread of another supplier."""
    trade.at = now()
    trade.deliver_on = (trade.at + timedelta(days=20)).date()
    bakery = builder.party(OrganizationKind.SUPPLIER, "Anyang", "安阳烘焙")
    builder.relation(trade.chain, bakery)
    bread = builder.item(bakery, "Bread", "面包")
    builder.assortment(trade.chain, {"B-1": bread})

    def draft(supplier, item, store, later, on_hand):
        line = orders.DraftLine(item.id, Decimal(120))
        wanted = orders.OrderDraft(supplier.id, store.id, trade.deliver_on + timedelta(days=later), [line])
        with db.session(trade.buyer.who) as session:
            order = orders.write(session, trade.buyer, wanted, at=trade.at)
            line_id = session.exec(select(OrderLine.id).where(col(OrderLine.order_id) == order.id)).one()
            session.add(
                ProposalReason(
                    owner_id=trade.chain.id,
                    order_id=order.id,
                    order_line_id=line_id,
                    on_hand=Decimal(on_hand),
                    on_order=Decimal(5),
                    reorder=Decimal(40),
                    target=Decimal(200),
                )
            )
        return order.number

    first, second = trade.stores
    return {
        "tomato": draft(trade.farm, trade.tomato, first, 1, 30),
        "none left": draft(trade.farm, trade.tomato, second, 0, 0),
        "bread": draft(bakery, bread, first, 2, 12),
    }


@pytest.fixture
def buyer(trade):
    return signed_in(trade.chain, Role.BUYER)


def listed(buyer, asked: str) -> list[str]:
    return re.findall(r'class="sub">(PO[^ ]+) ·', buyer.get(f"/buyer/proposals{asked}").text)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["bread", "tomato", "none left"]),
        ("?sort=left", ["none left", "bread", "tomato"]),
        ("?sort=-left", ["tomato", "bread", "none left"]),
        ("?sort=supplier_en", ["bread", "tomato", "none left"]),
        ("?sort=-supplier_zh&q=po", ["bread", "tomato", "none left"]),
        ("?sort=-store_en", ["none left", "bread", "tomato"]),
        ("?sort=arrives", ["none left", "tomato", "bread"]),
        ("?sort=-number", ["bread", "none left", "tomato"]),
        ("?sort=arrives&q=tomato", ["none left", "tomato"]),
        ("?sort=price", ["bread", "tomato", "none left"]),
    ],
)
def test_proposals_are_narrowed_and_sorted(proposals, buyer, asked, expected):
    assert listed(buyer, asked) == [proposals[name] for name in expected]


def test_the_order_that_was_chosen_stands_in_the_form(proposals, buyer):
    page = buyer.get("/buyer/proposals?sort=-store_en").text
    assert '<option value="-store_en" selected>' in page and page.count(" selected>") == 1


def test_whoever_places_or_dismisses_one_stays_in_the_list_as_it_was_sorted(proposals, buyer):
    def addresses(name: str) -> tuple[str, ...]:
        page = buyer.get(f"/buyer/proposals?sort=arrives&q={proposals[name]}").text
        line = re.search(r'name="lines.0.line" value="([^"]+)"', page).group(1)
        place, dismiss = (re.search(rf'action="([^"]+/{do}[^"]+)"', page).group(1) for do in ("place", "dismiss"))
        return line, unescape(place), unescape(dismiss)

    line, place, dismiss = addresses("none left")
    where = f"/buyer/proposals?q={proposals['none left']}&sort=arrives"
    refused = buyer.post(place, data={"lines.0.line": line, "lines.0.quantity": "-5"})
    assert refused.status_code == 422 and f'action="{place.replace("&", "&amp;")}"' in refused.text
    placed = buyer.post(place, data={"lines.0.line": line, "lines.0.quantity": "50"})
    assert placed.status_code == 303 and placed.headers["location"].startswith(where)
    *_, dismiss = addresses("bread")
    gone = buyer.post(dismiss)
    assert gone.status_code == 303 and f"q={proposals['bread']}&sort=arrives" in gone.headers["location"]
    assert listed(buyer, "") == [proposals["tomato"]]


def test_all_that_was_looked_for_is_placed_and_nothing_else(trade, proposals, buyer):
    page = buyer.get("/buyer/proposals?q=tomato").text
    assert "Place all 2 orders?" in page
    address = unescape(re.search(r'action="([^"]+/place-all[^"]*)"', page).group(1))
    assert buyer.post(address).status_code == 303
    with db.session(trade.buyer.who) as session:
        waiting = order_book.buyer_orders(session, trade.buyer, Search(), at=now(), states={OrderStatus.PROPOSED})
        placed = session.scalars(select(PurchaseOrder.number).where(col(PurchaseOrder.placed_at).is_not(None)))
        assert [row.order.number for row in waiting.rows] == [proposals["bread"]]
        assert set(placed) == {proposals["tomato"], proposals["none left"]}


def test_the_lines_of_what_is_shown_are_taken_away_in_the_same_order(proposals, buyer):
    page = buyer.get("/buyer/proposals?sort=left&q=tomato").text
    address = unescape(re.search(r'href="([^"]+export\.csv[^"]*)"', page).group(1))
    table = [line.split(",") for line in buyer.get(address).text.lstrip("\ufeff").splitlines()]
    assert table[0][:2] == ["Order", "Supplier"] and table[0][-2:] == ["Price", "Currency"]
    assert [(row[0], row[1], row[2], *row[6:12]) for row in table[1:]] == [
        (proposals["none left"], "Qinghe", "Store 2", "0", "5", "40", "200", "120", "KGM"),
        (proposals["tomato"], "Qinghe", "Store 1", "30", "5", "40", "200", "120", "KGM"),
    ]


def test_a_search_that_finds_nothing_says_so_and_places_nothing(proposals, buyer):
    page = buyer.get("/buyer/proposals?q=zz").text
    assert "No proposal mentions “zz”." in page and "Nothing runs short" not in page
    assert "place-all" not in page and "export.csv" not in page
