"""Two sides agree on an order by clicks, in both languages: the supplier at its desk, the buyer on a phone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from hub import outbox
from hub.listeners import LISTENERS
from hub.models.party import Role
from hub.models.trade import AnswerKind
from supplier_portal.orders.order_book import OrderStatus
from tests.browser import PHONE, check_page
from tests.e2e.market import Market, enter
from tests.e2e.test_portal import keys_of_the_hub, look, market

__all__ = ["keys_of_the_hub", "market"]
Visit = Callable[..., Page]
WORDS = {
    "en": {"send": "Send answer", "ask": "Ask for a change", "do": "Ask for it"},
    "zh": {"send": "发出答复", "ask": "提出更改", "do": "提出"},
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_order_is_agreed_over_several_days_by_an_offer_and_a_counter_offer(
    visit: Visit, market: Market, language: str
) -> None:
    words, order = WORDS[language], market.ordered()
    desk = visit(language)
    enter(desk, Role.SUPPLIER, f"/supplier/orders/{order.number}")
    desk.locator("[name='lines.0.answer'][value=otherwise]").check()
    check_page(desk)
    desk.locator("[name='lines.0.quantity']").fill("70")
    desk.locator("[name='lines.0.parts.0.quantity']").fill("90")
    desk.locator("[name='lines.1.answer'][value=confirmed]").check()
    desk.get_by_role("button", name=words["send"]).click()
    expect(desk.locator(".note-stop[role=alert]")).to_be_visible()
    look(desk, f"otherwise-wrong-{language}")
    later = (market.deliver_on + timedelta(days=2)).isoformat()
    desk.locator("[name='lines.0.parts.0.quantity']").fill("50")
    desk.locator("[name='lines.0.parts.0.deliver_on']").fill(later)
    desk.get_by_role("button", name=words["send"]).click()
    expect(desk.locator("#points")).to_have_count(0)
    assert market.status(order) is OrderStatus.ASKED

    phone = visit(language, viewport={"width": PHONE, "height": 740}, has_touch=True)
    enter(phone, Role.BUYER, "/buyer")
    check_page(phone)
    phone.get_by_role("link", name=order.number).first.click()
    look(phone, f"points-buyer-{language}")
    phone.get_by_role("button", name=words["send"]).click()
    expect(phone.locator(".note-stop[role=alert]")).to_be_visible()
    phone.locator("[name='lines.0.says'][value=offer]").check()
    check_page(phone)
    phone.locator("[name='lines.0.quantity']").fill("100")
    phone.get_by_role("button", name=words["send"]).click()
    expect(phone.locator("#points")).to_have_count(0)
    assert market.status(order) is OrderStatus.COUNTERED
    outbox.relay(LISTENERS)

    desk.goto("/supplier/orders")
    desk.get_by_role("link", name=order.number).first.click()
    look(desk, f"points-supplier-{language}")
    desk.locator("[name='lines.0.says'][value=accept]").check()
    desk.get_by_role("button", name=words["send"]).click()
    expect(desk.locator("#points")).to_have_count(0)
    assert market.status(order) is OrderStatus.PARTLY
    assert market.standing(order, "tomato").held.quantity == 100


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_buyer_asks_for_a_change_and_what_was_agreed_holds_until_the_supplier_says_yes(
    visit: Visit, market: Market, language: str
) -> None:
    words, order = WORDS[language], market.ordered()
    market.answer(order, tomato=(AnswerKind.CONFIRMED,))
    page = visit(language)
    enter(page, Role.BUYER, f"/buyer/orders/{order.number}")
    page.get_by_role("link", name=words["ask"]).click()
    look(page, f"ask-{language}")
    page.locator("[name='lines.0.says'][value=offer]").check()
    page.locator("[name='lines.0.quantity']").fill("60")
    page.get_by_role("button", name=words["do"], exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()
    assert market.standing(order, "tomato").held.quantity == 120
    assert market.status(order) is OrderStatus.COUNTERED
    stale = visit(language)
    enter(stale, Role.SUPPLIER, f"/supplier/orders/{order.number}")
    stale.locator("[name='lines.0.says'][value=refuse]").check()
    market.reply(order, market.grower, tomato="accept")
    stale.get_by_role("button", name=words["send"]).click()
    expect(stale.locator(".note-stop[role=alert]")).to_be_visible()
    assert market.standing(order, "tomato").held.quantity == 60
