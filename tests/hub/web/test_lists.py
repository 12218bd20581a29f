"""The list kit: what is in use or has ended, sorted, counted, paged, and taken away as it is narrowed."""

import io
import re
from datetime import date
from decimal import Decimal
from html import unescape

import openpyxl
import pytest
from sqlmodel import select

from hub import db
from hub.demo import builder
from hub.models.catalogue import TradeItem
from hub.models.party import OrganizationKind, Role
from tests.hub.web.conftest import PASSWORD
from tests.hub.web.test_find import World
from tests.supermarket import signed_in

ITEMS = "/settings/items"


def enter(browser, email):
    assert browser.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303
    return browser


@pytest.fixture
def farm(browser):
    """A grower with two items that it offers and one that it did."""
    party = builder.party(OrganizationKind.SUPPLIER, "Qinghe", "清河")
    builder.person(party, Role.SUPPLIER, PASSWORD, "wang@example.org")
    for name, zh, price in (("Apples", "苹果", "3"), ("Tomatoes", "番茄", "5"), ("Beans", "豆角", "4")):
        builder.item(party, name, zh, price=Decimal(price))
    with db.session(db.Who(party.id)) as session:
        session.exec(select(TradeItem).where(TradeItem.name_en == "Beans")).one().ended_on = date(2026, 1, 1)
    return enter(browser, "wang@example.org")


def names(client, address):
    return re.findall(r'class="key" href="[^"]+">([^<]+)<', client.get(address).text)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["Apples", "Tomatoes", "Beans"]),
        ("?state=used", ["Apples", "Tomatoes"]),
        ("?state=ended", ["Beans"]),
        ("?sort=price", ["Apples", "Beans", "Tomatoes"]),
        ("?sort=-price&state=used", ["Tomatoes", "Apples"]),
        ("?sort=-name_en", ["Tomatoes", "Beans", "Apples"]),
        ("?q=fanqie", ["Tomatoes"]),
        ("?sort=owner_id", ["Apples", "Tomatoes", "Beans"]),
    ],
)
def test_a_register_is_narrowed_and_sorted(farm, asked, expected):
    assert names(farm, ITEMS + asked) == expected


def test_a_heading_sorts_up_and_then_down_and_says_how_it_is(farm):
    page = farm.get(f"{ITEMS}?state=used&sort=price&q=o").text
    assert page.count('aria-sort="ascending"') == 1 and 'aria-sort="none"' in page
    down = unescape(re.search(r'aria-sort="ascending"><a class="by" href="([^"]+)"', page).group(1))
    assert down == f"{ITEMS}?state=used&q=o&sort=-price"
    assert 'aria-sort="descending"' in farm.get(down).text


def test_where_a_phone_hides_the_headings_the_order_is_chosen_beside_the_search(farm):
    page = farm.get(f"{ITEMS}?state=used&sort=-price&q=o").text
    form = re.search(r'<form class="find" role="search" action="/settings/items">.*?</form>', page, re.DOTALL).group()
    chosen = re.findall(r'<option value="([^"]*)" selected>([^<]+)</option>', form)
    assert [(value, word[-1]) for value, word in chosen] == [("-price", "↓")]
    assert '<option value="">the usual order</option>' in form and '<button class="btn" type="submit">Sort' in form
    assert '<input type="hidden" name="state" value="used">' in form, "what narrows it stays"


def test_what_is_taken_away_is_what_the_list_shows(farm):
    page = farm.get(f"{ITEMS}?state=used&sort=-price").text
    address = unescape(re.search(r'href="([^"]+export\.xlsx[^"]*)"', page).group(1))
    sheet = openpyxl.load_workbook(io.BytesIO(farm.get(address).content)).worksheets[0]
    assert [row[2].value for row in sheet.iter_rows(min_row=2)] == ["Tomatoes", "Apples"]
    whole = farm.get(f"{ITEMS}/export.csv").text
    assert all(name in whole for name in ("Apples", "Tomatoes", "Beans"))


