"""A store writes off, marks down and counts by clicks, on a phone and at a desk, with and without a line."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from hub import db
from hub.demo import builder
from hub.models.base import now
from hub.models.inventory import LotStock, StockLevel
from hub.models.party import Role
from logistics.stock.models import StockCount, WriteOff
from tests.browser import check_page
from tests.hub.growers import keys_of_the_hub
from tests.logistics.conftest import seen_by
from tests.supermarket import Supermarket

__all__ = ["keys_of_the_hub"]
PASSWORD = "a long enough sentence"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
Visit = Callable[..., Page]


@pytest.fixture
def shop(clean: str, keys_of_the_hub: None) -> Iterator[Supermarket]:
    """The supermarket, with two people at its first store and something on its shelves."""
    made = Supermarket()
    builder.assortment(made.chain, {"T-1": made.tomato, "E-1": made.eggs})
    for name in ("wang", "sun"):
        builder.person(made.chain, Role.STORE, PASSWORD, f"{name}@example.org", name.title(), place=made.stores[0].id)
    builder.person(made.chain, Role.BUYER, PASSWORD, "gao@example.org", "Gao")
    with db.session(db.Who(made.chain.id)) as session:
        for place in made.stores:
            for item in (made.tomato, made.eggs):
                stock = {"owner_id": made.chain.id, "place_id": place.id, "trade_item_id": item.id}
                session.add(StockLevel(**stock, on_hand=Decimal(40), safety=10, target=90, as_of=now()))
                due = now().date() + timedelta(days=2)
                session.add(LotStock(**stock, lot="L-7", on_hand=Decimal(40), best_before=due))
    yield made


def enter(page: Page, who: str) -> Page:
    page.goto("/sign-in")
    page.fill("[name=email]", f"{who}@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def test_a_lot_near_its_date_is_given_away_marked_down_and_undone(visit: Visit, shop: Supermarket) -> None:
    phone = enter(visit(**PHONE), "wang")
    phone.goto("/store/stock?only=near")
    check_page(phone)
    phone.get_by_role("link", name="Tomato", exact=True).click()
    expect(phone.get_by_role("heading", name="Write off or give away: Lot L-7")).to_be_visible()
    check_page(phone)
    phone.get_by_label("How much", exact=True).fill("4")
    phone.get_by_label("Reason").select_option("donated")
    phone.get_by_role("button", name="Write off").click()
    expect(phone.get_by_text("Say to whom it is given.").first).to_be_visible()
    check_page(phone)
    phone.get_by_label("Given to").fill("Food bank")
    phone.get_by_role("button", name="Write off").click()
    expect(phone.get_by_text("Given away: Food bank")).to_be_visible()
    phone.get_by_label("New price").fill("1.99")
    phone.get_by_role("button", name="Lower the price").click()
    expect(phone.get_by_role("link", name="Print the label")).to_be_visible()
    check_page(phone)
    phone.get_by_role("link", name="All entries").click()
    check_page(phone)
    phone.get_by_role("button", name="Undo").last.click()
    expect(phone.get_by_text("Undone: the stock is as before.")).to_be_visible()
    assert [row.undone_at is not None for row in seen_by(shop.chain.id, WriteOff)] == [True]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_two_count_on_phones_one_without_a_line_and_the_buyer_approves(
    visit: Visit, shop: Supermarket, language: str
) -> None:
    phone = enter(visit(language, **PHONE), "wang")
    phone.goto("/stock-takes")
    check_page(phone)
    phone.locator("[name=threshold]").fill("1")
    phone.locator("form[action='/stock-takes'] button").click()
    phone.wait_for_url("**/stock-takes/*-*")
    take = phone.url
    check_page(phone)
    phone.context.set_offline(True)
    for item, quantity in ((shop.tomato, "38"), (shop.eggs, "40")):
        phone.locator("[name=item]").fill(item.gtin)
        phone.locator("[name=item]").press("Enter")
        phone.locator("[name=quantity]").fill(quantity)
        phone.locator("[name=quantity]").press("Enter")
    expect(phone.locator("#waits")).to_contain_text("2")
    assert seen_by(shop.chain.id, StockCount) == []
    phone.context.set_offline(False)
    expect(phone.locator("#waits")).to_be_empty(timeout=20_000)
    expect(phone.locator("#counted li")).to_have_count(2)
    check_page(phone)

    other = enter(visit(language, **PHONE), "sun")
    other.goto(f"{take}/sheet?show=differs")
    check_page(other)
    other.locator("button[commandfor=end][command=show-modal]").click()
    other.locator("#end button[type=submit]").click()
    other.wait_for_url("**show=again")
    check_page(other)
    other.goto(f"{take}?item={shop.tomato.gtin}")
    other.locator("[name=quantity]").fill("39")
    other.locator("[name=quantity]").press("Enter")
    expect(other.locator("#counted li")).to_have_count(1)

    buyer = enter(visit(language), "gao")
    buyer.goto(f"{take}/sheet?show=differs")
    check_page(buyer)
    buyer.locator("button[commandfor=approve][command=show-modal]").click()
    buyer.locator("#approve button[type=submit]").click()
    buyer.wait_for_url("**show=differs")
    with db.session(db.Who(shop.chain.id)) as session:
        mine = (StockLevel.place_id == shop.stores[0].id, StockLevel.trade_item_id == shop.tomato.id)
        assert session.exec(select(StockLevel).where(*mine)).one().on_hand == 39


def test_a_count_works_without_a_script_and_a_transfer_by_clicks(visit: Visit, shop: Supermarket) -> None:
    page = enter(visit(java_script_enabled=False), "wang")
    page.goto("/stock-takes")
    page.get_by_role("button", name="Make the sheet").click()
    page.get_by_label("Item: scan it").fill(shop.tomato.gtin)
    page.get_by_label("How much is here").fill("40")
    page.get_by_role("button", name="Count", exact=True).click()
    expect(page.get_by_text("1 of 2 lines are counted.")).to_be_visible()
    page.goto("/store/stock")
    page.get_by_role("link", name="Tomato", exact=True).click()
    page.get_by_label("How much we need").fill("5")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Asked for 5").first).to_be_visible()
