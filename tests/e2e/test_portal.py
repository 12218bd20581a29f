"""The trade's pages in a real browser, in both languages, on phone and desk.

The supplier answers, ships, grows; the buyer orders.
"""

import os
import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub import db
from hub.models.base import now
from hub.models.party import Role
from hub.models.trade import AnswerKind
from supplier_portal.forecast import making
from tests.browser import check_page
from tests.e2e.market import Market, enter
from tests.hub.growers import keys_of_the_hub  # noqa: F401

Visit = Callable[..., Page]
SHOTS = os.environ.get("FURROW_SHOTS", "")


@pytest.fixture
def market(clean: str, keys_of_the_hub: None) -> Market:  # noqa: F811
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
    expect(page.locator("#effect")).to_contain_text("90 of 120 kg")
    page.get_by_role("button", name="Confirm all others").click()
    expect(page.locator(".acts-bar")).to_contain_text("2 of 2")
    expect(page.get_by_label("We can deliver").first).to_have_value("90")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_role("status")).to_contain_text("Answer sent")
    expect(page.get_by_role("main")).to_contain_text("Buyer to answer")
    assert market.status(order).value == "asked"


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
    page.get_by_role("group", name="Answer for Eggs").get_by_label("New date").check()
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
    expect(page.locator("#e-0")).to_contain_text("Line 1: 40 kg confirmed, 0 kg sent already.")
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


@pytest.mark.parametrize("language", ["zh", "en"])
class TestTheSuppliersLots:
    def test_pages_of_lots(self, visit: Visit, market: Market, language: str) -> None:
        page = visit(language)
        enter(page, Role.SUPPLIER, "/supplier/lots")
        look(page, f"lots-empty-{language}")
        lot = market.shipped() and market.harvested("T-89") if market.harvested() else None
        page.goto("/supplier/lots")
        expect(page.locator("tbody tr")).to_have_count(2)
        look(page, f"lots-{language}")
        page.goto(f"/supplier/lots/{lot.id}")
        look(page, f"lot-{language}")
        page.goto("/supplier/lots/new")
        look(page, f"lot-new-{language}")


def field(page: Page, step: str, name: str):
    return page.locator(f"#{step} [name='{name}']")


def test_a_lot_from_planting_to_label(visit: Visit, market: Market) -> None:
    page = visit("en")
    enter(page, Role.SUPPLIER, "/supplier/lots/new")
    page.get_by_label("Lot number").fill("T-77")
    page.get_by_label("Item").select_option(label="Tomato")
    page.get_by_label("When").fill("2026-01-05T06:40")
    page.get_by_role("button", name="Begin the lot").click()
    expect(page.locator("#toasts")).to_contain_text("Lot T-77 has begun.")

    page.get_by_text("Record a spraying").click()
    for name, value in {
        "at": "2026-02-01T08:00",
        "product": "Bt",
        "substance": "Bacillus",
        "dose": "1.5",
        "interval_days": "7",
    }.items():
        field(page, "spray", name).fill(value)
    page.get_by_role("button", name="Record the spraying").click()
    expect(page.locator("#toasts")).to_contain_text("Recorded.")

    page.locator("#harvest summary").click()
    field(page, "harvest", "at").fill("2026-02-03T08:00")
    field(page, "harvest", "quantity").fill("300")
    page.get_by_role("button", name="Record the harvest").click()
    expect(page.get_by_role("alert").filter(has_text="Nothing was recorded yet.")).to_contain_text(
        "harvest is allowed from 2026-02-08 on"
    )
    field(page, "harvest", "at").fill("2026-02-10T08:00")
    page.get_by_role("button", name="Record the harvest").click()
    expect(page.get_by_role("main")).to_contain_text("300 kg can still be sent.")

    page.get_by_text("Record a laboratory test").click()
    for name, value in {
        "laboratory": "Shandong Food Lab",
        "report": "R-7",
        "residues.0.name_zh": "啶虫脒",
        "residues.0.limit": "-5",
    }.items():
        field(page, "test", name).fill(value)
    page.get_by_role("button", name="Record the test").click()
    expect(page.locator("#test .err")).to_have_text("Enter more than 0.")
    field(page, "test", "residues.0.limit").fill("1")
    page.get_by_role("button", name="Record the test").click()
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_contain_text("Tested")

    assert page.request.get(page.url.split("?")[0] + "/label.png").headers["content-type"] == "image/png"
    assert page.request.get(page.url.split("?")[0] + "/label.pdf").body().startswith(b"%PDF")
    row = page.get_by_role("row").filter(has_text="Sprayed")
    row.get_by_role("button", name="Make private").click()
    expect(page.locator("#toasts")).to_contain_text("Shoppers no longer see this record.")


def test_a_recall_is_thought_over_opened_and_closed(visit: Visit, market: Market) -> None:
    lot = market.harvested()
    page = visit("en")
    enter(page, Role.SUPPLIER, f"/supplier/lots/{lot.id}")
    page.get_by_role("button", name="Recall this lot").first.click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Do not eat this")
    asked.get_by_role("button", name="Back").click()
    expect(asked).to_be_hidden()
    page.get_by_role("button", name="Recall this lot").first.click()
    asked.get_by_label("Why, in Chinese").fill("农药残留超标")
    asked.get_by_label("Why, in English").fill("Residue above the limit")
    asked.get_by_role("button", name="Recall this lot").click()
    expect(page.get_by_role("main")).to_contain_text("Residue above the limit")
    look(page, "lot-recalled-en")
    page.get_by_role("button", name="Close the recall").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Close the recall").click()
    expect(page.locator("#toasts")).to_contain_text("The recall is closed.")