def test_a_state_that_nothing_is_in_says_so(farm):
    assert "Nothing is in this state." in farm.get("/settings/certificates?state=ended").text
    assert farm.get(f"{ITEMS}?state=gone").status_code == 422


def test_people_are_taken_away_without_formulas_and_without_strangers(browser):
    chain = builder.party(OrganizationKind.RETAILER, "Hejia")
    builder.person(chain, Role.ADMINISTRATOR, PASSWORD, "gao@example.org", "Gao")
    builder.person(chain, Role.BUYER, PASSWORD, "lin@example.org", "=Lin")
    other = builder.party(OrganizationKind.RETAILER, "Lelin")
    builder.person(other, Role.BUYER, PASSWORD, "stranger@example.org", "Stranger")
    enter(browser, "gao@example.org")
    table = browser.get("/settings/people/export.csv?sort=-name").text
    assert "gao@example.org" in table and "'=Lin" in table and "Stranger" not in table
    assert table.index("Gao") < table.index("Lin")
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/settings/people/export.xlsx?q=lin").content))
    assert [[cell.value for cell in row][:2] for row in book.worksheets[0].iter_rows(min_row=2)] == [
        ["=Lin", "lin@example.org"]
    ]
    assert names(browser, "/settings/people?state=ended") == []
    enter(browser, "lin@example.org")
    assert browser.get("/settings/people/export.csv").status_code == 403


@pytest.mark.parametrize("side", ["buyer", "supplier"])
def test_both_sides_sort_and_take_their_orders_away(clean, side):
    world = World()
    party, role = (world.chain, Role.BUYER) if side == "buyer" else (world.farm, Role.SUPPLIER)
    with signed_in(party, role) as client:
        for sort in ("number", "-value", "arrives", "-answer", "lines", "nonsense"):
            page = client.get(f"/{side}/orders?state=all&sort={sort}&q=fanqie")
            assert page.status_code == 200 and "PO-2026-0007" in page.text, sort
        address = unescape(re.search(r'href="([^"]+export\.csv[^"]*)"', page.text).group(1))
        assert "PO-2026-0007" in client.get(address).text and "sort=nonsense" in address


def test_partners_are_searched_sorted_and_taken_away(browser):
    chain = builder.party(OrganizationKind.RETAILER, "Hejia")
    for kind, name in ((OrganizationKind.SUPPLIER, "Qinghe"), (OrganizationKind.HAULIER, "Anda")):
        builder.relation(chain, builder.party(kind, name))
    builder.person(chain, Role.ADMINISTRATOR, PASSWORD, "gao@example.org", "Gao")
    enter(browser, "gao@example.org")

    def listed(asked: str) -> list[str]:
        return re.findall(r'class="key" id="[^"]+">([^<]+)<', browser.get(f"/settings/partners{asked}").text)

    assert listed("") == listed("?sort=name_en") == listed("?sort=kind") == ["Anda", "Qinghe"]
    assert listed("?sort=-name_en") == ["Qinghe", "Anda"] and listed("?q=qinghe&sort=since") == ["Qinghe"]
    page = browser.get("/settings/partners?sort=-name_en").text
    assert "You work with 2 organisations." in page and page.count('aria-sort="descending"') == 1
    table = browser.get(unescape(re.search(r'href="([^"]+export\.csv[^"]*)"', page).group(1))).text
    assert table.index("Qinghe") < table.index("Anda") and "Supplier" in table
    assert "Nothing is called that." in browser.get("/settings/partners?q=nobody").text


@pytest.mark.parametrize(
    ("address", "way_on"),
    [("/settings/partners", "/settings/partners/new"), ("/dispatch/vehicles", 'action="/dispatch/vehicles"')],
)
def test_an_empty_list_says_what_to_do_next(browser, address, way_on):
    kind, role = (
        (OrganizationKind.HAULIER, Role.DISPATCHER)
        if address.startswith("/dispatch")
        else (OrganizationKind.RETAILER, Role.ADMINISTRATOR)
    )
    builder.person(builder.party(kind, "Begun"), role, PASSWORD, "new@example.org")
    page = enter(browser, "new@example.org").get(address).text
    assert 'class="empty"' in page and way_on in page
