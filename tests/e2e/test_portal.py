"""The trade's pages in a real browser: the supplier answers, ships, grows; the buyer orders; both languages, phone and desk."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub.models.party import Role
from hub.models.trade import AnswerKind
from tests.browser import check_page
from tests.e2e.market import Market, enter

Visit = Callable[..., Page]
SHOTS = os.environ.get("FURROW_SHOTS", "")


@pytest.fixture
def market(clean: str) -> Market:
    return Market()


def look(page: Page, name: str) -> None:
    """Hold a page against what every page must keep; keep a picture where one is wanted."""
    if SHOTS:
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
    check_page(page)


@pytest.mark.parametrize("language", ["zh", "en"])
class TestTheSuppliersOrders:
    def test_pages_of_a_busy_day(self, visit: Visit, market: Market, language: str) -> None:
        market.busy()
        page = visit(language)
        enter(page, Role.SUPPLIER, "/supplier")
        expect(page.locator(".head .lead")).to_contain_text("2")
        look(page, f"today-{language}")
        page.goto("/supplier/orders?state=all")
        expect(page.locator("tbody tr")).to_have_count(5)
        look(page, f"orders-{language}")
        for state in ("awaiting", "to-ship", "shipped"):
            page.goto(f"/supplier/orders?state={state}")
            page.locator("tbody a.id").first.click()
            look(page, f"order-{state}-{language}")

    def test_pages_of_an_empty_day(self, visit: Visit, market: Market, language: str) -> None:
        page = visit(language)
        enter(page, Role.SUPPLIER, "/supplier")
        look(page, f"today-empty-{language}")
        page.goto("/supplier/orders")
        look(page, f"orders-empty-{language}")


def test_a_supplier_answers_by_clicks(visit: Visit, market: Market) -> None:
    order = market.ordered()
    page = visit("en")
    enter(page, Role.SUPPLIER, "/supplier")
    page.get_by_role("link", name=f"Answer {order.number}").click()
    tomato = page.get_by_role("group", name="Answer for Tomato")
    tomato.get_by_label("Less").check()
    expect(page.locator(".acts-bar")).to_contain_text("1 of 2")
    page.get_by_label("We can deliver").first.fill("90")
    page.get_by_label("Reason").first.fill("Cold nights")
    page.get_by_role("button", name="Confirm all others").click()
    expect(page.locator(".acts-bar")).to_contain_text("2 of 2")
    expect(page.get_by_label("We can deliver").first).to_have_value("90")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_role("status")).to_contain_text("Answer sent")
    expect(page.get_by_role("main")).to_contain_text("Confirmed in part")
    assert market.status(order).value == "partly"


def test_a_supplier_answers_by_keyboard(visit: Visit, market: Market) -> None:
    order = market.ordered()
    page = visit("en")
    enter(page, Role.SUPPLIER, f"/supplier/orders/{order.number}")
    page.get_by_role("group", name="Answer for Tomato").get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("Hens are moulting")
    page.keyboard.press("Enter")
    # Enter presses the form's first button, which fills in what is open; the next Enter is on "Send answer".
    page.get_by_role("button", name="Send answer").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Answer sent")
    assert market.status(order).value == "partly"


def test_what_cannot_be_is_said_beside_its_field(visit: Visit, market: Market) -> None:
    order = market.ordered()
    page = visit("en")
    enter(page, Role.SUPPLIER, f"/supplier/orders/{order.number}")
    page.get_by_role("group", name="Answer for Tomato").get_by_label("Less").check()
    page.get_by_label("We can deliver").first.fill("-5")
    page.get_by_role("group", name="Answer for Eggs").get_by_label("Other date").check()
    page.get_by_label("Deliver on").last.fill("2020-01-01")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_role("alert").filter(has_text="Nothing was sent yet.")).to_be_focused()
    expect(page.locator("#f-lines-0-quantity-e")).to_contain_text("Enter more than 0 and less than 120 kg.")
    expect(page.locator("#f-lines-1-deliver_on-e")).to_contain_text("Choose another day")
    expect(page.get_by_label("We can deliver").first).to_have_value("-5")
    look(page, "order-wrong-en")
    assert market.status(order).value == "awaiting"


def test_an_answer_sent_twice_is_one_answer(visit: Visit, market: Market) -> None:
    order = market.ordered()
    first, second = visit("en"), visit("en")
    for page in (first, second):
        enter(page, Role.SUPPLIER, f"/supplier/orders/{order.number}")
        page.get_by_role("button", name="Confirm all others").click()
    for page in (first, second):
        page.get_by_role("button", name="Send answer").click()
        expect(page.get_by_role("status")).to_contain_text("Answer sent")
    assert market.status(order).value == "confirmed"


def test_an_order_is_answered_and_shipped_without_a_script(visit: Visit, market: Market) -> None:
    market.harvested()
    order = market.ordered(tomato="40")
    market.answer(order, eggs=(AnswerKind.DECLINED,))
    page = visit("en", java_script_enabled=False)
    enter(page, Role.SUPPLIER, f"/supplier/orders/{order.number}")
    amount = page.get_by_label("Of lot T-88 leave now")
    expect(amount).to_have_value("40")
    amount.fill("41")
    page.get_by_role("button", name="Dispatch").click()
    expect(page.locator("#e-0")).to_contain_text("Enter at most 40 kg.")
    page.get_by_label("Of lot T-88 leave now").fill("40")
    page.get_by_role("button", name="Dispatch").click()
    expect(page.get_by_role("main")).to_contain_text("SSCC")
    assert market.status(order).value == "shipped"


def test_an_expired_session_leads_to_sign_in_and_back(visit: Visit, market: Market) -> None:
    order = market.ordered()
    page = visit("en")
    path = f"/supplier/orders/{order.number}"
    enter(page, Role.SUPPLIER, path)
    page.context.clear_cookies()
    page.reload()
    expect(page).to_have_url(re.compile(re.escape(f"/sign-in?next={path}")))


def test_a_forged_cookie_opens_nothing(visit: Visit, market: Market) -> None:
    page = visit("en")
    page.goto("/sign-in")
    page.context.add_cookies([{"name": "furrow", "value": "x" * 43, "url": page.url}])
    page.goto("/supplier")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_list_is_taken_away_as_a_table(visit: Visit, market: Market) -> None:
    order = market.ordered()
    page = visit("en")
    enter(page, Role.SUPPLIER, "/supplier/orders")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].startswith("Order,State,Buyer") and order.number in text