@pytest.mark.parametrize("language", ["zh", "en"])
class TestTheSuppliersForecast:
    def test_pages_of_forecast_and_records(self, visit: Visit, market: Market, language: str) -> None:
        page = visit(language)
        for name in ("forecast", "records"):
            enter(page, Role.SUPPLIER, f"/supplier/{name}")
            look(page, f"{name}-empty-{language}")
        market.harvested()
        market.expected()
        for name in ("forecast", "records"):
            page.goto(f"/supplier/{name}")
            look(page, f"{name}-{language}")
        page.goto(f"/supplier/forecast/{market.tomato.gtin}")
        look(page, f"forecast-item-{language}")


def test_a_supplier_commits_in_full_and_to_less(visit: Visit, market: Market) -> None:
    market.expected()
    page = visit("en")
    enter(page, Role.SUPPLIER, "/supplier/forecast")
    expect(page.locator(".head .lead")).to_contain_text("8 weeks have no commitment yet.")
    fields = page.get_by_label(re.compile("Commitment for"))
    fields.first.fill("-5")
    page.get_by_role("button", name="Send commitments").click()
    expect(page.locator("#e-0")).to_contain_text("Enter 0 or more.")
    fields.first.fill("1")
    page.get_by_role("button", name="Fill with the median").click()
    expect(fields.first).to_have_value("1")
    page.get_by_role("button", name="Send commitments").click()
    expect(page.get_by_role("status")).to_contain_text("8 weeks committed.")
    expect(page.locator(".head .lead")).to_contain_text("Every week ahead has your commitment.")


BUYER = (
    "", "/orders?state=all", "/proposals", "/stock", "/stock?state=below", "/stock?state=ending", "/forecast",
    "/suppliers",
)  # fmt: skip


def called(path: str) -> str:
    return "buyer" + re.sub(r"\W+", "-", path)


@pytest.mark.parametrize("language", ["zh", "en"])
class TestTheBuyer:
    def test_pages_of_a_busy_day(self, visit: Visit, market: Market, language: str) -> None:
        market.busy()
        page = visit(language)
        for path in BUYER:
            enter(page, Role.BUYER, f"/buyer{path}")
            look(page, f"{called(path)}-{language}")
        page.goto("/buyer/orders?state=shipped")
        page.locator("tbody a.id").first.click()
        look(page, f"buyer-order-{language}")
        page.goto(f"/buyer/forecast?supplier={market.farm.gln}")
        look(page, f"buyer-forecast-supplier-{language}")
        page.goto(f"/buyer/suppliers/{market.farm.gln}")
        look(page, f"buyer-supplier-{language}")

    def test_pages_of_an_empty_day(self, visit: Visit, market: Market, language: str) -> None:
        page = visit(language)
        for path in BUYER:
            enter(page, Role.BUYER, f"/buyer{path}")
            check_page(page)


def test_a_buyer_changes_and_places_a_proposal(visit: Visit, market: Market) -> None:
    market.expected()
    page = visit("en")
    enter(page, Role.BUYER, "/buyer/proposals")
    amount = page.get_by_label("Order of Tomato")
    amount.fill("-5")
    page.get_by_role("button", name="Place this order").click()
    expect(page.locator("#f-lines-0-quantity-e")).to_contain_text("Enter 0 or more.")
    page.get_by_label("Order of Tomato").fill("70")
    page.get_by_role("button", name="Place this order").click()
    expect(page.get_by_role("status")).to_contain_text("is placed. Qinghe has until")
    page.goto("/buyer/orders")
    page.locator("tbody a.id").first.click()
    expect(page.get_by_role("main")).to_contain_text("70 kg")
    page.get_by_role("button", name="Cancel the order").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_role("status")).to_contain_text("is cancelled.")


def test_all_proposals_are_placed_at_once(visit: Visit, market: Market) -> None:
    market.expected()
    page = visit("en")
    enter(page, Role.BUYER, "/buyer/proposals")
    page.get_by_role("button", name="Place all").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Place all").click()
    expect(page.get_by_role("status")).to_contain_text("1 order placed.")
    expect(page.get_by_role("main")).to_contain_text("1 order awaits its supplier.")


def test_a_proposal_is_dismissed_and_comes_again_while_it_runs_short(visit: Visit, market: Market) -> None:
    market.expected()
    page = visit("en")
    enter(page, Role.BUYER, "/buyer/proposals")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("status")).to_contain_text("is dismissed.")
    page.get_by_role("button", name="Look for shortages now").click()
    expect(page.get_by_role("status")).to_contain_text("1 order proposed.")


def test_a_forecast_is_asked_for_and_awaited(visit: Visit, market: Market) -> None:
    market.sold(through=market.at.date() - timedelta(days=1))
    page = visit("en")
    enter(page, Role.BUYER, "/buyer/forecast")
    page.get_by_role("button", name="Forecast now").click()
    expect(page.locator("#run")).to_contain_text("The forecast is being made.")
    time.sleep(1.1)
    with db.session(market.buyer.who) as session:
        making.make(session, at=now())
    expect(page.get_by_role("status").first).to_contain_text("The new forecast is here, and shared.")
    expect(page.get_by_role("main")).to_contain_text("2 items")


def test_a_supplier_does_not_enter_the_buyers_pages(visit: Visit, market: Market) -> None:
    page = visit("en")
    enter(page, Role.SUPPLIER, "/buyer")
    expect(page.get_by_role("heading", level=1)).to_have_text("This is not open to you")
